// How long things take when some were cut off before their end: a timeout says "longer than this", no duration.

import { type OpenEstimate, defaultConfidence, tailOf } from './estimate.ts'
import { normalQuantile } from './normal.ts'
import { refuseNoShare } from './sample.ts'

export interface Lifetime {
  /** How long it was watched. */
  readonly time: number
  /** True where it had not ended by then: a timeout, a cancellation, still running. */
  readonly censored: boolean
}

/** The curve from one end to the next. */
export interface SurvivalStep {
  readonly time: number
  readonly atRisk: number
  readonly ended: number
  /** The share that takes longer than `time`. */
  readonly survival: number
  /** Greenwood's sum: the variance of the survival is this times its square. */
  readonly greenwood: number
}

export interface SurvivalCurve {
  readonly n: number
  /** How many were not censored. */
  readonly ended: number
  /** Until when anything was watched: beyond it the curve says nothing. */
  readonly watchedUntil: number
  readonly steps: readonly SurvivalStep[]
}

/**
 * Kaplan and Meier, "Nonparametric estimation from incomplete observations" (1958). Whoever is censored at the time of
 * an end counts as watched at it.
 */
export function kaplanMeier(lifetimes: readonly Lifetime[]): SurvivalCurve {
  for (const { time } of lifetimes)
    if (!Number.isFinite(time) || time < 0)
      throw new RangeError(`a lifetime is finite and not negative; one is ${time}`)
  const timesOf = (censored: boolean): Float64Array =>
    Float64Array.from(lifetimes.filter((one) => one.censored === censored).map(({ time }) => time)).sort()
  const [ends, cuts] = [timesOf(false), timesOf(true)]
  const n = lifetimes.length
  const steps: SurvivalStep[] = []
  let survival = 1
  let greenwood = 0
  let cut = 0
  for (let before = 0; before < ends.length;) {
    const time = ends[before] ?? 0
    while ((cuts[cut] ?? Infinity) < time) cut++
    const atRisk = n - before - cut
    let ended = 0
    for (; ends[before] === time; before++) ended++
    survival *= (atRisk - ended) / atRisk
    greenwood += ended / (atRisk * (atRisk - ended))
    steps.push({ time, atRisk, ended, survival, greenwood })
  }
  return { n, ended: ends.length, watchedUntil: Math.max(0, ends.at(-1) ?? 0, cuts.at(-1) ?? 0), steps }
}

interface Band {
  readonly low: number
  readonly high: number
}

/**
 * The interval of the survival after a step, on the scale log(-log S), where it stays within 0 and 1. Kalbfleisch and
 * Prentice, "The Statistical Analysis of Failure Time Data" (1980). After the last end of all nothing bounds it from
 * above but the step before.
 */
function bandAfter({ survival, greenwood }: SurvivalStep, before: Band, z: number): Band {
  if (survival === 0) return { low: 0, high: before.high }
  const log = Math.log(survival)
  const spread = Math.exp((z * Math.sqrt(greenwood)) / -log)
  return { low: Math.exp(log * spread), high: Math.exp(log / spread) }
}

function bandsOf(curve: SurvivalCurve, confidence: number): readonly Band[] {
  const z = normalQuantile(1 - tailOf(confidence))
  let band: Band = { low: 1, high: 1 }
  return curve.steps.map((step) => (band = bandAfter(step, band, z)))
}

/**
 * The share that takes longer than `time`. Undefined past what was watched, and without a bound from below before the
 * first end, where Greenwood's variance is none.
 */
export function survivalAt(
  curve: SurvivalCurve,
  time: number,
  confidence: number = defaultConfidence,
): OpenEstimate | undefined {
  if (curve.n === 0 || time > curve.watchedUntil) return undefined
  const bands = bandsOf(curve, confidence)
  const at = curve.steps.findLastIndex((step) => step.time <= time)
  const band = bands[at]
  return { estimate: curve.steps[at]?.survival ?? 1, low: band?.low, high: band?.high ?? 1, n: curve.n }
}

/**
 * The time within which a share p ends: the first at which the curve has fallen to 1 - p, and the interval of those
 * times whose band holds 1 - p (Brookmeyer and Crowley, "A confidence interval for the median survival time", 1982).
 * Undefined where the curve does not fall so far: all that is known is then that it is over `watchedUntil`.
 *
 * @example
 * ```ts
 * const curve = kaplanMeier(attempts.map(({ ms, timedOut }) => ({ time: ms, censored: timedOut })))
 * survivalQuantile(curve, 0.99) // how long 99 % take, the cut-off ones included
 * ```
 */
export function survivalQuantile(
  curve: SurvivalCurve,
  p: number,
  confidence: number = defaultConfidence,
): OpenEstimate | undefined {
  refuseNoShare('a quantile', p)
  // products of fractions miss 1 - p by their last digits
  const left = 1 - p + 1e-12
  const bands = bandsOf(curve, confidence)
  const estimate = curve.steps.find((step) => step.survival <= left)?.time
  if (estimate === undefined) return undefined
  return {
    estimate,
    low: curve.steps[bands.findIndex((band) => band.low <= left)]?.time,
    high: curve.steps[bands.findIndex((band) => band.high <= left)]?.time,
    n: curve.n,
  }
}
