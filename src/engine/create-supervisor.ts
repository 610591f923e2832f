// `createSupervisor` over a store that is handed in: checks the chains, starts the engine, gives the public face.

import type { Observable } from 'rxjs'
import type { InspectionEvent } from 'xstate'
import type { AnyChain, AttributesOf, InputOf, OutputOf } from '../chain/any-chain.ts'
import { compile } from '../chain/compile.ts'
import type { EventOf } from '../chain/machine-chain.ts'
import type { Attributes } from '../definition/attributes.ts'
import type { CompiledChain } from '../definition/compiled-chain.ts'
import { type Member, membersOf, type RootOptions } from '../chain/members.ts'
import { type ChainDefinition, define } from '../chain/definition.ts'
import type { JournalEvent, RunTick } from '../journal/event.ts'
import type { HeadQuery, NumberRange, Store } from '../journal/store.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { newRunId } from '../kernel/id.ts'
import { type Config, createConfig } from '../supervision/config.ts'
import { deferInspection } from '../observe/inspection.ts'
import { createDurations } from '../supervision/durations.ts'
import { inWords } from '../kernel/failure.ts'
import type { Deadline } from './runs/deadlines.ts'
import { createEngine } from './create-engine.ts'
import { guardClock, guardLogger } from './guard-host.ts'
import { type ListedRun, listed } from './runs/listed-run.ts'
import { headQueryOf, refuseBadOptions, refuseBadStart, refuseUnnamed, refuseUnwritable } from './options.ts'
import { unregisteredChain } from './refusals.ts'
import { type Run, createRun } from './runs/run.ts'
import type { RunResult } from './runs/run-result.ts'
import { type Face, inRole, type Role } from './clients/role.ts'
import { createScheduleFace, type ScheduleFace } from './schedules/schedule-face.ts'
import { readSchedules } from './schedules/schedule-note.ts'
import { createServiceCalls, type Services as ServiceCalls } from './service-calls.ts'
import { isWell, type NodeHealth } from '../supervision/health.ts'
import { type StopSignal, stopOn } from './stop-on.ts'
import { defaultLimits, type Logger, type Progress } from './services.ts'
import { type Waiting, type WaitingPage, waitingRuns } from './runs/waiting.ts'

export interface SupervisorOptions extends RootOptions {
  /**
   * The chains it runs, and the services and groups that it keeps alive; what they need is taken in by itself.
   * Services start in this order and stop in reverse, after the runs.
   */
  readonly chains: readonly Member[]
  /** Signals of the process at which it stops, as by `stop()`. Default none. */
  readonly stopOn?: readonly StopSignal[]
  /** Live resources, handed to steps as `app`. */
  readonly app?: unknown
  /** Most attempts in flight at once. Default 100. */
  readonly concurrency?: number
  /** Largest payload, in characters of its encoding. Default 1,048,576. */
  readonly maxPayload?: number
  /** So many times in a row an attempt may be in flight when its process dies before its run is parked. Default 3. */
  readonly lostAttempts?: number
  /** Most outputs kept for `memo`; where there are more, the oldest go. Default 10,000. */
  readonly maxMemos?: number
  /**
   * After so many runs in a row of one chain that failed with one and the same input, further runs of it are parked as
   * dead letters instead of being tried; for chains that say nothing of it. Default never.
   */
  readonly poison?: { readonly after: number }
  /** Whether unfinished runs go on by themselves. Default true. */
  readonly recover?: boolean
  /**
   * How many retries (attempts after one that failed, and hedges) there may be, over all runs: at most `ratio` of the
   * attempts of the last `window`, but always `minimum`. A retry beyond it waits until there is room. Default 0.1 in
   * 60 s and always 600, which is 10 a second as in Finagle and Linkerd; `false` for no budget.
   */
  readonly retryBudget?:
    | { readonly ratio?: number; readonly window?: Duration; readonly minimum?: number }
    | false
  /** Whether the schedules of its chains start runs. Default true. */
  readonly schedules?: boolean
  /** A run that only waits leaves memory when nothing in it is due within so long. Default 2 s. */
  readonly hibernateAfter?: Duration
  /**
   * `executor` runs the chains, and is refused where another process does. `client` runs nothing: it leaves what is
   * asked in the store for the executor, and reads what came of it. `auto` executes where nobody does; else it is a
   * client until the other process ends, and takes over. Default `executor`.
   */
  readonly role?: Role
  /** How long a client waits for an executor to carry out a command. Default 30 s. */
  readonly answerWithin?: Duration
  /** Where steps' lines and the engine's problems go; what it throws is ignored. Default nowhere. */
  readonly logger?: Logger
  /** Any XState inspector, as in `createActor({ inspect })`. */
  readonly inspect?: (event: InspectionEvent) => void
  /** Default the system's; tests give a virtual one. */
  readonly clock?: Clock
}

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

/** Creates a supervisor over a store, in the role that it was given, and opens it. */
export async function supervise(store: Store, options: SupervisorOptions): Promise<Supervisor> {
  refuseBadOptions(options)
  const supervisor = await inRole(store, options, execute)
  if (options.stopOn !== undefined) stopOn(options.stopOn, supervisor, guardLogger(options.logger))
  return supervisor
}

/** @param failed told at once when the store fails. */
async function execute(
  store: Store,
  options: SupervisorOptions,
  failed?: (error: CatenaryError) => void,
): Promise<Face> {
  const { specs, root } = membersOf(options.chains, options)
  refuseUnwritable(store, specs)
  const chains = new Map<string, CompiledChain>(specs.map((spec) => [spec.id, compile(spec)]))
  const limits = {
    ...defaultLimits,
    ...(options.maxPayload === undefined ? {} : { maxPayload: options.maxPayload }),
    ...(options.lostAttempts === undefined ? {} : { lostAttempts: options.lostAttempts }),
    ...(options.poison === undefined ? {} : { poisonAfter: options.poison.after }),
    ...(options.maxMemos === undefined ? {} : { maxMemos: options.maxMemos }),
  }
  const config = createConfig({ concurrency: 100, hibernateAfter: 2_000, steps: {} })
  config.base((draft) => {
    if (options.concurrency !== undefined) draft.concurrency = options.concurrency
    if (options.hibernateAfter !== undefined)
      draft.hibernateAfter = toMs(options.hibernateAfter, 'hibernateAfter')
    if (options.retryBudget === false) draft.retryBudget.minimum = Number.MAX_SAFE_INTEGER
    else if (options.retryBudget !== undefined) {
      const { window, ...rest } = options.retryBudget
      Object.assign(draft.retryBudget, rest)
      if (window !== undefined) draft.retryBudget.window = toMs(window, 'window of retryBudget')
    }
  })
  const graph = new Map(
    specs.map((spec) => [spec.id, [...spec.needs, ...spec.follows].map(({ chain }) => chain.id)]),
  )
  const logger = guardLogger(options.logger)
  const clock = guardClock(options.clock ?? systemClock, (error) =>
    logger.error({ error }, `something threw in a timer, and is dropped: ${inWords(error)}`),
  )
  const engine = createEngine({
    chains,
    store,
    clock,
    app: options.app,
    logger,
    inspect:
      options.inspect === undefined
        ? undefined
        : deferInspection(options.inspect, clock, (message) => logger.warn({}, message)),
    config,
    limits,
    recover: options.recover ?? true,
    schedules: options.schedules ?? true,
    failed,
    durations: createDurations(graph),
    root,
  })
  await engine.open()

  const compiledOf = (chain: AnyChain): CompiledChain => {
    const found = chains.get((chain as AnyChain | undefined)?.id ?? '')
    if (found === undefined) {
      throw unregisteredChain((chain as AnyChain | undefined)?.id)
    }
    return found
  }
  const runOf = (id: string): Run<never, { readonly type: string }> =>
    createRun<never>(id, engine, store, { maxPayload: limits.maxPayload, clock })
  const start = async (
    given: Target,
    input?: unknown,
    accepted: StartOptions & { readonly tick?: RunTick } = {},
  ): Promise<Run<never, { readonly type: string }>> => {
    refuseBadStart(accepted)
    const targets = Array.isArray(given) ? (given as readonly AnyChain[]) : [given as AnyChain]
    if (targets.length === 0) throw new CatenaryError('BAD_OPTION', 'no chain was given to start')
    const several = Array.isArray(given)
    return runOf(await engine.accept(targets.map(compiledOf), input, { ...accepted, several }))
  }
  const actOnSchedule: Face['actOnSchedule'] = async (name, what, id) => {
    const schedule = engine.schedule(name)
    if (what === 'trigger') return schedule.trigger(id)
    await schedule[what]()
    return name
  }
  const signalOrStart = async (
    chain: AnyChain,
    input: unknown,
    asked: SignalOrStart,
  ): Promise<Run<never, { readonly type: string }>> => {
    refuseUnnamed(asked)
    const { signal: name, payload, signalId = newRunId(clock), ...accepted } = asked
    let begun = false
    const id = await engine.accept([compiledOf(chain)], input, {
      ...accepted,
      signal: { name, id: signalId, payload },
      begun: () => (begun = true),
    })
    const run = runOf(id)
    if (!begun) await run.signal(name, payload, { id: signalId })
    return run
  }
  let stopping: Promise<void> | undefined
  const stop: Supervisor['stop'] = async ({ drain = 5_000 } = {}) => {
    const limit = toMs(drain, 'drain')
    // who stops it again waits for the same end
    stopping ??= engine.stop(limit)
    return stopping
  }
  const supervisor = {
    start,
    runOf,
    signalOrStart,
    run: async (target: Target, input?: unknown, given?: StartOptions) =>
      (await start(target, input, given)).result(),
    settled: async (target: Target, input?: unknown, given?: StartOptions) =>
      (await start(target, input, given)).settled(),
    async get(id: string) {
      if (typeof id !== 'string') throw new CatenaryError('BAD_OPTION', 'give the id of a run: a text')
      if (!engine.live.has(id) && (await store.head(id)) === undefined) return undefined
      return runOf(id)
    },
    async list(query: RunQuery = {}) {
      return (await store.heads(headQueryOf(query))).map(listed)
    },
    waiting: async (signal?: string, given?: WaitingPage) => waitingRuns(store, signal, given),
    config: {
      get current() {
        return config.current
      },
      get version() {
        return config.version
      },
      async change(recipe: (draft: Config) => void) {
        const change = await engine.configure(() => config.change(recipe))
        return async () => {
          if (change !== undefined) await engine.configure(() => config.revert(change))
        }
      },
    } satisfies ConfigHandle,
    graph: () => specs.map(define),
    actOnSchedule,
    ...createScheduleFace({
      clock,
      schedules: async () => readSchedules(store, clock.now()),
      act: actOnSchedule,
      runOf: (id) => runOf(id),
      start: async (chain, input, given) => start(chain, input, given),
    }),
    get state() {
      return engine.state
    },
    services: createServiceCalls(engine.services, clock, new Set(specs.map(({ id }) => id))),
    healthz(): Healthz {
      const { state, services } = engine
      const nodes = services.tree.health()
      const runs = state === 'recovering' || state === 'running'
      return { ok: runs && services.isUp && isWell(nodes), state, services: nodes }
    },
    events$: engine.events$,
    progress$: engine.progress$,
    stop,
    [Symbol.asyncDispose]: async () => stop(),
  }
  return supervisor
}
