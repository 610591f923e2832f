// What the author's code is handed: the contexts of steps and decisions, and the outputs that it may read.

import type { Window } from './schedule.ts'
import type { Failure } from '../kernel/failure.ts'

/**
 * Augment this to type `app`, the live resources given to `createSupervisor({ app })`.
 *
 * @example
 * ```ts
 * declare module 'catenary' {
 *   interface Register { app: { db: Database } }
 * }
 * ```
 */
export interface Register {}

/** The type of `app`: what `Register` says, else unknown. */
export type App = Register extends { readonly app: infer A } ? A : unknown

/** One step's name and output; a chain's steps are a union of these, because unions stay fast to check. */
export interface Entry<K extends string, V> {
  readonly k: K
  readonly v: V
}

/** The outputs of the steps so far, by name. */
export type Steps<S> = {
  readonly [E in S as E extends Entry<infer K, unknown> ? K : never]: E extends Entry<string, infer V>
    ? V
    : never
}

/** Recorded data: all that a decision may read. */
export interface Scope<I, N, S> {
  /** The chain's input, as its schema returned it. Frozen. */
  readonly input: I
  /** What the chains that this one needs returned. Frozen. */
  readonly needs: N
  /** What the steps before this one returned. Frozen. */
  readonly steps: Steps<S>
}

/** Writes one line for people, with the run, chain, step and attempt attached. */
export interface StepLog {
  /** What went as it was meant. */
  info(message: string, data?: unknown): void
  /** What somebody should look at some time. */
  warn(message: string, data?: unknown): void
  /** What somebody should look at now. */
  error(message: string, data?: unknown): void
}

/** What a step's function is handed. */
export interface StepContext<I = unknown, N = unknown, S = never> extends Scope<I, N, S> {
  /** The live resources given to the supervisor. Never journalled. */
  readonly app: App
  /** Aborts when the attempt times out, its run is cancelled, or the process stops. */
  readonly signal: AbortSignal
  /** Which try this is, from 1. */
  readonly attempt: number
  /** How the last attempt failed; undefined in the first. For a fallback, how the step's last attempt did. */
  readonly lastFailure: Failure | undefined
  /** What the last attempt's last `heartbeat(detail)` said; undefined where none did, or the process died meanwhile. */
  readonly lastHeartbeat: unknown
  /** When the step, its chain or its run must be done, the earliest (ms since the epoch); undefined without a deadline. */
  readonly deadline: number | undefined
  /** `run/chain/step[/item]`: the same for every attempt, so that a service can recognise a repeat. */
  readonly idempotencyKey: string
  /** The run that the attempt is part of. */
  readonly runId: string
  /** The tick that started the run; for any other run, when it was accepted (ms since the epoch). */
  readonly scheduledAt: number
  /** From the tick before to this one, where the schedule has `window: true`, or in a backfill (ms since the epoch). */
  readonly window: Window | undefined
  /** The engine's clock (ms since the epoch): virtual in tests. */
  now(): number
  /** The engine's chance, in [0, 1): seeded in tests. */
  random(): number
  /** Says how far the attempt is, from 0 to 1. Live only, never journalled. */
  progress(fraction: number, note?: string): void
  /**
   * Says that the attempt is alive, for a step with the option `heartbeat`. `detail` is handed to the next attempt
   * where this one fails; at most 16,384 characters of its encoding.
   */
  heartbeat(detail?: unknown): void
  /** Lines for people, to the supervisor's `logger`. */
  readonly log: StepLog
}

/** What a compensation is handed. `T` is what its step returns. */
export interface CompensationContext<I = unknown, N = unknown, S = never, T = unknown> extends Omit<
  StepContext<I, N, S>,
  'steps' | 'deadline'
> {
  /** What steps returned, as far as they had come. In a `repeat`, what its last round did. */
  readonly steps: Partial<Steps<S>>
  /**
   * `succeeded`: the step's outcome is recorded. `unknown`: it was aborted, timed out, was lost with its process, or
   * threw `OutcomeUnknown`: its effect may have happened, may happen still, or never will.
   */
  readonly outcome: 'succeeded' | 'unknown'
  /** What the step returned; undefined where that is not known. */
  readonly output: T | undefined
  /** The step's own key, the same that its attempts had: ask the service by it what has become of them. */
  readonly idempotencyKey: string
  /** Why the chain failed; undefined where it is cancelled or its caller is undone. */
  readonly failure: Failure | undefined
}
