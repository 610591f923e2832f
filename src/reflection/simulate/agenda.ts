// The time of a simulation: a clock that jumps from one thing that is due to the next.

import type { Cancel, Clock } from '../../kernel/clock.ts'
import { createTimerQueue } from '../../kernel/timer-queue.ts'

export interface Agenda extends Clock {
  /**
   * @param place where it is in the journal, as far as known: what falls due in the same millisecond happens in the
   *   order in which it was recorded.
   */
  at(due: number, fire: () => void, place?: number): Cancel
  /** Does all that is due, and all that comes of it. @returns false where that is more than `most`. */
  run(most: number): boolean
}

/** Where chance is needed it is drawn by name, not from the clock: see `draws.ts`. */
export function createAgenda(start: number): Agenda {
  const timers = createTimerQueue()
  let now = start
  return {
    now: () => now,
    monotonic: () => now,
    random: () => 0.5,
    at: (due, fire, place) => timers.add(due, fire, place),
    soon: (fire) => void timers.add(now, fire),
    run(most) {
      for (let done = 0; done < most; done++) {
        const due = timers.nextDue()
        if (due === undefined) return true
        now = Math.max(now, due)
        timers.take()?.()
      }
      return false
    },
  }
}
