// Decides on a trial, one pair after the other: whether to go on, to widen it, to keep the change, or to take it back. Pure.

import {
  type MeanSequence,
  type SequentialEstimate,
  beginMeanSequence,
  extendMeanSequence,
  readMeanSequence,
} from '../statistics/mean-sequence.ts'
import {
  type ShareSequence,
  beginShareSequence,
  extendShareSequence,
  readShareSequence,
} from '../statistics/share-sequence.ts'
import { quantileOf } from '../statistics/quantile.ts'
import { ordered } from '../statistics/sample.ts'
import type { Guardrail, PredictedGain } from './suggestion.ts'
import { brokenGuardrail, isWithin, limitOf, percent } from './trial-guards.ts'
import type { TrialOutcome } from './trial-outcome.ts'

/** Most classes of failures that a trial tells apart. */
const mostClasses = 100

/** How a trial is judged; the same for all. */
export const trialRules = {
  /** Of the runs that its place is in, so many take part, one stage after the other. */
  shares: [0.1, 0.5, 1],
  /** Pairs after which it is widened, by stage; the last stage has no next. */
  widenAfter: [10, 30],
  /** Fewest pairs before anything is kept. */
  least: 50,
  /** After so many it is taken back, as no gain was shown. */
  most: 400,
  /** The bound on the gain that keeps a change errs in at most half a percent of all trials. */
  keepConfidence: 0.99,
  /** Each bound that takes a change back errs in at most 2.5 %. */
  guardConfidence: 0.95,
  /** Durations of control runs that tell what a p95 is, where none was known before. */
  learnP95: 20,
} as const

/** Plain data: the same pairs give the same trial. */
export interface TrialState {
  readonly objective: PredictedGain['objective']
  readonly guardrails: readonly Guardrail[]
  readonly stage: number
  readonly pairs: number
  /** Gain of the treated over the control: a share of the duration, attempts, or share of failures. */
  readonly gain: MeanSequence
  readonly failedGain: ShareSequence
  readonly failures: ShareSequence
  readonly slow: ShareSequence
  /** Whether each pair is two runs, and not two blocks of time, whose shares are no coins. */
  readonly single: boolean
  readonly failureMeans: MeanSequence
  readonly costs: MeanSequence
  /** What p95 was; undefined while control runs tell too little. */
  readonly p95: number | undefined
  readonly learned: readonly number[]
  readonly knownClasses: readonly string[]
  readonly newClasses: Readonly<Record<string, number>>
}

export interface TrialStart {
  readonly objective: PredictedGain['objective']
  readonly guardrails: readonly Guardrail[]
  /** Pairs of runs; false for pairs of blocks of time. */
  readonly single: boolean
  /** p95 of the durations of such runs before (ms), where known. */
  readonly p95?: number | undefined
  /** The classes of failures that were seen before. */
  readonly classes: readonly string[]
}

export type TrialVerdict =
  | { readonly do: 'go-on' }
  | { readonly do: 'widen'; readonly share: number }
  | { readonly do: 'end'; readonly verdict: 'kept' | 'reverted'; readonly why: string }

export function beginTrial({ objective, guardrails, single, p95, classes }: TrialStart): TrialState {
  const { keepConfidence, guardConfidence } = trialRules
  const guard = { confidence: guardConfidence }
  return {
    objective,
    guardrails,
    single,
    stage: 0,
    pairs: 0,
    gain: beginMeanSequence({ confidence: keepConfidence }),
    failedGain: beginShareSequence({ confidence: keepConfidence }),
    failures: beginShareSequence(guard),
    slow: beginShareSequence(guard),
    failureMeans: beginMeanSequence(guard),
    costs: beginMeanSequence(guard),
    p95,
    learned: [],
    knownClasses: classes,
    newClasses: {},
  }
}

/** After one more pair. */
export function addPair(
  trial: TrialState,
  control: TrialOutcome,
  treated: TrialOutcome,
): { readonly trial: TrialState; readonly verdict: TrialVerdict } {
  const next = measured(trial, control, treated)
  const verdict = judge(next)
  const stage = verdict.do === 'widen' ? next.stage + 1 : next.stage
  return { trial: { ...next, stage }, verdict }
}

/** What is known of the gain by now; above 0 is better. */
export function gainOf(trial: TrialState): SequentialEstimate | undefined {
  if (trial.objective !== 'failures' || !trial.single) return readMeanSequence(trial.gain)
  const rise = readShareSequence(trial.failedGain)
  if (rise === undefined) return undefined
  const minus = (value: number | undefined): number | undefined => (value === undefined ? undefined : -value)
  return { ...rise, estimate: -rise.estimate, low: minus(rise.high), high: minus(rise.low) }
}

function measured(trial: TrialState, control: TrialOutcome, treated: TrialOutcome): TrialState {
  const { single, p95 } = trial
  const coins = { treated: treated.failed > 0, control: control.failed > 0 }
  const gain = gainOfPair(trial, control, treated)
  const costRise = treated.cost - control.cost * (1 + limitOf(trial, 'cost'))
  const learned = p95 === undefined ? [...trial.learned, control.ms] : trial.learned
  return {
    ...trial,
    pairs: trial.pairs + 1,
    gain: gain === undefined ? trial.gain : extendMeanSequence(trial.gain, gain),
    failedGain: single ? extendShareSequence(trial.failedGain, coins) : trial.failedGain,
    failures: single ? extendShareSequence(trial.failures, coins) : trial.failures,
    failureMeans: single
      ? trial.failureMeans
      : extendMeanSequence(trial.failureMeans, treated.failed - control.failed),
    // a p95 that has risen by more than its limit is one that the treated pass, times that limit, more often than the others
    slow:
      p95 === undefined
        ? trial.slow
        : extendShareSequence(trial.slow, {
            treated: treated.ms > p95 * (1 + limitOf(trial, 'p95')),
            control: control.ms > p95,
          }),
    costs: extendMeanSequence(trial.costs, costRise),
    ...learn(learned, p95),
    ...counted(trial, control, treated),
  }
}

/** Fixed once, from control runs alone, before any run is compared with it. */
function learn(learned: readonly number[], p95: number | undefined): Pick<TrialState, 'p95' | 'learned'> {
  if (p95 !== undefined || learned.length < trialRules.learnP95) return { p95, learned }
  return {
    p95: quantileOf(ordered(learned), 0.95),
    learned: [],
  }
}

function gainOfPair(
  { objective }: TrialState,
  control: TrialOutcome,
  treated: TrialOutcome,
): number | undefined {
  if (objective === 'attempts') return control.cost - treated.cost
  if (objective === 'failures') return control.failed - treated.failed
  // a failed run may be fast: what it took says nothing of the work
  return control.work === undefined || treated.work === undefined ? undefined : control.work - treated.work
}

/** What comes without the change as well is nothing that it brought. */
function counted(
  { knownClasses, newClasses }: TrialState,
  control: TrialOutcome,
  treated: TrialOutcome,
): Pick<TrialState, 'knownClasses' | 'newClasses'> {
  if (control.classes.length === 0 && treated.classes.length === 0) return { knownClasses, newClasses }
  const known = [...new Set([...knownClasses, ...control.classes])].slice(0, mostClasses)
  const counts = new Map(Object.entries(newClasses))
  for (const one of treated.classes) counts.set(one, (counts.get(one) ?? 0) + 1)
  for (const one of known) counts.delete(one)
  return { knownClasses: known, newClasses: Object.fromEntries([...counts].slice(0, mostClasses)) }
}

function judge(trial: TrialState): TrialVerdict {
  const broken = brokenGuardrail(trial)
  if (broken !== undefined) return { do: 'end', verdict: 'reverted', why: broken }
  const { pairs, stage } = trial
  const { shares, widenAfter, least, most } = trialRules
  const gain = gainOf(trial)
  if (gain?.high !== undefined && gain.high <= 0 && pairs >= (widenAfter[0] ?? 0))
    return {
      do: 'end',
      verdict: 'reverted',
      why: `it ${gain.high < 0 ? 'makes things worse' : 'changes nothing'}: ${told(trial, gain)}`,
    }
  const last = stage === shares.length - 1
  if (last && pairs >= least && gain?.low !== undefined && gain.low > 0 && isWithin(trial))
    return { do: 'end', verdict: 'kept', why: `the gain is shown: ${told(trial, gain)}` }
  if (pairs >= most) {
    const what = gain === undefined ? '' : `: ${told(trial, gain)}`
    return { do: 'end', verdict: 'reverted', why: `no gain was shown in ${pairs} pairs${what}` }
  }
  const share = shares[stage + 1]
  if (share !== undefined && pairs >= (widenAfter[stage] ?? most)) return { do: 'widen', share }
  return { do: 'go-on' }
}

/** The gain in words, with its interval. */
function told({ objective, pairs }: TrialState, { estimate, low, high }: SequentialEstimate): string {
  const one = (value: number | undefined): string => {
    if (value === undefined) return '?'
    if (objective === 'attempts') return value.toFixed(2)
    return percent(objective === 'failures' ? value : -Math.expm1(-value))
  }
  const unit = {
    attempts: 'attempts a run',
    failures: 'of the runs',
    'run-duration': 'of the duration of a run',
    'chain-duration': 'of the duration of the chain',
  }[objective]
  return `${one(estimate)} ${unit} saved (${one(low)} to ${one(high)} at ${percent(trialRules.keepConfidence)}, ${pairs} pairs)`
}
