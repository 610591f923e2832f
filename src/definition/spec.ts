// What a chain is once the author has said it: plain data and functions, untyped at the edges.

import type { TriggerPredicate } from '../../machines/trigger-rules.ts'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Backoff } from './backoff.ts'
import type { BreakerUse, LimitUse } from './guards.ts'
import type { Failure } from '../kernel/failure.ts'
import type { AttributeKinds } from './attributes.ts'
import type { ScheduleSpec } from './schedule.ts'
import type { ChainMemoSpec, StepMemoSpec } from './memo.ts'
import type { GuestSpec } from './guest.ts'
import type { Objective } from './objective.ts'
import type { ServiceSpec } from './service.ts'

/** How an edge binds: requirement, order and data are separate properties. */
export type EdgeKind = 'hard' | 'optional' | 'order'

/** What decisions see: recorded data only. */
export interface DecisionScope {
  readonly input: unknown
  readonly needs: Readonly<Record<string, unknown>>
  readonly steps: Readonly<Record<string, unknown>>
}

/** What the body of a step is handed; see `StepContext` for the author's view of it. */
export type StepBody = (...handed: never[]) => unknown

/** How a step is undone, once checked. */
export interface CompensationSpec {
  readonly body: StepBody
  readonly options: StepOptionsSpec
}

/** A step's options once checked; durations are in milliseconds. */
export interface StepOptionsSpec {
  readonly attempts: number
  readonly backoff: Backoff
  /** Says of a failure whether another attempt may help. */
  readonly retryWhen?: (failure: Failure) => boolean
  /** Classes of failures that no other attempt follows, by the config; see `isOfClass`. */
  readonly nonRetryable?: readonly string[]
  readonly timeout?: number
  /** Longest time of all attempts together, from when the step began. */
  readonly deadline?: number
  /** Longest time between two signs of life of an attempt. */
  readonly heartbeat?: number
  /** When an attempt calls its function again, and how often at most. */
  readonly hedge?: { readonly after: number; readonly max: number }
  readonly limit?: LimitUse
  readonly breaker?: BreakerUse
  readonly memo?: StepMemoSpec
  readonly fallback?: StepBody
  readonly input?: StandardSchemaV1
  readonly output?: StandardSchemaV1
  readonly compensate?: CompensationSpec
  readonly description?: string
  readonly idempotent: boolean
  readonly pure: boolean
  readonly stub: boolean
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly uses: readonly string[]
}

export interface StepSpec {
  readonly kind: 'step'
  readonly name: string
  readonly body: StepBody
  readonly options: StepOptionsSpec
  /** It writes the host's own rows in the transaction of its outcome: handed a database before its context. */
  readonly transact?: true
}

export interface ParallelSpec {
  readonly kind: 'parallel'
  readonly name: string
  readonly branches: Readonly<Record<string, readonly EntrySpec[]>>
  readonly onFailure: 'cancel' | 'wait'
}

export interface ChooseSpec {
  readonly kind: 'choose'
  readonly name: string
  readonly cases: readonly {
    readonly when: (scope: DecisionScope) => boolean
    readonly entries: readonly EntrySpec[]
  }[]
  readonly otherwise: readonly EntrySpec[]
}

export interface EachSpec {
  readonly kind: 'each'
  readonly name: string
  readonly items: (scope: DecisionScope) => unknown
  readonly body: StepBody | ChainSpec
  readonly key: (item: unknown, index: number) => string
  /** Most items in flight at once. */
  readonly inFlight: number
  /** `fail`: the first failed item fails the step. `collect`: every item gets its outcome. */
  readonly onFailure: 'fail' | 'collect'
  readonly options: StepOptionsSpec
}

export interface WaitSpec {
  readonly kind: 'wait'
  readonly name: string
  readonly schema?: StandardSchemaV1
  readonly timeout?: number
  readonly onTimeout: 'fail' | 'continue'
  /** What whoever asked is answered. */
  readonly reply?: (scope: DecisionScope & { readonly signal: unknown }) => unknown
}

export interface SleepSpec {
  readonly kind: 'sleep'
  readonly name: string
  /** Milliseconds from when the sleep begins, or what gives the time to wake at. */
  readonly until: number | ((scope: DecisionScope) => number | Date)
}

export interface CallSpec {
  readonly kind: 'call'
  readonly name: string
  readonly chain: ChainSpec
  readonly input: (scope: DecisionScope) => unknown
}

export interface RepeatSpec {
  readonly kind: 'repeat'
  readonly name: string
  readonly entries: readonly EntrySpec[]
  readonly until: (scope: DecisionScope & { readonly round: number }) => boolean
  readonly max: number
}

export interface FailSpec {
  readonly kind: 'fail'
  readonly name: string
  readonly reason: (scope: DecisionScope) => string
}

export type EntrySpec =
  | StepSpec
  | ParallelSpec
  | ChooseSpec
  | EachSpec
  | WaitSpec
  | SleepSpec
  | CallSpec
  | RepeatSpec
  | FailSpec

/** One upstream of a chain: under `name` its output is read. */
export interface EdgeSpec {
  readonly name: string
  readonly chain: ChainSpec
  readonly kind: EdgeKind
  /** It is a service, which ends for no chain: refused by validation. */
  readonly service?: ServiceSpec
  /** The upstream's input from the consumer's; the same input where absent. */
  readonly input?: (input: unknown) => unknown
}

export interface ConcurrencySpec {
  readonly key: (input: unknown) => string
  readonly limit: number
  /** Whether all that find it full wait, or only the newest. */
  readonly strategy: 'queue' | 'newest'
}

export interface ChainSpec {
  readonly id: string
  readonly version: string
  readonly input?: StandardSchemaV1
  readonly output?: StandardSchemaV1
  readonly description?: string
  readonly owner?: string
  readonly tags: readonly string[]
  readonly priority: number
  /** How long after its run's acceptance, or its call, it must have ended (ms). */
  readonly deadline?: number
  /** At most `limit` of this chain's executions with the same key at once, over all runs. */
  readonly concurrency?: ConcurrencySpec
  readonly memo?: ChainMemoSpec
  /** What its runs should keep to. */
  readonly slo?: Objective
  /** It should be used no more; a text says what instead. */
  readonly deprecated?: string | true
  /** After so many runs in a row that failed with one input it is not tried again; Infinity for never. */
  readonly poison?: { readonly after: number }
  readonly schedules?: readonly ScheduleSpec[]
  /** The searchable attributes that its runs may have. */
  readonly attributes?: AttributeKinds
  readonly needs: readonly EdgeSpec[]
  readonly follows: readonly EdgeSpec[]
  /** Services that must be ready at the moment at which it starts. */
  readonly ready?: readonly ServiceSpec[]
  /** A trigger rule's name, or a predicate over the upstreams' states. */
  readonly rule: string
  /** The author's own rule, where `rule` is `custom`. */
  readonly predicate?: TriggerPredicate
  readonly entries: readonly EntrySpec[]
  readonly returns?: (scope: DecisionScope) => unknown
  /** A user's own machine, in the place of entries. */
  readonly guest?: GuestSpec
}

/** Every step-like entry of a sequence and of all that is nested in it. */
export function* walk(entries: readonly EntrySpec[]): Generator<EntrySpec> {
  for (const entry of entries) {
    yield entry
    for (const inner of nested(entry)) yield* walk(inner)
  }
}

/** The sequences directly inside an entry. */
export function nested(entry: EntrySpec): readonly (readonly EntrySpec[])[] {
  if (entry.kind === 'parallel') return Object.values(entry.branches)
  if (entry.kind === 'choose') return [...entry.cases.map((one) => one.entries), entry.otherwise]
  if (entry.kind === 'repeat') return [entry.entries]
  return []
}
