// How much of something may be done at a rate: a bucket that fills with time, which is read only when it is asked to fill.

import type { Clock } from './clock.ts'

export interface Allowance {
  /** What may be done now without waiting; taken from by whoever does it. */
  left: number
  /** Adds what time has brought since it was last filled. Reads the clock once. */
  fill(): void
}

/** @param rate so many a second, and no more than one second's worth at once; it begins full. */
export function createAllowance(clock: Pick<Clock, 'monotonic'>, rate: number): Allowance {
  let last = clock.monotonic()
  const allowance: Allowance = {
    left: rate,
    fill() {
      const now = clock.monotonic()
      allowance.left = Math.min(rate, allowance.left + ((now - last) * rate) / 1_000)
      last = now
    },
  }
  return allowance
}
