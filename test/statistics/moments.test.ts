// A running mean and variance: as in two passes, the same for any chunking, and merged.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addTo, merged, noMoments, varianceOf } from '../../src/statistics/moments.ts'

const of = (values: readonly number[]) => values.reduce(addTo, noMoments)
const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 60 })

test('mean and variance are those of two passes, also far from 0', () => {
  // NIST's way to make them hard: a great offset and a small spread; the variance is exact by hand
  const sample = Array.from({ length: 1001 }, (_, at) => 1e9 + (at === 0 ? 0.2 : at % 2 === 0 ? 0.3 : 0.1))
  expect(of(sample).mean).toBeCloseTo(1e9 + 0.2, 5)
  expect(varianceOf(of(sample))).toBeCloseTo(0.01, 7)
  expect(varianceOf(of([2, 4, 4, 4, 5, 5, 7, 9]))).toBeCloseTo(32 / 7, 12)
})

test('nothing and one have no variance; what is not finite is refused', () => {
  expect(varianceOf(of([]))).toBeUndefined()
  expect(varianceOf(of([4]))).toBeUndefined()
  expect(of([4])).toEqual({ n: 1, mean: 4, squares: 0 })
  for (const odd of [Number.NaN, Infinity, 1.1e150, -1.1e150]) expect(() => of([1, odd])).toThrow('finite')
  expect(of([1e150]).mean).toBe(1e150)
  expect([varianceOf(of([4, 6])), merged(noMoments, noMoments)]).toEqual([2, noMoments])
})

test('two samples merged are the sample of both', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const [both, one] = [merged(of(a), of(b)), of([...a, ...b])]
      expect(both.n).toBe(one.n)
      expect(Math.abs(both.mean - one.mean)).toBeLessThan(1e-6)
      expect(Math.abs(both.squares - one.squares)).toBeLessThanOrEqual(1e-9 * (1 + one.squares) + 1e-3)
    }),
  )
})
