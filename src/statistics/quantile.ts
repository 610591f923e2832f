// Quantiles with intervals that need no distribution: two observations between which the true quantile lies.

import { binomialCdf } from './beta.ts'
import { type OpenEstimate, defaultConfidence, tailOf } from './estimate.ts'
import { normalQuantile } from './normal.ts'
import { ordered, refuseNoShare } from './sample.ts'

/**
 * Between two neighbours in order, linearly (Hyndman and Fan's type 7, the default of R and NumPy). Between the two
 * infinities there is no middle: the lower one.
 */
export function quantileOf(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  if (below === above) return below
  const part = at - Math.floor(at)
  const between = below * (1 - part) + above * part
  return Number.isNaN(between) ? below : between
}

/** The least k with P(B <= k) >= share, of n trials with chance p. */
function binomialQuantile(share: number, n: number, p: number): number {
  const guess = n * p + normalQuantile(share) * Math.sqrt(n * p * (1 - p))
  let k = Math.min(n, Math.max(0, Math.round(guess)))
  while (k > 0 && binomialCdf(k - 1, n, p) >= share) k--
  while (k < n && binomialCdf(k, n, p) < share) k++
  return k
}

/**
 * The places (from 1) of the observations that bound the p-quantile of any distribution, by the binomial count of
 * observations below it; undefined where none is far enough out. David and Nagaraja, "Order Statistics", 7.1.
 */
export function quantileRanks(
  n: number,
  p: number,
  confidence: number = defaultConfidence,
): { readonly low: number | undefined; readonly high: number | undefined } {
  refuseNoShare('a quantile', p)
  // a chance that equals its limit is within it, whatever the last digits of both
  const tail = tailOf(confidence) * (1 + 1e-12)
  if (n === 0) return { low: undefined, high: undefined }
  // P(X(low) > q) = P(B <= low - 1) <= tail, P(X(high) < q) = P(B >= high) <= tail
  const reached = binomialQuantile(tail, n, p)
  const low = binomialCdf(reached, n, p) <= tail ? reached + 1 : reached
  const high = binomialQuantile(1 - tail, n, p) + 1
  return { low: low >= 1 ? Math.min(low, n) : undefined, high: high <= n ? high : undefined }
}

/** How many observations an upper bound of the p-quantile needs: 59 for p95, 299 for p99, no number for the greatest. */
export function leastObservations(p: number, confidence: number = defaultConfidence): number {
  refuseNoShare('a quantile', p)
  const least = Math.ceil(Math.log(tailOf(confidence)) / Math.log(p))
  return p === 1 ? Infinity : Math.max(1, least)
}

/** Of few observations the greatest lies surely below p99: then so does what lies between it and the one before. */
export function within(
  {
    low = -Infinity,
    high = Infinity,
  }: { readonly low: number | undefined; readonly high: number | undefined },
  estimate: number,
): number {
  return Math.max(low, Math.min(high, estimate))
}

/**
 * The p-quantile of a sample, with an interval that holds for any distribution, ties included. Undefined of nothing.
 *
 * @example
 * ```ts
 * const p95 = quantile([12, 9, 40, 11], 0.95)
 * p95?.high // undefined: four observations bound no p95
 * ```
 */
export function quantile(
  values: readonly number[],
  p: number,
  confidence: number = defaultConfidence,
): OpenEstimate | undefined {
  return quantileOfSorted(ordered(values), p, confidence)
}

/** The same of a sample that is in order already, for many quantiles of one. */
export function quantileOfSorted(
  sorted: Float64Array,
  p: number,
  confidence: number = defaultConfidence,
): OpenEstimate | undefined {
  const n = sorted.length
  const { low, high } = quantileRanks(n, p, confidence)
  if (n === 0) return undefined
  const bounds = {
    low: low === undefined ? undefined : sorted[low - 1],
    high: high === undefined ? undefined : sorted[high - 1],
  }
  return { estimate: within(bounds, quantileOf(sorted, p)), ...bounds, n }
}
