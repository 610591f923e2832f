// 8: runs wait for slots, although steps take no longer where more of them are in flight.

import { bootstrapRatio } from '../../statistics/bootstrap.ts'
import { normalQuantile } from '../../statistics/normal.ts'
import { chanceOfAtMost } from '../batches.ts'
import { type Detector, type Proposal, type Tested, percent } from '../detector.ts'
import type { Seen, View } from '../evidence.ts'
import type { JsonPatch } from '../suggestion.ts'
import { cover } from '../strata.ts'
import { answered } from '../foretell.ts'

/** A share of their time that runs may wait for slots without anything being the matter. */
const ordinary = 0.2
const fewestRuns = 60
/** So many levels of attempts in flight, each seen so often. */
const fewestLevels = 3
const fewestAtLevel = 20
/** How much slower steps may become at twice as many in flight. */
const slower = 0.25

/** How much of the time of a run's attempts went by waiting for a slot. */
interface Waited {
  readonly run: View['runs'][number]
  readonly order: number
  readonly part: number
  readonly whole: number
}

export const underConcurrency: Detector = {
  row: 8,
  kind: 'under-concurrency',
  class: 'A',
  test(view) {
    const waited = waitsOf(view)
    if (waited.length < fewestRuns) return []
    const growth = growthOf(view)
    if (growth === undefined || growth.high > slower) return []
    const tested: Tested = {
      place: { chain: '' },
      p: chanceOfAtMost(
        waited.map(({ part, whole }) => part / whole),
        ordinary,
      ),
      cover: cover(view, waited, (part) => {
        const whole = part.reduce((sum, one) => sum + one.whole, 0)
        return part.reduce((sum, one) => sum + one.part, 0) > ordinary * whole
      }),
      propose: () => propose(view, waited, growth),
    }
    return [tested]
  },
}

function propose(view: View, waited: readonly Waited[], growth: Growth): Proposal | undefined {
  const share = bootstrapRatio(waited, { seed: view.seed })
  if (share?.low === undefined || share.high === undefined || share.low <= ordinary) return undefined
  const now = view.config.concurrency
  const next = leastThatHelps(view, now)
  return {
    sentence: `Attempts wait for one of ${now} slots for ${percent(share.estimate)} of their time, and take no longer where more are in flight. Allow ${next} at once.`,
    evidence: {
      runs: waited.length,
      n: growth.n,
      statistic: 'share of the time of attempts that they waited for a slot',
      value: share.estimate,
      low: share.low,
      high: share.high,
      level: 0.9,
      facts: [
        `Attempts were seen with ${growth.levels} different numbers of others in flight.`,
        `Twice as many in flight would make them at most ${percent(Math.max(0, growth.high))} slower, as far as up to ${now} tell.`,
      ],
    },
    patch: raise(next),
    objective: 'run-duration',
    worth: 0.05,
  }
}

const raise = (concurrency: number): readonly JsonPatch[] => [
  { op: 'replace', path: '/concurrency', value: concurrency },
]

/** Twice as many at most; no more than what four fifths of that gain needs. */
function leastThatHelps(view: View, now: number): number {
  const most = answered(view, raise(2 * now))
  if (!most.answered) return 2 * now
  for (const factor of [1.25, 1.5]) {
    const next = Math.ceil(now * factor)
    const some = answered(view, raise(next))
    if (some.answered && some.gains.duration.estimate >= 0.8 * most.gains.duration.estimate) return next
  }
  return 2 * now
}

function waitsOf(view: View): readonly Waited[] {
  const waited: Waited[] = []
  for (const [order, run] of view.runs.entries()) {
    if (run.config !== view.config.version) continue
    let part = 0
    let whole = 0
    for (const { attempts } of run.chains.values())
      for (const { waits, took = 0 } of attempts) {
        whole += took
        for (const { for: what, ms } of waits)
          if (what === 'slot') {
            part += ms
            whole += ms
          }
      }
    if (whole > 0) waited.push({ run, order, part, whole })
  }
  return waited
}

interface Growth {
  readonly n: number
  readonly levels: number
  /** How much slower at twice as many in flight: the upper bound. */
  readonly high: number
}

/** The slope of the logarithm of service over the attempts in flight, each step against its own mean. */
function growthOf(view: View): Growth | undefined {
  const levels = new Map<number, number>()
  let n = 0
  let xx = 0
  let xy = 0
  let yy = 0
  for (const { attempts } of view.steps) {
    const points = attempts.filter((seen) => counts(view, seen))
    if (points.length < fewestAtLevel) continue
    const x = points.map(({ attempt }) => attempt.inFlight)
    const y = points.map(({ attempt }) => Math.log(Math.max(attempt.took ?? 0, 0.1)))
    const [mx, my] = [meanOf(x), meanOf(y)]
    for (const [at, level] of x.entries()) {
      const [dx, dy] = [level - mx, (y[at] ?? 0) - my]
      levels.set(level, (levels.get(level) ?? 0) + 1)
      n++
      xx += dx * dx
      xy += dx * dy
      yy += dy * dy
    }
  }
  const seen = [...levels.values()].filter((count) => count >= fewestAtLevel).length
  if (seen < fewestLevels || xx === 0) return undefined
  const slope = xy / xx
  const error = Math.sqrt(Math.max(0, (yy - slope * xy) / (n - 2) / xx))
  const high = slope + normalQuantile(0.95) * error
  return { n, levels: seen, high: Math.expm1(high * view.config.concurrency) }
}

function counts(view: View, { attempt, run }: Seen): boolean {
  return (
    attempt.outcome === 'succeeded' &&
    !attempt.memo &&
    attempt.inFlight > 0 &&
    run.config === view.config.version
  )
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
