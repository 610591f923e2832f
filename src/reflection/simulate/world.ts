// What all runs of a simulation share: time, slots, limiters, learned durations, kept outputs. The engine's own parts.

import { type Durations, createDurations } from '../../chain/durations.ts'
import { LiveLimiter } from '../../execution/limiter.ts'
import { type Pool, createPool } from '../../execution/pool.ts'
import {
  type Declared,
  type DeclaredSteps,
  type StepTunables,
  type Tunables,
  declaredLimiters,
  declaredSteps,
} from '../tunables.ts'
import { type Agenda, createAgenda } from './agenda.ts'
import type { Draws } from './draws.ts'

/** An output that is kept, or being made: then those who want the same wait for it. */
interface Kept {
  at: number | undefined
  readonly waiting: (() => void)[]
}

export interface World {
  readonly agenda: Agenda
  readonly pool: Pool
  readonly draws: Draws
  readonly durations: Durations
  readonly declared: DeclaredSteps
  readonly tunables: Tunables
  /** What the runs were recorded under. */
  readonly recorded: Tunables
  readonly kept: Map<string, Kept>
  /** What each call of a step takes of what it took, by `chain/step`. */
  readonly pace: ReadonlyMap<string, number>
  tuning(chain: string, step: string): StepTunables
  /** Undefined where its lines cannot be told from the records: then its waits are as they were. */
  limiter(id: string | undefined): LiveLimiter | undefined
}

export interface WorldOptions {
  readonly start: number
  readonly declaration: Declared
  readonly tunables: Tunables
  readonly recorded: Tunables
  readonly draws: Draws
  readonly pace?: ReadonlyMap<string, number> | undefined
}

const untuned: StepTunables = {}

export function createWorld(options: WorldOptions): World {
  const { start, declaration, tunables, recorded, draws, pace = new Map<string, number>() } = options
  const agenda = createAgenda(start)
  const limiters = new Map<string, LiveLimiter>()
  for (const [id, own] of declaredLimiters(declaration)) {
    const terms = { ...own, ...tunables.limiters[id] }
    limiters.set(id, new LiveLimiter(id, terms, { clock: agenda, inspect: undefined }))
  }
  const graph = new Map(declaration.chains.map(({ id, needs }) => [id, needs.map(({ chain }) => chain)]))
  return {
    agenda,
    pool: createPool(tunables.concurrency),
    draws,
    durations: createDurations(graph),
    declared: declaredSteps(declaration),
    tunables,
    recorded,
    kept: new Map(),
    pace,
    tuning: (chain, step) => tunables.steps[`${chain}/${step}`] ?? untuned,
    limiter: (id) => (id === undefined ? undefined : limiters.get(id)),
  }
}
