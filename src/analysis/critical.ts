// Where the time of runs goes, over all that were recorded: on whose critical path each step is, and what it is worth there.

import type { OpenEstimate } from '../statistics/estimate.ts'
import { type Part, bootstrapRatio, drawsOf } from '../statistics/bootstrap.ts'
import { intervalOf, rounded } from './percentiles.ts'
import type { CriticalPlace } from './report-times.ts'
import type { Interval } from './figures.ts'
import { type PathPart, pathOf } from './run-path.ts'
import type { Slices } from './slices.ts'
import type { Survey } from './survey.ts'

/** The last runs, so many at most: what is gone through here grows with each. */
const mostRuns = 200
/** The places that took the most time. */
const mostPlaces = 30
/** Of so many more, the bounds would move less than they are rounded. */
const resamples = 400

interface PlaceRuns {
  readonly chain: string
  readonly step: string
  time: number
  on: number
  /** By the run's index. */
  readonly parts: Map<number, PathPart>
  slack: number
  off: number
}

export function* criticalPath({ runs }: Survey): Slices<{
  readonly n: number
  readonly path: readonly CriticalPlace[]
}> {
  const durations: number[] = []
  const places = new Map<string, PlaceRuns>()
  for (const run of runs.slice(-mostRuns)) {
    const duration = (run.endedAt ?? 0) - run.acceptedAt
    const path = pathOf(run)
    yield
    if (path === undefined || duration <= 0) continue
    const index = durations.push(duration) - 1
    for (const [key, part] of path) {
      let place = places.get(key)
      if (place === undefined) {
        const { chain, step } = part
        place = { chain, step, time: 0, on: 0, parts: new Map(), slack: 0, off: 0 }
        places.set(key, place)
      }
      place.time += part.time
      if (part.slack === undefined) {
        place.on++
        place.parts.set(index, part)
      } else {
        place.off++
        place.slack += part.slack
      }
    }
  }
  const most = [...places.values()].toSorted((a, b) => b.time - a.time).slice(0, mostPlaces)
  const path: CriticalPlace[] = []
  const draws = drawsOf(durations.length, { seed, resamples })
  yield
  for (const place of most) {
    const { chain, step, on, off, slack, parts } = place
    const share = ratioOf(
      durations.map((whole, at) => ({ part: parts.get(at)?.time ?? 0, whole })),
      draws,
    )
    yield
    const drag = ratioOf(
      durations.map((_, at) => ({ part: parts.get(at)?.drag ?? 0, whole: 1 })),
      draws,
    )
    yield
    path.push({
      chain,
      ...(step === '' ? {} : { step }),
      n: on,
      share,
      drag,
      ...(off === 0 ? {} : { slack: rounded(slack / off) }),
    })
  }
  return { n: durations.length, path }
}

const seed = 1

function ratioOf(parts: readonly Part[], draws: Uint32Array): Interval {
  return intervalOf(bootstrapRatio(parts, { seed, resamples, draws }) as OpenEstimate)
}
