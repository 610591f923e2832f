// What steps that hold others return: a branch, a `choose`, an `each`.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Failure } from '../kernel/failure.ts'

/** How one item, or one upstream under a rule other than `all_success`, ended. */
export type Settled<V> =
  | { readonly status: 'succeeded'; readonly output: V }
  | { readonly status: 'failed'; readonly failure: Failure }
  | { readonly status: 'upstream_failed' | 'skipped' | 'cancelled' }

/** What an `each` returns: outputs, or outcomes where it collects. */
export type EachOutput<V, F> = F extends 'collect' ? readonly Settled<V>[] : readonly V[]

/** A chain, or a part of one, that returns `R`. */
export interface Returning<R> {
  readonly '~types': { readonly output: R }
}

/** A part of a chain with the steps `S` that returns `R`. */
export interface Sequence<S, R> {
  readonly '~types': { readonly steps: S; readonly output: R }
}

/** What a step returns: what its schema makes of it, else what it awaits. */
export type StepOutput<T, Schema> = Schema extends StandardSchemaV1<unknown, infer Out> ? Out : Awaited<T>

/** What a `wait` returns: the signal's payload, or undefined where it goes on without one. */
export type WaitOutput<T, F> = F extends 'continue' ? T | undefined : T
