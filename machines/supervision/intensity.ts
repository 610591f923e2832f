// The restart budget of a supervisor: a sliding window, as OTP's `add_restart`.

import type { Supervision } from './state.ts'

/**
 * Counts one restart, tried at `at`; false where there are now more than `intensity` within `period`, the ends of it
 * included.
 */
export function spendRestart(
  { spec, restarts }: Pick<Supervision, 'spec' | 'restarts'>,
  at: number,
): boolean {
  restarts.push(at)
  let old = 0
  while (at - (restarts[old] ?? at) > spec.period) old++
  restarts.splice(0, old)
  return restarts.length <= spec.intensity
}
