// Places in order, shared evenly among equals.

import { refuseNaN } from './sample.ts'

export interface Ranks {
  /** From 1, in the order of the values. */
  readonly ranks: Float64Array
  /** The sum of t^3 - t over groups of t equal values: what ties take from a rank test's variance. */
  readonly ties: number
  /** The sum of t (t - 1) (2 t + 5): what ties take from the variance of signs of differences. */
  readonly signTies: number
}

export function ranksOf(values: readonly number[]): Ranks {
  refuseNaN(values)
  const order = values.map((_, at) => at).sort((a, b) => compare(values[a] ?? 0, values[b] ?? 0))
  const ranks = new Float64Array(values.length)
  let [ties, signTies] = [0, 0]
  for (let from = 0; from < order.length;) {
    const value = values[order[from] ?? 0]
    let to = from
    while (to < order.length && values[order[to] ?? 0] === value) to++
    const equal = to - from
    // places from + 1 to `to`, on average
    for (const at of order.slice(from, to)) ranks[at] = (from + 1 + to) / 2
    ties += equal ** 3 - equal
    signTies += equal * (equal - 1) * (2 * equal + 5)
    from = to
  }
  return { ranks, ties, signTies }
}

/** Infinities of one sign have no difference. */
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0)
