// The engine: takes the store, recovers, commits runs, keeps the nursery of live ones, wakes and hibernates them.

import { createActor } from 'xstate'
import { idleWithin } from '../execution/pool.ts'
import { supervisorMachine } from '../../machines/supervisor.ts'
import { declare } from '../chain/declare.ts'
import { rootOf } from '../definition/service.ts'
import type { Committer, Turn } from '../journal/committer.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { createAccept } from './runs/accept.ts'
import { createListeners } from './listeners.ts'
import { createShared } from './create-shared.ts'
import type { Engine, EngineOptions, SupervisorState } from './engine.ts'
import { createCancelDead } from './rewind/cancel-dead.ts'
import { groupedTargets } from './grouped.ts'
import { type Inbox, createInbox } from './clients/inbox.ts'
import { createNursery } from './nursery.ts'
import { createConfigure } from './configure.ts'
import { createReachIfReadable, recoverRuns } from './recover.ts'
import { createFork } from './rewind/fork-run.ts'
import { createRetry } from './rewind/retry-run.ts'
import { createActorStream } from '../observe/actor-stream.ts'
import { rootsOf } from './roots.ts'
import { createServiceHost } from './service-host.ts'
import { servicesRun } from './service-facts.ts'
import { stopped, unavailable } from './refusals.ts'
import { createScheduleHost } from './schedules/schedule-host.ts'
import { createScheduler } from './schedules/scheduler.ts'
import { createSleepers } from './sleepers.ts'
import { inWords } from '../kernel/failure.ts'
import { Trials } from './reflector/trials.ts'
import { takeStore } from './take-store.ts'

export function createEngine(options: EngineOptions): Engine {
  const { store, clock, chains, limits, durations, config, inspect, logger, watch } = options
  const root = options.root ?? rootOf([])
  const actor = createActor(supervisorMachine, {
    id: 'supervisor',
    ...(inspect === undefined ? {} : { inspect }),
  })
  const listeners = createListeners(logger)
  const { ends, bell, commits, commit } = listeners
  let committer: Committer | undefined
  let inbox: Inbox | undefined
  let failure: CatenaryError | undefined

  const stateNow = (): SupervisorState => actor.getSnapshot().value
  const is = (...states: readonly SupervisorState[]): boolean => states.includes(stateNow())

  const actors = createActorStream({
    ...options.actors,
    clock,
    roots: () => rootsOf({ actor, tree: host.tree, services, live: nursery.live }),
    problem: (what, error) => logger.error({ error }, `${what}: ${inWords(error)}`),
  })

  const host = createServiceHost({
    root,
    store,
    clock,
    app: options.app,
    logger,
    inspector: () => actors.inspector(inspect),
    record: (fact) => {
      if (failure === undefined) committer?.submit({ run: servicesRun, facts: [fact] })
    },
    failed: (error) => fail(error),
  })

  const trials = new Trials({
    clock,
    config,
    store,
    record: async (facts, change) => void (await configure(change ?? (() => undefined), facts)),
    problem: (what, error) => logger.error({ error }, `the reflector ${what}: ${inWords(error)}`),
  })
  const shared = createShared(options, {
    actors,
    readiness: host.tree.readiness,
    trials,
    committer: () => committer,
    takesLate: () => failure === undefined && is('recovering', 'running', 'draining'),
    answered: (run) => bell.ring(run),
    progress: (one) => listeners.progress.next(one),
  })
  const { services } = shared
  const { pool, gates } = services

  const nursery = createNursery(store, services, {
    ended: (state) => listeners.ended(state),
    asleep: (wakeAt) => {
      if (wakeAt !== null && is('recovering', 'running')) sleepers.wakeBy(wakeAt)
    },
    durable: async () => submit({ facts: [] }),
    recall: watch?.recall,
  })
  const { reach } = nursery

  /** Commits something that belongs to no run. */
  const submit = async (turn: Omit<Turn, 'run' | 'committed'>): Promise<void> =>
    commits.wait('', (resolve) => committer?.submit({ run: '', ...turn, committed: () => resolve() }))

  const audit: Engine['audit'] = async ({ command, of, by }, answer) => {
    refuseUnlessOpen()
    const fact = { type: 'command.asked', command, of, by } as const
    await submit({ facts: [fact], ...(answer === undefined ? {} : { inbox: answer }) })
  }

  const fail = (error: unknown): void => {
    if (failure !== undefined || is('stopped')) return
    failure = CatenaryError.is(error) ? error : unavailable(error)
    options.failed?.(failure)
    actor.send({ type: 'store.failed' })
    drop()
    // what nobody can write about any more stops too
    void host.stop()
    listeners.over(failure)
    actors.stop()
    watch?.detach()
  }

  const reachIfReadable = createReachIfReadable({
    reach,
    failed: () => failure !== undefined,
    problem: services.problem,
  })

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
    trials.detach()
    shared.stop()
    scheduler.stop().catch(() => {})
    nursery.close()
    shared.detach()
  }

  const refuseUnlessOpen = (): void => {
    if (failure !== undefined) throw failure
    if (is('recovering', 'running')) return
    throw stopped()
  }

  const configure = createConfigure({ shared, submit, refuseUnlessOpen })
  const base = { store, services, nursery, commit, refuseUnlessOpen }
  const accept = createAccept({ ...base, chains })
  const retry = createRetry(base)
  const fork = createFork(base)
  const cancelDead = createCancelDead(base)

  const scheduler = createScheduler(
    options.schedules === false ? [] : chains.values(),
    createScheduleHost({
      store,
      clock,
      logger,
      chain: services.chain,
      accept,
      commit,
      reach,
      whenEnded: async (run) => ends.wait(run),
      failed: fail,
    }),
  )

  const take = async (): Promise<void> =>
    takeStore({
      store,
      clock,
      config,
      durations,
      declaring: declare(chains.values(), root, config.current.concurrency),
      recall(events) {
        trials.recall(events)
        options.actions?.recall(events)
      },
      async load(taken) {
        committer = taken
        const keepsakes = await shared.load()
        if (keepsakes.length > 0) committer.submit({ run: '', facts: [], keepsakes })
        pool.resize(config.current.concurrency)
        if (options.schedules !== false) await scheduler.load()
      },
      failed: fail,
      watch: watch?.told,
      published: (committed) => {
        nursery.committed(committed)
        listeners.published(committed)
        trials.see(committed)
      },
    })

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
    shared.openAll()
    // the store may have failed meanwhile
    if (is('recovering')) actor.send({ type: 'recovered' })
    if (options.recover) await sleepers.wakeDue()
    if (options.schedules !== false) await scheduler.start()
    // what it reads may be long: nothing waits for it
    trials.resume().catch((error: unknown) => services.problem('', 'of trials could not be taken up', error))
  }

  return {
    actor,
    events$: listeners.events$,
    progress$: listeners.progress$,
    actors$: actors.actors$,
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
        watch?.detach()
        throw error
      }
      actor.send({ type: 'opened' })
      if (store.shared === true) {
        inbox = createInbox({
          store,
          clock,
          live: nursery.live,
          maxPayload: limits.maxPayload,
          chain: services.chain,
          reach,
          forget: nursery.forget,
          accept,
          retry,
          fork,
          cancelDead,
          commit,
          schedule: (name) => scheduler.keeper(name),
          answer: async (answer) => submit({ facts: [], inbox: answer }),
          audit,
          suggestion: options.suggestion ?? (async () => Promise.reject(stopped())),
          action: options.actions?.act ?? (async () => Promise.reject(stopped())),
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
    audit,
    configure,
    trials,
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
      await idleWithin(pool, clock, drain)
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
      listeners.over(stopped())
      actors.stop()
      watch?.detach()
      await store.close()
    },
  }
}
