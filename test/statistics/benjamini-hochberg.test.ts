// Many tests at once, against SciPy; and that few false ones stand.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'
import { benjaminiHochberg } from '../../src/statistics/benjamini-hochberg.ts'
import { expectNear, golden } from './near.ts'

const reference = golden<{ cases: { p: number[]; adjusted: number[] }[] }>('benjamini-hochberg')

test('adjusted p values are as the reference says', () => {
  for (const { p, adjusted } of reference.cases) {
    const own = benjaminiHochberg(p, 0.1)
    expect(own.adjusted).toHaveLength(p.length)
    for (const [at, wanted] of adjusted.entries()) {
      expectNear(own.adjusted[at], wanted, 1e-12)
      expect(own.stands[at]).toBe(wanted <= 0.1)
    }
  }
})

test('what is no p value is refused', () => {
  expect(() => benjaminiHochberg([0.1, Number.NaN])).toThrow('a p value lies from 0 to 1')
  expect(() => benjaminiHochberg([1.1])).toThrow('a p value lies from 0 to 1')
  expect(() => benjaminiHochberg([], -1)).toThrow('q lies from 0 to 1')
})

test('the order of the tests has no say', () => {
  const ps = fc.uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 })
  fc.assert(
    fc.property(ps, (p) => {
      const turned = benjaminiHochberg(p.toReversed())
      expect(benjaminiHochberg(p)).toEqual({
        adjusted: turned.adjusted.toReversed(),
        stands: turned.stands.toReversed(),
      })
    }),
  )
})

test('of what stands, no more than q is false on average', () => {
  const random = createRandom(3)
  let share = 0
  for (let trial = 0; trial < 2000; trial++) {
    // 15 true nulls, 5 with an effect
    const p = Array.from({ length: 20 }, (_, at) => (at < 15 ? random() : random() ** 8))
    const standing = benjaminiHochberg(p, 0.1).stands.flatMap((stands, at) => (stands ? [at] : []))
    share += standing.filter((at) => at < 15).length / Math.max(1, standing.length) / 2000
  }
  // exactly 0.1 x 15 / 20 in expectation
  expect(share).toBeGreaterThan(0.055)
  expect(share).toBeLessThan(0.095)
})
