// Do two groups hit equally often? Exact, however few there are.

import { binomialWeight } from './gamma.ts'
import { refuseNoCount } from './sample.ts'

export interface Group {
  readonly hits: number
  readonly misses: number
}

export interface FisherTest {
  /** (hits / misses) of the first over that of the second: NaN where no hit or no miss is in either. */
  readonly oddsRatio: number
  /** The chance of what is as unlikely at least, were both the same. */
  readonly p: number
  /** The chance that the first has as many hits at least, were both the same. */
  readonly pMore: number
  readonly n: number
}

/**
 * Fisher, "The Logic of Inductive Inference" (1935); two-sided by the outcomes that are no likelier. It takes time in
 * proportion to the smallest of the four margins.
 */
export function fisherExact(first: Group, second: Group): FisherTest {
  for (const count of [first.hits, first.misses, second.hits, second.misses])
    refuseNoCount('a count of a group', count)
  const size = first.hits + first.misses
  const other = second.hits + second.misses
  const hits = first.hits + second.hits
  const n = size + other
  const oddsRatio = (first.hits * second.misses) / (first.misses * second.hits)
  if (n === 0) return { oddsRatio, p: 1, pMore: 1, n }

  // hypergeometric weights as Loader has them: a chance that makes none of the three vanish cancels out
  const chance = hits / n
  const all = binomialWeight(hits, n, chance, 1 - chance)
  const weight = (k: number): number =>
    (binomialWeight(k, size, chance, 1 - chance) / all) * binomialWeight(hits - k, other, chance, 1 - chance)
  // what is equal but for its last digits is as unlikely
  const observed = weight(first.hits) * (1 + 1e-7)
  let p = 0
  let pMore = 0
  for (let k = Math.max(0, hits - other); k <= Math.min(size, hits); k++) {
    const one = weight(k)
    if (one <= observed) p += one
    if (k >= first.hits) pMore += one
  }
  return { oddsRatio, p: Math.min(1, p), pMore: Math.min(1, pMore), n }
}
