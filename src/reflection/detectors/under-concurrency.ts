// 8: attempts wait for one another's end, for a slot or a place of their `each`, although they take no longer side by side.

import { bootstrapRatio } from '../../statistics/bootstrap.ts'
import { chanceOfAtMost } from '../batches.ts'
import { type Detector, type Proposal, type Tested, percent, tuneStep } from '../detector.ts'
import type { Seen, SeenStep, View } from '../evidence.ts'
import { answered } from '../foretell.ts'
import type { JsonPatch, Place } from '../suggestion.ts'
import { cover } from '../strata.ts'
import { type Growth, type Levelled, growthOf } from './growth.ts'

/** A share of their time that attempts may wait without anything being the matter. */
const ordinary = 0.2
const fewestRuns = 60
/** How much slower attempts may become at twice as many side by side. */
const slower = 0.25

/** What attempts wait for until another has ended. */
interface Places {
  readonly place: Place
  /** Whose: `attempts`, or `items of step "..."`. */
  readonly whose: string
  /** As the journal says it. */
  readonly waitsFor: string
  /** How many there are. */
  readonly now: number
  readonly attempts: readonly Seen[]
  readonly points: readonly Levelled[]
  readonly patch: (next: number) => readonly JsonPatch[]
}

/** How much of the time of a run's attempts went by waiting. */
interface Waited {
  readonly run: View['runs'][number]
  readonly order: number
  part: number
  whole: number
}

export const underConcurrency: Detector = {
  row: 8,
  kind: 'under-concurrency',
  class: 'A',
  needs: `${fewestRuns} ended runs, at several levels of concurrency`,
  test: (view) =>
    [slotsOf(view), ...view.steps.flatMap((step) => itemsOf(view, step))].flatMap((one) =>
      testPlaces(view, one),
    ),
}

function slotsOf(view: View): Places {
  const attempts = view.steps
    .flatMap((step) => step.attempts)
    .filter(({ run }) => run.config === view.config.version)
  return {
    place: { chain: '' },
    whose: 'Attempts',
    waitsFor: 'slot',
    now: view.config.concurrency,
    attempts,
    points: attempts.filter(worked).map((seen) => pointOf(seen, seen.attempt.inFlight)),
    patch: (value) => [{ op: 'replace', path: '/concurrency', value }],
  }
}

/** A limiter is left alone: it is somebody's word on what another system bears. */
function itemsOf(view: View, { name, chain, step, attempts: all }: SeenStep): readonly Places[] {
  const now = view.config.steps[name]?.inFlight ?? step.inFlight
  if (step.kind !== 'each' || step.chain !== undefined || now === undefined) return []
  const attempts = all.filter(({ run }) => run.config === view.config.version)
  return [
    {
      place: { chain: chain.id, step: step.name },
      whose: `Items of step "${name}"`,
      waitsFor: 'in-flight',
      now,
      attempts,
      points: besideEachOther(attempts),
      patch: (value) => tuneStep(view.config, name, 'inFlight', value),
    },
  ]
}

function testPlaces(view: View, places: Places): readonly Tested[] {
  const waited = waitsOf(places)
  const growth = growthOf(places.points, places.now)
  if (waited.length < fewestRuns || growth === undefined || growth.high > slower) return []
  return [
    {
      place: places.place,
      p: chanceOfAtMost(
        waited.map(({ part, whole }) => part / whole),
        ordinary,
      ),
      cover: cover(view, waited, (part) => {
        const whole = part.reduce((sum, one) => sum + one.whole, 0)
        return part.reduce((sum, one) => sum + one.part, 0) > ordinary * whole
      }),
      propose: () => propose(view, places, waited, growth),
    },
  ]
}

function propose(
  view: View,
  places: Places,
  waited: readonly Waited[],
  growth: Growth,
): Proposal | undefined {
  const share = bootstrapRatio(waited, { seed: view.seed })
  if (share?.low === undefined || share.high === undefined || share.low <= ordinary) return undefined
  const { now, whose } = places
  const next = leastThatHelps(view, places)
  return {
    sentence: `${whose} wait for ${now === 1 ? 'the one place that there is' : `one of ${now} places`} for ${percent(share.estimate)} of their time, and take no longer where more are at work. Allow ${next} at once.`,
    evidence: {
      runs: waited.length,
      n: growth.n,
      statistic: 'share of their time that attempts waited for a place',
      value: share.estimate,
      low: share.low,
      high: share.high,
      level: 0.9,
      facts: [
        `They were seen with ${growth.levels} different numbers of others at work.`,
        `Twice as many would make them at most ${percent(Math.max(0, growth.high))} slower, as far as up to ${now} tell.`,
      ],
    },
    patch: places.patch(next),
    objective: 'run-duration',
    worth: 0.05,
  }
}

/** Twice as many at most; no more than what four fifths of that gain needs. */
function leastThatHelps(view: View, { now, patch }: Places): number {
  const most = answered(view, patch(2 * now))
  if (!most.answered) return 2 * now
  for (const factor of [1.25, 1.5]) {
    const next = Math.ceil(now * factor)
    const some = answered(view, patch(next))
    if (some.answered && some.gains.duration.estimate >= 0.8 * most.gains.duration.estimate) return next
  }
  return 2 * now
}

function waitsOf({ attempts, waitsFor }: Places): readonly Waited[] {
  const runs = new Map<string, Waited>()
  for (const { run, order, attempt } of attempts) {
    let known = runs.get(run.run)
    if (known === undefined) runs.set(run.run, (known = { run, order, part: 0, whole: 0 }))
    known.whole += attempt.took ?? 0
    for (const { for: what, ms } of attempt.waits)
      if (what === waitsFor) {
        known.part += ms
        known.whole += ms
      }
  }
  return [...runs.values()].filter(({ whole }) => whole > 0).sort((a, b) => a.order - b.order)
}

/** Of each, how many of its siblings were at work as it began, itself included. */
function besideEachOther(attempts: readonly Seen[]): readonly Levelled[] {
  const points: Levelled[] = []
  const executions = Map.groupBy(attempts, ({ run, execution }) => `${run.run}\n${execution.key}`)
  for (const siblings of executions.values()) {
    // no more than there are places
    let ends: number[] = []
    for (const seen of siblings.toSorted((a, b) => (a.attempt.startedAt ?? 0) - (b.attempt.startedAt ?? 0))) {
      const { startedAt, endedAt } = seen.attempt
      if (startedAt === undefined || endedAt === undefined) continue
      ends = ends.filter((end) => end > startedAt)
      ends.push(endedAt)
      if (worked(seen)) points.push(pointOf(seen, ends.length))
    }
  }
  return points
}

function worked({ attempt }: Seen): boolean {
  return attempt.outcome === 'succeeded' && !attempt.memo && attempt.inFlight > 0
}

function pointOf({ attempt, execution }: Seen, level: number): Levelled {
  return { of: `${execution.chain}/${attempt.step}`, level, ms: attempt.took ?? 0 }
}
