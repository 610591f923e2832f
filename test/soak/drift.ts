// Whether a series of measurements is flat: what the straight line through them rises over its length, and how far they lie apart.

export interface Drift {
  readonly mean: number
  /** What the line of least squares rises from the first to the last, in % of the mean; negative where it falls. */
  readonly rise: number
  /** The largest over the smallest, in % above it. */
  readonly spread: number
}

/** @param values measured at equal distances; at least two, all above 0. */
export function driftOf(values: readonly number[]): Drift {
  const last = values.length - 1
  const mean = sum(values) / values.length
  const middle = last / 2
  const slope =
    sum(values.map((value, at) => (at - middle) * (value - mean))) /
    sum(values.map((_, at) => (at - middle) ** 2))
  return {
    mean,
    rise: ((slope * last) / mean) * 100,
    spread: (Math.max(...values) / Math.min(...values) - 1) * 100,
  }
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
