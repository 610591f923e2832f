// What is said of one step that holds up its runs, by leaving it out of what was recorded.

import { describe, expect, test } from 'vitest'
import { criticalHotspot } from '../../../src/reflection/detectors/critical-hotspot.ts'
import type { View } from '../../../src/reflection/evidence.ts'
import type { RunRecord } from '../../../src/observe/run-record.ts'
import { attempt, ran } from '../../analysis/made.ts'
import { chainOf, runsEach, untuned, viewed } from '../viewed.ts'

const names = ['a', 'b', 'c', 'd', 'e'] as const

interface Made {
  readonly count?: number
  /** How long each step takes (ms), the one after the other. */
  readonly ms?: (at: number) => readonly number[]
  readonly runs?: (at: number) => Partial<RunRecord>
  readonly version?: number
}

const hot = (): readonly number[] => [10, 10, 10, 10, 60]

function held({ count = 30, ms = hot, runs, version = 0 }: Made = {}): View {
  return viewed(
    runsEach(
      count,
      (at, from) => {
        let now = from
        const attempts = ms(at).map((took, one) => attempt(names[one] ?? '', now, (now += took)))
        return ran('x', from, now, { attempts })
      },
      runs,
    ),
    [
      chainOf(
        'x',
        names.map((name) => ({ name, kind: 'step' })),
        { entries: names.map((name) => ({ kind: 'step', name })) },
      ),
    ],
    { config: { ...untuned, version } },
  )
}

const places = (view: View): readonly (string | undefined)[] =>
  criticalHotspot.test(view).map(({ place }) => place.step)

describe('a step that holds up its runs', () => {
  test('for three fifths of their time is worth work, as much as is gone at twice its speed', () => {
    const [tested] = criticalHotspot.test(held({ ms: (at) => [10, 10, 10, 10, at % 2 === 0 ? 50 : 70] }))
    expect(tested).toMatchObject({ place: { chain: 'x', step: 'e' }, cover: 1 })
    expect(tested?.p).toBeLessThan(1e-5)
    const proposal = tested?.propose()
    expect(proposal).toMatchObject({
      sentence:
        'Step "x/e" holds up its runs for 60 % of their time. Were it twice as fast, they would be 30 ms shorter; no other step is worth as much work.',
      evidence: {
        runs: 30,
        n: 30,
        statistic: 'share of the time of runs that is gone where the step takes none',
        value: 0.6,
        level: 0.9,
        facts: ['It was left out of 30 recorded runs, simulated with all else as it was.'],
      },
      objective: 'run-duration',
      worth: 0,
      gain: { objective: 'run-duration', unit: 'ms', estimate: 30, level: 0.9, by: 'simulation' },
    })
    expect(proposal).not.toHaveProperty('patch')
    const { evidence, gain } = proposal ?? {}
    expect(evidence?.low).toBeGreaterThan(0.57)
    expect(evidence?.low).toBeLessThan(0.6)
    expect(evidence?.high).toBeGreaterThan(0.6)
    expect(evidence?.high).toBeLessThan(0.63)
    // drawn again from the seed
    const bounds = (seed: number): readonly (number | undefined)[] => {
      const view = { ...held({ ms: (at) => [10, 10, 10, 10, 50 + ((at * 7) % 20)] }), seed }
      const told = criticalHotspot.test(view)[0]?.propose()
      return [told?.evidence.low, told?.gain?.low]
    }
    expect(bounds(5)).toEqual(bounds(5))
    for (const which of [0, 1])
      expect(new Set([5, 6, 7, 8].map((seed) => bounds(seed)[which])).size).toBeGreaterThan(1)
    expect(gain?.low).toBeGreaterThan(28)
    expect(gain?.high).toBeLessThan(32)
  })

  test('for half of it, as the others together, is as it should be', () => {
    const [tested] = criticalHotspot.test(held({ ms: () => [10, 10, 10, 10, 40] }))
    expect(tested).toMatchObject({ p: 1, cover: 0 })
    expect(tested?.propose()).toBeUndefined()
    const [more] = criticalHotspot.test(held({ ms: () => [10, 10, 10, 10, 41] }))
    expect(more).toMatchObject({ p: 0, cover: 1 })
  })

  test('in the runs of one fifth of the time only does not hold for all of it', () => {
    const [tested] = criticalHotspot.test(held({ ms: (at) => [10, 10, 10, 10, at < 6 ? 1000 : 30] }))
    expect(tested?.cover).toBeCloseTo(0.2, 12)
  })

  test('is looked for among the three that work longest', () => {
    expect(places(held({ ms: () => [10, 40, 20, 5, 30] }))).toEqual(['b', 'e', 'c'])
  })

  test('is looked for in runs of four steps or more', () => {
    expect(places(held({ ms: () => [10, 10, 80] }))).toEqual([])
    expect(places(held({ ms: () => [10, 10, 10, 80] }))).toHaveLength(3)
    // of 31 runs one has fewer: 30 are left; of 30 too few
    const short = (at: number): readonly number[] => (at === 7 ? [10, 10, 80] : hot())
    expect(criticalHotspot.test(held({ count: 31, ms: short }))[0]?.propose()?.evidence.n).toBe(30)
    expect(places(held({ ms: short }))).toEqual([])
  })

  test('is looked for in thirty runs or more that ran under the config as it is', () => {
    expect(places(held({ count: 29 }))).toEqual([])
    expect(places(held({ version: 1 }))).toEqual([])
    const some = held({ count: 40, version: 1, runs: (at) => ({ config: at < 30 ? 1 : 0 }) })
    expect(criticalHotspot.test(some)[0]?.propose()?.evidence.runs).toBe(30)
  })

  test('is looked for in the last three hundred runs at most', () => {
    expect(criticalHotspot.test(held({ count: 310 }))[0]?.propose()?.evidence.runs).toBe(300)
  })

  test('takes no part of runs that took no time', () => {
    expect(criticalHotspot.test(held({ ms: () => [0, 0, 0, 0, 0] }))[0]).toMatchObject({ p: 1, cover: 0 })
  })

  test('is nowhere where nothing is declared', () => {
    expect(criticalHotspot.test(viewed(held().records, []))).toEqual([])
  })
})

test('what it needs is said in the table', () => {
  expect(criticalHotspot).toMatchObject({
    row: 1,
    kind: 'critical-hotspot',
    class: 'C',
    needs: '30 ended runs with at least 4 steps',
  })
})
