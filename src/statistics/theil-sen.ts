// A line through points that a few outliers do not move: latency = a + b size, or a leak over time.

import { type OpenEstimate, defaultConfidence, tailOf } from './estimate.ts'
import { medianOf } from './median.ts'
import { normalQuantile } from './normal.ts'
import { ranksOf } from './ranks.ts'
import { refuseInfinite } from './sample.ts'
import { select, selectMedian } from './select.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Line {
  readonly slope: OpenEstimate
  /** The median of what the slope leaves. */
  readonly intercept: number
}

/**
 * The median of the slopes between all pairs whose x differ, with Sen's interval. Undefined where no two x differ. Theil
 * 1950; Sen, "Estimates of the regression coefficient based on Kendall's tau" (1968). It holds n (n - 1) / 2 slopes
 * at once: keep it to some thousand points.
 */
export function theilSen(points: readonly Point[], confidence: number = defaultConfidence): Line | undefined {
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  refuseInfinite(xs)
  refuseInfinite(ys)
  const z = normalQuantile(1 - tailOf(confidence))
  const n = points.length
  const found = new Float64Array((n * (n - 1)) / 2)
  let count = 0
  for (let later = 1; later < n; later++)
    for (let earlier = 0; earlier < later; earlier++) {
      const run = (xs[later] ?? 0) - (xs[earlier] ?? 0)
      if (run !== 0) found[count++] = ((ys[later] ?? 0) - (ys[earlier] ?? 0)) / run
    }
  if (count === 0) return undefined
  const slopes = found.subarray(0, count)
  const estimate = selectMedian(slopes)
  // the variance of rises less falls where x has no say, as Sen has it for ties in both; no less than none
  const variance = (n * (n - 1) * (2 * n + 5) - ranksOf(xs).signTies - ranksOf(ys).signTies) / 18
  const half = z * Math.sqrt(Math.max(0, variance))
  const low = Math.round((count - half) / 2)
  const high = Math.round((count + half) / 2) + 1
  return {
    slope: {
      estimate,
      low: low >= 1 ? select(slopes, low - 1) : undefined,
      high: high <= count ? select(slopes, high - 1) : undefined,
      n,
    },
    intercept: medianOf(points.map(({ x, y }) => y - estimate * x)) ?? Number.NaN,
  }
}
