// Pairs of blocks of time: the means of their runs, in as little memory for a million as for ten.

import { expect, test } from 'vitest'
import { TrialBlocks } from '../../src/reflection/trial-blocks.ts'
import type { TrialOutcome } from '../../src/reflection/trial-outcome.ts'

const run = (ms: number, failed = 0): TrialOutcome => ({
  failed,
  work: failed === 1 ? undefined : Math.log1p(ms),
  ms,
  cost: 1,
  classes: failed === 1 ? ['E_NO'] : [],
  n: 1,
})

test('a pair is the means of both blocks, once both are over and their runs have ended', () => {
  const blocks = new TrialBlocks()
  const control = { trial: 't', arm: 'control', pair: 1 } as const
  const treated = { ...control, arm: 'treated' } as const
  for (const arm of [control, control, treated, treated]) blocks.drawn(arm)
  blocks.ended(control, run(10))
  blocks.ended(control, run(30, 1))
  blocks.ended(treated, run(20))
  expect(blocks.over(1)).toEqual([])
  expect(blocks.ended(treated, undefined)).toEqual([
    {
      control: { failed: 0.5, work: Math.log1p(10), ms: 20, cost: 1, classes: ['E_NO'], n: 2 },
      treated: { failed: 0, work: Math.log1p(20), ms: 20, cost: 1, classes: [], n: 1 },
    },
  ])
  expect(blocks.over(2)).toEqual([])
  expect(blocks.skipped).toBe(1)
})

test('of a block with any number of failures, a thousand are told apart by class', () => {
  const blocks = new TrialBlocks()
  for (const arm of ['control', 'treated'] as const)
    for (let at = 0; at < 5_000; at++) {
      blocks.drawn({ trial: 't', arm, pair: 1 })
      blocks.ended({ trial: 't', arm, pair: 1 }, run(at, 1))
    }
  const [pair] = blocks.over(1)
  expect(pair?.treated).toMatchObject({ failed: 1, n: 5_000, work: undefined })
  expect(pair?.treated.classes).toHaveLength(1_000)
})
