// The builder: an immutable chain whose every method returns a new one, typed by what came before.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { CompensationContext, Entry, Scope, StepContext } from '../definition/context.ts'
import type { HostDatabase } from '../definition/host-database.ts'
import type { EntrySpec } from '../definition/spec.ts'
import type { Duration } from '../kernel/duration.ts'
import { refuseUnknownOptions } from '../kernel/known-options.ts'
import type { AnyChain, ChainTypes, InputOf, Io, OutputOf } from './any-chain.ts'
import { type Choice, type Chosen, collectCases } from './choice.ts'
import { type EdgesOf, type Judged, type RuleIn, type Upstreams, withEdges } from './edge.ts'
import { Face } from './face.ts'
import { bodyOf, branchesOf, fragmentOf, refuseNoBuilder, scopeOr, specOf, waitOptions } from './fragment.ts'
import type { Accepted, EachOptions, StepOptions } from './options.ts'
import { eachOptions, milliseconds, stepOptions } from './options.ts'
import { type AcceptedNow, type TransactOptions, transactOptions } from './transact.ts'
import type { EachOutput, Returning, Sequence, StepOutput, WaitOutput } from './outputs.ts'

export type { AnyChain }

/**
 * A workflow: steps in order, and the chains it needs. Immutable; compiled once to a plain XState machine.
 * `I` is what goes in, `N` what its upstreams return, `S` the steps so far, `R` what it returns.
 */
export class Chain<I extends Io, N, S, R> extends Face implements AnyChain {
  declare readonly '~types': ChainTypes<I['in'], S, R, I['attributes']>

  /**
   * Declares the chains that must settle before this one starts, and reads their outputs as `needs.name`.
   * An upstream gets this chain's own input, unless `withInput` derives another.
   *
   * @param options.when trigger rule over the hard edges; default `all_success`. Or a predicate over their states by
   * name, asked whenever one of them ends: `false` waits, and skips once all have ended. With any rule but the default,
   * `needs.x` is `{ status, output?, failure? }`.
   * @example
   * ```ts
   * const extract = chain('extract').step('fetch', () => [1, 2, 3])
   * const report = chain('report')
   *   .needs({ extract })
   *   .step('sum', ({ needs }) => needs.extract.reduce((a, b) => a + b, 0))
   * ```
   */
  needs<U extends Upstreams<I['out']>, O extends Judged<keyof U & string>>(
    upstreams: U,
    options?: O,
  ): Chain<I, N & EdgesOf<U, RuleIn<O>>, S, R> {
    return new Chain(withEdges(this.spec, 'needs', upstreams, options?.when))
  }

  /**
   * Joins every run that contains these chains: an alert, a clean-up. Data and rules are as in `needs`; its own
   * input is the run's.
   *
   * @example
   * ```ts
   * const report = chain('report').step('print', () => 'printed')
   * const alert = chain('alert').follows({ report }, { when: 'one_failed' }).step('tell', () => 'told')
   * ```
   */
  follows<U extends Upstreams<never>, O extends Judged<keyof U & string>>(
    upstreams: U,
    options?: O,
  ): Chain<I, N & EdgesOf<U, RuleIn<O>>, S, R> {
    return new Chain(withEdges(this.spec, 'follows', upstreams, options?.when))
  }

  /**
   * Adds a unit of work. It runs at least once; once its outcome is committed it never runs again.
   *
   * @example
   * ```ts
   * const extract = chain('extract').step('fetch', async ({ signal }) => {
   *   const response = await fetch('http://127.0.0.1/rows', { signal })
   *   return (await response.json()) as string[]
   * }, { attempts: 5, timeout: '30s' })
   * ```
   */
  step<
    K extends string,
    T extends Accepted<Schema>,
    F extends Accepted<Schema> = never,
    Schema extends StandardSchemaV1 | undefined = undefined,
  >(
    name: K,
    body: (context: StepContext<I['out'], N, S>) => T,
    options: StepOptions<
      StepContext<I['out'], N, S>,
      F,
      Schema,
      CompensationContext<I['out'], N, S, NoInfer<StepOutput<T, Schema> | StepOutput<F, Schema>>>
    > = {},
  ): Chain<I, N, S | Entry<K, StepOutput<T | F, Schema>>, StepOutput<T | F, Schema>> {
    return this.#add({ kind: 'step', name, body, options: stepOptions(name, options) })
  }

  /**
   * Adds a unit of work whose rows are exactly once: its function writes them through `db`, which is the store's own
   * SQLite file, in the very transaction that commits its outcome. Rows are there if and only if the step succeeded,
   * whatever is killed and retried. It is synchronous, and holds the event loop as long as it takes.
   *
   * @param body what it throws takes its rows back, and is retried as with any step. Returning a promise, touching
   * Catenary's tables, or `BEGIN`, `COMMIT`, `ATTACH`, `PRAGMA` and changes of the schema are refused.
   * @example
   * ```ts
   * const pay = chain<{ id: string; cents: number }>('pay').transact('book', (db, { input }) => {
   *   db.prepare('INSERT INTO payments (id, cents) VALUES (?, ?)').run(input.id, input.cents)
   *   return { booked: input.cents }
   * })
   * ```
   */
  transact<
    K extends string,
    T extends AcceptedNow<Schema>,
    F extends Accepted<Schema> = never,
    Schema extends StandardSchemaV1 | undefined = undefined,
  >(
    name: K,
    body: (db: HostDatabase, context: StepContext<I['out'], N, S>) => T,
    options: TransactOptions<
      StepContext<I['out'], N, S>,
      F,
      Schema,
      CompensationContext<I['out'], N, S, NoInfer<StepOutput<T, Schema> | StepOutput<F, Schema>>>
    > = {},
  ): Chain<I, N, S | Entry<K, StepOutput<T | F, Schema>>, StepOutput<T | F, Schema>> {
    return this.#add({ kind: 'step', name, body, options: transactOptions(name, options), transact: true })
  }

  /**
   * Runs branches side by side; returns their outputs by name.
   *
   * @param options.onFailure `cancel` (default): the first branch that fails aborts the others. `wait`: they run to
   * their ends, and then the whole fails.
   * @example
   * ```ts
   * const page = chain('page').parallel('parts', {
   *   head: (b) => b.step('load-head', () => 'head'),
   *   body: (b) => b.step('load-body', () => 'body').step('trim', ({ steps }) => steps['load-body'].trim()),
   * }).step('join', ({ steps }) => steps.parts.head + steps.parts.body)
   * ```
   */
  parallel<K extends string, O>(
    name: K,
    branches: { readonly [B in keyof O]: (fragment: Chain<I, N, S, undefined>) => Returning<O[B]> },
    options: { readonly onFailure?: 'cancel' | 'wait' } = {},
  ): Chain<I, N, S | Entry<K, O>, O> {
    refuseUnknownOptions(options, { onFailure: true }, `parallel "${name}"`)
    const built = branchesOf(name, branches).map(([key, build]) => [key, this.#fragment(build)] as const)
    const onFailure = options.onFailure ?? 'cancel'
    return this.#add({ kind: 'parallel', name, branches: Object.fromEntries(built), onFailure })
  }

  /**
   * Takes the first case whose guard holds; returns what that case returned, or undefined where none holds.
   *
   * @example
   * ```ts
   * const order = chain<{ total: number }>('order').choose('review', (c) =>
   *   c.when(({ input }) => input.total > 1000, (b) => b.step('ask', () => 'asked')).otherwise((b) => b),
   * )
   * ```
   */
  choose<K extends string, T>(
    name: K,
    build: (choice: Choice<I, N, S, never>) => Chosen<T>,
  ): Chain<I, N, S | Entry<K, T>, T> {
    refuseNoBuilder(build, `choose "${name}"`, '(c) => c.when(...)')
    return this.#add({ kind: 'choose', name, ...collectCases(build, (of) => this.#fragment(of)) })
  }

  /**
   * Works through every item, at most `inFlight` at once (default 16); returns the outputs in the items' order.
   * The body is a function, or a chain that takes an item as its input. `onFailure: 'collect'` gives every item
   * its outcome instead of failing with the first.
   *
   * @example
   * ```ts
   * const lengths = chain<string[]>('lengths').each('measure', ({ input }) => input, (word) => word.length, {
   *   key: (word) => word,
   *   inFlight: 4,
   * })
   * ```
   */
  each<K extends string, T, V, F extends 'fail' | 'collect' = 'fail'>(
    name: K,
    items: (scope: Scope<I['out'], N, S>) => Iterable<T>,
    body: (item: NoInfer<T>, context: StepContext<I['out'], N, S>) => V,
    options?: EachOptions<NoInfer<T>, F, CompensationContext<I['out'], N, S, Awaited<NoInfer<V>>>>,
  ): Chain<I, N, S | Entry<K, EachOutput<Awaited<V>, F>>, EachOutput<Awaited<V>, F>>
  each<K extends string, In, T extends In, V, F extends 'fail' | 'collect' = 'fail'>(
    name: K,
    items: (scope: Scope<I['out'], N, S>) => Iterable<T>,
    body: AnyChain<In> & Returning<V>,
    options?: EachOptions<NoInfer<T>, F, CompensationContext<I['out'], N, S, Awaited<NoInfer<V>>>>,
  ): Chain<I, N, S | Entry<K, EachOutput<Awaited<V>, F>>, EachOutput<Awaited<V>, F>>
  each(
    name: string,
    items: (scope: never) => Iterable<unknown>,
    body: ((item: never, context: never) => unknown) | AnyChain,
    options: EachOptions = {},
  ): never {
    return this.#add({
      kind: 'each',
      name,
      items,
      body: bodyOf(body),
      ...eachOptions(name, options),
    }) as never
  }

  /**
   * Waits, durably, for the signal of this name; returns its payload. With `onTimeout: 'continue'`, or undefined.
   *
   * @param options.timeout in ms or as `'2d'`; default none.
   * @param options.reply what `run.ask()` is answered, decided from recorded data when the step takes the signal; must
   * be synchronous. Default: the signal is not answered.
   * @example
   * ```ts
   * const release = chain('release')
   *   .wait('approval', z.object({ by: z.string() }), { timeout: '2d' })
   *   .step('publish', ({ steps }) => `approved by ${steps.approval.by}`)
   * ```
   */
  wait<K extends string, T = unknown, F extends 'fail' | 'continue' = 'fail'>(
    name: K,
    schema?: StandardSchemaV1<unknown, T>,
    options: {
      readonly timeout?: Duration
      readonly onTimeout?: F
      readonly reply?: (scope: Scope<I['out'], N, S> & { readonly signal: NoInfer<T> }) => unknown
    } = {},
  ): Chain<I, N, S | Entry<K, WaitOutput<T, F>>, WaitOutput<T, F>> {
    return this.#add({ kind: 'wait', name, ...waitOptions(name, schema, options) })
  }

  /**
   * Sleeps, durably, for a duration or until a time; one that is past goes on at once.
   *
   * @example
   * ```ts
   * const reminder = chain<{ at: Date }>('reminder').sleep('a-day', '1d').sleep('until', ({ input }) => input.at)
   * ```
   */
  sleep<K extends string>(
    name: K,
    until: Duration | ((scope: Scope<I['out'], N, S>) => Date | number),
  ): Chain<I, N, S | Entry<K, undefined>, undefined> {
    const at = typeof until === 'function' ? until : milliseconds(until, `sleep "${name}"`)
    return this.#add({ kind: 'sleep', name, until: at })
  }

  /**
   * Runs another chain within this run and waits for its end; returns its output. Cancelled with its caller.
   *
   * @example
   * ```ts
   * const invoice = chain<{ order: string }>('invoice').step('print', ({ input }) => `invoice ${input.order}`)
   * const order = chain<string>('order').call('bill', invoice, ({ input }) => ({ order: input }))
   * ```
   */
  call<K extends string, C extends AnyChain>(
    name: K,
    chain: C,
    ...[input]: undefined extends InputOf<C>
      ? [input?: InputOf<C> | ((scope: Scope<I['out'], N, S>) => InputOf<C>)]
      : [input: InputOf<C> | ((scope: Scope<I['out'], N, S>) => InputOf<C>)]
  ): Chain<I, N, S | Entry<K, OutputOf<C>>, OutputOf<C>> {
    return this.#add({ kind: 'call', name, chain: specOf(chain), input: scopeOr(input) })
  }

  /**
   * Runs its body until `until` holds; fails after `max` rounds (default 100). Returns the last round's output.
   *
   * @example
   * ```ts
   * const poll = chain('poll').repeat('watch', (b) => b.step('look', ({ now }) => now() % 2).sleep('pause', '1s'), {
   *   until: ({ steps }) => steps.look === 0,
   *   max: 60,
   * })
   * ```
   */
  repeat<K extends string, S2, T>(
    name: K,
    body: (fragment: Chain<I, N, S, undefined>) => Sequence<S2, T>,
    options: {
      readonly until: (scope: Scope<I['out'], N, S2> & { readonly round: number }) => boolean
      readonly max?: number
    },
  ): Chain<I, N, S | Entry<K, T>, T> {
    refuseUnknownOptions(options, { until: true, max: true }, `repeat "${name}"`)
    const { until, max = 100 } = { ...options }
    return this.#add({ kind: 'repeat', name, entries: this.#fragment(body), until, max })
  }

  /**
   * Ends the chain as failed. Nothing after it runs.
   *
   * @example
   * ```ts
   * const age = chain<number>('age').choose('check', (c) =>
   *   c.when(({ input }) => input < 0, (b) => b.fail(({ input }) => `${input} is no age`)),
   * )
   * ```
   */
  fail(reason: string | ((scope: Scope<I['out'], N, S>) => string), name = 'fail'): Chain<I, N, S, never> {
    return this.#add({ kind: 'fail', name, reason: scopeOr(reason) })
  }

  /**
   * Says what the chain returns, from recorded data; by default its last step's output. Steps added afterwards
   * make it the last step's again.
   *
   * @example
   * ```ts
   * const both = chain('both').step('a', () => 1).step('b', () => 2).returns(({ steps }) => steps.a + steps.b)
   * ```
   */
  returns<T>(of: (scope: Scope<I['out'], N, S>) => T): Chain<I, N, S, T> {
    return new Chain({ ...this.spec, returns: of as never })
  }

  // the one boundary between the author's types and the untyped spec
  #add<I2 extends Io, N2, S2, R2>(
    entry: Pick<EntrySpec, 'kind' | 'name'> & Record<string, unknown>,
  ): Chain<I2, N2, S2, R2> {
    const { returns: _, ...rest } = this.spec
    return new Chain({ ...rest, entries: [...this.spec.entries, entry as unknown as EntrySpec] })
  }

  #fragment(build: unknown): readonly EntrySpec[] {
    return fragmentOf(new Chain({ ...this.spec, entries: [] }), build)
  }
}
