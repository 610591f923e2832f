// 7: retries after a class of failure that hardly ever help.

import { binomialCdf } from '../../statistics/beta.ts'
import { wilson } from '../../statistics/proportion.ts'
import { type Detector, type Tested, percent, tuneStep } from '../detector.ts'
import type { Seen, SeenStep, View } from '../evidence.ts'
import { cover } from '../strata.ts'

/** Retries that succeed less often are not worth their wait. */
const worthwhile = 0.05
const fewest = 60

/** What came of all retries after a failure: they are not independent, so that together they count once. */
interface Episode {
  readonly run: Seen['run']
  readonly order: number
  readonly helped: boolean
  readonly retries: number
}

export const futileRetry: Detector = {
  row: 7,
  kind: 'futile-retry',
  class: 'A',
  needs: `${fewest} failures of one class that were retried`,
  test: (view) => view.steps.flatMap((step) => testStep(view, step)),
}

function testStep(view: View, { name, chain, step, attempts }: SeenStep): readonly Tested[] {
  if ((view.config.steps[name]?.attempts ?? step.attempts ?? 1) < 2) return []
  const tested: Tested[] = []
  for (const [failure, episodes] of episodesByClass(attempts)) {
    const known = view.config.steps[name]?.nonRetryable ?? []
    if (episodes.length < fewest || known.includes(failure)) continue
    const helped = episodes.filter((one) => one.helped).length
    const futile = (part: readonly Episode[]): boolean =>
      part.filter((one) => one.helped).length < worthwhile * part.length
    tested.push({
      place: { chain: chain.id, step: step.name },
      p: binomialCdf(helped, episodes.length, worthwhile),
      cover: cover(view, episodes, futile),
      propose() {
        const share = wilson(helped, episodes.length)
        if (share === undefined || share.high >= worthwhile) return undefined
        const retries = episodes.reduce((sum, one) => sum + one.retries, 0)
        return {
          sentence: `After "${failure}", no retry of step "${name}" is worth its wait: ${helped} of ${episodes.length} such failures ended well in spite of ${retries} retries. Give up at once after that failure.`,
          evidence: {
            runs: new Set(episodes.map(({ run }) => run.run)).size,
            n: episodes.length,
            statistic: `share of the failures of class ${failure} that a retry made good`,
            value: share.estimate,
            low: share.low,
            high: share.high,
            level: 0.9,
            facts: [
              `${retries} attempts were retries after "${failure}".`,
              `At most ${percent(share.high)} of such failures would be made good by a retry.`,
            ],
          },
          patch: tuneStep(view.config, name, 'nonRetryable', [...known, failure]),
          objective: 'attempts',
          worth: 0,
        }
      },
    })
  }
  return tested
}

function episodesByClass(attempts: readonly Seen[]): ReadonlyMap<string, readonly Episode[]> {
  const byWork = new Map<string, Seen[]>()
  for (const seen of attempts) {
    const key = `${seen.run.run}\n${seen.execution.key}\n${seen.attempt.item ?? ''}`
    const known = byWork.get(key)
    if (known === undefined) byWork.set(key, [seen])
    else known.push(seen)
  }
  const classes = new Map<string, Episode[]>()
  for (const work of byWork.values()) {
    const [first] = work
    const failure = first?.attempt.failure?.class
    // one that was not tried again says nothing about retries
    if (first === undefined || failure === undefined || work.length < 2) continue
    const last = work.at(-1)?.attempt
    if (last?.outcome !== 'succeeded' && last?.outcome !== 'failed') continue
    // that another failure came of a retry is news of that one
    if (work.some(({ attempt }) => attempt.failure !== undefined && attempt.failure.class !== failure))
      continue
    const { run, order } = first
    const episode = { run, order, helped: last.outcome === 'succeeded', retries: work.length - 1 }
    const known = classes.get(failure)
    if (known === undefined) classes.set(failure, [episode])
    else known.push(episode)
  }
  return classes
}
