// Quantiles of any number of durations in bounded memory: counts in buckets whose width grows with the value.

import { type OpenEstimate, defaultConfidence } from './estimate.ts'
import { quantileRanks, within } from './quantile.ts'
import { refuseNoShare } from './sample.ts'

/** Half a bucket: what an estimate may be off by, relative to the value. */
const accuracy = 0.01
const ratio = (1 + accuracy) / (1 - accuracy)
const logRatio = Math.log(ratio)
/** Below the first (1e-6) and above the last (1e15) values share a bucket: some 2,400 at most. */
const first = Math.ceil(Math.log(1e-6) / logRatio)
const last = Math.ceil(Math.log(1e15) / logRatio)

/** Plain data: two of the same observations are equal, whatever the order and the parts they came in. */
export interface Histogram {
  n: number
  least: number
  most: number
  /** Observations by bucket: bucket i holds values over ratio^(i - 1) up to ratio^i. */
  readonly buckets: Map<number, number>
}

export const emptyHistogram = (): Histogram => ({
  n: 0,
  least: Infinity,
  most: -Infinity,
  buckets: new Map(),
})

/**
 * Counts a value that is not negative; in time independent of what was counted. Masson, Rim and Lee, "DDSketch: a fast
 * and fully-mergeable quantile sketch with relative-error guarantees" (2019).
 */
export function count(histogram: Histogram, value: number): void {
  if (!(value >= 0)) throw new RangeError(`a histogram counts values that are not negative; one is ${value}`)
  const bucket = Math.min(last, Math.max(first, Math.ceil(Math.log(value) / logRatio)))
  histogram.n++
  histogram.least = Math.min(histogram.least, value)
  histogram.most = Math.max(histogram.most, value)
  histogram.buckets.set(bucket, (histogram.buckets.get(bucket) ?? 0) + 1)
}

/** Adds what another has counted: as if all had been counted in one. */
export function countAll(histogram: Histogram, other: Histogram): void {
  histogram.n += other.n
  histogram.least = Math.min(histogram.least, other.least)
  histogram.most = Math.max(histogram.most, other.most)
  for (const [bucket, times] of other.buckets)
    histogram.buckets.set(bucket, (histogram.buckets.get(bucket) ?? 0) + times)
}

/**
 * The p-quantile to 1 %, with bounds from order statistics that lie at the far edges of their buckets, so they hold as
 * surely as those of the observations themselves. Undefined of nothing.
 */
export function quantileIn(
  histogram: Histogram,
  p: number,
  confidence: number = defaultConfidence,
): OpenEstimate | undefined {
  refuseNoShare('a quantile', p)
  const { n, least, most, buckets } = histogram
  if (n === 0) return undefined
  const seen = { low: least, high: most }
  const order = [...buckets].sort(([a], [b]) => a - b)
  const bucketOf = (rank: number): number => {
    let reached = 0
    for (const [bucket, times] of order) if ((reached += times) >= rank) return bucket
    return last
  }
  const low = (bucket: number): number => (bucket === first ? least : within(seen, ratio ** (bucket - 1)))
  const high = (bucket: number): number => (bucket === last ? most : within(seen, ratio ** bucket))
  const middle = bucketOf(Math.floor((n - 1) * p) + 1)
  const ranks = quantileRanks(n, p, confidence)
  const bounds = {
    low: ranks.low === undefined ? undefined : low(bucketOf(ranks.low)),
    high: ranks.high === undefined ? undefined : high(bucketOf(ranks.high)),
  }
  const centre = middle === first ? least : middle === last ? most : (2 * ratio ** middle) / (ratio + 1)
  return { estimate: within(bounds, within(seen, centre)), ...bounds, n }
}
