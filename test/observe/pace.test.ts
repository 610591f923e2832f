import { expect, test } from 'vitest'
import { createPace } from '../../src/observe/pace.ts'

function clockOf(): { now: number; monotonic(): number } {
  return {
    now: 0,
    monotonic() {
      return this.now
    },
  }
}

test('what watches rests so long that its work is its share', () => {
  const clock = clockOf()
  const pace = createPace(clock, 0.02)
  let worked = 0
  for (let turn = 0; turn < 1_000; turn++) {
    clock.now += pace.rest
    pace.spend(() => (clock.now += 2))
    worked += 2
  }
  expect(worked / clock.now).toBeLessThan(0.0205)
  expect(worked / clock.now).toBeGreaterThan(0.0195)
})

test('work that takes no time earns no rest', () => {
  const pace = createPace(clockOf(), 0.02)
  expect(pace.spend(() => 7)).toBe(7)
  expect(pace.rest).toBe(0)
})

test('who has long rested may work at once, but not for what it never used', () => {
  const clock = clockOf()
  const pace = createPace(clock, 0.1)
  clock.now = 3_600_000
  pace.spend(() => (clock.now += 50))
  expect(pace.rest).toBe(0)
  pace.spend(() => (clock.now += 100))
  expect(pace.rest).toBeGreaterThan(300)
})
