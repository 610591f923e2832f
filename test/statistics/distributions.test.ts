// The special functions against SciPy and mpmath: relative distances, small tails included.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { betaCdf, betaQuantile, binomialCdf, studentTwoSided } from '../../src/statistics/beta.ts'
import { logGamma } from '../../src/statistics/gamma.ts'
import { normalCdf, normalQuantile, normalTwoSided } from '../../src/statistics/normal.ts'
import { expectNear, golden } from './near.ts'

const values = golden<Record<string, readonly (readonly number[])[]>>('distributions')

test.each<[string, (...given: number[]) => number, number]>([
  ['logGamma', (x = 0) => logGamma(x), 1e-12],
  ['normalCdf', (x = 0) => normalCdf(x), 1e-12],
  ['normalQuantile', (p = 0) => normalQuantile(p), 1e-12],
  ['betaCdf', (a = 0, b = 0, x = 0) => betaCdf(a, b, x), 1e-10],
  ['betaQuantile', (a = 0, b = 0, p = 0) => betaQuantile(a, b, p), 1e-10],
  ['binomialCdf', (k = 0, n = 0, p = 0) => binomialCdf(k, n, p), 1e-11],
  ['studentTwoSided', (t = 0, freedom = 0) => studentTwoSided(t, freedom), 1e-11],
])('%s is as the reference says', (name, own, tolerance) => {
  const cases = values[name] ?? []
  expect(cases.length).toBeGreaterThan(5)
  for (const one of cases)
    if (Math.abs(one.at(-1) ?? 0) > 1e-300)
      expectNear(own(...one.slice(0, -1)), one.at(-1), tolerance, `${name}(${one.slice(0, -1).join(', ')})`)
})

test('logGamma is 0 at 1 and 2, to the last digits', () => {
  expect(Math.abs(logGamma(1))).toBeLessThan(1e-13)
  expect(Math.abs(logGamma(2))).toBeLessThan(1e-13)
})

test('the ends are the ends', () => {
  expect(normalCdf(-Infinity)).toBe(0)
  expect(normalCdf(Infinity)).toBe(1)
  expect(normalQuantile(0)).toBe(-Infinity)
  expect(normalQuantile(1)).toBe(Infinity)
  expect(normalTwoSided(0)).toBe(1)
  expect(betaCdf(2, 3, 0)).toBe(0)
  expect(betaCdf(2, 3, 1)).toBe(1)
  expect(betaQuantile(2, 3, 0)).toBe(0)
  expect(betaQuantile(2, 3, 1)).toBe(1)
  expect(binomialCdf(-1, 5, 0.5)).toBe(0)
  expect(binomialCdf(5, 5, 0.5)).toBe(1)
  for (const odd of [1.1, -0.1])
    expect(() => normalQuantile(odd)).toThrow(`a share lies from 0 to 1; it is ${odd}`)
  expect(normalQuantile(0.5)).toBe(0)
  expect(() => normalQuantile(Number.NaN)).toThrow('a share lies from 0 to 1')
})

test('a quantile undoes its distribution', () => {
  const share = fc.double({ min: 1e-12, max: 1 - 1e-9, noNaN: true })
  fc.assert(fc.property(share, (p) => expectNear(normalCdf(normalQuantile(p)), p, 1e-12)))
  const shape = fc.double({ min: 1, max: 2000, noNaN: true })
  fc.assert(
    fc.property(shape, shape, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (a, b, p) => {
      expect(Math.abs(betaCdf(a, b, betaQuantile(a, b, p)) - p)).toBeLessThan(1e-9)
    }),
  )
})
