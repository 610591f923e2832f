// The engine: takes the store, recovers, commits runs, keeps the nursery of live ones, wakes and hibernates them.

import { type Observable, Subject } from 'rxjs'
import { type Actor, type InspectionEvent, createActor } from 'xstate'
import { supervisorMachine } from '../../machines/supervisor.ts'
import type { CompiledChain } from '../definition/compiled-chain.ts'
import { createPool } from '../execution/pool.ts'
import { createCommitter, type Committer } from '../journal/committer.ts'
import { toEvent } from '../journal/encoding.ts'
import type { Fact, JournalEvent } from '../journal/event.ts'
import { type RunState, acceptRun } from '../journal/run-state.ts'
import type { Row, RunHead, Store } from '../journal/store.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { decode, encode } from '../kernel/codec.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { newRunId } from '../kernel/id.ts'
import { foldRun, loseAttempts, parkingOf } from './activate.ts'
import type { ConfigChange, ConfigOverlay } from '../supervision/config.ts'
import type { Durations } from '../supervision/durations.ts'
import { createGates } from './gates.ts'
import { type Inbox, createInbox } from './inbox.ts'
import { LiveRun } from './live-run.ts'
import { type Plan, planRun } from './plan.ts'
import type { Limits, Logger, Progress, Services } from './services.ts'
import type { Answer } from './turns.ts'

export interface EngineOptions {
  readonly chains: ReadonlyMap<string, CompiledChain>
  readonly store: Store
  readonly clock: Clock
  readonly app: unknown
  readonly logger: Logger | undefined
  readonly inspect: ((event: InspectionEvent) => void) | undefined
  readonly config: ConfigOverlay
  readonly limits: Limits
  /** Whether unfinished runs go on by themselves. */
  readonly recover: boolean
  readonly durations: Durations
}

export interface Accept {
  readonly id?: string
  readonly priority?: number
  readonly deadline?: number
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
  /** Asked for where this begins a new run: the inbox entry that its acceptance answers. */
  readonly answer?: () => Answer
}

/** Where the supervisor's machine is. */
export type SupervisorState = 'starting' | 'recovering' | 'running' | 'draining' | 'stopped' | 'failed'

export interface Engine {
  readonly actor: Actor<typeof supervisorMachine>
  readonly events$: Observable<JournalEvent>
  readonly progress$: Observable<Progress>
  readonly state: SupervisorState
  readonly inFlight: number
  readonly live: ReadonlyMap<string, LiveRun>
  open(): Promise<void>
  /** Resolves with the run's id once it is durable. */
  accept(targets: readonly CompiledChain[], input: unknown, options: Accept): Promise<string>
  /** The live run, brought back into memory where it has left it; undefined where it has ended. */
  reach(run: string): Promise<LiveRun | undefined>
  /** Records a change of the config and lets it hold; resolves with its version once it is durable. */
  configure(change: ConfigChange): Promise<void>
  /** Does `work` as a turn of the run; resolves once it is durable. */
  commit(run: LiveRun, work: () => void, answer?: Answer): Promise<void>
  /** Resolves once the run's end is durable; rejects if the store fails first. */
  whenEnded(run: string): Promise<RunState>
  /** Resolves once everything submitted is durable. */
  drained(): Promise<void>
  /** Stops: attempts in flight get `drain` ms to end; what has not ended goes on at the next start. */
  stop(drain: number): Promise<void>
}

interface Waiter<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: CatenaryError) => void
}

const recoveryPage = 256
const duePage = 512

export function createEngine(options: EngineOptions): Engine {
  const { store, clock, chains, limits, durations, config } = options
  const actor = createActor(
    supervisorMachine,
    options.inspect === undefined ? {} : { inspect: options.inspect },
  )
  const events = new Subject<JournalEvent>()
  const progress = new Subject<Progress>()
  const pool = createPool(config.current.concurrency)
  const gates = createGates()
  const live = new Map<string, LiveRun>()
  const accepting = new Map<string, Promise<string>>()
  const activating = new Map<string, Promise<LiveRun | undefined>>()
  const waiters = new Map<string, Set<Waiter<RunState>>>()
  const commits = new Set<Waiter<void>>()
  let committer: Committer | undefined
  let wake: { readonly at: number; readonly cancel: Cancel } | undefined
  let inbox: Inbox | undefined
  let order = 0
  let failure: CatenaryError | undefined

  const stateNow = (): SupervisorState => actor.getSnapshot().value as SupervisorState
  const is = (...states: readonly SupervisorState[]): boolean => states.includes(stateNow())
  const find = (id: string): CompiledChain | undefined => chains.get(id)

  const services: Services = {
    clock,
    inspect: options.inspect,
    limits,
    pool,
    nextOrder: () => order++,
    get committer() {
      return committer as Committer
    },
    config,
    chain: find,
    gates,
    tail: (chain) => durations.tail(chain),
    learn: (chain, worked) => durations.learn(chain, worked),
    attempts: {
      clock,
      app: options.app,
      progress: (place, fraction, note) => {
        progress.next({ volatile: true, place, fraction, ...(note === undefined ? {} : { note }) })
      },
      log: (place, level, message, data) => {
        options.logger?.[level]({ ...place, ...(data === undefined ? {} : { data }) }, message)
      },
    },
  }

  const watcher = {
    ended(state: RunState) {
      live.get(state.run)?.detach()
      live.delete(state.run)
      for (const waiter of waiters.get(state.run) ?? []) waiter.resolve(state)
      waiters.delete(state.run)
    },
    idle(run: LiveRun, wakeAt: number | null) {
      live.get(run.state.run)?.detach()
      live.delete(run.state.run)
      if (wakeAt !== null) wakeBy(wakeAt)
    },
  }

  // one timer for the soonest of all sleeping runs, however many sleep
  const wakeBy = (at: number): void => {
    if (!is('recovering', 'running') || (wake !== undefined && wake.at <= at)) return
    wake?.cancel()
    wake = { at, cancel: clock.at(at, () => void wakeDue()) }
  }

  const wakeDue = async (): Promise<void> => {
    wake = undefined
    try {
      for (;;) {
        const due = await store.due({ before: clock.now(), limit: duePage })
        for (const head of due) await reach(head.run)
        if (due.length === 0) break
        // heads leave `waiting` only with the commit that their waking caused
        await durable()
        if (due.length < duePage) break
      }
      const next = await store.nextDue()
      if (next !== undefined) wakeBy(next)
    } catch (error) {
      fail(error)
    }
  }

  /** Resolves once all that was submitted before is durable, however much comes after. */
  const durable = async (): Promise<void> =>
    new Promise((resolve) => committer?.submit({ run: '', facts: [], committed: () => resolve() }))

  const fail = (error: unknown): void => {
    if (failure !== undefined || is('stopped')) return
    failure = CatenaryError.is(error)
      ? error
      : new CatenaryError(
          'STORE_UNAVAILABLE',
          'the store can no longer be used; restart the supervisor to recover from what is durable',
          { cause: error },
        )
    actor.send({ type: 'store.failed' })
    dropAll()
    events.complete()
    progress.complete()
    for (const waiting of [...waiters.values(), commits]) for (const { reject } of waiting) reject(failure)
    waiters.clear()
    commits.clear()
  }

  const dropAll = (): void => {
    inbox?.stop()
    wake?.cancel()
    wake = undefined
    for (const run of live.values()) run.detach()
    live.clear()
  }

  const refuseUnlessOpen = (): void => {
    if (failure !== undefined) throw failure
    if (!is('recovering', 'running')) {
      throw new CatenaryError(
        'SUPERVISOR_STOPPED',
        'the supervisor is not running: create a new one with createSupervisor()',
      )
    }
  }

  const accept: Engine['accept'] = async (targets, input, given) => {
    refuseUnlessOpen()
    const id = given.id
    if (id !== undefined) refuseBadId(id)
    if (id === undefined) return acceptNew(newRunId(clock), targets, input, given)
    const pending = accepting.get(id)
    if (pending !== undefined) return pending
    const accepted = (async () => {
      if (live.has(id) || (await store.head(id)) !== undefined) return id
      return acceptNew(id, targets, input, given)
    })()
    accepting.set(id, accepted)
    try {
      return await accepted
    } finally {
      accepting.delete(id)
    }
  }

  const acceptNew = async (
    run: string,
    targets: readonly CompiledChain[],
    input: unknown,
    given: Accept,
  ): Promise<string> => {
    const plan: Plan = await planRun(targets, input, { chains, maxPayload: limits.maxPayload })
    refuseUnlessOpen()
    const fact = {
      type: 'run.accepted',
      targets: plan.targets,
      plan: plan.nodes,
      priority: given.priority ?? Math.max(...targets.map(({ spec }) => spec.priority)),
      config: config.version,
      ...(given.deadline === undefined ? {} : { deadline: given.deadline }),
      ...(given.attributes === undefined ? {} : { attributes: given.attributes }),
      ...(plan.input === undefined ? {} : { payload: plan.input }),
    } as const satisfies Fact
    const state = acceptRun({ ...fact, seq: 0, at: clock.now(), run })
    const created = new LiveRun(state, services, watcher)
    live.set(run, created)
    await commit(
      created,
      () => {
        created.record(fact)
        created.begin()
      },
      given.answer?.(),
    )
    return run
  }

  const commit: Engine['commit'] = async (run, work, answer) =>
    new Promise<void>((resolve, reject) => {
      if (failure !== undefined) return reject(failure)
      const waiter: Waiter<void> = { resolve, reject }
      commits.add(waiter)
      run.turn(() => {
        work()
        run.afterCommit({
          committed() {
            commits.delete(waiter)
            resolve()
          },
        })
      }, answer)
    })

  const startInbox = (): void => {
    if (store.shared !== true) return
    inbox = createInbox({
      store,
      clock,
      live,
      maxPayload: limits.maxPayload,
      chain: find,
      reach,
      accept,
      commit,
      failed: fail,
      answer: async (inboxAnswer) =>
        new Promise((resolve, reject) => {
          if (failure !== undefined) return reject(failure)
          const waiter: Waiter<void> = { resolve, reject }
          commits.add(waiter)
          committer?.submit({
            run: '',
            facts: [],
            inbox: inboxAnswer,
            committed() {
              commits.delete(waiter)
              resolve()
            },
          })
        }),
    })
    inbox.start()
  }

  const reach = async (run: string): Promise<LiveRun | undefined> => {
    const alive = live.get(run)
    if (alive !== undefined) return alive
    const pending = activating.get(run)
    if (pending !== undefined) return pending
    const activation = activate(run)
    activating.set(run, activation)
    try {
      return await activation
    } finally {
      activating.delete(run)
    }
  }

  const activate = async (run: string): Promise<LiveRun | undefined> => {
    const fold = await foldRun(store, run, ({ chain }) => find(chain))
    if (fold.state.ended !== undefined || failure !== undefined) return undefined
    const revived = new LiveRun(fold.state, services, watcher)
    live.set(run, revived)
    if (fold.state.parked !== undefined) return revived
    const diverged = parkingOf(fold, find)
    const lost =
      diverged === undefined
        ? loseAttempts(fold, ({ chain }) => find(chain), limits.lostAttempts, clock.now())
        : undefined
    const parking = diverged ?? lost?.parking
    revived.turn(() => {
      for (const fact of lost?.facts ?? []) revived.record(fact)
      if (parking !== undefined) revived.record(parking)
      else revived.restore(fold)
    })
    return revived
  }

  const recover = async (): Promise<void> => {
    for (let after: string | undefined; ;) {
      const of = after === undefined ? {} : { after }
      const page: readonly RunHead[] = await store.unfinished({ ...of, limit: recoveryPage })
      for (const head of page) {
        if (!is('recovering')) return
        await reach(head.run)
      }
      if (page.length < recoveryPage) break
      after = page.at(-1)?.run
      await new Promise<void>((resolve) => clock.soon(resolve))
    }
    await recoverPaused()
    gates.openGates()
  }

  /** A paused run may be inside a concurrency group; where there are such, it must be known before anyone is let in. */
  const recoverPaused = async (): Promise<void> => {
    if (![...chains.values()].some(({ spec }) => spec.concurrency !== undefined)) return
    let before: string | undefined
    do {
      const page = await store.heads({
        status: ['paused'],
        limit: recoveryPage,
        ...(before === undefined ? {} : { before }),
      })
      for (const head of page) if (is('recovering')) await reach(head.run)
      before = page.length < recoveryPage ? undefined : page.at(-1)?.run
    } while (before !== undefined)
  }

  return {
    actor,
    events$: events.asObservable(),
    progress$: progress.asObservable(),
    get state() {
      return stateNow()
    },
    get inFlight() {
      return pool.inFlight
    },
    live,
    async open() {
      actor.start()
      try {
        const { lastSeq } = await store.open()
        const learned = await store.note('durations')
        if (learned !== undefined) durations.load(learned)
        for (const change of recordedChanges(await store.rows('', 0))) config.replay(change)
        pool.resize(config.current.concurrency)
        committer = createCommitter(store, clock, {
          lastSeq,
          failed: fail,
          published: (committed) => {
            if (events.observed) for (const event of committed) events.next(event)
          },
        })
      } catch (error) {
        actor.send({ type: 'store.failed' })
        throw error
      }
      actor.send({ type: 'opened' })
      startInbox()
      if (!options.recover) {
        gates.openGates()
        return actor.send({ type: 'recovered' })
      }
      const recovery = recover()
        .then(async () => {
          actor.send({ type: 'recovered' })
          await wakeDue()
        })
        .catch(fail)
      void recovery
    },
    accept,
    commit,
    configure: async ({ version, patch, inverse }) =>
      new Promise<void>((resolve, reject) => {
        refuseUnlessOpen()
        const waiter: Waiter<void> = { resolve, reject }
        commits.add(waiter)
        pool.resize(config.current.concurrency)
        committer?.submit({
          run: '',
          facts: [
            { type: 'config.changed', version, payload: encode({ patch, inverse }, 'a config change') },
          ],
          committed() {
            commits.delete(waiter)
            resolve()
          },
        })
      }),
    reach,
    whenEnded: (run) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure)
        let set = waiters.get(run)
        if (set === undefined) waiters.set(run, (set = new Set()))
        set.add({ resolve, reject })
      }),
    drained: async () => committer?.drained(),
    async stop(drain) {
      if (is('stopped')) return
      if (is('failed')) return store.close()
      actor.send({ type: 'stop' })
      inbox?.stop()
      wake?.cancel()
      pool.resize(0)
      await new Promise<void>((resolve) => {
        const cancel = clock.at(clock.now() + drain, resolve)
        pool.whenIdle(() => {
          cancel()
          resolve()
        })
      })
      await committer?.drained()
      actor.send({ type: 'drained' })
      dropAll()
      await committer?.drained()
      if (committer !== undefined && failure === undefined) await store.setNote('durations', durations.dump())
      events.complete()
      progress.complete()
      await store.close()
    },
  }
}

/** The changes of the config that the journal tells of, in order. */
function recordedChanges(rows: readonly Row[]): readonly ConfigChange[] {
  return rows.flatMap((row) => {
    const event = toEvent(row)
    if (event.type !== 'config.changed' || event.payload === undefined) return []
    const { patch, inverse } = decode(event.payload) as Omit<ConfigChange, 'version'>
    return [{ version: event.version, patch, inverse }]
  })
}

function refuseBadId(id: string): void {
  if (typeof id === 'string' && id.length > 0 && id.length <= 200 && id.isWellFormed() && !id.includes('\0'))
    return
  throw new CatenaryError(
    'BAD_OPTION',
    'a run id is a text of 1 to 200 characters, without NUL or half characters',
  )
}
