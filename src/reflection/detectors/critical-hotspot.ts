// 1: one step that holds up runs more than all the others together.

import { bootstrapRatio } from '../../statistics/bootstrap.ts'
import { chanceOfAtMost } from '../batches.ts'
import { type Detector, type Tested, duration, percent } from '../detector.ts'
import type { View } from '../evidence.ts'
import { lastOf } from '../foretell.ts'
import { createDraws } from '../simulate/draws.ts'
import type { Simulated } from '../simulate/run.ts'
import { type History, simulate } from '../simulate/simulate.ts'
import { cover } from '../strata.ts'

const fewest = 30
/** A share of a run's time that one of several steps has without anything being the matter. */
const ordinary = 0.5
/** Of one or two steps, one is bound to hold up the run. */
const fewestSteps = 4
/** Steps that are looked at: those that work longest. */
const most = 3
const mostRuns = 300

/** One run with and without the time of the step. */
interface Drag {
  readonly run: View['runs'][number]
  readonly order: number
  readonly part: number
  readonly whole: number
}

export const criticalHotspot: Detector = {
  row: 1,
  kind: 'critical-hotspot',
  class: 'C',
  needs: `${fewest} ended runs with at least ${fewestSteps} steps`,
  test(view) {
    const all = view.runs.filter(({ config }) => config === view.config.version)
    const runs = lastOf(all, mostRuns)
    if (runs.length < fewest) return []
    const busiest = busiestOf(view)
    if (busiest.length === 0) return []
    const { declaration, config, seed } = view
    const history: History = { records: runs, declaration, recorded: config, seed }
    const draws = createDraws(runs, seed)
    const before = simulate(history, { draws })
    if (before === undefined) return []
    return busiest.flatMap(({ name, chain, step }) => {
      const without = simulate(history, { draws, pace: new Map([[name, 0]]) })
      const drags = without && dragsOf(runs, before, without)
      if (drags === undefined || drags.length < fewest) return []
      const ask = (): Simulations => ({
        before,
        faster: simulate(history, { draws, pace: new Map([[name, 0.5]]) }),
      })
      return [tested(view, { chain, step, name, drags, ask })]
    })
  },
}

interface Simulations {
  readonly before: ReadonlyMap<string, Simulated>
  readonly faster: ReadonlyMap<string, Simulated> | undefined
}

interface Hot {
  readonly name: string
  readonly chain: string
  readonly step: string
  readonly drags: readonly Drag[]
  readonly ask: () => Simulations
}

function tested(view: View, { name, chain, step, drags, ask }: Hot): Tested {
  const share = ({ part, whole }: Drag): number => (whole > 0 ? part / whole : 0)
  return {
    place: { chain, step },
    p: chanceOfAtMost(drags.map(share), ordinary),
    cover: cover(view, drags, (part) => {
      const whole = part.reduce((sum, one) => sum + one.whole, 0)
      return part.reduce((sum, one) => sum + one.part, 0) > ordinary * whole
    }),
    propose() {
      const drag = bootstrapRatio(drags, { seed: view.seed })
      if (drag?.low === undefined || drag.high === undefined || drag.low <= ordinary) return undefined
      const { before, faster } = ask()
      const gains = drags.map(({ run }) => ({
        part: (before.get(run.run)?.duration ?? 0) - (faster?.get(run.run)?.duration ?? 0),
        whole: 1,
      }))
      const gain = faster && bootstrapRatio(gains, { seed: view.seed })
      if (gain?.low === undefined || gain.high === undefined) return undefined
      return {
        sentence: `Step "${name}" holds up its runs for ${percent(drag.estimate)} of their time. Were it twice as fast, they would be ${duration(Math.max(0, gain.estimate))} shorter; no other step is worth as much work.`,
        evidence: {
          runs: drags.length,
          n: drags.length,
          statistic: 'share of the time of runs that is gone where the step takes none',
          value: drag.estimate,
          low: drag.low,
          high: drag.high,
          level: 0.9,
          facts: [`It was left out of ${drags.length} recorded runs, simulated with all else as it was.`],
        },
        objective: 'run-duration',
        worth: 0,
        gain: {
          objective: 'run-duration',
          unit: 'ms',
          estimate: gain.estimate,
          low: gain.low,
          high: gain.high,
          level: 0.9,
          by: 'simulation',
        },
      }
    },
  }
}

function dragsOf(
  runs: View['runs'],
  before: ReadonlyMap<string, Simulated>,
  without: ReadonlyMap<string, Simulated>,
): readonly Drag[] {
  const drags: Drag[] = []
  for (const [order, run] of runs.entries()) {
    const [was, is] = [before.get(run.run), without.get(run.run)]
    const steps = new Set<string>()
    for (const { chain, attempts } of run.chains.values())
      for (const { step } of attempts) steps.add(`${chain}/${step}`)
    if (was === undefined || is === undefined || steps.size < fewestSteps) continue
    drags.push({ run, order, part: was.duration - is.duration, whole: was.duration })
  }
  return drags
}

function busiestOf(
  view: View,
): readonly { readonly name: string; readonly chain: string; readonly step: string }[] {
  const busy = view.steps.map(({ name, chain, step, attempts }) => {
    let ms = 0
    for (const { attempt } of attempts) ms += attempt.took ?? 0
    return { name, chain: chain.id, step: step.name, ms }
  })
  return busy.sort((a, b) => b.ms - a.ms).slice(0, most)
}
