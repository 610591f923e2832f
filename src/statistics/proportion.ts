// A share of successes: Wilson's interval, the exact one, and what no success in n trials still allows.

import { betaQuantile } from './beta.ts'
import { type Estimate, defaultConfidence, tailOf } from './estimate.ts'
import { normalQuantile } from './normal.ts'
import { refuseNoCount } from './sample.ts'

function refuseNoProportion(successes: number, n: number): void {
  refuseNoCount('the number of trials', n)
  refuseNoCount('the number of successes', successes)
  if (successes > n) throw new RangeError(`${successes} successes are more than ${n} trials`)
}

/**
 * Wilson's score interval: near its confidence on average, good for small n and for shares near 0 and 1. Undefined of no
 * trial. Wilson 1927; Brown, Cai and DasGupta, "Interval estimation for a binomial proportion" (2001).
 */
export function wilson(
  successes: number,
  n: number,
  confidence: number = defaultConfidence,
): Estimate | undefined {
  refuseNoProportion(successes, n)
  const z = normalQuantile(1 - tailOf(confidence))
  if (n === 0) return undefined
  const share = successes / n
  const scale = 1 + (z * z) / n
  const middle = (share + (z * z) / (2 * n)) / scale
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))
  return {
    estimate: share,
    low: successes === 0 ? 0 : middle - half,
    high: successes === n ? 1 : middle + half,
    n,
  }
}

/**
 * The exact interval of Clopper and Pearson 1934: misses with no more than its chance, whatever the true share.
 * Undefined of no trial.
 */
export function clopperPearson(
  successes: number,
  n: number,
  confidence: number = defaultConfidence,
): Estimate | undefined {
  refuseNoProportion(successes, n)
  const tail = tailOf(confidence)
  if (n === 0) return undefined
  return {
    estimate: successes / n,
    low: successes === 0 ? 0 : betaQuantile(successes, n - successes + 1, tail),
    high: successes === n ? 1 : betaQuantile(successes + 1, n - successes, 1 - tail),
    n,
  }
}

/**
 * The greatest share of something never seen in n trials, exact; the "rule of three" says 3 / n for 95 %. Of no trial it
 * is 1. Hanley and Lippman-Hand, "If nothing goes wrong, is everything all right?" (1983).
 *
 * @param certainty how surely the bound holds, alone.
 */
export function neverSeen(n: number, certainty = 0.95): number {
  refuseNoCount('the number of trials', n)
  if (!(certainty > 0 && certainty < 1))
    throw new RangeError(`a certainty lies between 0 and 1, both excluded; it is ${certainty}`)
  return n === 0 ? 1 : -Math.expm1(Math.log1p(-certainty) / n)
}
