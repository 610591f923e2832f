// What is said of a pure step that is given the same over and over, and what keeps it from being said.

import { describe, expect, test } from 'vitest'
import { cacheableStep } from '../../../src/reflection/detectors/cacheable-step.ts'
import type { AttemptRecord } from '../../../src/observe/run-record.ts'
import type { DeclaredStep } from '../../../src/reflection/tunables.ts'
import { attempt, ran } from '../../analysis/made.ts'
import { chainOf, onlyOne, proposed, runsEach, untuned, viewed } from '../viewed.ts'

const pure: DeclaredStep = { name: 's', kind: 'step', pure: true }

/** So many calls, a second apart: the first makes what all others are given again. */
const calls = (
  count: number,
  given: (at: number) => Partial<AttemptRecord> = () => ({}),
  step: DeclaredStep = pure,
  config = untuned,
) =>
  viewed(
    runsEach(count, (at, from) =>
      ran('c', from, from + 10, {
        attempts: [attempt('s', from, from + 10, { inputHash: 'i', outputHash: 'o', ...given(at) })],
      }),
    ),
    [chainOf('c', [step])],
    { config },
  )

describe('a pure step that was given the same 300 times again', () => {
  test('is to keep its outputs for as long as nearly all of them were old', () => {
    const view = calls(301)
    const tested = onlyOne(cacheableStep, view)
    expect(tested).toMatchObject({ place: { chain: 'c', step: 's' }, cover: 1 })
    expect(tested.p).toBeCloseTo(0.99 ** 300, 12)
    // earlier outputs are 990 ms, 1,990 ms and so on old: the 285th is 284,990
    expect(tested.propose()).toEqual({
      sentence:
        'Step "c/s" was given the same again in 300 of 301 calls, and gave the same each time. Keep its outputs for 4.8 min.',
      evidence: {
        runs: 300,
        n: 300,
        statistic: 'share of the calls with a known input that gave another output',
        value: 0,
        low: 0,
        high: expect.closeTo(1 - 0.05 ** (1 / 300), 12) as number,
        level: 0.95,
        facts: [
          'It says that it is pure.',
          'Of 300 calls with an input seen before, none gave another output: at most 0.99 % would.',
          'In 95 % of them the earlier output was at most 4.8 min old.',
        ],
      },
      patch: [{ op: 'add', path: '/steps/c~1s', value: { memo: { ttl: 285_040 } } }],
      objective: 'run-duration',
      worth: 0.02,
    })
  })

  test('counts runs, not calls, as many as they are', () => {
    const records = runsEach(151, (_, from) =>
      ran('c', from, from + 10, {
        attempts: [0, 5].map((after) =>
          attempt('s', from + after, from + after + 5, { inputHash: 'i', outputHash: 'o' }),
        ),
      }),
    )
    expect(proposed(cacheableStep, viewed(records, [chainOf('c', [pure])]))?.evidence).toMatchObject({
      runs: 151,
      n: 301,
    })
  })

  test('keeps them for a millisecond at least, where all calls began while the first was under way', () => {
    const view = calls(301, (at) => (at === 0 ? { endedAt: 1e9 } : {}))
    expect(proposed(cacheableStep, view)?.patch).toMatchObject([{ value: { memo: { ttl: 1 } } }])
  })

  test('tells apart what it was given', () => {
    expect(cacheableStep.test(calls(301, (at) => ({ inputHash: `i${at % 2}` })))).toEqual([])
    const two = calls(302, (at) => ({ inputHash: `i${at % 2}`, outputHash: `o${at % 2}` }))
    expect(proposed(cacheableStep, two)?.evidence).toMatchObject({ n: 300, value: 0 })
  })

  test('takes calls by when they began, whichever was recorded first', () => {
    const [first, last] = [0, 300]
    const view = calls(301, (at) =>
      at === first || at === last
        ? { startedAt: (last - at) * 1000, endedAt: (last - at) * 1000 + (at === last ? 10 : 500) }
        : {},
    )
    // the one that began at 0 took 10 ms: all others are as old as before
    expect(proposed(cacheableStep, view)?.patch).toMatchObject([{ value: { memo: { ttl: 285_040 } } }])
  })

  test('leaves the other tunables of its step', () => {
    const config = { ...untuned, steps: { 'c/s': { attempts: 2 } } }
    expect(proposed(cacheableStep, calls(301, undefined, pure, config))?.patch).toEqual([
      { op: 'add', path: '/steps/c~1s/memo', value: { ttl: 285_040 } },
    ])
  })
})

describe('nothing is said of a step', () => {
  test.for([
    ['that was given the same 299 times again', calls(300)],
    ['that gave another output once', calls(400, (at) => (at === 200 ? { outputHash: 'p' } : {}))],
    ['that does not say it is pure', calls(301, undefined, { name: 's', kind: 'step' })],
    ['that writes rows of the host', calls(301, undefined, { ...pure, transact: true })],
    ['whose outputs are kept by its code', calls(301, undefined, { ...pure, memo: true })],
    [
      'whose outputs are kept by the config',
      calls(301, undefined, pure, { ...untuned, steps: { 'c/s': { memo: {} } } }),
    ],
    ['of whose calls some failed', calls(301, (at) => (at === 7 ? { outcome: 'failed' } : {}))],
    ['of whose calls some were answered from what was kept', calls(301, (at) => ({ memo: at === 7 }))],
    ['of whose calls nobody knows what they were given', calls(301, () => ({ inputHash: undefined }))],
  ] as const)('%s', ([, view]) => {
    expect(cacheableStep.test(view)).toEqual([])
  })
})

test('what it needs is said in the table', () => {
  expect(cacheableStep).toMatchObject({
    row: 14,
    kind: 'cacheable-step',
    class: 'B',
    needs: '300 calls of a step with { pure: true } that were given what an earlier one had been given',
  })
})
