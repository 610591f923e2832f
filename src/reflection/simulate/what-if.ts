// What a change of the config would have made of recorded runs: both simulated, and their difference with its interval.

import { bootstrap } from '../../statistics/bootstrap.ts'
import { quantileOf } from '../../statistics/quantile.ts'
import { applyJsonPatch } from '../json-patch.ts'
import type { JsonPatch, PredictedGain } from '../suggestion.ts'
import type { Tunables } from '../tunables.ts'
import { createDraws } from './draws.ts'
import type { Simulated } from './run.ts'
import { type History, simulate } from './simulate.ts'
import { beyondSupport } from './support.ts'

export interface Distribution {
  /** Of run durations (ms). */
  readonly p50: number
  readonly p95: number
  readonly mean: number
  /** Share of the runs. */
  readonly failed: number
  /** A run. */
  readonly attempts: number
}

export type WhatIf =
  | {
      readonly answered: true
      readonly runs: number
      readonly before: Distribution
      readonly after: Distribution
      /** Means over the runs, each with an interval by blocks of runs drawn again; above 0 is better. */
      readonly gains: {
        readonly duration: PredictedGain
        readonly attempts: PredictedGain
        readonly failures: PredictedGain
      }
    }
  | { readonly answered: false; readonly why: string }

/** The config that a patch leads to; a `test` on the version is the overlay's, and left out. */
export function tunedBy(tunables: Tunables, patch: readonly JsonPatch[]): Tunables {
  const copy = JSON.parse(JSON.stringify(tunables)) as Tunables
  applyJsonPatch(
    copy,
    patch.filter(({ path }) => path !== '/version'),
  )
  return copy
}

/**
 * Replays the runs as they were and as they would have been, with the same draws. Runs that a person cancelled, or that
 * stood still, take part, and are not counted.
 *
 * @throws CatenaryError PATCH_REFUSED where the patch does not fit what was recorded under.
 */
export function whatIf(history: History, patch: readonly JsonPatch[]): WhatIf {
  const next = tunedBy(history.recorded, patch)
  const why = beyondSupport(history, next)
  if (why !== undefined) return { answered: false, why }
  const { seed = 1, records } = history
  const draws = createDraws(records, seed)
  const before = simulate(history, { draws })
  const after = before && simulate(history, { tunables: next, draws })
  if (before === undefined || after === undefined)
    return { answered: false, why: 'the simulation comes to no end' }
  const pairs: Pair[] = []
  const inOrder = records.toSorted((a, b) => a.acceptedAt - b.acceptedAt)
  for (const { run, status, retries } of inOrder) {
    const [was, is] = [before.get(run), after.get(run)]
    const counts = (status === 'succeeded' || status === 'failed') && retries === 0
    if (was !== undefined && is !== undefined && counts) pairs.push({ was, is })
  }
  if (pairs.length === 0) return { answered: false, why: 'no run came to its own end' }
  return {
    answered: true,
    runs: pairs.length,
    before: distributionOf(pairs.map(({ was }) => was)),
    after: distributionOf(pairs.map(({ is }) => is)),
    gains: {
      duration: gain(pairs, seed, { objective: 'run-duration', unit: 'ms' }, ({ duration }) => duration),
      attempts: gain(pairs, seed, { objective: 'attempts', unit: 'count' }, ({ attempts }) => attempts),
      failures: gain(pairs, seed, { objective: 'failures', unit: 'share' }, ({ failed }) => Number(failed)),
    },
  }
}

interface Pair {
  readonly was: Simulated
  readonly is: Simulated
}

/** Runs that follow each other share slots and weather: blocks of them are drawn, not runs (Künsch 1989). */
function gain(
  pairs: readonly Pair[],
  seed: number,
  of: Pick<PredictedGain, 'objective' | 'unit'>,
  measure: (run: Simulated) => number,
): PredictedGain {
  const size = Math.ceil(Math.cbrt(pairs.length))
  const blocks: number[][] = []
  for (let at = 0; at < pairs.length; at += size)
    blocks.push(pairs.slice(at, at + size).map(({ was, is }) => measure(was) - measure(is)))
  const drawn = bootstrap(blocks, (sample) => meanOf(sample.flat()), { seed, resamples: 500 })
  const { estimate = 0, low, high } = drawn ?? {}
  return { ...of, estimate, low: low ?? estimate, high: high ?? estimate, level: 0.9, by: 'simulation' }
}

function distributionOf(runs: readonly Simulated[]): Distribution {
  const durations = Float64Array.from(runs, ({ duration }) => duration).sort()
  return {
    p50: quantileOf(durations, 0.5),
    p95: quantileOf(durations, 0.95),
    mean: meanOf(durations),
    failed: meanOf(runs.map(({ failed }) => Number(failed))),
    attempts: meanOf(runs.map(({ attempts }) => attempts)),
  }
}

function meanOf(values: readonly number[] | Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return values.length === 0 ? 0 : sum / values.length
}
