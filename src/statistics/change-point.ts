// Where in a series does its level change, if it does?

import { ranksOf } from './ranks.ts'

export interface ChangePoint {
  /** How many observations are before the change. */
  readonly at: number
  /** Positive where the later ones are greater. */
  readonly k: number
  /** Approximate; too great for short series, never too small by much. */
  readonly p: number
  readonly n: number
}

/**
 * One change of level at an unknown place, by ranks. Undefined of less than two. Pettitt, "A non-parametric approach to
 * the change-point problem" (1979).
 */
export function changePoint(series: readonly number[]): ChangePoint | undefined {
  const n = series.length
  const { ranks } = ranksOf(series)
  if (n < 2) return undefined
  let sum = 0
  let at = 1
  let k = 0
  for (let before = 1; before < n; before++) {
    sum += ranks[before - 1] ?? 0
    const rise = before * (n + 1) - 2 * sum
    if (Math.abs(rise) > Math.abs(k)) {
      at = before
      k = rise
    }
  }
  return { at, k, p: Math.min(1, 2 * Math.exp((-6 * k * k) / (n ** 3 + n ** 2))), n }
}
