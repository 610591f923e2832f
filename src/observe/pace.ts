// Keeps what watches to its share of the host's time: however much happens, it works so long, and rests for the rest.

import type { Clock } from '../kernel/clock.ts'

export interface Pace {
  /** Does some of the work, and counts the time that it takes. */
  spend<T>(work: () => T): T
  /** How long to rest before more of it is done (ms). */
  readonly rest: number
}

/** What was not used of the last second may be used at once (ms). */
const credit = 1_000

/** @param share of the time of one processor, above 0 and at most 1. */
export function createPace(clock: Pick<Clock, 'monotonic'>, share: number): Pace {
  /** The moment at which all that was spent is paid for. */
  let paid = Number.NEGATIVE_INFINITY
  return {
    spend(work) {
      const from = clock.monotonic()
      const result = work()
      paid = Math.max(paid, from - credit) + (clock.monotonic() - from) / share
      return result
    },
    get rest() {
      return Math.max(0, paid - clock.monotonic())
    },
  }
}
