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
  /** Of `drawsOf`, for as many observations, the same seed and as many resamples: nothing is drawn but that. */
  readonly draws?: Uint32Array
}

/** The places of all samples that are drawn, one after another: to be shared by statistics of the same observations. */
export function drawsOf(
  n: number,
  { seed, resamples = usually }: Pick<BootstrapOptions, 'seed' | 'resamples'>,
): Uint32Array {
  const random = createRandom(seed)
  const places = new Uint32Array(n * resamples)
  for (let at = 0; at < places.length; at++) places[at] = Math.floor(random() * n)
  return places
}

const usually = 2_000

/**
 * The percentile interval of Efron 1979 from the statistic's values on samples drawn again. It is too narrow for less
 * than some 20 observations, and has no bounds for less than two.
 */
function percentileInterval(
  estimate: number,
  n: number,
  statisticOf: (drawn: Uint32Array) => number,
  { seed, resamples = usually, confidence = defaultConfidence, draws }: BootstrapOptions,
): OpenEstimate {
  const tail = tailOf(confidence)
  if (n < 2) return { estimate, low: undefined, high: undefined, n }
  if (draws !== undefined && draws.length !== n * resamples)
    throw new RangeError('what was drawn is of another sample')
  const random = createRandom(seed)
  const places = new Uint32Array(n)
  const drawn = new Float64Array(resamples)
  for (let again = 0; again < resamples; again++) {
    if (draws === undefined) for (let at = 0; at < n; at++) places[at] = Math.floor(random() * n)
    drawn[again] = statisticOf(draws === undefined ? places : draws.subarray(again * n, (again + 1) * n))
  }
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
  const statisticOf = (drawn: Uint32Array): number => {
    // all that is drawn is below the length
    for (let at = 0; at < drawn.length; at++) sample[at] = values[drawn[at] ?? 0] as T
    return statistic(sample)
  }
  return percentileInterval(statistic(values), values.length, statisticOf, options)
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
  const ratioOf = (drawn: Uint32Array): number => {
    let part = 0
    let whole = 0
    // by places, as there are hundreds of thousands
    for (let at = 0; at < drawn.length; at++) {
      const place = drawn[at] as number
      part += numerators[place] as number
      whole += denominators[place] as number
    }
    return whole === 0 ? Number.NaN : part / whole
  }
  const estimate = ratioOf(Uint32Array.from(parts.keys()))
  if (Number.isNaN(estimate)) return undefined
  return percentileInterval(estimate, parts.length, ratioOf, options)
}
