// Runs recorded runs again, in no time: as they were, or as they would have been under another config.

import type { RunRecord } from '../../observe/run-record.ts'
import type { Declared, Tunables } from '../tunables.ts'
import { type Draws, createDraws } from './draws.ts'
import { type Simulated, SimulatedRun } from './run.ts'
import { createWorld } from './world.ts'

/** What happened, and what it happened under. */
export interface History {
  /** Runs that have ended, in any order. */
  readonly records: readonly RunRecord[]
  readonly declaration: Declared
  /** The config that they ran under. */
  readonly recorded: Tunables
  /** Whatever is drawn is drawn from it: the same seed, the same answer. Default 1. */
  readonly seed?: number
}

/** Steps of simulated time at most, in each attempt some three: what takes more is no history of ours. */
const mostSteps = 5_000_000

export interface Otherwise {
  /** Default as recorded. */
  readonly tunables?: Tunables
  /** What each call of a step takes of what it took, by `chain/step`: 0.5 is twice as fast. */
  readonly pace?: ReadonlyMap<string, number>
  /** Shared by simulations that are compared. */
  readonly draws?: Draws
}

/**
 * Runs them again under another config. What was recorded happens as it did: when runs come in, how long functions take,
 * how they fail, when signals come. What was not, such as how long a call that was cut off would have taken, is drawn
 * from what was; the same place draws the same under any config, so that two simulations differ by the config only.
 *
 * @returns what became of each run, by its id; undefined where it does not come to an end.
 */
export function simulate(
  { records, declaration, recorded, seed = 1 }: History,
  { tunables = recorded, pace, draws = createDraws(records, seed) }: Otherwise = {},
): ReadonlyMap<string, Simulated> | undefined {
  const results = new Map<string, Simulated>()
  const inOrder = records.toSorted((a, b) => a.acceptedAt - b.acceptedAt || a.firstSeq - b.firstSeq)
  const start = inOrder[0]?.acceptedAt ?? 0
  const world = createWorld({
    start,
    declaration,
    tunables,
    recorded,
    draws,
    pace,
  })
  for (const [order, record] of inOrder.entries())
    world.agenda.at(
      record.acceptedAt,
      () => new SimulatedRun(world, record, order, (result) => results.set(result.run, result)).begin(),
      record.firstSeq,
    )
  return world.agenda.run(mostSteps) ? results : undefined
}
