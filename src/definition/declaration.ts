// What a supervisor declares of its chains and services, as data: whoever watches, also elsewhere, needs no code of theirs.

import type { LimiterTerms } from '../../machines/limiter.ts'
import type { Objective } from './objective.ts'
import type { EdgeKind, EntrySpec } from './spec.ts'
import type { EntryDefinition, MachineStructure } from './structure.ts'

/** All times are in ms. */
export interface Declaration {
  /** Every chain, those that others need and call included, in the order in which they were first declared. */
  readonly chains: readonly ChainDeclaration[]
  readonly services: readonly ServiceDeclaration[]
  /** Most attempts in flight at once, as the code says. */
  readonly concurrency: number
}

export interface EdgeDeclaration {
  readonly name: string
  readonly chain: string
  readonly kind: EdgeKind
}

export interface ChainDeclaration {
  readonly id: string
  /** Structure hash with the author's version: what runs are pinned to. */
  readonly version: string
  readonly description?: string
  readonly owner?: string
  readonly tags: readonly string[]
  readonly priority: number
  readonly deadline?: number
  /** It should be used no more; a text says what instead. */
  readonly deprecated?: string | true
  readonly slo?: Objective
  /** Whether there are schemas. */
  readonly input: boolean
  readonly output: boolean
  readonly memo?: true
  readonly scheduled?: true
  /** Executions with the same key at once. */
  readonly concurrency?: number
  /** The trigger rule; `custom` for the author's own. */
  readonly when: string
  readonly needs: readonly EdgeDeclaration[]
  readonly follows: readonly EdgeDeclaration[]
  /** Services that must be ready. */
  readonly ready: readonly string[]
  /** Every entry, nested ones too, in order. */
  readonly steps: readonly StepDeclaration[]
  /** How they are nested. */
  readonly entries: readonly EntryDefinition[]
  /** The statechart that runs. */
  readonly machine: MachineStructure
  /** It is a machine of the user's own. */
  readonly own?: true
}

/** One entry; what it does not have is absent. */
export interface StepDeclaration {
  readonly name: string
  readonly kind: EntrySpec['kind']
  readonly description?: string
  /** Tries in all. */
  readonly attempts?: number
  /** Of one attempt; of a wait, how long it waits. */
  readonly timeout?: number
  readonly deadline?: number
  readonly heartbeat?: number
  /** Where it is tried again. */
  readonly backoff?: {
    readonly initial: number
    readonly factor: number
    readonly max: number
    readonly jitter: string
  }
  readonly hedge?: true
  /** Ids of what it shares with others. */
  readonly limit?: string
  /** What that limiter lets through, and what an attempt takes of it; only where one line in order is for all. */
  readonly lets?: LimiterTerms & { readonly cost: number }
  readonly breaker?: string
  readonly memo?: true
  readonly fallback?: true
  readonly compensates?: true
  readonly transact?: true
  readonly idempotent?: true
  readonly pure?: true
  readonly stub?: true
  /** Whether there are schemas; of a wait, for the signal that it takes. */
  readonly input?: true
  readonly output?: true
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  readonly uses?: readonly string[]
  /** Items at once, of an `each`. */
  readonly inFlight?: number
  /** Rounds at most, of a `repeat`. */
  readonly rounds?: number
  /** What it calls. */
  readonly chain?: string
}

export interface ServiceDeclaration {
  readonly id: string
  /** The group that it is in; '' for the root. */
  readonly group: string
  readonly kind: 'service' | 'group'
  readonly description?: string
  readonly restart: string
  /** A probe asks whether it is ready. Whether its function says so itself shows only as it runs. */
  readonly ready?: true
  /** A probe asks whether it is alive. */
  readonly alive?: true
  readonly needs: readonly string[]
}
