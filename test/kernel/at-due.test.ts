// Tests of timers whose time is recorded, over a clock that can be set back.

import { expect, test } from 'vitest'
import { atDue } from '../../src/kernel/clock.ts'

/** A clock whose timers fire by hand, as Node's do: whatever the time is. */
function handClock(now: number) {
  const set: (() => void)[] = []
  return {
    set,
    clock: {
      now: () => now,
      at: (_: number, fire: () => void) => {
        set.push(fire)
        return () => void set.splice(set.indexOf(fire), 1)
      },
    },
    to: (time: number) => void (now = time),
    fire: () => set.splice(0).forEach((fire) => fire()),
  }
}

test('a recorded time is waited for on where the clock was set back, and comes once', () => {
  const { clock, set, to, fire } = handClock(1_000)
  let fired = 0
  atDue(clock, 2_000, () => fired++)
  to(500)
  fire()
  expect([fired, set.length]).toEqual([0, 1])
  to(2_000)
  fire()
  expect([fired, set.length]).toEqual([1, 0])
})

test('a recorded time is taken back also after it was set again', () => {
  const { clock, set, to, fire } = handClock(1_000)
  const cancel = atDue(clock, 2_000, () => expect.fail('it was taken back'))
  to(500)
  fire()
  cancel()
  expect(set).toEqual([])
})
