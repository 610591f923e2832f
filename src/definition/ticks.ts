// The ticks of a timing: pure reckoning over times, without a clock.

import { cronTicks } from './cron.ts'
import type { Ticks, Timing } from './schedule.ts'

/** @returns the ticks that `timing` allows. */
export function ticksOf(timing: Timing): Ticks {
  const { from = -Infinity, until = Infinity } = timing
  const all =
    timing.cron === undefined
      ? intervalTicks(timing.every ?? 0, timing.from)
      : cronTicks(timing.cron, timing.timezone ?? 'UTC')
  return {
    next(time) {
      const found = all.next(Math.max(time, from - 1))
      return found === undefined || found > until ? undefined : found
    },
    last(time) {
      const found = all.last(Math.min(time, until))
      return found === undefined || found < from ? undefined : found
    },
    before: (tick) => all.before(tick),
  }
}

function intervalTicks(every: number, from = 0): Ticks {
  const last = (time: number): number => from + Math.floor((time - from) / every) * every
  return { next: (time) => last(time) + every, last, before: (tick) => tick - every }
}
