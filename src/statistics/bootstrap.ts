// Intervals of any statistic by drawing the sample again from itself, from a seed.

import { createRandom } from '../kernel/random.ts'
import { type OpenEstimate, defaultConfidence, tailOf } from './estimate.ts'
import { quantileOf } from './quantile.ts'
import { refuseInfinite } from './sample.ts'

export interface BootstrapOptions {
  /** The same seed and sample, the same interval. */
  readonly seed: number
  /** How often the sample is drawn again. Default 2,000. */
  readonly resamples?: number
  /** Default 0.9. */
  readonly confidence?: number
}

/**
 * The percentile interval of Efron 1979 from the statistic's values on samples drawn again. It is too narrow for less
 * than some 20 observations, and has no bounds for less than two.
 */
function percentileInterval(
  estimate: number,
  n: number,
  draw: (pick: () => number) => number,
  { seed, resamples = 2000, confidence = defaultConfidence }: BootstrapOptions,
): OpenEstimate {
  const tail = tailOf(confidence)
  if (n < 2) return { estimate, low: undefined, high: undefined, n }
  const random = createRandom(seed)
  const pick = (): number => Math.floor(random() * n)
  const drawn = Float64Array.from({ length: resamples }, () => draw(pick))
  // what has no value on some of the samples has no distribution to cut
  if (drawn.some((value) => Number.isNaN(value))) return { estimate, low: undefined, high: undefined, n }
  drawn.sort()
  return { estimate, low: quantileOf(drawn, tail), high: quantileOf(drawn, 1 - tail), n }
}

/**
 * A statistic of a sample, of numbers or of whatever was observed. Undefined of nothing. Where the statistic is NaN on
 * the sample or on one drawn again, there are no bounds.
 */
export function bootstrap<T>(
  values: readonly T[],
  statistic: (sample: readonly T[]) => number,
  options: BootstrapOptions,
): OpenEstimate | undefined {
  if (values.length === 0) return undefined
  const sample = [...values]
  const draw = (pick: () => number): number => {
    // pick is below the length
    for (let at = 0; at < sample.length; at++) sample[at] = values[pick()] as T
    return statistic(sample)
  }
  return percentileInterval(statistic(values), values.length, draw, options)
}

/** A part of a whole, as one run shows it: its drag in its duration, for instance. */
export interface Part {
  readonly part: number
  readonly whole: number
}

/**
 * The sum of the parts over the sum of the wholes, runs drawn again as pairs. Undefined of nothing, and where the wholes
 * sum to 0.
 */
export function bootstrapRatio(parts: readonly Part[], options: BootstrapOptions): OpenEstimate | undefined {
  const numerators = Float64Array.from(parts, ({ part }) => part)
  const denominators = Float64Array.from(parts, ({ whole }) => whole)
  refuseInfinite([...numerators, ...denominators])
  if (denominators.some((whole) => whole < 0)) throw new RangeError('a whole is not negative')
  const ratio = (at: () => number): number => {
    let part = 0
    let whole = 0
    for (let drawn = 0; drawn < parts.length; drawn++) {
      const index = at()
      part += numerators[index] ?? 0
      whole += denominators[index] ?? 0
    }
    return whole === 0 ? Number.NaN : part / whole
  }
  let next = 0
  const estimate = ratio(() => next++)
  if (Number.isNaN(estimate)) return undefined
  return percentileInterval(estimate, parts.length, ratio, options)
}
