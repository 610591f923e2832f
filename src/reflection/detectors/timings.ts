// How long a step's attempts took under its timeout: what was cut off says "longer than this", and no duration.

import type { Lifetime } from '../../statistics/kaplan-meier.ts'
import type { Seen, SeenStep, View } from '../evidence.ts'

/** An attempt that ended by itself or was cut off. */
export interface Timing extends Lifetime {
  readonly run: Seen['run']
  readonly order: number
}

export interface Timings {
  /** The timeout in force (ms). */
  readonly timeout: number
  /** Of those that succeeded, in time or late, or were cut off. How long a failure took is another matter. */
  readonly all: readonly Timing[]
  /** Cut off by that timeout, also where the call was known to end later. */
  readonly cut: readonly Seen[]
}

/** Undefined for a step without a timeout. */
export function timingsOf(view: View, { name, step, attempts }: SeenStep): Timings | undefined {
  const timeout = view.config.steps[name]?.timeout ?? step.timeout
  if (timeout === undefined) return undefined
  const all: Timing[] = []
  const cut: Seen[] = []
  for (const seen of attempts) {
    const { startedAt, endedAt, outcome, failure, late, memo } = seen.attempt
    if (startedAt === undefined || endedAt === undefined || memo) continue
    const { run, order } = seen
    // a clock may be put back
    const time = Math.max(0, endedAt - startedAt)
    if (outcome === 'succeeded') all.push({ time, censored: false, run, order })
    else if (failure?.kind === 'timeout') {
      // an earlier config may have cut off sooner: that says less, and nothing of this one
      if (time >= timeout * 0.95) cut.push(seen)
      if (late?.outcome === 'succeeded')
        all.push({ time: Math.max(time, late.at - startedAt), censored: false, run, order })
      else all.push({ time, censored: true, run, order })
    }
  }
  return { timeout, all, cut }
}

/** To two digits, upwards. */
export function roundedUp(ms: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(ms)) - 1)
  return Math.ceil(ms / unit) * unit
}
