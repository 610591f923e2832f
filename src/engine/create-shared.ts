// Makes what all runs of an engine share: slots, limiters, breakers, the retry budget, groups, memos, and what attempts are handed.

import { createBreakers } from '../execution/breaker.ts'
import { createLimiters } from '../execution/limiter.ts'
import { createPool } from '../execution/pool.ts'
import { RetryBudget } from '../execution/retry-budget.ts'
import type { Committer } from '../journal/committer.ts'
import type { KeepsakeChange } from '../journal/store.ts'
import { inWords } from '../kernel/failure.ts'
import { createHolds } from '../supervision/holds.ts'
import type { Readiness } from '../supervision/readiness.ts'
import type { ActorStream } from '../observe/actor-stream.ts'
import type { EngineOptions } from './engine.ts'
import { createGates } from './gates.ts'
import { Memos } from './memos.ts'
import { Poisons } from './poison.ts'
import type { Progress, Services } from './services.ts'

/** What is shared asks of its engine. */
export interface SharedHost {
  readonly actors: Pick<ActorStream, 'inspector'>
  readonly readiness: Readiness
  readonly trials: Services['trials']
  /** Undefined until the store is taken. */
  committer(): Committer | undefined
  /** Whether what comes after a run has left memory is still recorded. */
  takesLate(): boolean
  /** A reply to a signal of the run is durable. */
  answered(run: string): void
  progress(one: Progress): void
}

export interface Shared {
  readonly services: Services
  /** Reads what the store keeps of it. @returns what is to be written of that. */
  load(): Promise<readonly KeepsakeChange[]>
  /** All runs are back: what was held back for them goes to whoever waits. */
  openAll(): void
  /** The config is another. */
  retune(): void
  stop(): void
  /** Lets go of attempts that linger. */
  detach(): void
}

export function createShared(options: EngineOptions, host: SharedHost): Shared {
  const { store, clock, chains, limits, durations, config, inspect, logger, rehearsal } = options
  const ports = {
    clock,
    get inspect() {
      return host.actors.inspector(inspect)
    },
  }
  const limiters = createLimiters(ports, (id, terms) => config.limiter(id, terms))
  const breakers = createBreakers(ports, (id, terms) => config.breaker(id, terms))
  const retries = new RetryBudget(clock, () => config.current.retryBudget)
  const gates = rehearsal === undefined ? createGates() : rehearsal.gates(createGates())
  const holds = createHolds((chain) => config.held(chain))
  const memos = new Memos({ store, clock, most: limits.maxMemos })
  const poisons = new Poisons({ chain: (id) => chains.get(id), after: limits.poisonAfter })
  let order = 0

  const services: Services = {
    clock,
    readiness: host.readiness,
    holds,
    inspect,
    actors: host.actors,
    limits,
    pool: createPool(config.current.concurrency),
    limiters,
    breakers,
    retries,
    lingering: new Set(),
    nextOrder: () => order++,
    get committer() {
      // nothing runs before there is one
      return host.committer() as Committer
    },
    config,
    chain: (id) => chains.get(id),
    gates,
    memos,
    poisons,
    rehearsal,
    trials: host.trials,
    answered: (run) => host.answered(run),
    tail: (chain) => durations.tail(chain),
    learn: (chain, worked) => durations.learn(chain, worked),
    late: (run, fact) => {
      if (host.takesLate()) host.committer()?.submit({ run, facts: [fact] })
    },
    problem: (run, what, error) => logger.error({ run, error }, `run ${run} ${what}: ${inWords(error)}`),
    attempts: {
      clock,
      app: options.app,
      around: options.watch?.around,
      progress: (place, fraction, note) => {
        host.progress({ volatile: true, place, fraction, ...(note === undefined ? {} : { note }) })
      },
      log: (place, level, message, data) => {
        logger[level]({ ...place, ...(data === undefined ? {} : { data }) }, message)
      },
    },
  }

  return {
    services,
    load: async () => [
      ...memos.load(await store.keepsakes('memo')),
      ...poisons.load(await store.keepsakes('poison')),
    ],
    openAll() {
      gates.openGates()
      memos.openAll()
    },
    retune() {
      services.pool.resize(config.current.concurrency)
      for (const one of [limiters, breakers, retries, holds]) one.retune()
    },
    stop() {
      for (const one of [limiters, breakers, retries]) one.stop()
    },
    detach() {
      for (const attempt of services.lingering) attempt.detach()
    },
  }
}
