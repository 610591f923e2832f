// The plan of a run: its chains and what each needs, as decided when it was accepted.

import type { EdgeKind } from '../definition/spec.ts'
import type { Payload } from './event.ts'

/** One edge of a run's plan: under `name` the chain reads what the node `key` returned. */
export interface PlanEdge {
  readonly name: string
  readonly key: string
  readonly kind: EdgeKind
}

/** One chain of a run, as decided when the run was accepted. */
export interface PlanNode {
  /** Unique in the run: the chain's id, or `id~hash` for a second input of the same chain. */
  readonly key: string
  readonly chain: string
  /** Structure hash and the author's version: what the run is pinned to. */
  readonly version: string
  readonly needs: readonly PlanEdge[]
  readonly rule: string
  /** Needs that the config had dropped when the run was accepted: it neither waits for them nor reads them. */
  readonly dropped?: readonly string[]
  /** Ids of the services that must be ready when it starts. */
  readonly ready?: readonly string[]
  /** The chain's own input, where it is not the run's. */
  readonly input?: Payload
  /** It has none, though the run has one. */
  readonly noInput?: true
  /** When it must have ended (ms since the epoch). */
  readonly deadline?: number
}
