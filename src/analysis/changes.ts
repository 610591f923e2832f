// Where a chain began to take another time than before: one change of level in its last executions, beyond chance.

import { changePoint } from '../statistics/change-point.ts'
import { quantileOf } from '../statistics/quantile.ts'
import { rounded } from './percentiles.ts'
import type { Change } from './report-times.ts'
import type { Slices } from './slices.ts'
import type { Execution, Survey } from './survey.ts'

/** The last executions that are looked at. */
const most = 400
/** Executions on either side of a change. */
const least = 20
/** Over all chains, so seldom a change is told where there is none. */
const chance = 0.001
/** A difference that is smaller than this is nobody's matter, however sure it is. */
const worth = 1.1

export function* changesOf({ timed }: Survey): Slices<readonly Change[]> {
  const found: Change[] = []
  for (const [chain, executions] of timed) {
    const own = executions.filter(({ chain: one }) => one.startedAt !== undefined).slice(-most)
    yield
    if (own.length < 2 * least) continue
    const change = changeIn(chain, own, chance / timed.size)
    if (change !== undefined) found.push(change)
    yield
  }
  return found.toSorted((a, b) => b.at - a.at)
}

function changeIn(chain: string, executions: readonly Execution[], limit: number): Change | undefined {
  const durations = executions.map(({ chain: { startedAt = 0, endedAt = 0 } }) => endedAt - startedAt)
  const point = changePoint(durations)
  if (point === undefined || point.p > limit) return undefined
  const { at: place, n, p } = point
  if (place < least || n - place < least) return undefined
  const [before, after] = [median(durations.slice(0, place)), median(durations.slice(place))]
  const factor = Math.max(before, after) / Math.max(1, Math.min(before, after))
  const first = executions[place]
  const last = executions[place - 1]
  if (factor < worth || first === undefined || last === undefined) return undefined
  const [from, to] = [last.chain.version, first.chain.version]
  return {
    chain,
    metric: 'duration',
    at: first.chain.startedAt ?? 0,
    run: first.run.run,
    before: rounded(before),
    after: rounded(after),
    p,
    n,
    ...(from === to ? {} : { version: { from, to } }),
  }
}

function median(values: readonly number[]): number {
  return quantileOf(Float64Array.from(values).sort(), 0.5)
}
