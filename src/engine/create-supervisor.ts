// `createSupervisor` over a store that is handed in: checks the chains, starts the engine, gives the public face.

import { toTheEnd } from './runs/to-the-end.ts'
import { actOn, createActingAnalyzer, createRecalled } from './actions/acting-analyzer.ts'
import { analyzeTerms } from './actions/terms.ts'
import { actOnSuggestion, createHands } from './reflector/apply.ts'
import { createReflector } from './reflector/reflector.ts'
import { suggestBy } from './reflector/suggest-by.ts'
import { reflectTerms } from './reflector/terms.ts'
import type { AnyChain } from '../chain/any-chain.ts'
import { compile } from '../chain/compile.ts'
import type { CompiledChain } from '../definition/compiled-chain.ts'
import { membersOf } from '../chain/members.ts'
import { define } from '../chain/definition.ts'
import type { RunTick } from '../journal/event.ts'
import type { Store } from '../journal/store.ts'
import { systemClock } from '../kernel/clock.ts'
import { toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { newRunId } from '../kernel/id.ts'
import { type Config, createConfig } from '../supervision/config.ts'
import { placesOf } from '../supervision/config-places.ts'
import { deferInspection, inspectorOf } from '../observe/inspection.ts'
import { createDurations } from '../chain/durations.ts'
import { inWords } from '../kernel/failure.ts'
import { createEventsAfter } from './events-after.ts'
import { createEngine } from './create-engine.ts'
import type { EngineOptions } from './engine.ts'
import { guardClock, guardLogger } from './guard-host.ts'
import { withInternals } from './internals.ts'
import { listed } from './runs/listed-run.ts'
import {
  headQueryOf,
  refuseBadOptions,
  refuseBadStart,
  refuseUnnamed,
  refuseUnwritable,
  watchersOf,
} from './options.ts'
import { unregisteredChain } from './refusals.ts'
import type { Rehearsal } from './rehearsal.ts'
import type {
  ConfigHandle,
  Healthz,
  RunQuery,
  SignalOrStart,
  StartOptions,
  Supervisor,
  Target,
} from './supervisor.ts'
import type { SupervisorOptions } from './supervisor-options.ts'
import { type Run, createRun } from './runs/run.ts'
import { type Face, inRole } from './clients/role.ts'
import { createScheduleFace } from './schedules/schedule-face.ts'
import { defaultLimits } from './services.ts'
import { readSchedules } from './schedules/schedule-note.ts'
import { createServiceCalls } from './service-calls.ts'
import { isWell } from '../supervision/health.ts'
import { stopOn } from './stop-on.ts'
import { type WaitingPage, waitingRuns } from './runs/waiting.ts'
import { type Load, createWatch } from './watcher.ts'

/**
 * Creates a supervisor over a store, in the role that it was given, and opens it.
 *
 * @param rehearsal says how a recorded run is to go again. Default nobody.
 */
export async function supervise(
  store: Store,
  options: SupervisorOptions,
  rehearsal?: Rehearsal,
): Promise<Supervisor> {
  refuseBadOptions(options)
  const supervisor = await inRole(store, options, async (taken, given, failed) =>
    execute(taken, given, { failed, rehearsal }),
  )
  if (options.stopOn !== undefined) stopOn(options.stopOn, supervisor, guardLogger(options.logger))
  return supervisor
}

/** @param besides.failed told at once when the store fails. */
async function execute(
  store: Store,
  options: SupervisorOptions,
  { failed, rehearsal }: Pick<EngineOptions, 'failed' | 'rehearsal'>,
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
  const config = createConfig({ concurrency: 100, hibernateAfter: 2_000, steps: {} }, placesOf(specs))
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
  const healthz = (): Healthz => {
    const { state, services } = engine
    const nodes = services.tree.health()
    const runs = state === 'recovering' || state === 'running'
    return { ok: runs && services.isUp && isWell(nodes), state, services: nodes }
  }
  const load = (): Load => ({ inFlight: engine.inFlight, runs: engine.live.size })
  const watch = createWatch(watchersOf(options.telemetry), { store, logger, healthz, load })
  const inspect =
    options.inspect === undefined
      ? undefined
      : deferInspection(inspectorOf(options.inspect), clock, (message) => logger.warn({}, message))
  const recalled = createRecalled()
  const engine = createEngine({
    chains,
    store,
    clock,
    app: options.app,
    logger,
    inspect,
    actors: options.actors,
    config,
    limits,
    recover: options.recover ?? true,
    schedules: options.schedules ?? true,
    failed,
    rehearsal,
    durations: createDurations(graph),
    root,
    watch,
    suggestion: async (id, act, why) => actOnSuggestion(reflector, id, act, why),
    actions: {
      act: async (id, act, why) => actOn(acting.analyzer, id, { act, why }),
      recall: recalled.recall,
    },
  })
  const terms = reflectTerms(options.reflect)
  const reflector = createReflector({
    clock,
    reader: () => store,
    suggest: suggestBy(options.reflect, clock),
    terms,
    hands: createHands({ clock, config, engine, terms }),
    inspect,
    problem: (what, error) => logger.error({ error }, `${what}: ${inWords(error)}`),
  })
  const observed = {
    clock,
    reader: () => store,
    events$: engine.events$,
    problem: (what: string, error: unknown) => logger.error({ error }, `${what}: ${inWords(error)}`),
  }
  const acting = createActingAnalyzer(
    { ...observed, inspect, engine, config, store, chains, terms: analyzeTerms(options.analyze) },
    recalled.live,
  )
  const { analyzer } = acting
  await engine.open()
  acting.start()

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
  engine.trials.listen((what) => reflector.heard(what))
  if (terms.policy === 'auto') reflector.start()
  let stopping: Promise<void> | undefined
  const stop: Supervisor['stop'] = async ({ drain = 5_000 } = {}) => {
    const limit = toMs(drain, 'drain')
    // who stops it again waits for the same end
    acting.stop()
    reflector.stop()
    stopping ??= engine.stop(limit)
    return stopping
  }
  const supervisor = {
    start,
    runOf,
    signalOrStart,
    ...toTheEnd(start),
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
    healthz,
    analyzer,
    reflector,
    events$: engine.events$,
    events: createEventsAfter({ ...observed, retry: false }),
    progress$: engine.progress$,
    actors$: engine.actors$,
    stop,
    [Symbol.asyncDispose]: async () => stop(),
  }
  return withInternals(supervisor, {
    clock: options.clock ?? systemClock,
    reader: () => store,
    executes: () => true,
    audit: async (asked) => engine.audit(asked),
  })
}
