// Many tests at once: which of them stand when at most a share q of those that do may be chance.

import { refuseNoShare } from './sample.ts'

export interface Judged {
  /** The p value times what the number of tests costs it: stands where it is at most q. */
  readonly adjusted: readonly number[]
  /** Which tests stand. */
  readonly stands: readonly boolean[]
}

/**
 * In the order of the p values. Benjamini and Hochberg, "Controlling the false discovery rate" (1995).
 *
 * @param q the share of false discoveries, on average, among those that stand.
 */
export function benjaminiHochberg(pValues: readonly number[], q = 0.05): Judged {
  refuseNoShare('q', q)
  for (const p of pValues) refuseNoShare('a p value', p)
  const order = pValues.map((_, at) => at).sort((a, b) => (pValues[b] ?? 0) - (pValues[a] ?? 0))
  const adjusted = pValues.map(() => 1)
  let least = 1
  for (const [fromTop, at] of order.entries()) {
    least = Math.min(least, ((pValues[at] ?? 0) * pValues.length) / (pValues.length - fromTop))
    adjusted[at] = least
  }
  return { adjusted, stands: adjusted.map((p) => p <= q) }
}
