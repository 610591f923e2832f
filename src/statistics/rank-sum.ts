// Is one sample greater than another? By ranks, so that no distribution is assumed and outliers weigh little.

import { type OpenEstimate, defaultConfidence, tailOf } from './estimate.ts'
import { normalQuantile, normalTwoSided } from './normal.ts'
import { ranksOf } from './ranks.ts'
import { refuseInfinite } from './sample.ts'
import { select, selectMedian } from './select.ts'

export interface RankSumTest {
  /** Pairs of which the second sample's is greater; equal ones count half. */
  readonly u: number
  /** The chance that one of the second is greater than one of the first, equal ones counted half. */
  readonly superiority: number
  /** Two-sided. */
  readonly p: number
  readonly n: readonly [number, number]
}

/** Both samples smaller than this, and no ties: exact. R draws the same line. */
const exactBelow = 50

/**
 * The chances of u = 0, 1, ... up to `most` where nothing differs: by which sample the greatest of all is in. Mann and
 * Whitney 1947.
 */
function exactChances(m: number, n: number, most: number): Float64Array {
  let row = Array.from({ length: n + 1 }, () => Float64Array.of(1))
  for (let i = 1; i <= m; i++) {
    const next = [Float64Array.of(1)]
    for (let j = 1; j <= n; j++) {
      const chances = new Float64Array(Math.min(i * j, most) + 1)
      const above = row[j] ?? chances
      const left = next[j - 1] ?? chances
      const [ofFirst, ofSecond] = [i / (i + j), j / (i + j)]
      for (let u = 0; u < left.length; u++) chances[u] = ofSecond * (left[u] ?? 0)
      const end = Math.min(chances.length - j, above.length)
      for (let u = 0; u < end; u++) chances[u + j] = (chances[u + j] ?? 0) + ofFirst * (above[u] ?? 0)
      next.push(chances)
    }
    row = next
  }
  return row[n] ?? Float64Array.of(1)
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

/**
 * Mann and Whitney, "On a test of whether one of two random variables is stochastically larger than the other" (1947):
 * exact for small samples without ties, else normal with the correction for ties and continuity. Undefined where a
 * sample is empty.
 */
export function rankSum(first: readonly number[], second: readonly number[]): RankSumTest | undefined {
  const [m, n] = [first.length, second.length]
  const { ranks, ties } = ranksOf([...first, ...second])
  if (m === 0 || n === 0) return undefined
  const u = sumOf(ranks.subarray(m)) - (n * (n + 1)) / 2
  const middle = (m * n) / 2
  const far = Math.abs(u - middle)
  let p = 1
  if (ties === 0 && m < exactBelow && n < exactBelow)
    p = Math.min(1, 2 * sumOf(exactChances(m, n, middle - far)))
  else {
    const all = m + n
    const variance = ((m * n) / 12) * (all + 1 - ties / (all * (all - 1)))
    if (variance > 0) p = normalTwoSided(Math.max(0, far - 0.5) / Math.sqrt(variance))
  }
  return { u, superiority: u / (m * n), p, n: [m, n] }
}

/** How many of the ordered differences lie outside a bound, and one: none where the samples are too small. */
function rankOfBound(m: number, n: number, tail: number): number | undefined {
  let place: number
  if (m < exactBelow && n < exactBelow) {
    const chances = exactChances(m, n, Math.floor((m * n) / 2))
    place = 0
    for (let sum = chances[0] ?? 1; sum <= tail; sum += chances[place] ?? 1) place++
  } else {
    const spread = Math.sqrt((m * n * (m + n + 1)) / 12)
    place = Math.floor((m * n) / 2 + 0.5 - normalQuantile(1 - tail) * spread)
  }
  return place >= 1 ? place : undefined
}

/**
 * By how much the second sample is greater: the median of all differences, with the interval that belongs to the rank
 * sum. `n` is the number of observations in both. Ties make it wider than its confidence. Hodges and Lehmann, "Estimates
 * of location based on rank tests" (1963). It holds all m n differences at once: keep samples to some thousand.
 */
export function shiftBetween(
  first: readonly number[],
  second: readonly number[],
  confidence: number = defaultConfidence,
): OpenEstimate | undefined {
  refuseInfinite(first)
  refuseInfinite(second)
  const [m, n] = [first.length, second.length]
  // a chance that equals its limit is within it, whatever the last digits of both
  const tail = tailOf(confidence) * (1 + 1e-12)
  if (m === 0 || n === 0) return undefined
  const differences = new Float64Array(m * n)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) differences[i * n + j] = (second[j] ?? 0) - (first[i] ?? 0)
  const place = rankOfBound(m, n, tail)
  return {
    estimate: selectMedian(differences),
    low: place === undefined ? undefined : select(differences, place - 1),
    high: place === undefined ? undefined : select(differences, m * n - place),
    n: m + n,
  }
}
