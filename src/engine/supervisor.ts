// A supervisor in its caller's hands: what it is asked, with what, and what it answers.

import type { Observable } from 'rxjs'
import type { EventsAfter } from './events-after.ts'
import type { ActorObservation } from '../observe/actor-observation.ts'
import type { Analyzer } from './analyzer.ts'
import type { Reflector } from './reflector/reflector.ts'
import type { AnyChain, AttributesOf, InputOf, OutputOf } from '../chain/any-chain.ts'
import type { EventOf } from '../chain/machine-chain.ts'
import type { Attributes } from '../definition/attributes.ts'
import type { ChainDefinition } from '../chain/definition.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { HeadQuery, NumberRange } from '../journal/store.ts'
import type { Duration } from '../kernel/duration.ts'
import type { Config } from '../supervision/config.ts'
import type { Deadline } from './runs/deadlines.ts'
import type { ListedRun } from './runs/listed-run.ts'
import type { Run } from './runs/run.ts'
import type { RunResult } from './runs/run-result.ts'
import type { ScheduleFace } from './schedules/schedule-face.ts'
import type { Services as ServiceCalls } from './service-calls.ts'
import type { NodeHealth } from '../supervision/health.ts'
import type { Progress } from './services.ts'
import type { Waiting, WaitingPage } from './runs/waiting.ts'

export interface StartOptions<A = Attributes> {
  /** The run's id: starting the same id twice gives the same run. Default a new one. */
  readonly id?: string
  /** Higher goes first. Default the chain's. */
  readonly priority?: number
  /**
   * When the whole run must have ended: a Date, milliseconds since the epoch, or how long from now, as in `'1h'`.
   * What has not ended by then fails. Default none.
   */
  readonly deadline?: Deadline
  /** Searchable values, as the chain declares them: see `list`. */
  readonly attributes?: A
}

/** Which runs to list; all that is given must hold. With the chain itself, attributes are typed as it declares them. */
export interface RunQuery<C extends AnyChain = AnyChain> extends Omit<HeadQuery, 'chain' | 'attributes'> {
  /** One of the run's targets: the chain or its id. */
  readonly chain?: C | string
  /** Each must have this value; of a number also one between `min` and `max`, both included. */
  readonly attributes?: Asked<AttributesOf<C>>
}

type Asked<A> = {
  readonly [K in keyof A]?: A[K] | (number extends A[K] ? NumberRange : never)
}

export interface SignalOrStart extends StartOptions {
  /** The run's. */
  readonly id: string
  /** The name of the signal. */
  readonly signal: string
  /** What the signal carries; checked by the schema of the step that waits. Default undefined. */
  readonly payload?: unknown
  /** The signal's own id: the same is delivered once. Default a new one. */
  readonly signalId?: string
}

/** One chain, or several that share an input. */
export type Target = AnyChain | readonly AnyChain[]

type InputArguments<C> = C extends readonly unknown[]
  ? [input?: unknown, options?: StartOptions]
  : undefined extends InputOf<C>
    ? [input?: InputOf<C>, options?: StartOptions<AttributesOf<C>>]
    : [input: InputOf<C>, options?: StartOptions<AttributesOf<C>>]

/** A chain's output; of several, each by its chain's id. */
type ResultOf<C> = C extends readonly unknown[] ? Readonly<Record<string, unknown>> : OutputOf<C>

/** The config overlay in its caller's hands. */
export interface ConfigHandle {
  /** Every tunable as it is now; times are in ms. */
  readonly current: Readonly<Config>
  /** 0 is what the code says; each change adds one, and every attempt records the version that it ran under. */
  readonly version: number
  /**
   * Changes the config, durably: it holds for attempts that start from now on, also after a restart.
   * @returns takes the change back.
   */
  change(recipe: (draft: Config) => void): Promise<() => Promise<void>>
}

/** How a supervisor stands. */
export interface Healthz {
  /** Whether it runs, and every service that should run is ready. */
  readonly ok: boolean
  /** As `supervisor.state`. */
  readonly state: string
  /** Every service and group, in start order. */
  readonly services: readonly NodeHealth[]
}

export interface Supervisor extends ScheduleFace {
  /** Asks for a run; resolves once it is durable. It then ends, whatever happens to the process. */
  start<C extends Target>(target: C, ...rest: InputArguments<C>): Promise<Run<ResultOf<C>, EventOf<C>>>
  /** Starts a run and gives its output; rejects with `RunFailed` where it did not succeed. */
  run<C extends Target>(target: C, ...rest: InputArguments<C>): Promise<ResultOf<C>>
  /** Starts a run and says how it ended. */
  settled<C extends Target>(target: C, ...rest: InputArguments<C>): Promise<RunResult<ResultOf<C>>>
  /**
   * Delivers a signal to the run of this id, and starts the run first where there is none: both at once, in one commit.
   * Once for one `signalId`, whoever calls how often. Rejects with RUN_ENDED where the run has ended.
   *
   * @example
   * ```ts
   * const cart = chain<{ user: string }>('cart').wait('item').step('pack', ({ steps }) => steps.item)
   * const supervisor = await createSupervisor({ chains: [cart] })
   * const run = await supervisor.signalOrStart(cart, { user: 'ada' }, { id: 'cart-ada', signal: 'item', payload: 'tea' })
   * console.log(await run.result()) // tea
   * await supervisor.stop()
   * ```
   */
  signalOrStart<C extends AnyChain>(
    chain: C,
    input: InputOf<C>,
    options: SignalOrStart,
  ): Promise<Run<OutputOf<C>, EventOf<C>>>
  /**
   * A run by its id; undefined where there is none.
   *
   * @param chain what it was asked for: says the types of its output and of the events that it takes.
   */
  get<C extends AnyChain>(id: string, chain?: C): Promise<Run<OutputOf<C>, EventOf<C>> | undefined>
  /**
   * Runs, newest first, a page at a time; by attributes through an index.
   *
   * @example
   * ```ts
   * const order = chain('order', { attributes: { customer: 'string', total: 'number' } }).step('pay', () => 'paid')
   * const supervisor = await createSupervisor({ chains: [order] })
   * await supervisor.run(order, undefined, { attributes: { customer: 'a', total: 120 } })
   * const large = await supervisor.list({ chain: order, attributes: { customer: 'a', total: { min: 100 } } })
   * console.log(large.length) // 1
   * await supervisor.stop()
   * ```
   */
  list<C extends AnyChain = AnyChain>(query?: RunQuery<C>): Promise<readonly ListedRun[]>
  /**
   * The approvals inbox: the runs that wait for a signal, newest first, each with since when, its attributes and input.
   * Found by index; what is told of a run is read from its journal, so ask for pages.
   *
   * @param signal only waits for this one. Default any.
   * @example
   * ```ts
   * const release = chain<{ version: string }>('release').wait('approval').step('publish', () => 'published')
   * const supervisor = await createSupervisor({ chains: [release] })
   * await supervisor.start(release, { version: '1.2.0' })
   * for (const { run, signal, input } of await supervisor.waiting('approval')) {
   *   console.log(signal, input) // approval { version: '1.2.0' }
   *   await (await supervisor.get(run))?.signal(signal, 'yes')
   * }
   * await supervisor.stop()
   * ```
   */
  waiting(signal?: string, page?: WaitingPage): Promise<readonly Waiting[]>
  /** Every tunable, versioned and journalled. */
  readonly config: ConfigHandle
  /** The chains and what each needs or follows, as JSON. */
  graph(): readonly ChainDefinition[]
  /** Where the supervisor is: starting, recovering, running, draining, stopped, failed. */
  readonly state: string
  /**
   * Committed events of all runs, from now on. What a subscriber throws goes to `logger`, once, and nowhere else: it
   * gets the next event all the same.
   */
  readonly events$: Observable<JournalEvent>
  /**
   * Committed events from any place of the journal on, each once and in order: what is there is read in pages, then they
   * come as they happen. Every subscription begins at `after`; whoever unsubscribes ends its reading. Ends with the
   * supervisor, wherever it is by then. What a subscriber throws goes to `logger`.
   *
   * @param from.after the `seq` of the last event that was seen; 0 for all there are.
   * @throws CatenaryError BAD_OPTION where that is no whole number from 0
   * @example
   * ```ts
   * const hello = chain('hello').step('say', () => 'hello')
   * const supervisor = await createSupervisor({ chains: [hello] })
   * const told = supervisor.events({ after: 0 }).subscribe(({ type }) => {
   *   if (type === 'run.ended') console.log('it has ended') // it has ended
   * })
   * await supervisor.run(hello)
   * told.unsubscribe()
   * await supervisor.stop()
   * ```
   */
  events(from: EventsAfter): Observable<JournalEvent>
  /** What the journal says of all chains: health, performance, what is missing. */
  readonly analyzer: Analyzer
  /** What would be better: suggestions with their evidence, trials of them on some of the runs. */
  readonly reflector: Reflector
  /**
   * The actors of this process as they move: made, sent events, gone to other states; numbered, in order, without
   * payloads, live only. Whoever subscribes first is told of all that are there. At most 10,000 observations wait, see
   * `actors` of `createSupervisor`; what is dropped is counted in its place. Costs nothing while nobody subscribes, and
   * nothing that a subscriber does reaches an actor. A client fails it: it has none.
   *
   * @example
   * ```ts
   * const hello = chain('hello').step('say', () => 'hello')
   * const supervisor = await createSupervisor({ chains: [hello] })
   * const seen = supervisor.actors$.subscribe((one) => {
   *   if (one.type === 'snapshot' && one.id === 'hello' && one.status === 'done') console.log(one.state) // succeeded
   * })
   * await supervisor.run(hello)
   * seen.unsubscribe()
   * await supervisor.stop()
   * ```
   */
  readonly actors$: Observable<ActorObservation>
  /** How far attempts say they are; live only. What a subscriber throws goes to `logger`. */
  readonly progress$: Observable<Progress>
  /**
   * The root group of services and every other by its id: starts, stops and looks at children by hand, as OTP's
   * `supervisor` does.
   *
   * @example
   * ```ts
   * const workers = group('workers', { strategy: 'simple_one_for_one', maxChildren: 100 }, [
   *   service<string>('worker', ({ signal }) =>
   *     new Promise((stop) => signal.addEventListener('abort', stop, { once: true })),
   *   ),
   * ])
   * const supervisor = await createSupervisor({ chains: [workers] })
   * const started = await supervisor.services.group('workers').startChild({ name: 'one', input: 'a' })
   * console.log(started.ok) // true
   * await supervisor.stop()
   * ```
   */
  readonly services: ServiceCalls
  /**
   * Whether all is well, for a probe from outside: `ok` where it runs and every service that should run is ready. A
   * client knows nothing of services.
   */
  healthz(): Healthz
  /**
   * Attempts in flight get `drain` (default 5 s) to end, then services stop. What has not ended goes on at the next
   * start.
   */
  stop(options?: { readonly drain?: Duration }): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
