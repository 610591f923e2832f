// A supervisor in the role `auto`: executes where nobody does, is a client meanwhile, and takes over when it may.

import { toTheEnd } from '../runs/to-the-end.ts'
import { createAnalyzer } from '../analyzer.ts'
import { analyzeTerms } from '../actions/terms.ts'
import { createReflector } from '../reflector/reflector.ts'
import { suggestBy } from '../reflector/suggest-by.ts'
import { reflectTerms } from '../reflector/terms.ts'
import { BehaviorSubject, NEVER, Subject, switchMap, takeUntil } from 'rxjs'
import type { AnyChain } from '../../chain/any-chain.ts'
import { define } from '../../chain/definition.ts'
import { membersOf } from '../../chain/members.ts'
import type { Store, StoreClient } from '../../journal/store.ts'
import { type Cancel, systemClock } from '../../kernel/clock.ts'
import { toMs } from '../../kernel/duration.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { inWords } from '../../kernel/failure.ts'
import { newRunId } from '../../kernel/id.ts'
import type { Config } from '../../supervision/config.ts'
import { createClientSupervisor } from './client-supervisor.ts'
import type { SupervisorOptions } from '../supervisor-options.ts'
import type { RunQuery, SignalOrStart, StartOptions, Supervisor, Target } from '../supervisor.ts'
import { guardLogger } from '../guard-host.ts'
import { createEventsAfter } from '../events-after.ts'
import { GuardedObservable } from '../../observe/guarded-observable.ts'
import { createGapless } from './gapless.ts'
import { internalsOf, withInternals } from '../internals.ts'
import { executorOnly, stopped } from '../refusals.ts'
import type { Face } from './role.ts'
import { createRelayedRun } from './relayed-run.ts'
import type { Run } from '../runs/run.ts'
import { createScheduleFace } from '../schedules/schedule-face.ts'
import type { Progress } from '../services.ts'

/** Makes an executor of the store; `failed` is told at once when its store fails. */
export type Execute = (
  store: Store,
  options: SupervisorOptions,
  failed?: (error: CatenaryError) => void,
) => Promise<Face>

/** Only an executor can bring the store up to date. */
const isOlder = (error: unknown): boolean => CatenaryError.is(error) && error.code === 'STORE_OLDER'

const gone = { ok: false, state: 'stopped', services: [] }
/** How often to look whether the other process still executes (ms), give or take a quarter. */
const every = 100
/** How long to try, at the start, while another process is only making the store (ms). */
const startWithin = 10_000

export async function standBy(
  store: Store,
  options: SupervisorOptions,
  execute: Execute,
): Promise<Supervisor> {
  const logger = guardLogger(options.logger)
  const clock = options.clock ?? systemClock
  const { specs } = membersOf(options.chains, options)
  const end = new Subject<void>()
  const progress = new Subject<Progress>()
  let client: { readonly face: Face; readonly store: StoreClient } | undefined
  let executor: Face | undefined
  const executing = new BehaviorSubject<Face | undefined>(undefined)
  /** What was an executor and lost its store to another is given back before it is taken again. */
  let leaving: Promise<void> = Promise.resolve()
  let taking: Promise<boolean> | undefined
  let stopping: Promise<void> | undefined
  let cancel: Cancel | undefined
  const isStopping = (): boolean => stopping !== undefined

  const asClient = (): { readonly face: Face; readonly store: StoreClient } => {
    if (client !== undefined) return client
    // checked where the role was
    const opened = store.client?.() as StoreClient
    return (client = { store: opened, face: createClientSupervisor(opened, options) })
  }
  const face = (): Face => {
    if (isStopping()) throw stopped()
    return executor ?? asClient().face
  }
  const reader = (): StoreClient => (executor === undefined ? asClient().store : store)
  const events = createGapless(clock, reader, { retry: true })

  const observed = {
    clock,
    reader: () => (executor === undefined ? asClient().store : store),
    events$: events.events$,
    problem: (what: string, error: unknown) => logger.error({ error }, `${what}: ${inWords(error)}`),
  }
  const analyzer = createAnalyzer({
    ...observed,
    terms: analyzeTerms(options.analyze),
    hands: () => ({
      act: async (id) => withFace(async (by) => by.analyzer.act(id)),
      undo: async (id, why) => withFace(async (by) => by.analyzer.undo(id, why)),
      dismiss: async (id, why) => withFace(async (by) => by.analyzer.dismiss(id, why)),
    }),
  })
  const actors$ = executing.pipe(
    switchMap((by) => by?.actors$ ?? NEVER),
    takeUntil(end),
  )

  const reflector = createReflector({
    clock,
    reader: () => (executor === undefined ? asClient().store : store),
    suggest: suggestBy(options.reflect, clock),
    // whoever executes looks by itself
    terms: { ...reflectTerms(options.reflect), policy: 'ask' },
    hands: {
      apply: async (id, trial) => withFace(async (by) => by.reflector.apply(id, { trial })),
      dismiss: async (id, why) => withFace(async (by) => by.reflector.dismiss(id, why)),
    },
    problem: (what, error) => logger.error({ error }, `${what}: ${inWords(error)}`),
  })

  const take = async (): Promise<boolean> => {
    await leaving
    if (isStopping() || store.taken?.() === true) return false
    let lost = false
    try {
      const taken: Face = await execute(store, options, (error) => {
        if (error.code !== 'STORE_TAKEN') return
        lost = true
        if (executor !== undefined) lose(executor, error)
      })
      if (lost) lose(taken, undefined)
      else begin(taken)
      return !lost
    } catch (error) {
      // another was faster
      if (CatenaryError.is(error) && error.code === 'STORE_LOCKED') return false
      throw error
    }
  }

  const begin = (taken: Face): void => {
    executor = taken
    executing.next(taken)
    logger.info({}, 'this process executes the store now')
    events.live(taken.events$)
    taken.progress$.pipe(takeUntil(end)).subscribe((one) => progress.next(one))
  }

  const lose = (taken: Face, error: CatenaryError | undefined): void => {
    executor = undefined
    executing.next(undefined)
    events.read()
    if (error !== undefined) logger.warn({}, error.message)
    leaving = taken.stop({ drain: 0 }).catch(() => {})
    wait()
  }

  const wait = (): void => {
    cancel?.()
    if (isStopping() || executor !== undefined) return
    const within = every * (0.75 + clock.random() / 2)
    cancel = clock.at(clock.now() + within, () => void look())
  }

  const look = async (): Promise<void> => {
    try {
      taking = take()
      if (await taking) return
    } catch (error) {
      logger.error({}, `the store could not be taken over, and is tried again: ${String(error)}`)
    } finally {
      taking = undefined
    }
    wait()
  }

  const stop: Supervisor['stop'] = async (given = {}) => {
    toMs(given.drain ?? 0, 'drain')
    stopping ??= (async () => {
      analyzer.stop()
      reflector.stop()
      cancel?.()
      await taking?.catch(() => false)
      await executor?.stop(given)
      await leaving
      end.next()
      events.stop()
      progress.complete()
      await client?.face.stop()
    })()
    return stopping
  }

  /** Does it by whoever can; again, where that lost the store meanwhile. What is done is named, so it is done once. */
  const withFace = async <T>(work: (by: Face) => Promise<T>): Promise<T> => {
    for (;;) {
      const by = face()
      try {
        return await work(by)
      } catch (error) {
        if (isStopping() || by === executor || by === client?.face) throw error
      }
    }
  }

  const healthz: Supervisor['healthz'] = () => {
    if (isStopping() && executor === undefined) return gone
    try {
      return (executor ?? asClient().face).healthz()
    } catch {
      return { ok: false, state: 'client', services: [] }
    }
  }

  const runOf = (id: string): Run<never, { readonly type: string }> =>
    createRelayedRun(id, { clock, events$: events.events$, withFace })

  const start = async (
    target: Target,
    input?: unknown,
    given: StartOptions = {},
  ): Promise<Run<never, { readonly type: string }>> => {
    const id = given.id ?? newRunId(clock)
    await withFace(async (by) => by.start(target as readonly [], input, { ...given, id }))
    return runOf(id)
  }

  await begun()
  const supervisor: Supervisor = {
    start,
    async signalOrStart(chain: AnyChain, input: unknown, given: SignalOrStart) {
      const named = { ...given, signalId: given.signalId ?? newRunId(clock) }
      await withFace(async (by) => by.signalOrStart(chain, input as never, named))
      return runOf(given.id)
    },
    ...toTheEnd(start),
    async get(id: string) {
      const found = await withFace(async (by) => by.get(id))
      return found === undefined ? undefined : runOf(id)
    },
    list: async (query?: RunQuery) => withFace(async (by) => by.list(query)),
    waiting: async (signal, page) => withFace(async (by) => by.waiting(signal, page)),
    config: {
      get current() {
        return face().config.current
      },
      get version() {
        return face().config.version
      },
      async change(recipe: (draft: Config) => void) {
        if (executor === undefined) throw executorOnly('the config is changed')
        return executor.config.change(recipe)
      },
    },
    graph: () => specs.map(define),
    ...createScheduleFace({
      clock,
      schedules: async () => withFace(async (by) => by.schedules()),
      act: async (name, what, id) => withFace(async (by) => by.actOnSchedule(name, what, id)),
      runOf: (id) => runOf(id),
      start: async (chain, input, given) => start(chain, input, given),
    }),
    get services() {
      return face().services
    },
    healthz,
    get state() {
      return isStopping() && executor === undefined ? 'stopped' : (executor?.state ?? 'client')
    },
    analyzer,
    reflector,
    events$: events.events$,
    events: createEventsAfter({ ...observed, begun$: events.begun$, retry: true }),
    progress$: progress.asObservable(),
    actors$: new GuardedObservable('actors$', actors$, observed.problem),
    stop,
    [Symbol.asyncDispose]: async () => stop(),
  }
  return withInternals(supervisor, {
    clock,
    reader,
    executes: () => executor !== undefined,
    audit: async (asked) => withFace(async (by) => internalsOf(by)?.audit(asked)),
  })

  /** Executes, or is a client: while another process only makes the store, neither is possible yet. */
  async function begun(): Promise<void> {
    const last = clock.monotonic() + startWithin
    for (;;) {
      if (await take()) return
      try {
        asClient()
        return wait()
      } catch (error) {
        if (isOlder(error)) {
          logger.warn(
            {},
            'an older release executes the store: this process is of no use until that has ended',
          )
          return wait()
        }
        if (clock.monotonic() > last) throw error
      }
      await new Promise<void>((resolve) => void clock.at(clock.now() + every, resolve))
    }
  }
}
