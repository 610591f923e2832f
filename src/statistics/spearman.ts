// Do two measures rise together? By ranks, so any rising curve counts, not only a line.

import { studentTwoSided } from './beta.ts'
import { ranksOf } from './ranks.ts'
import type { Point } from './theil-sen.ts'

export interface Correlation {
  /** From -1 to 1. */
  readonly rho: number
  /** Two-sided, by Student's t. */
  readonly p: number
  readonly n: number
}

/** Undefined of less than three points, and where all x or all y are equal. Spearman 1904. */
export function spearman(points: readonly Point[]): Correlation | undefined {
  const n = points.length
  const { ranks: xs } = ranksOf(points.map(({ x }) => x))
  const { ranks: ys } = ranksOf(points.map(({ y }) => y))
  const middle = (n + 1) / 2
  let [xx, yy, xy] = [0, 0, 0]
  for (let at = 0; at < n; at++) {
    const dx = (xs[at] ?? 0) - middle
    const dy = (ys[at] ?? 0) - middle
    xx += dx * dx
    yy += dy * dy
    xy += dx * dy
  }
  if (n < 3 || xx === 0 || yy === 0) return undefined
  const rho = Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)))
  const t = rho * Math.sqrt((n - 2) / ((1 - rho) * (1 + rho)))
  return { rho, p: Math.abs(rho) === 1 ? 0 : studentTwoSided(t, n - 2), n }
}
