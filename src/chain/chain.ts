// The builder: an immutable chain whose every method returns a new one, typed by what came before.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { AnyStateMachine } from 'xstate'
import type { Duration } from '../kernel/duration.ts'
import type { Failure } from '../kernel/failure.ts'
import { compile } from './compile.ts'
import type { Entry, Scope, StepContext, Steps } from '../definition/context.ts'
import { type ChainDefinition, define } from './definition.ts'
import type { Edge, EdgesOf, Upstreams } from './edge.ts'
import { edgesFrom } from './edge.ts'
import { type EachOptions, type StepOptions, eachOptions, milliseconds, stepOptions } from './options.ts'
import type { ChainSpec, ChooseSpec, EntrySpec, StepBody } from '../definition/spec.ts'

/** What a schema accepts and what it gives. */
export interface Io<In = unknown, Out = unknown> {
  readonly in: In
  readonly out: Out
}

/** A trigger rule's name: when the upstreams' ends suffice to run. */
export type TriggerRule =
  | 'all_success'
  | 'all_failed'
  | 'all_done'
  | 'always'
  | 'one_success'
  | 'one_failed'
  | 'one_done'
  | 'none_failed'
  | 'none_failed_min_one_success'
  | 'none_skipped'
  | 'all_skipped'
  | 'all_done_min_one_success'

/** Any chain, whatever its types. */
export type AnyChain = Chain<Io<never>, unknown, unknown, unknown>

/** What a chain returns. */
export type OutputOf<C> = C extends Chain<infer _I, infer _N, infer _S, infer R> ? R : never

/** What a chain takes as input. */
export type InputOf<C> = C extends { readonly '~types'?: { readonly io: infer I } }
  ? I extends Io<infer In>
    ? In
    : never
  : never

type Built<I extends Io, N, S, R> = (
  fragment: Chain<I, N, S, never>,
) => Chain<I, N, never, R> | { readonly '~types'?: { readonly output: R } }

type BranchOutputs<B> = {
  readonly [K in keyof B]: B[K] extends (fragment: never) => {
    readonly '~types'?: { readonly output: infer R }
  }
    ? R
    : never
}

/** Collects the cases of a `choose`. */
export interface Choice<I extends Io, N, S, R> {
  when<B>(guard: (scope: Scope<I['out'], N, S>) => boolean, build: Built<I, N, S, B>): Choice<I, N, S, R | B>
  otherwise<B>(build: Built<I, N, S, B>): Choice<I, N, S, R | B>
}

/**
 * A workflow: steps in order, and the chains it needs. Immutable; compiled once to a plain XState machine.
 * `I` is what goes in, `N` what its upstreams return, `S` the steps so far, `R` what it returns.
 */
export class Chain<I extends Io, N, S, R> {
  declare readonly '~types'?: { readonly io: I; readonly output: R }
  /** @internal */
  readonly spec: ChainSpec

  /** @internal Use `chain(id)`. */
  constructor(spec: ChainSpec) {
    this.spec = spec
  }

  get id(): string {
    return this.spec.id
  }

  /** The author's version and the hash of the structure; a run is pinned to it. */
  get version(): string {
    return compile(this.spec).version
  }

  /** The XState machine: runs alone under `createActor(chain.machine, { input: { input, needs } })`. */
  get machine(): AnyStateMachine {
    return compile(this.spec).machine
  }

  /** The structure as plain JSON. */
  get definition(): ChainDefinition {
    return define(this.spec)
  }

  /**
   * Declares the chains that must settle before this one starts, and reads their outputs as `needs.name`.
   *
   * @param options.when trigger rule over the hard edges; default `all_success`. With any other rule, `needs.x`
   * is `{ status, output?, failure? }`.
   * @example
   * ```ts
   * const extract = chain('extract').step('fetch', () => [1, 2, 3])
   * const report = chain('report')
   *   .needs({ extract })
   *   .step('sum', ({ needs }) => needs.extract.reduce((a, b) => a + b, 0))
   * ```
   */
  needs<U extends Upstreams, W extends TriggerRule = 'all_success'>(
    upstreams: U,
    options: { readonly when?: W } = {},
  ): Chain<I, N & EdgesOf<U, W>, S, R> {
    return this.#with({
      needs: [...this.spec.needs, ...edgesFrom(upstreams)],
      ...(options.when === undefined ? {} : { rule: options.when }),
    })
  }

  /** Joins every run that contains these chains: an alert, a clean-up. Data and rules are as in `needs`. */
  follows<U extends Upstreams, W extends TriggerRule = 'all_success'>(
    upstreams: U,
    options: { readonly when?: W } = {},
  ): Chain<I, N & EdgesOf<U, W>, S, R> {
    return this.#with({
      follows: [...this.spec.follows, ...edgesFrom(upstreams)],
      ...(options.when === undefined ? {} : { rule: options.when }),
    })
  }

  /**
   * Adds a unit of work. It runs at least once; once its outcome is committed it never runs again.
   *
   * @example
   * ```ts
   * const fetchRows = chain('extract').step('fetch', async ({ signal }) => {
   *   const response = await fetch('http://127.0.0.1/rows', { signal })
   *   return (await response.json()) as string[]
   * }, { attempts: 5, timeout: '30s' })
   * ```
   */
  step<K extends string, T>(
    name: K,
    body: (context: StepContext<I['out'], N, S>) => T,
    options: StepOptions<StepContext<I['out'], N, S>, Awaited<T>> = {},
  ): Chain<I, N, S | Entry<K, Awaited<T>>, Awaited<T>> {
    return this.#add({ kind: 'step', name, body: body, options: stepOptions(name, options) })
  }

  /** Runs branches side by side; returns their outputs by name. */
  parallel<
    K extends string,
    B extends Readonly<Record<string, (fragment: Chain<I, N, S, undefined>) => unknown>>,
  >(
    name: K,
    branches: B,
    options: { readonly onFailure?: 'cancel' | 'wait' } = {},
  ): Chain<I, N, S | Entry<K, BranchOutputs<B>>, BranchOutputs<B>> {
    return this.#add({
      kind: 'parallel',
      name,
      branches: Object.fromEntries(
        Object.entries(branches).map(([key, build]) => [
          key,
          this.#fragment(build as (fragment: never) => unknown),
        ]),
      ),
      onFailure: options.onFailure ?? 'cancel',
    })
  }

  /** Takes the first case whose guard holds; returns what that case returned. */
  choose<K extends string, T>(
    name: K,
    build: (choice: Choice<I, N, S, never>) => Choice<I, N, S, T>,
  ): Chain<I, N, S | Entry<K, T>, T> {
    const cases: ChooseSpec['cases'][number][] = []
    let otherwise: readonly EntrySpec[] = []
    const choice: Choice<I, N, S, never> = {
      when: (guard, fragment) => {
        cases.push({ when: guard as never, entries: this.#fragment(fragment) })
        return choice
      },
      otherwise: (fragment) => {
        otherwise = this.#fragment(fragment)
        return choice
      },
    }
    build(choice)
    return this.#add({ kind: 'choose', name, cases, otherwise })
  }

  /**
   * Works through every item, at most `inFlight` at once (default 16); returns the outputs in the items' order.
   * `onFailure: 'collect'` gives every item its outcome instead of failing with the first.
   */
  each<K extends string, T, V, F extends 'fail' | 'collect' = 'fail'>(
    name: K,
    items: (scope: Scope<I['out'], N, S>) => Iterable<T>,
    body: ((item: T, context: StepContext<I['out'], N, S>) => V) | Chain<Io<T>, unknown, unknown, V>,
    options: EachOptions<T, F> = {},
  ): Chain<I, N, S | Entry<K, EachOutput<Awaited<V>, F>>, EachOutput<Awaited<V>, F>> {
    return this.#add({
      kind: 'each',
      name,
      items: items as never,
      body: body instanceof Chain ? body.spec : (body as unknown as StepBody),
      ...eachOptions(name, options),
    })
  }

  /** Waits, durably, for a signal of this name; returns its payload. With `onTimeout: 'continue'`, or undefined. */
  wait<K extends string, T = unknown>(
    name: K,
    schema?: StandardSchemaV1<unknown, T>,
    options: { readonly timeout?: Duration; readonly onTimeout?: 'fail' | 'continue' } = {},
  ): Chain<I, N, S | Entry<K, T>, T> {
    return this.#add({
      kind: 'wait',
      name,
      ...(schema === undefined ? {} : { schema }),
      ...(options.timeout === undefined
        ? {}
        : { timeout: milliseconds(options.timeout, `timeout of wait "${name}"`) }),
      onTimeout: options.onTimeout ?? 'fail',
    })
  }

  /** Sleeps, durably, for a duration or until a time; one that is past goes on at once. */
  sleep<K extends string>(
    name: K,
    until: Duration | ((scope: Scope<I['out'], N, S>) => Date | number),
  ): Chain<I, N, S | Entry<K, undefined>, undefined> {
    const at = typeof until === 'function' ? (until as never) : milliseconds(until, `sleep "${name}"`)
    return this.#add({ kind: 'sleep', name, until: at })
  }

  /** Runs another chain within this run and waits for its end; returns its output. Cancelled with its caller. */
  call<K extends string, CI, V>(
    name: K,
    chain: Chain<Io<CI>, unknown, unknown, V>,
    ...[input]: undefined extends CI
      ? [input?: CI | ((scope: Scope<I['out'], N, S>) => CI)]
      : [input: CI | ((scope: Scope<I['out'], N, S>) => CI)]
  ): Chain<I, N, S | Entry<K, V>, V> {
    const of = typeof input === 'function' ? (input as never) : () => input
    return this.#add({ kind: 'call', name, chain: chain.spec, input: of })
  }

  /** Runs its body until `until` holds; fails after `max` rounds (default 100). Returns the last round's output. */
  repeat<K extends string, S2, T>(
    name: K,
    body: (fragment: Chain<I, N, S, undefined>) => Chain<I, N, S2, T>,
    options: {
      readonly until: (scope: Scope<I['out'], N, S | S2> & { readonly round: number }) => boolean
      readonly max?: number
    },
  ): Chain<I, N, S | Entry<K, T>, T> {
    return this.#add({
      kind: 'repeat',
      name,
      entries: this.#fragment(body as never),
      until: options.until as never,
      max: options.max ?? 100,
    })
  }

  /** Ends the chain as failed. Nothing after it runs. */
  fail(reason: string | ((scope: Scope<I['out'], N, S>) => string), name = 'fail'): Chain<I, N, S, never> {
    return this.#add({
      kind: 'fail',
      name,
      reason: typeof reason === 'string' ? () => reason : (reason as never),
    })
  }

  /** Says what the chain returns, from recorded data; by default the last step's output. */
  returns<T>(of: (scope: Scope<I['out'], N, S>) => T): Chain<I, N, S, T> {
    return this.#with({ returns: of as never })
  }

  #add<I2 extends Io, N2, S2, R2>(entry: EntrySpec): Chain<I2, N2, S2, R2> {
    return this.#with({ entries: [...this.spec.entries, entry] })
  }

  #with<I2 extends Io, N2, S2, R2>(change: Partial<ChainSpec>): Chain<I2, N2, S2, R2> {
    return new Chain({ ...this.spec, ...change })
  }

  #fragment(build: (fragment: never) => unknown): readonly EntrySpec[] {
    const empty = new Chain({ ...this.spec, entries: [], needs: [], follows: [] })
    const built = build(empty as never)
    return built instanceof Chain ? built.spec.entries : []
  }
}

/** What an `each` returns: outputs, or outcomes where it collects. */
export type EachOutput<V, F> = F extends 'collect' ? readonly Settled<V>[] : readonly V[]

/** How one item, or one upstream under a rule other than `all_success`, ended. */
export type Settled<V> =
  | { readonly status: 'succeeded'; readonly output: V }
  | { readonly status: 'failed'; readonly failure: Failure }
  | { readonly status: 'upstream_failed' | 'skipped' | 'cancelled' }

export type { Edge }
export type { Steps }
