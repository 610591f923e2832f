// What the parts of a running engine share: ports, limits and the services of the process.

import type { InspectionEvent } from 'xstate'
import type { CompiledChain } from '../definition/compiled-chain.ts'
import type { AttemptHost, AttemptPlace } from '../execution/attempt.ts'
import type { Breakers } from '../execution/breaker.ts'
import type { Limiters } from '../execution/limiter.ts'
import type { Pool } from '../execution/pool.ts'
import type { RetryBudget } from '../execution/retry-budget.ts'
import type { Committer } from '../journal/committer.ts'
import type { Fact } from '../journal/event.ts'
import type { ConfigOverlay } from '../supervision/config.ts'
import type { Clock } from '../kernel/clock.ts'
import type { ActorStream } from '../observe/actor-stream.ts'
import type { Holds } from '../supervision/holds.ts'
import type { Readiness } from '../supervision/readiness.ts'
import type { Gates } from './gates.ts'
import type { Memos } from './memos.ts'
import type { Poisons } from './poison.ts'
import type { Rehearsal } from './rehearsal.ts'
import type { Trials } from './reflector/trials.ts'

/** Where steps' log lines go. */
export interface Logger {
  /** What went as it was meant. */
  info(line: Readonly<Record<string, unknown>>, message: string): void
  /** What somebody should look at some time. */
  warn(line: Readonly<Record<string, unknown>>, message: string): void
  /** What somebody should look at now. */
  error(line: Readonly<Record<string, unknown>>, message: string): void
}

/** How far an attempt says it is. Live only: lost with the process. */
export interface Progress {
  /** It is not journalled. */
  readonly volatile: true
  /** Which attempt says so. */
  readonly place: AttemptPlace
  /** From 0 to 1. */
  readonly fraction: number
  /** For people. Default none. */
  readonly note?: string
}

export interface Limits {
  /** Largest encoded payload, in characters. */
  readonly maxPayload: number
  /** So many lost attempts of one step make the run a dead letter. */
  readonly lostAttempts: number
  /** So long an aborted attempt may go on before its slot is given away (ms). */
  readonly abandonAfter: number
  /** Most outputs kept to be used again; the oldest go. */
  readonly maxMemos: number
  /** After so many failed runs an input is poison, where its chain says nothing; never where absent. */
  readonly poisonAfter?: number
  /** So long a schema may take to judge what a caller gave (ms). */
  readonly validateWithin: number
}

export const defaultLimits: Limits = {
  maxPayload: 1024 * 1024,
  lostAttempts: 3,
  abandonAfter: 5_000,
  maxMemos: 10_000,
  validateWithin: 10_000,
}

export interface Services {
  readonly clock: Clock
  readonly inspect: ((event: InspectionEvent) => void) | undefined
  readonly actors: Pick<ActorStream, 'inspector'>
  readonly limits: Limits
  readonly pool: Pool
  readonly limiters: Limiters
  readonly breakers: Breakers
  readonly retries: RetryBudget
  /** Attempts whose function goes on although nothing waits for it, also when their run has ended. */
  readonly lingering: Set<{ detach(): void }>
  /** Numbers the runs in the order in which this process takes them up. */
  readonly nextOrder: () => number
  readonly committer: Committer
  readonly config: ConfigOverlay
  readonly chain: (id: string) => CompiledChain | undefined
  readonly gates: Gates
  readonly memos: Memos
  readonly poisons: Poisons
  /** Draws runs for trials. */
  readonly trials: Pick<Trials, 'draw'>
  /** Records what comes after a run has left memory; nothing where the supervisor stops. */
  readonly late: (run: string, fact: Fact) => void
  /** Which services are ready. */
  readonly readiness: Readiness
  /** Which chains the config holds back. */
  readonly holds: Holds
  /** A reply to a signal of the run is durable. */
  readonly answered: (run: string) => void
  /** Tells the host's logger that something went wrong with a run. */
  readonly problem: (run: string, what: string, error: unknown) => void
  /** A chain has ended after so many ms of work. */
  readonly learn: (chain: string, worked: number) => void
  /** Expected work behind a chain on the critical path (ms). */
  readonly tail: (chain: string) => number
  /** What attempts are handed. */
  readonly attempts: AttemptHost
  /** Where a recorded run goes again. Default nobody says how. */
  readonly rehearsal: Rehearsal | undefined
}
