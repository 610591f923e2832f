// Quantiles against NumPy and SciPy; that the interval holds the truth as often as it says, whatever the distribution.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'
import { leastObservations, quantile, quantileRanks } from '../../src/statistics/quantile.ts'
import { expectNear, golden } from './near.ts'

type Row = readonly [number, number, number, number | null, number | null]
const reference = golden<{
  cases: { values: number[]; quantiles: Row[] }[]
  ranks: [number, number, number | null, number | null][]
}>('quantile')

test('quantiles and their bounds are as the reference says', () => {
  expect(reference.cases.length).toBeGreaterThan(5)
  for (const { values, quantiles } of reference.cases) {
    const sorted = values.toSorted((a, b) => a - b)
    for (const [p, confidence, estimate, low, high] of quantiles) {
      const own = quantile(values, p, confidence)
      // what is surely below p99 is not taken for it
      expectNear(
        own?.estimate,
        Math.min(own?.high ?? Infinity, Math.max(own?.low ?? -Infinity, estimate)),
        1e-12,
      )
      expect(own?.low).toBe(low === null ? undefined : sorted[low - 1])
      expect(own?.high).toBe(high === null ? undefined : sorted[high - 1])
      expect(own?.n).toBe(values.length)
    }
  }
})

test('the places of the bounds are as the reference says, up to 5,000 observations', () => {
  for (const [n, p, low, high] of reference.ranks)
    expect(quantileRanks(n, p), `n ${n}, p ${p}`).toEqual({ low: low ?? undefined, high: high ?? undefined })
})

test('an upper bound of p95 needs 59 observations, of p99 299', () => {
  expect(leastObservations(0.95)).toBe(59)
  expect(leastObservations(0.99)).toBe(299)
  expect(leastObservations(0)).toBe(1)
  expect(leastObservations(1)).toBe(Infinity)
  for (const p of [0.001, 0.5, 0.9, 0.95, 0.99, 0.999]) {
    const least = leastObservations(p)
    expect(quantileRanks(least, p).high).toBe(least)
    expect(quantileRanks(least - 1, p).high).toBeUndefined()
  }
})

describe('odd samples', () => {
  test('nothing has no quantile; one observation has no bounds', () => {
    expect(quantile([], 0.5)).toBeUndefined()
    expect(quantile([7], 0.5)).toEqual({ estimate: 7, low: undefined, high: undefined, n: 1 })
  })

  test('an estimate is never outside its bounds', () => {
    // the greatest of four is below p99 in 96 % of cases
    expect(quantile([1, 2, 3, 4], 0.99)).toEqual({ estimate: 4, low: 4, high: undefined, n: 4 })
  })

  test('ties are their own bounds', () => {
    expect(quantile(Array<number>(100).fill(5), 0.9)).toEqual({ estimate: 5, low: 5, high: 5, n: 100 })
  })

  test('infinities have their place', () => {
    expect(quantile([1, Infinity, Infinity, -Infinity], 1)?.estimate).toBe(Infinity)
    expect(quantile([Infinity, Infinity], 0.3)?.estimate).toBe(Infinity)
    expect(quantile([-Infinity, 3, Infinity], 0.5)?.estimate).toBe(3)
    expect(quantile([-Infinity, 3], 0.5)?.estimate).toBe(-Infinity)
    expect(quantile([-Infinity, Infinity], 0.5)?.estimate).toBe(-Infinity)
  })

  test('NaN is refused, and so is what is no share', () => {
    expect(() => quantile([1, Number.NaN], 0.5)).toThrow('observation 1 is one')
    expect(() => quantile([1], 1.5)).toThrow('a quantile lies from 0 to 1')
    for (const confidence of [1, 0, -0.5, Number.NaN])
      expect(() => quantile([1], 0.5, confidence)).toThrow('a confidence lies between 0 and 1')
  })
})

test('the sample is left as it was', () => {
  const values = [3, 1, 2]
  quantile(values, 0.5)
  expect(values).toEqual([3, 1, 2])
})

test('the interval holds the estimate, and grows with the confidence', () => {
  const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 400 })
  fc.assert(
    fc.property(values, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (sample, p) => {
      const [narrow, wide] = [quantile(sample, p, 0.8), quantile(sample, p, 0.99)]
      const least = Math.min(...sample)
      const most = Math.max(...sample)
      expect(wide?.low ?? least).toBeLessThanOrEqual(narrow?.low ?? least)
      expect(wide?.high ?? most).toBeGreaterThanOrEqual(narrow?.high ?? most)
      expect(wide?.low ?? least).toBeLessThanOrEqual(wide?.high ?? most)
    }),
  )
})

test.each([0.5, 0.9, 0.95])('of 2,000 samples, nine of ten and more bound the true %s-quantile', (p) => {
  // an exponential tail: the truth is -ln(1 - p)
  const random = createRandom(11)
  const truth = -Math.log(1 - p)
  let held = 0
  for (let trial = 0; trial < 2000; trial++) {
    const own = quantile(
      Array.from({ length: 120 }, () => -Math.log(1 - random())),
      p,
    )
    if (own?.low !== undefined && own.high !== undefined && own.low <= truth && truth <= own.high) held++
  }
  // the interval is exact at best, wider by what order statistics are coarse
  expect(held).toBeGreaterThan(1760)
  expect(held).toBeLessThan(1980)
})
