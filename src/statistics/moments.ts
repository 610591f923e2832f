// A running mean and variance in three numbers: the same for any chunking, as long as the order is.

export interface Moments {
  readonly n: number
  readonly mean: number
  /** The sum of the squared distances from the mean. */
  readonly squares: number
}

export const noMoments: Moments = { n: 0, mean: 0, squares: 0 }

/** Squares of more would be infinite. */
const greatest = 1e150

/** Welford, "Note on a method for calculating corrected sums of squares and products" (1962). */
export function addTo({ n, mean, squares }: Moments, value: number): Moments {
  if (!(Math.abs(value) <= greatest))
    throw new RangeError(`a mean needs finite observations, up to ${greatest}; one is ${value}`)
  const step = (value - mean) / (n + 1)
  return { n: n + 1, mean: mean + step, squares: squares + step * n * (value - mean) }
}

/** Of two samples together: equal to adding one by one but for the last digits. Chan, Golub and LeVeque 1979. */
export function merged(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b
  if (b.n === 0) return a
  const n = a.n + b.n
  const step = b.mean - a.mean
  return {
    n,
    mean: a.mean + (step * b.n) / n,
    squares: a.squares + b.squares + (step * step * a.n * b.n) / n,
  }
}

/** The sample's variance, by n - 1; undefined of less than two. */
export const varianceOf = ({ n, squares }: Moments): number | undefined =>
  n < 2 ? undefined : squares / (n - 1)
