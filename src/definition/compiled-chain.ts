// A chain as the engine runs it: its machine, what goes in, and how it ends.

import type { AnyStateMachine } from 'xstate'
import type { Undo } from '../../machines/state.ts'
import type { Failure } from '../kernel/failure.ts'
import type { Undoable } from './compensation.ts'
import type { HostDatabase } from './host-database.ts'
import type { ChainSpec, StepBody, StepOptionsSpec } from './spec.ts'

/** What a chain's machine takes as input, also under plain XState. */
export interface ChainInput {
  readonly input?: unknown
  readonly needs?: Readonly<Record<string, unknown>>
  /** Live resources, for machines that run alone; never in the context. */
  readonly app?: unknown
  /** Whether another chain's step waits for it, and may undo it after it has succeeded. */
  readonly called?: boolean
  /** The database of `transact` steps, for machines that run alone; never in the context. */
  readonly db?: HostDatabase
}

/** How a chain's machine ended: its output. */
export type ChainOutcome =
  | { readonly status: 'succeeded'; readonly output: unknown }
  | ({ readonly status: 'failed'; readonly failure: Failure; readonly step: string } & Compensated)
  | ({ readonly status: 'cancelled' } & Compensated)

/** What was undone before a chain ended, in the order in which it was, and what was given up. */
export interface Compensated {
  readonly compensated?: readonly Undo[]
  readonly uncompensated?: readonly Undo[]
}

export interface CompiledChain {
  readonly spec: ChainSpec
  readonly machine: AnyStateMachine
  /** Structure hash and the author's version: what a run is pinned to. */
  readonly version: string
  /** What of it can be undone, by step; absent where nothing can. */
  readonly undoable?: ReadonlyMap<string, Undoable>
  /** What each step runs, by name. */
  readonly attempts: ReadonlyMap<
    string,
    { readonly body: StepBody; readonly options: StepOptionsSpec; readonly transact?: true }
  >
}
