// Does a series rise or fall over time? By the signs of all its differences.

import { normalTwoSided } from './normal.ts'
import { ranksOf } from './ranks.ts'

export interface Trend {
  /** Rises less falls, over all pairs of moments. */
  readonly s: number
  /** s over the number of pairs: from -1 (always falls) to 1. */
  readonly tau: number
  /** Two-sided. */
  readonly p: number
  readonly n: number
}

/**
 * Mann 1945, Kendall 1975, with the corrections for ties and continuity. The p value is normal: ten observations and more.
 * Neighbours that depend on each other make it too small. Undefined of less than three. Takes time in the square of n.
 */
export function mannKendall(series: readonly number[]): Trend | undefined {
  const n = series.length
  const { ranks, signTies } = ranksOf(series)
  if (n < 3) return undefined
  let s = 0
  for (let later = 1; later < n; later++)
    for (let earlier = 0; earlier < later; earlier++)
      s += Math.sign((ranks[later] ?? 0) - (ranks[earlier] ?? 0))
  const variance = (n * (n - 1) * (2 * n + 5) - signTies) / 18
  const p = variance > 0 ? normalTwoSided(Math.max(0, Math.abs(s) - 1) / Math.sqrt(variance)) : 1
  return { s, tau: (2 * s) / (n * (n - 1)), p, n }
}
