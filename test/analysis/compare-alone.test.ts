// Comparing a handful of executions: what is compared with what, each figure worked out by hand.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Comparison,
  type Execution,
  classesOf,
  compare,
  executionsOf,
} from '../../src/analysis/compare.ts'
import type { ChainRecord } from '../../src/observe/chain-record.ts'
import type { RunRecord } from '../../src/observe/run-record.ts'
import { wilson } from '../../src/statistics/proportion.ts'
import { shiftBetween } from '../../src/statistics/rank-sum.ts'
import { attempt, ran, run } from './made.ts'

const one = (ms: number, given: Partial<Execution> = {}): Execution => ({
  ms,
  failed: false,
  attempts: 1,
  class: 'a',
  at: 0,
  ...given,
})
const some = (times: readonly number[], given: Partial<Execution> = {}): readonly Execution[] =>
  times.map((ms) => one(ms, given))
/** Of a class for each: what is compared is only how many failed. */
const fails = (n: number, of: number): readonly Execution[] =>
  Array.from({ length: of }, (_, at) => one(10, { failed: at < n, class: `${n} of ${of}, ${at % 2}` }))

test('each side tells how many there were, how many failed, attempts each, and when', () => {
  const before = [
    one(10, { at: 7 }),
    one(30, { at: 3, attempts: 2 }),
    one(99, { at: 5, failed: true, attempts: 3 }),
  ]
  const { before: first, after } = compare(before, some([1, 2, 3, 4, 5, 6, 7]))
  expect(first).toMatchObject({ n: 3, failed: 1, p50: { estimate: 20, n: 2 }, attempts: 2, from: 3, to: 7 })
  expect(first.p95?.estimate).toBeCloseTo(29)
  expect(after).toMatchObject({ n: 7, failed: 0, p50: { estimate: 4 }, attempts: 1, from: 0, to: 0 })
  expect(compare([], []).before).toMatchObject({ n: 0, failed: 0, p50: undefined, attempts: 0 })
})

test('one class keeps its exact interval: that of the shift of logarithms, as a factor', () => {
  const [times, later] = [
    [99, 109, 119, 129, 139, 149],
    [199, 219, 239, 259, 279, 299],
  ]
  const shift = shiftBetween(times.map(Math.log1p), later.map(Math.log1p))
  const { ratio, classes, left, verdict } = compare(some(times), some(later))
  expect(ratio).toEqual({
    estimate: Math.exp(shift?.estimate ?? 0),
    low: Math.exp(shift?.low ?? 0),
    high: Math.exp(shift?.high ?? 0),
    n: 12,
  })
  expect(ratio?.estimate).toBeCloseTo(2, 10)
  expect(classes).toEqual([{ class: 'a', n: [6, 6], ratio }])
  expect([left, verdict]).toEqual([0, 'slower'])
  expect(compare(some(later), some(times)).verdict).toBe('faster')
})

test('five of a class on each side are compared, four are left out, and what failed took no time', () => {
  const five = some([1, 2, 3, 4, 5])
  const without = (before: readonly Execution[], after: readonly Execution[]): unknown => {
    const { ratio, left, classes } = compare(before, after)
    return [ratio, left, classes[0]?.n]
  }
  expect(without(five, five.slice(1))).toEqual([undefined, 9, [5, 4]])
  expect(without(five.slice(1), five)).toEqual([undefined, 9, [4, 5]])
  expect(without(five, [...five.slice(1), one(9, { failed: true })])).toEqual([undefined, 9, [5, 4]])
  expect(compare(five, five)).toMatchObject({ ratio: { estimate: 1 }, left: 0 })
})

test('classes together weigh by how sure each is', () => {
  const times = [9, 19, 29, 39, 49, 59, 69, 79]
  const [a, b] = [
    compare(some(times), some(times.map((ms) => ms * 2))),
    compare(
      some(times, { class: 'b' }),
      some(
        [...times, ...times].map((ms) => ms * 3),
        { class: 'b' },
      ),
    ),
  ]
  const both = compare(
    [...some(times, { class: 'b' }), ...some(times), one(5, { class: 'alone' })],
    [
      ...some(
        [...times, ...times].map((ms) => ms * 3),
        { class: 'b' },
      ),
      ...some(times.map((ms) => ms * 2)),
    ],
  )
  // the spread of a normal deviate whose middle 90 % are as wide
  const parts = [a, b].map(({ ratio }) => {
    const log = Math.log(ratio?.estimate ?? 0)
    const spread = (Math.log(ratio?.high ?? 0) - Math.log(ratio?.low ?? 0)) / (2 * 1.6448536269514722)
    return { log, weight: 1 / spread ** 2, n: ratio?.n ?? 0 }
  })
  const weight = parts.reduce((sum, part) => sum + part.weight, 0)
  const middle = parts.reduce((sum, part) => sum + part.log * part.weight, 0) / weight
  const half = 1.6448536269514722 / Math.sqrt(weight)
  expect(both.ratio?.estimate).toBeCloseTo(Math.exp(middle), 8)
  expect(both.ratio?.low).toBeCloseTo(Math.exp(middle - half), 8)
  expect(both.ratio?.high).toBeCloseTo(Math.exp(middle + half), 8)
  expect(both.ratio?.n).toBe(40)
  expect(both.classes.map((each) => [each.class, each.n, each.ratio?.n])).toEqual([
    ['a', [8, 8], 16],
    ['alone', [1, 0], undefined],
    ['b', [8, 16], 24],
  ])
  expect(both.left).toBe(1)
})

test('shares of failures are compared by themselves, with Newcombe’s interval', () => {
  const [first, second] = [wilson(10, 100), wilson(30, 100)]
  if (first === undefined || second === undefined) throw new Error('of a hundred there is one')
  const { failures, failing } = compare(fails(10, 100), fails(30, 100))
  expect(failing).toBe('more')
  expect(failures?.estimate).toBeCloseTo(0.2, 12)
  expect(failures?.low).toBeCloseTo(0.2 - Math.sqrt((0.3 - second.low) ** 2 + (first.high - 0.1) ** 2), 12)
  expect(failures?.high).toBeCloseTo(0.2 + Math.sqrt((second.high - 0.3) ** 2 + (0.1 - first.low) ** 2), 12)
  expect(failures?.n).toBe(200)
  const of = (a: readonly [number, number], b: readonly [number, number]): string =>
    compare(fails(...a), fails(...b)).failing
  expect(of([30, 100], [10, 100])).toBe('fewer')
  expect(of([1, 9], [1, 9])).toBe('unknown')
  expect(of([0, 600], [0, 601])).toBe('alike')
  expect(of([0, 9], [0, 600])).toBe('unknown')
  expect(of([0, 600], [0, 9])).toBe('unknown')
  expect(compare([], fails(1, 2)).failures).toBeUndefined()
  expect(compare(fails(1, 2), []).failures).toBeUndefined()
})

test('alike is what lies within a twentieth on either side, and nothing is said without bounds', () => {
  const times = Array.from({ length: 40 }, (_, at) => 1_000 + at)
  const verdict = (factor: number, of = times): string =>
    compare(some(of), some(of.map((ms) => ms * factor))).verdict
  expect(verdict(1)).toBe('alike')
  const wide = Array.from({ length: 20 }, (_, at) => 1_000 + at * 20)
  expect(compare(some(wide), some(wide)).verdict).toBe('unknown')
  // it is sure to be slower by less than a twentieth: slower is what is said
  expect(verdict(1.04)).toBe('slower')
  expect(verdict(0.96)).toBe('faster')
})

test('tails are compared from 59 on each side, of what succeeded, the same each time', () => {
  const times = (n: number, factor: number): readonly Execution[] =>
    Array.from({ length: n }, (_, at) => one((at + 1) * factor))
  const tail = (before: readonly Execution[], after: readonly Execution[]): Comparison['p95Ratio'] =>
    compare(before, after).p95Ratio
  const ratio = tail(times(60, 1), times(60, 3))
  expect(ratio?.estimate).toBeCloseTo(3)
  expect(ratio?.n).toBe(120)
  expect(ratio?.low).toBeGreaterThan(2.4)
  expect(ratio?.high).toBeLessThan(3.6)
  expect(tail(times(60, 1), times(60, 3))).toEqual(ratio)
  expect(tail(times(58, 1), times(60, 3))).toBeUndefined()
  expect(tail(times(60, 1), times(58, 3))).toBeUndefined()
  expect(tail(times(59, 1), times(59, 3))).toBeDefined()
  expect(tail([...times(58, 1), one(1, { failed: true })], times(60, 1))).toBeUndefined()
})

test('what must be known is said: other times, nothing on a side, and how many are compared at most', () => {
  const at = (...times: readonly number[]): readonly Execution[] =>
    times.map((moment) => one(1, { at: moment }))
  const warnings = (before: readonly Execution[], after: readonly Execution[]): readonly string[] =>
    compare(before, after).warnings
  const other =
    'the two are of different times: load, data and machines that changed meanwhile are in these figures too; a trial on pairs of runs tells them apart'
  expect(warnings(at(1, 5), at(6, 9))).toEqual([other])
  expect(warnings(at(6, 9), at(1, 5))).toEqual([other])
  expect(warnings(at(1, 5), at(5, 9))).toEqual([])
  expect(warnings(at(5, 9), at(1, 5))).toEqual([])
  for (const [before, after] of [
    [[], at(1)],
    [at(1), []],
  ] as const)
    expect(warnings(before, after)).toEqual(['there is nothing on one of the sides'])
  const many = Array.from({ length: 2_000 }, () => one(1, { failed: true }))
  const most = 'of each side only the last 2000 executions are compared'
  expect(warnings(many, at(0))).toEqual([most])
  expect(warnings(at(0), many)).toEqual([most])
  expect(warnings(many.slice(1), at(0))).toEqual([])
})

test('turned round, a comparison says the opposite', () => {
  const side = fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.boolean(), fc.constantFrom('a', 'b')), {
    maxLength: 25,
  })
  const opposite = {
    faster: 'slower',
    slower: 'faster',
    more: 'fewer',
    fewer: 'more',
    alike: 'alike',
    unknown: 'unknown',
  } as const
  fc.assert(
    fc.property(side, side, (first, second) => {
      const [before, after] = [first, second].map((of) =>
        of.map(([ms, failed, kind]) => one(ms, { failed, class: kind })),
      )
      const there = compare(before ?? [], after ?? [])
      const back = compare(after ?? [], before ?? [])
      expect(back.failing).toBe(opposite[there.failing])
      expect(back.left).toBe(there.left)
      expect(back.warnings).toEqual(there.warnings)
      if (there.ratio !== undefined)
        expect(Math.log(there.ratio.estimate)).toBeCloseTo(-Math.log(back.ratio?.estimate ?? 0), 8)
      // a twentieth more is a little less than a twentieth less: the words may differ where it is close
      if (there.verdict === 'slower' || there.verdict === 'faster')
        expect(back.verdict).toBe(opposite[there.verdict])
    }),
    { numRuns: 30 },
  )
})

test('executions are of runs that nobody interfered with, as far as they ended by themselves and are wanted', () => {
  const of = (given: Partial<ChainRecord>, its: Partial<RunRecord> = {}): readonly unknown[] =>
    executionsOf([run('r', [ran('c', 10, 30, given), ran('d', 0, 1)], its)], 'c', () => true)
  expect(of({ readyAt: 5, startedAt: 12, attempts: [attempt('s', 12, 30), attempt('s', 12, 30)] })).toEqual([
    { ms: 25, failed: false, attempts: 2, class: 'd', at: 12 },
  ])
  expect(of({ readyAt: undefined, startedAt: 12, status: 'failed' })).toMatchObject([
    { ms: 18, failed: true },
  ])
  for (const given of [
    { chain: 'x' },
    { memo: true },
    { endedAt: undefined },
    { startedAt: undefined },
    { status: 'skipped' },
    { status: 'cancelled' },
  ] as const)
    expect(of(given)).toEqual([])
  for (const its of [{ retries: 1 }, { pausedMs: 1 }, { origin: { run: 'x', copied: 0 } }] as const)
    expect(of({}, its)).toEqual([])
  const two = [run('r1', [ran('c', 0, 1, { version: '1' })]), run('r2', [ran('c', 0, 2, { version: '2' })])]
  expect(
    executionsOf(
      two,
      'c',
      (_, version) => version === '2',
      ({ run: id }) => id,
    ),
  ).toMatchObject([{ ms: 2, class: 'r2' }])
  expect(executionsOf(two, 'c', ({ run: id }) => id === 'r1')).toMatchObject([{ ms: 1 }])
  const many = Array.from({ length: 2_001 }, (_, at) => run(`r${at}`, [ran('c', 0, at)]))
  const last = executionsOf(many, 'c', () => true)
  expect([last.length, last[0]?.ms]).toEqual([2_000, 1])
})

test('a class is of its targets and the attributes that have at most eight values', () => {
  const of = (n: number): readonly RunRecord[] =>
    Array.from({ length: n }, (_, at) =>
      run(`r${at}`, [], { targets: ['x', 'y'], attributes: { b: `v${at}`, a: at % 2 === 0 } }),
    )
  const [eight, nine] = [of(8), of(9)]
  expect(eight.map(classesOf(eight))[3]).toBe('x,y a=false b=v3')
  expect(nine.map(classesOf(nine))[3]).toBe('x,y a=false')
  expect(nine.map(classesOf([]))[3]).toBe('x,y a=false b=v3')
  expect(classesOf([])(run('r', [ran('c', 0, 1)]))).toBe('c')
})
