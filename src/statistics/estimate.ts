// What an estimate is: a number, the interval it lies in, and how many observations it rests on.

/**
 * The default share of intervals that hold the truth. Each bound alone then holds with 95 %, which is what "a p95 bound
 * needs 59 observations, a p99 bound 299" says.
 */
export const defaultConfidence = 0.9

export interface Estimate {
  readonly estimate: number
  readonly low: number
  readonly high: number
  /** Observations. */
  readonly n: number
}

/** An estimate of which so few observations tell that a bound may not exist: it is then undefined, never guessed. */
export interface OpenEstimate {
  readonly estimate: number
  readonly low: number | undefined
  readonly high: number | undefined
  readonly n: number
}

/** What each side of an interval may miss. */
export function tailOf(confidence: number): number {
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`a confidence lies between 0 and 1, both excluded; it is ${confidence}`)
  return (1 - confidence) / 2
}
