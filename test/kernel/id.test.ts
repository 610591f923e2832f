// Run ids: their shape, their order and that none comes twice.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Clock } from '../../src/kernel/clock.ts'
import { newRunId } from '../../src/kernel/id.ts'

const clockOf = (now: () => number, random: () => number): Clock => ({
  now,
  random,
  monotonic: now,
  at: () => () => {},
  soon: () => {},
})

test('an id is 26 characters that none confuses', () => {
  expect(newRunId(clockOf(() => 1_800_000_000_000, Math.random))).toMatch(/^01[0-9A-HJKMNP-TV-Z]{24}$/)
})

test('the same time and chance make the same ids', () => {
  const ids = (): string[] => {
    const clock = clockOf(
      () => 1_000,
      () => 0.25,
    )
    return [newRunId(clock), newRunId(clock)]
  }
  expect(ids()).toEqual(ids())
  expect(ids()).toEqual(['00000000Z88000800080008000', '00000000Z88000800080008001'])
})

test('when the chances of a millisecond are used up, the ids move to the next', () => {
  const clock = clockOf(
    () => 0,
    () => 1 - 2 ** -32,
  )
  expect([newRunId(clock), newRunId(clock)]).toEqual([
    '0000000000ZZZZZZZZZZZZZZZZ',
    '00000000010000000000000000',
  ])
})

test('a clock that shows nonsense still gives ids', () => {
  for (const now of [-1, 1e300, 0.5]) expect(newRunId(clockOf(() => now, Math.random))).toHaveLength(26)
})

test('each id is later than all before, within one millisecond and when the clock is set back', () => {
  const times = fc.array(fc.oneof(fc.nat({ max: 3 }), fc.nat()), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(times, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (readings, chance) => {
      let reading = 0
      const clock = clockOf(
        () => readings[reading++] ?? 0,
        () => chance,
      )
      const ids = readings.map(() => newRunId(clock))
      expect(ids).toEqual(ids.toSorted())
      expect(new Set(ids).size).toBe(ids.length)
    }),
  )
})

test('a later millisecond makes a later id', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 48 }), fc.nat({ max: 2 ** 48 }), (a, b) => {
      fc.pre(a !== b)
      const [early, late] = [Math.min(a, b), Math.max(a, b)].map((now) =>
        newRunId(clockOf(() => now, Math.random)),
      )
      expect(early! < late!).toBe(true)
    }),
  )
})
