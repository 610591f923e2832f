// Tests by ranks, lines and Fisher's test, against R and SciPy; odd samples; that they err no more than they say.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'
import { changePoint } from '../../src/statistics/change-point.ts'
import { fisherExact } from '../../src/statistics/fisher.ts'
import { deviationOf, medianOf } from '../../src/statistics/median.ts'
import { rankSum, shiftBetween } from '../../src/statistics/rank-sum.ts'
import { ranksOf } from '../../src/statistics/ranks.ts'
import { select, selectMedian } from '../../src/statistics/select.ts'
import { spearman } from '../../src/statistics/spearman.ts'
import { theilSen } from '../../src/statistics/theil-sen.ts'
import { mannKendall } from '../../src/statistics/trend.ts'
import { expectNear, golden } from './near.ts'

const byR = golden<{
  rankSum: {
    x: number[]
    y: number[]
    exact: boolean
    u: number
    p: number
    shift: number
    about: number[]
    low: number | null
    high: number | null
  }[]
  fisher: { counts: [number, number, number, number]; p: number; more: number }[]
  trend: { values: number[]; s: number; p: number }[]
}>('ranks')
const byPython = golden<{
  lines: {
    x: number[]
    y: number[]
    confidence: number
    slope: number
    intercept: number
    low: number
    high: number
    rho: number
    p: number
    median: number
    deviation: number
  }[]
  changes: { values: number[]; at: number; k: number; p: number }[]
}>('lines')

const pointsOf = (xs: readonly number[], ys: readonly number[]) => xs.map((x, at) => ({ x, y: ys[at] ?? 0 }))
const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })

describe('two samples', () => {
  test('u and p are as the reference says, exact and with ties', () => {
    expect(byR.rankSum.filter(({ exact }) => exact).length).toBeGreaterThan(2)
    for (const { x, y, u, p } of byR.rankSum) {
      const own = rankSum(x, y)
      expect(own).toMatchObject({ u, superiority: u / (x.length * y.length), n: [x.length, y.length] })
      expectNear(own?.p, p, 1e-10)
    }
  })

  test('the shift is as the reference says; for large samples R approximates it by search', () => {
    for (const one of byR.rankSum) {
      const { x, y, exact, shift, low, high } = one
      const own = shiftBetween(x, y)
      const tolerance = exact ? 1e-10 : 0.02
      expectNear(own?.estimate, shift, exact ? 1e-10 : 0.005)
      if (!exact && x.length < 50) {
        // with ties ours is exact for none, and wider
        expect(own?.low).toBeLessThanOrEqual((low ?? 0) + 1e-3)
        expect(own?.high).toBeGreaterThanOrEqual((high ?? 0) - 1e-3)
        continue
      }
      // normal for large samples: at most one difference off the exact place
      if (low !== null) expect(own?.low).toBeGreaterThanOrEqual((one.about[0] ?? 0) - 1e-9)
      if (low !== null) expect(own?.low).toBeLessThanOrEqual((one.about[2] ?? 0) + 1e-9)
      expectNear(own?.low, low, tolerance)
      expectNear(own?.high, high, tolerance)
    }
  })

  test('an empty sample says nothing, equal ones no difference', () => {
    expect(rankSum([], [1])).toBeUndefined()
    expect(shiftBetween([1], [])).toBeUndefined()
    expect(rankSum([4, 4, 4], [4, 4])).toMatchObject({ u: 3, superiority: 0.5, p: 1 })
    expect(shiftBetween([1], [3])).toEqual({ estimate: 2, low: undefined, high: undefined, n: 2 })
  })

  test('infinities have ranks but no differences, NaN has neither', () => {
    expect(rankSum([1, 2, -Infinity], [Infinity, 3, Infinity])?.superiority).toBe(1)
    expect(() => shiftBetween([1], [Infinity])).toThrow('finite')
    expect(() => shiftBetween([Infinity], [1])).toThrow('finite')
    expect(() => rankSum([Number.NaN], [1])).toThrow('no NaN')
  })

  test('small samples are bounded where they just can be, by the exact chances', () => {
    // of 20 ways to mix three and three, one has all of the second above: 5 % on each side
    expect(shiftBetween([1, 2, 3], [4, 5, 6])).toEqual({ estimate: 3, low: 1, high: 5, n: 6 })
    expect(shiftBetween([1, 2, 3], [4, 5, 6], 0.91)).toEqual({
      estimate: 3,
      low: undefined,
      high: undefined,
      n: 6,
    })
    // one of 252: the normal approximation would have no bound here
    expect(shiftBetween([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 0.99)).toMatchObject({ low: 1, high: 9 })
  })

  test('exchanged samples give the opposite', () => {
    const values = fc.array(finite, { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [one, other] = [rankSum(a, b), rankSum(b, a)]
        expectNear(other?.p, one?.p, 1e-9)
        expect((one?.superiority ?? 0) + (other?.superiority ?? 0)).toBeCloseTo(1, 9)
        expect(shiftBetween(a, b)?.low ?? 0).toBeCloseTo(-(shiftBetween(b, a)?.high ?? 0), 6)
      }),
    )
  })

  test.each([8, 60])('of 1,000 pairs of equal samples of %i, one in twenty differs', (size) => {
    const random = createRandom(40 + size)
    let rejected = 0
    let held = 0
    for (let trial = 0; trial < 1000; trial++) {
      const [a, b] = [0, 1].map(() => Array.from({ length: size }, () => random() ** 3)) as [
        number[],
        number[],
      ]
      if ((rankSum(a, b)?.p ?? 0) <= 0.05) rejected++
      const own = trial < 300 ? shiftBetween(a, b) : undefined
      if (own && (own.low ?? -1) <= 0 && 0 <= (own.high ?? 1)) held++
    }
    expect(rejected).toBeGreaterThan(20)
    expect(rejected).toBeLessThan(75)
    expect(held).toBeGreaterThan(255)
  })
})

describe('two groups', () => {
  test('p is as the reference says, on both sides and one', () => {
    for (const { counts, p, more } of byR.fisher) {
      const own = fisherExact({ hits: counts[0], misses: counts[1] }, { hits: counts[2], misses: counts[3] })
      expectNear(own.p, p, 1e-9, String(counts))
      expectNear(own.pMore, more, 1e-9, String(counts))
      expect(own.n).toBe(counts.reduce((sum, count) => sum + count, 0))
    }
  })

  test('the odds ratio is of the first to the second', () => {
    expect(fisherExact({ hits: 3, misses: 1 }, { hits: 1, misses: 3 }).oddsRatio).toBe(9)
    expect(fisherExact({ hits: 4, misses: 3 }, { hits: 2, misses: 5 }).oddsRatio).toBe(20 / 6)
    expect(fisherExact({ hits: 3, misses: 0 }, { hits: 1, misses: 3 }).oddsRatio).toBe(Infinity)
    expect(fisherExact({ hits: 0, misses: 0 }, { hits: 0, misses: 0 })).toMatchObject({
      p: 1,
      pMore: 1,
      n: 0,
    })
  })

  test('what is no count is refused', () => {
    expect(() => fisherExact({ hits: -1, misses: 0 }, { hits: 0, misses: 0 })).toThrow(
      'a count of a group is a whole number, not negative; it is -1',
    )
    expect(() => fisherExact({ hits: 0.5, misses: 0 }, { hits: 0, misses: 0 })).toThrow('a whole number')
  })
})

describe('a series', () => {
  test('its trend is as the reference says', () => {
    for (const { values, s, p } of byR.trend) {
      const own = mannKendall(values)
      const pairs = (values.length * (values.length - 1)) / 2
      expect(own).toMatchObject({ s, tau: s / pairs, n: values.length })
      expectNear(own?.p, p, 1e-9)
    }
  })

  test('its change point is as the definition says', () => {
    for (const { values, at, k, p } of byPython.changes) {
      expect(changePoint(values)).toMatchObject({ at, k, n: values.length })
      expectNear(changePoint(values)?.p, p, 1e-10)
    }
  })

  test('too short a series says nothing, a level one no change', () => {
    expect(mannKendall([1, 2])).toBeUndefined()
    expect(changePoint([1])).toBeUndefined()
    expect(mannKendall([3, 3, 3, 3])).toEqual({ s: 0, tau: 0, p: 1, n: 4 })
    expect(changePoint([3, 3, 3, 3])).toMatchObject({ k: 0, p: 1 })
    expect(() => mannKendall([1, Number.NaN, 2])).toThrow('no NaN')
  })

  test('a change is found where it is, with its direction, and none in 95 % of level series', () => {
    const random = createRandom(9)
    let [found, falsely, trends] = [0, 0, 0]
    for (let trial = 0; trial < 500; trial++) {
      const level = Array.from({ length: 60 }, () => random())
      if ((changePoint(level)?.p ?? 0) <= 0.05) falsely++
      if ((mannKendall(level)?.p ?? 0) <= 0.05) trends++
      const own = changePoint(level.map((value, at) => value + (at < 35 ? 0 : 0.6)))
      if (own && own.p <= 0.05 && own.k > 0 && Math.abs(own.at - 35) <= 4) found++
    }
    expect(falsely).toBeLessThan(38)
    expect(trends).toBeLessThan(40)
    expect(found).toBeGreaterThan(440)
  })
})

describe('points', () => {
  test('line, correlation, median and spread are as the reference says', () => {
    for (const one of byPython.lines) {
      const own = theilSen(pointsOf(one.x, one.y), one.confidence)
      expectNear(own?.slope.estimate, one.slope, 1e-10)
      expectNear(own?.intercept, one.intercept, 1e-9)
      // where SciPy takes the outermost slope for want of one further out, ours has no bound
      if (own?.slope.low !== undefined) expectNear(own.slope.low, one.low, 1e-10)
      if (own?.slope.high !== undefined) expectNear(own.slope.high, one.high, 1e-10)
      if (one.x.length > 10) expect([own?.slope.low, own?.slope.high]).not.toContain(undefined)
      const correlation = spearman(pointsOf(one.x, one.y))
      expectNear(correlation?.rho, one.rho, 1e-10)
      // a perfect order has 0, where SciPy's digits leave 1e-24
      if (Math.abs(one.rho) < 1 - 1e-12) expectNear(correlation?.p, one.p, 1e-8)
      expectNear(medianOf(one.y), one.median, 1e-12)
      expectNear(deviationOf(one.y), one.deviation, 1e-12)
    }
  })

  test('a line is found whatever a quarter of the points do', () => {
    const points = Array.from({ length: 40 }, (_, x) => ({ x, y: x % 4 === 0 ? 1e6 * x : 5 + 2 * x }))
    expect(theilSen(points)?.slope.estimate).toBeCloseTo(2, 6)
  })

  test('of 500 lines, nine of ten intervals hold the true slope, whatever the tails', () => {
    const random = createRandom(21)
    let held = 0
    for (let trial = 0; trial < 500; trial++) {
      const points = Array.from({ length: 25 }, (_, x) => ({
        x,
        y: 3 - 0.4 * x + Math.tan(3 * (random() - 0.5)),
      }))
      const own = theilSen(points)?.slope
      if (own && (own.low ?? -Infinity) <= -0.4 && -0.4 <= (own.high ?? Infinity)) held++
    }
    expect(held).toBeGreaterThan(425)
    expect(held).toBeLessThan(480)
  })

  test('too few or upright points say nothing; two have a slope without bounds', () => {
    expect(theilSen([])).toBeUndefined()
    expect(theilSen(pointsOf([1, 1, 1], [1, 2, 3]))).toBeUndefined()
    expect(theilSen(pointsOf([1, 2], [1, 4]))).toEqual({
      slope: { estimate: 3, low: undefined, high: undefined, n: 2 },
      intercept: -2,
    })
    expect(spearman(pointsOf([1, 2], [1, 2]))).toBeUndefined()
    expect(spearman(pointsOf([1, 2, 3], [4, 4, 4]))).toBeUndefined()
    expect(spearman(pointsOf([4, 4, 4], [1, 2, 3]))).toBeUndefined()
    expect(spearman(pointsOf([1, 2, 3], [4, 5, 60]))).toEqual({ rho: 1, p: 0, n: 3 })
    expect(medianOf([])).toBeUndefined()
    expect(deviationOf([])).toBeUndefined()
    expect(deviationOf([5])).toBe(0)
    expect(() => deviationOf([1, Infinity])).toThrow('finite')
    expect(() => theilSen([{ x: 1, y: Infinity }])).toThrow('finite')
    expect(() => theilSen([{ x: Infinity, y: 1 }])).toThrow('finite')
  })

  test('level points with equal x have a level line, and no NaN', () => {
    const own = theilSen(pointsOf([1, 1, 2, 2], [3, 3, 3, 3]))
    expect(own).toMatchObject({ intercept: 3, slope: { estimate: 0, low: 0, high: 0 } })
  })
})

test('ranks are shared evenly, and sum to what they must', () => {
  expect([...ranksOf([5, 1, 5, Infinity, -Infinity]).ranks]).toEqual([3.5, 2, 3.5, 5, 1])
  expect(ranksOf([5, 1, 5]).ties).toBe(6)
  expect(ranksOf([5, 5, 5, 1, 1])).toMatchObject({ ties: 30, signTies: 66 + 18 })
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (values) => {
      const { ranks } = ranksOf(values)
      expect(ranks.reduce((sum, rank) => sum + rank, 0)).toBe((values.length * (values.length + 1)) / 2)
    }),
  )
})

test('the k-th smallest is that of the order, ties and infinities included', () => {
  const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ noNaN: true })), {
    minLength: 1,
  })
  fc.assert(
    fc.property(values, fc.nat(), (sample, at) => {
      const k = at % sample.length
      const sorted = Float64Array.from(sample).sort()
      expect(select(Float64Array.from(sample), k) === sorted[k]).toBe(true)
    }),
  )
  expect(selectMedian(Float64Array.of(4, 1, 3))).toBe(3)
  expect(selectMedian(Float64Array.of(4, 1, 3, 2))).toBe(2.5)
  expect(selectMedian(Float64Array.of(1.7e308, 1.5e308))).toBe(1.6e308)
  expect(selectMedian(Float64Array.of(5.4e-323, 5.4e-323))).toBe(5.4e-323)
  expect(
    select(
      Float64Array.from({ length: 100_000 }, (_, at) => at % 2),
      60_000,
    ),
  ).toBe(1)
})
