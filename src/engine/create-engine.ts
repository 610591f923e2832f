// The engine: takes the store, recovers, commits runs, keeps the nursery of live ones, wakes and hibernates them.

import { type Observable, Subject } from 'rxjs'
import { createActor } from 'xstate'
import { supervisorMachine } from '../../machines/supervisor.ts'
import type { CompiledChain } from '../definition/compiled-chain.ts'
import { createBreakers } from '../execution/breaker.ts'
import { createLimiters } from '../execution/limiter.ts'
import { rootOf } from '../definition/service.ts'
import { createPool } from '../execution/pool.ts'
import { RetryBudget } from '../execution/retry-budget.ts'
import type { Committer, Turn } from '../journal/committer.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { RunState } from '../journal/run-state.ts'
import { encode } from '../kernel/codec.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { inWords } from '../kernel/failure.ts'
import { GuardedObservable } from '../observe/guarded-observable.ts'
import { createAccept } from './runs/accept.ts'
import type { Engine, EngineOptions, SupervisorState } from './engine.ts'
import { createCancelDead } from './rewind/cancel-dead.ts'
import { createGates } from './gates.ts'
import { groupedTargets } from './grouped.ts'
import { type Inbox, createInbox } from './clients/inbox.ts'
import type { LiveRun } from './runs/live-run.ts'
import { Memos } from './memos.ts'
import { Poisons } from './poison.ts'
import { createNursery } from './nursery.ts'
import { recoverRuns } from './recover.ts'
import { createFork } from './rewind/fork-run.ts'
import { createRetry } from './rewind/retry-run.ts'
import { createServiceHost } from './service-host.ts'
import { servicesRun } from './service-facts.ts'
import { stopped, unavailable } from './refusals.ts'
import { createScheduleHost } from './schedules/schedule-host.ts'
import { createScheduler } from './schedules/scheduler.ts'
import { createRunBell } from './runs/replies.ts'
import type { Progress, Services } from './services.ts'
import { createSleepers } from './sleepers.ts'
import { takeStore } from './take-store.ts'
import { Waiters } from './waiters.ts'

export function createEngine(options: EngineOptions): Engine {
  const { store, clock, chains, limits, durations, config, inspect, logger } = options
  const actor = createActor(supervisorMachine, inspect === undefined ? {} : { inspect })
  const events = new Subject<JournalEvent>()
  const progress = new Subject<Progress>()
  const pool = createPool(config.current.concurrency)
  const limiters = createLimiters({ clock, inspect }, (id, terms) => config.limiter(id, terms))
  const breakers = createBreakers({ clock, inspect }, (id, terms) => config.breaker(id, terms))
  const retries = new RetryBudget(clock, () => config.current.retryBudget)
  const gates = createGates()
  const memos = new Memos({ store, clock, most: limits.maxMemos })
  const ends = new Waiters<RunState>()
  const bell = createRunBell()
  const commits = new Waiters<void>()
  const poisons = new Poisons({ chain: (id) => chains.get(id), after: limits.poisonAfter })
  let committer: Committer | undefined
  let inbox: Inbox | undefined
  let order = 0
  let failure: CatenaryError | undefined

  const stateNow = (): SupervisorState => actor.getSnapshot().value
  const is = (...states: readonly SupervisorState[]): boolean => states.includes(stateNow())
  const find = (id: string): CompiledChain | undefined => chains.get(id)

  const guarded = <T>(name: string, from: Observable<T>): Observable<T> =>
    new GuardedObservable(name, from, (what, error) => logger.error({ error }, `${what}: ${inWords(error)}`))

  const host = createServiceHost({
    root: options.root ?? rootOf([]),
    store,
    clock,
    app: options.app,
    logger,
    inspect,
    record: (fact) => {
      if (failure === undefined) committer?.submit({ run: servicesRun, facts: [fact] })
    },
    failed: (error) => fail(error),
  })

  const services: Services = {
    clock,
    readiness: host.tree.readiness,
    inspect,
    limits,
    pool,
    limiters,
    breakers,
    retries,
    lingering: new Set(),
    nextOrder: () => order++,
    get committer() {
      return committer as Committer
    },
    config,
    chain: find,
    gates,
    memos,
    poisons,
    answered: (run) => bell.ring(run),
    tail: (chain) => durations.tail(chain),
    learn: (chain, worked) => durations.learn(chain, worked),
    late: (run, fact) => {
      if (failure === undefined && is('recovering', 'running', 'draining'))
        committer?.submit({ run, facts: [fact] })
    },
    problem: (run, what, error) => logger.error({ run, error }, `run ${run} ${what}: ${inWords(error)}`),
    attempts: {
      clock,
      app: options.app,
      progress: (place, fraction, note) => {
        progress.next({ volatile: true, place, fraction, ...(note === undefined ? {} : { note }) })
      },
      log: (place, level, message, data) => {
        logger[level]({ ...place, ...(data === undefined ? {} : { data }) }, message)
      },
    },
  }

  const nursery = createNursery(store, services, {
    ended(state) {
      ends.tell(state.run, state)
      bell.ring(state.run)
    },
    asleep: (wakeAt) => {
      if (wakeAt !== null && is('recovering', 'running')) sleepers.wakeBy(wakeAt)
    },
    durable: async () => submit({ facts: [] }),
  })
  const { reach } = nursery

  /** Commits something that belongs to no run. */
  const submit = async (turn: Omit<Turn, 'run' | 'committed'>): Promise<void> =>
    commits.wait('', (resolve) => committer?.submit({ run: '', ...turn, committed: () => resolve() }))

  const commit: Engine['commit'] = async (run, work, answer) =>
    commits.wait(run.runId, (resolve, reject) => {
      run.turn(() => {
        run.afterCommit({ committed: resolve, dropped: reject })
        work()
      }, answer)
    })

  const fail = (error: unknown): void => {
    if (failure !== undefined || is('stopped')) return
    failure = CatenaryError.is(error) ? error : unavailable(error)
    options.failed?.(failure)
    actor.send({ type: 'store.failed' })
    drop()
    // what nobody can write about any more stops too
    void host.stop()
    events.complete()
    progress.complete()
    ends.fail(failure)
    bell.fail(failure)
    commits.fail(failure)
  }

  /** One run that cannot be read must not keep all the others from going on. */
  const reachIfReadable = async (run: string): Promise<LiveRun | false | undefined> => {
    try {
      return await reach(run)
    } catch (error) {
      if (failure !== undefined || (CatenaryError.is(error) && error.code === 'STORE_UNAVAILABLE'))
        throw error
      services.problem(run, 'cannot be read, and is left as it is', error)
      return false
    }
  }

  const sleepers = createSleepers({
    store,
    clock,
    reach: async (run) => (await reachIfReadable(run)) !== false,
    durable: async () => submit({ facts: [] }),
    failed: fail,
  })

  const drop = (): void => {
    inbox?.stop()
    sleepers.stop()
    for (const shared of [limiters, breakers, retries]) shared.stop()
    scheduler.stop().catch(() => {})
    nursery.close()
    for (const attempt of services.lingering) attempt.detach()
  }

  const refuseUnlessOpen = (): void => {
    if (failure !== undefined) throw failure
    if (is('recovering', 'running')) return
    throw stopped()
  }

  const accept = createAccept({ store, services, chains, nursery, commit, refuseUnlessOpen })
  const retry = createRetry({ store, services, nursery, commit, refuseUnlessOpen })
  const fork = createFork({ store, services, nursery, commit, refuseUnlessOpen })
  const cancelDead = createCancelDead({ store, services, nursery, commit, refuseUnlessOpen })

  const scheduler = createScheduler(
    options.schedules === false ? [] : chains.values(),
    createScheduleHost({
      store,
      clock,
      logger,
      chain: find,
      accept,
      commit,
      reach,
      whenEnded: async (run) => ends.wait(run),
      failed: fail,
    }),
  )

  const take = async (): Promise<void> => {
    committer = await takeStore({
      store,
      clock,
      config,
      durations,
      failed: fail,
      published: (committed) => {
        nursery.committed(committed)
        if (events.observed) for (const event of committed) events.next(event)
      },
    })
    await takeKeepsakes()
    pool.resize(config.current.concurrency)
    if (options.schedules !== false) await scheduler.load()
  }

  const takeKeepsakes = async (): Promise<void> => {
    const keepsakes = [
      ...memos.load(await store.keepsakes('memo')),
      ...poisons.load(await store.keepsakes('poison')),
    ]
    if (keepsakes.length > 0) committer?.submit({ run: '', facts: [], keepsakes })
  }

  const recover = async (): Promise<void> => {
    if (options.recover)
      await recoverRuns({
        store,
        clock,
        wanted: () => is('recovering'),
        reach: reachIfReadable,
        forget: nursery.forget,
        grouped: groupedTargets(chains),
      })
    gates.openGates()
    memos.openAll()
    // the store may have failed meanwhile
    if (is('recovering')) actor.send({ type: 'recovered' })
    if (options.recover) await sleepers.wakeDue()
    if (options.schedules !== false) await scheduler.start()
  }

  return {
    actor,
    events$: guarded('events$', events),
    progress$: guarded('progress$', progress),
    get state() {
      return stateNow()
    },
    get inFlight() {
      return pool.inFlight
    },
    live: nursery.live,
    services: host,
    async open() {
      actor.start()
      try {
        await take()
      } catch (error) {
        actor.send({ type: 'store.failed' })
        throw error
      }
      actor.send({ type: 'opened' })
      if (store.shared === true) {
        inbox = createInbox({
          store,
          clock,
          live: nursery.live,
          maxPayload: limits.maxPayload,
          chain: find,
          reach,
          forget: nursery.forget,
          accept,
          retry,
          fork,
          cancelDead,
          commit,
          schedule: (name) => scheduler.keeper(name),
          answer: async (answer) => submit({ facts: [], inbox: answer }),
          problem: services.problem,
          failed: fail,
        })
        inbox.start()
      }
      recover().catch(fail)
      host.start()
    },
    accept,
    retry,
    fork,
    cancelDead,
    commit,
    async configure(make) {
      refuseUnlessOpen()
      const change = make()
      if (change === undefined) return undefined
      const { version, patch, inverse } = change
      const payload = encode({ patch, inverse }, 'a config change')
      const written = submit({ facts: [{ type: 'config.changed', version, payload }] })
      // only now: what begins because of it records its version
      pool.resize(config.current.concurrency)
      for (const shared of [limiters, breakers, retries]) shared.retune()
      await written
      return change
    },
    async reach(run) {
      const found = is('stopped', 'failed') ? undefined : await reach(run)
      if (found !== undefined) return found
      if (failure !== undefined) throw failure
      if (is('stopped')) throw stopped()
      return undefined
    },
    inLine: (run, chain) => gates.inLine(run, chain),
    schedule: (name) => {
      refuseUnlessOpen()
      return scheduler.keeper(name)
    },
    bell,
    whenEnded: async (run) => ends.wait(run),
    tellEnded: (state) => ends.tell(state.run, state),
    drained: async () => committer?.drained(),
    async stop(drain) {
      if (is('stopped')) return
      if (is('failed')) {
        await host.stop()
        return store.close()
      }
      actor.send({ type: 'stop' })
      inbox?.stop()
      sleepers.stop()
      const scheduling = scheduler.stop()
      pool.resize(0)
      await new Promise<void>((resolve) => {
        const cancel = clock.at(clock.now() + drain, resolve)
        pool.whenIdle(() => {
          cancel()
          resolve()
        })
      })
      await committer?.drained()
      await scheduling
      // runs in flight had what they use; now it goes
      await host.stop()
      if (failure !== undefined) return store.close()
      actor.send({ type: 'drained' })
      drop()
      await committer?.drained()
      if (committer !== undefined && failure === undefined)
        await store.setNote('durations', durations.dump()).catch(fail)
      // what has not ended goes on at the next start, but not for those who wait here
      ends.fail(stopped())
      bell.fail(stopped())
      commits.fail(stopped())
      events.complete()
      progress.complete()
      await store.close()
    },
  }
}
