// Over any policy, retry and chance: waits stay in their bounds, and full jitter is uniform.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Backoff, defaultBackoff, delayFor } from '../../src/definition/backoff.ts'

const backoffs = fc.record<Backoff>({
  initial: fc.nat({ max: 1e9 }),
  factor: fc.double({ min: 1, max: 1e6, noNaN: true }),
  max: fc.nat({ max: 1e9 }),
  jitter: fc.constantFrom('full', 'decorrelated', 'none'),
})
const retries = fc.oneof(
  fc.integer({ min: 1, max: 64 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
)
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('a wait is a whole number, never negative and never over the maximum', () => {
  fc.assert(
    fc.property(
      backoffs,
      retries,
      chance,
      fc.option(fc.nat(), { nil: undefined }),
      (backoff, retry, random, last) => {
        const delay = delayFor(backoff, retry, random, last)
        expect(Number.isSafeInteger(delay)).toBe(true)
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(backoff.max as number)
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a decorrelated wait lies between the initial and three times the previous', () => {
  fc.assert(
    fc.property(backoffs, chance, fc.nat({ max: 1e9 }), (given, random, last) => {
      const backoff: Backoff = { ...given, jitter: 'decorrelated' }
      const [initial, max] = [backoff.initial as number, backoff.max as number]
      const delay = delayFor(backoff, 2, random, last)
      expect(delay).toBeGreaterThanOrEqual(Math.min(initial, max))
      expect(delay).toBeLessThanOrEqual(Math.min(max, Math.max(initial, last) * 3))
    }),
  )
})

test('without jitter no wait is shorter than the one before', () => {
  fc.assert(
    fc.property(backoffs, fc.integer({ min: 1, max: 2_000 }), (given, retry) => {
      const backoff: Backoff = { ...given, jitter: 'none' }
      expect(delayFor(backoff, retry + 1, 0)).toBeGreaterThanOrEqual(delayFor(backoff, retry, 0))
    }),
  )
})

test('full jitter is uniform from 0 to the grown wait, both included', () => {
  const backoff: Backoff = { ...defaultBackoff, initial: 9, max: 9 }
  const counts = Array.from({ length: 10 }, () => 0)
  for (let i = 0; i < 10_000; i++) counts[delayFor(backoff, 1, i / 10_000)]! += 1
  expect(counts).toEqual(counts.map(() => 1_000))
})
