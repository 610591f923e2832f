// 5: a timeout that lets calls hang for much longer than any takes that ends.

import { binomialCdf } from '../../statistics/beta.ts'
import { quantile } from '../../statistics/quantile.ts'
import { neverSeen } from '../../statistics/proportion.ts'
import { type Detector, type Tested, duration, percent, tuneStep } from '../detector.ts'
import type { SeenStep, View } from '../evidence.ts'
import { cover } from '../strata.ts'
import { type Timing, roundedUp, timingsOf } from './timings.ts'

/** As many as a bound of the 99th percentile needs. */
const fewest = 299
/** More than so many times the 99th percentile is loose; half as many is proposed. */
const loose = 4
/** Calls that hung. Where none does, a timeout costs nothing, however long it is. */
const fewestHanging = 5
/** Calls that would be cut off and would have ended. */
const tolerable = 0.01

export const timeoutTooLoose: Detector = {
  row: 5,
  kind: 'timeout-too-loose',
  class: 'A',
  needs: `${fewest} calls that ended and ${fewestHanging} that hung, of a step with a timeout`,
  test: (view) => view.steps.flatMap((step) => testStep(view, step)),
}

function testStep(view: View, seen: SeenStep): readonly Tested[] {
  const timings = timingsOf(view, seen)
  if (timings === undefined) return []
  const { all, cut, timeout } = timings
  const ended = all.filter(({ censored }) => !censored)
  const p99 = quantile(
    ended.map(({ time }) => time),
    0.99,
  )
  if (ended.length < fewest || p99?.high === undefined || cut.length < fewestHanging) return []
  const next = roundedUp((p99.high * loose) / 2)
  if (next * 2 > timeout) return []
  const late = ended.filter(({ time }) => time > next).length
  const safe = (part: readonly Timing[]): boolean =>
    part.every(({ time, censored }) => censored || time <= next)
  const { high } = p99
  return [
    {
      place: { chain: seen.chain.id, step: seen.step.name },
      p: binomialCdf(late, ended.length, tolerable),
      cover: cover(view, all, safe),
      propose: () => ({
        sentence: `Step "${seen.name}" lets a call that hangs hold on for ${duration(timeout)}, while 99 % of those that end do so within ${duration(high)}. Lower its timeout to ${duration(next)}.`,
        evidence: {
          runs: new Set(all.map(({ run }) => run.run)).size,
          n: ended.length,
          statistic: '99th percentile of the calls that ended (ms)',
          value: p99.estimate,
          low: p99.low ?? p99.estimate,
          high,
          level: 0.9,
          facts: [
            `${cut.length} calls hung until the timeout.`,
            `${late} of ${ended.length} calls that ended took longer than ${duration(next)}: at most ${percent(neverSeen(ended.length))} do${late === 0 ? '' : ', and those seen'}.`,
          ],
        },
        patch: tuneStep(view.config, seen.name, 'timeout', next),
        objective: 'run-duration',
        worth: 0.02,
      }),
    },
  ]
}
