// 4: a timeout that cuts off calls which were about to end, rather than calls that hang.

import { binomialCdf } from '../../statistics/beta.ts'
import { kaplanMeier, survivalQuantile } from '../../statistics/kaplan-meier.ts'
import { clopperPearson, wilson } from '../../statistics/proportion.ts'
import { type Detector, type Proposal, type Tested, duration, percent, tuneStep } from '../detector.ts'
import type { PredictedGain } from '../suggestion.ts'
import type { SeenStep, View } from '../evidence.ts'
import { cover } from '../strata.ts'
import { type Timing, type Timings, roundedUp, timingsOf } from './timings.ts'

/** As many as a bound of the 95th percentile needs. */
const fewest = 59
/** A timeout that cuts off no more is no trouble. */
const tolerable = 0.02
/** Of the calls that have taken three quarters of the time, the share that a hanging step would see ending by itself. */
const hanging = 0.15
const lastStretch = 0.75
/** The share of calls that may be left to cut off. */
const leave = 0.005

export const timeoutTooTight: Detector = {
  row: 4,
  kind: 'timeout-too-tight',
  class: 'A',
  needs: `${fewest} calls that ended, of a step with a timeout`,
  test: (view) => view.steps.flatMap((step) => testStep(view, step)),
}

function testStep(view: View, seen: SeenStep): readonly Tested[] {
  const timings = timingsOf(view, seen)
  if (timings === undefined) return []
  const { all, timeout } = timings
  const ended = all.filter(({ censored }) => !censored).length
  if (ended < fewest) return []
  const tail = tailOf(all, timeout)
  const often = 1 - binomialCdf(tail.over - 1, all.length, tolerable)
  const ending = 1 - binomialCdf(tail.near - 1, tail.near + tail.over, hanging)
  const tight = (part: readonly Timing[]): boolean => {
    const { over, near } = tailOf(part, timeout)
    return over > tolerable * part.length && near > hanging * (near + over)
  }
  return [
    {
      place: { chain: seen.chain.id, step: seen.step.name },
      // both must hold
      p: Math.max(often, ending),
      cover: cover(view, all, tight),
      propose: () => propose(view, seen, timings),
    },
  ]
}

/** How many took longer than the timeout, and how many nearly did. */
function tailOf(
  timings: readonly Timing[],
  timeout: number,
): { readonly over: number; readonly near: number } {
  let over = 0
  let near = 0
  for (const { time, censored } of timings)
    if (time > timeout || (censored && time >= timeout * 0.95)) over++
    else if (!censored && time > timeout * lastStretch) near++
  return { over, near }
}

function propose(view: View, { name }: SeenStep, { all, cut, timeout }: Timings): Proposal | undefined {
  const { over, near } = tailOf(all, timeout)
  const share = clopperPearson(over, all.length)
  const end = wilson(near, near + over)
  if (share === undefined || end === undefined || end.low <= 0) return undefined
  // what ends in the last quarter goes on ending at that rate: the tail is taken to be exponential, at its low bound
  const rate = -Math.log1p(-Math.min(end.low, 0.999)) / (timeout * (1 - lastStretch))
  const needed = Math.log(Math.max(1.5, over / (leave * all.length))) / rate
  const seen = survivalQuantile(kaplanMeier(all), 1 - leave)
  const wanted = seen === undefined ? timeout + needed : Math.max(seen.high ?? seen.estimate, timeout * 1.1)
  const next = Math.min(2 * timeout, roundedUp(wanted))
  const saved = (hazard: number): number =>
    1 - (1 - Math.min(hazard, 0.999)) ** ((next - timeout) / (timeout * (1 - lastStretch)))
  const perRun = cut.length / Math.max(1, view.runs.length)
  const gain: PredictedGain = {
    objective: 'attempts',
    unit: 'count',
    estimate: perRun * saved(end.estimate),
    low: ((share.low * all.length) / Math.max(1, view.runs.length)) * saved(end.low),
    high: ((share.high * all.length) / Math.max(1, view.runs.length)) * saved(end.high),
    level: 0.9,
    by: 'arithmetic',
  }
  return {
    sentence: `The timeout of ${duration(timeout)} of step "${name}" cuts off ${percent(share.estimate)} of its calls, most of which were about to end. Raise it to ${duration(next)}.`,
    evidence: {
      runs: new Set(all.map(({ run }) => run.run)).size,
      n: all.length,
      statistic: `share of the calls that took longer than ${duration(timeout)}`,
      value: share.estimate,
      low: share.low,
      high: share.high,
      level: 0.9,
      facts: [
        `Of ${near + over} calls that took more than ${duration(timeout * lastStretch)}, ${near} ended before the timeout: those that were cut off did not hang.`,
        ...(seen === undefined
          ? [
              `How long calls that were cut off would have taken was not seen: the tail is taken to go on as it begins.`,
            ]
          : [
              `${percent(1 - leave)} end within ${duration(seen.estimate)}, by those whose end was seen after the timeout.`,
            ]),
      ],
    },
    patch: tuneStep(view.config, name, 'timeout', next),
    objective: 'attempts',
    worth: 0,
    gain,
  }
}
