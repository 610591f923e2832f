// Percentiles of a sample with the intervals that hold for any distribution; no bound that the sample cannot give.

import type { OpenEstimate } from '../statistics/estimate.ts'
import { quantileOfSorted } from '../statistics/quantile.ts'
import type { Interval, Percentiles } from './figures.ts'

/** @param values in any order, without NaN. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const n = values.length
  if (n === 0) return { n }
  const sorted = Float64Array.from(values).sort()
  const at = (p: number): Interval => intervalOf(quantileOfSorted(sorted, p) as OpenEstimate)
  return { n, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** Without the bounds that there are not, and to a thousandth: what is below it, no clock has seen. */
export function intervalOf({ estimate, low, high }: Omit<OpenEstimate, 'n'>): Interval {
  return {
    estimate: rounded(estimate),
    ...(low === undefined ? {} : { low: rounded(low) }),
    ...(high === undefined ? {} : { high: rounded(high) }),
  }
}

export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

/** The same, for shares. */
export function roundedShare(value: number): number {
  return Math.round(value * 100_000) / 100_000
}
