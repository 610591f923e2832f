// Bounded samples: the same for any chunking, and near to what they stand for.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'
import {
  type Histogram,
  count,
  countAll,
  emptyHistogram,
  quantileIn,
} from '../../src/statistics/histogram.ts'
import { quantile } from '../../src/statistics/quantile.ts'
import { keepRecent } from '../../src/statistics/recent.ts'

describe('the last observations', () => {
  test('they are those added last, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 20 }), (values, capacity) => {
        const recent = keepRecent<number>(capacity)
        for (const value of values) recent.add(value)
        expect(recent.values()).toEqual(values.slice(-capacity))
        expect(recent.seen).toBe(values.length)
      }),
    )
  })

  test('what is no capacity is refused', () => {
    for (const capacity of [0, 1.5, Infinity]) expect(() => keepRecent(capacity)).toThrow('a capacity')
  })
})

const histogramOf = (values: readonly number[]): Histogram => {
  const histogram = emptyHistogram()
  for (const value of values) count(histogram, value)
  return histogram
}

describe('a histogram', () => {
  const durations = fc.array(fc.double({ min: 0, max: 1e17, noNaN: true }), { maxLength: 80 })

  test('parts counted apart, in any order, are the whole', () => {
    fc.assert(
      fc.property(durations, fc.nat(80), (values, cut) => {
        const merged = histogramOf(values.slice(cut))
        countAll(merged, histogramOf(values.slice(0, cut)))
        expect(merged).toEqual(histogramOf(values))
      }),
    )
  })

  test('a quantile is within 1 %, and its bounds hold those of the observations', () => {
    const random = createRandom(6)
    for (let trial = 0; trial < 25; trial++) {
      const values = Array.from({ length: 1 + Math.floor(random() * 500) }, () => Math.exp(12 * random() - 3))
      const sorted = values.toSorted((a, b) => a - b)
      const histogram = histogramOf(values)
      for (const p of [0, 0.5, 0.9, 0.95, 1]) {
        const [own, exact] = [quantileIn(histogram, p), quantile(values, p)]
        const middle = sorted[Math.floor((values.length - 1) * p)] ?? 0
        expect(Math.abs((own?.estimate ?? 0) - middle)).toBeLessThanOrEqual(0.01001 * middle)
        expect(own?.n).toBe(values.length)
        expect(own?.low === undefined).toBe(exact?.low === undefined)
        expect(own?.high === undefined).toBe(exact?.high === undefined)
        if (exact?.low !== undefined) expect(own?.low).toBeLessThanOrEqual(exact.low * (1 + 1e-12))
        if (exact?.high !== undefined) expect(own?.high).toBeGreaterThanOrEqual(exact.high * (1 - 1e-12))
        if (exact?.high !== undefined) expect(own?.high).toBeLessThanOrEqual(exact.high * 1.0203)
      }
    }
  })

  test('nothing has no quantile; 0, the smallest and infinity are counted', () => {
    expect(quantileIn(emptyHistogram(), 0.5)).toBeUndefined()
    expect(quantileIn(histogramOf([0, 0, 0]), 0.5)?.estimate).toBe(0)
    expect(quantileIn(histogramOf([1, Infinity, Infinity]), 0.5)?.estimate).toBe(Infinity)
    expect(quantileIn(histogramOf(Array<number>(100).fill(7)), 0.5)).toEqual({
      estimate: 7,
      low: 7,
      high: 7,
      n: 100,
    })
    for (const odd of [Number.NaN, -1]) expect(() => count(emptyHistogram(), odd)).toThrow('not negative')
    expect(() => quantileIn(emptyHistogram(), 2)).toThrow('a quantile')
  })

  test('its memory is bounded, whatever it counts', () => {
    const histogram = emptyHistogram()
    const random = createRandom(2)
    for (let at = 0; at < 200_000; at++) count(histogram, 10 ** (random() * 60 - 30))
    expect(histogram.buckets.size).toBeLessThan(2500)
  })
})
