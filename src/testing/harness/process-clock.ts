// The clock of one process of a test: the virtual one, until the process dies.

import type { Clock } from '../../kernel/clock.ts'

export interface MortalClock extends Clock {
  /** Nothing of it fires any more. */
  kill(): void
}

export function createMortalClock(clock: Clock): MortalClock {
  let alive = true
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    random: () => clock.random(),
    at: (due, fire) =>
      clock.at(due, () => {
        if (alive) fire()
      }),
    soon: (fire) =>
      clock.soon(() => {
        if (alive) fire()
      }),
    kill() {
      alive = false
    },
  }
}
