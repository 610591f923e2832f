// The package: chains, and the supervisor that runs them.

import { CatenaryError } from './kernel/errors.ts'
import { refuseOldNode } from './kernel/node-version.ts'
import { createMemoryStore } from './journal/memory-store.ts'
import type { Store } from './journal/store.ts'
import { supervise } from './engine/create-supervisor.ts'
import type { SupervisorOptions as EngineOptions } from './engine/supervisor-options.ts'
import type { Supervisor } from './engine/supervisor.ts'

export type { Report } from './analysis/report.ts'
export type { Analyzer } from './engine/analyzer.ts'
export { chain, type ChainOptions } from './chain/create-chain.ts'
export { limiter, type Limiter, type LimiterOptions } from './chain/limiter.ts'
export { breaker, type Breaker, type BreakerOptions } from './chain/breaker.ts'
export { attemptOf } from './execution/guest-actors.ts'
export { fromMachine, type MachineOptions } from './chain/from-machine.ts'
export type { EventOf, MachineChain } from './chain/machine-chain.ts'
export type { AnyChain, AttributesOf, InputOf, OutputOf } from './chain/any-chain.ts'
export type { Chain } from './chain/chain.ts'
export type { Settled } from './chain/outputs.ts'
export type { TriggerRule } from '../machines/trigger-rules.ts'
export type { CompensationContext, StepContext, StepLog, Register } from './definition/context.ts'
export type { Backoff } from './definition/backoff.ts'
export type {
  ChainDeclaration,
  Declaration,
  EdgeDeclaration,
  ServiceDeclaration,
  StepDeclaration,
} from './definition/declaration.ts'
export type { Objective, SloOptions } from './definition/objective.ts'
export type { ChainDefinition } from './chain/definition.ts'
export type { Compensate, CompensateOptions, StepOptions, EachOptions } from './chain/options.ts'
export type { ChainMemo, StepMemo } from './chain/memo-options.ts'
export type { TransactOptions } from './chain/transact.ts'
export type {
  HostDatabase,
  HostStatement,
  HostTransaction,
  SqlParameter,
  SqlValue,
} from './definition/host-database.ts'
export { optional, orderOnly, ready, withInput, type ReadyEdge } from './chain/edge.ts'
export { group, service } from './chain/service.ts'
export type { Group, GroupOptions, Probe, Service, ServiceOptions } from './chain/service.ts'
export type { Check, ProbeContext, ServiceContext } from './definition/service.ts'
export type { Healthz } from './engine/supervisor.ts'
export type { NodeHealth } from './supervision/health.ts'
export type { Services, ServiceGroup, DynamicChild, Refused } from './engine/service-calls.ts'
export { CatenaryError, type ErrorCode } from './kernel/errors.ts'
export { NonRetryable, OutcomeUnknown, RetryAfter, type Failure, type FailureKind } from './kernel/failure.ts'
export type { ActorObservation, ActorPlace } from './observe/actor-observation.ts'
export type { ActorsOptions } from './observe/actor-stream.ts'
export type { EventsAfter } from './engine/events-after.ts'
export type { Clock } from './kernel/clock.ts'
export type { Duration } from './kernel/duration.ts'
export type { JournalEvent, RootFailure } from './journal/event.ts'
export { matchesHead } from './journal/head-query.ts'
export type {
  Batch,
  HeadQuery,
  InboxEntry,
  InboxReply,
  Keepsake,
  KeepsakeChange,
  KeepsakeHead,
  NumberRange,
  Opened,
  Row,
  RunHead,
  RunStatus,
  Snapshot,
  Store,
  StoreClient,
  StoreReader,
} from './journal/store.ts'
export type { ConfigHandle, Supervisor, StartOptions, RunQuery, SignalOrStart } from './engine/supervisor.ts'
export type { Logger, Progress } from './engine/services.ts'
export type { Config } from './supervision/config.ts'
export type { Cause } from './engine/runs/causes.ts'
export type { ListedRun } from './engine/runs/listed-run.ts'
export type { Explanation } from './engine/runs/explain.ts'
export type { TraceOptions } from './observe/trace-run.ts'
export type { Trace } from './observe/trace.ts'
export type { Waiting, WaitingPage } from './engine/runs/waiting.ts'
export type { ScheduleOptions } from './chain/schedule.ts'
export type { Tick, Window } from './definition/schedule.ts'
export type { Backfill, BackfillOptions, BackfillProgress } from './engine/schedules/backfill.ts'
export type { ScheduleHandle } from './engine/schedules/schedule-face.ts'
export type { ScheduleStanding } from './engine/schedules/schedule-note.ts'
export type { ForkAt } from './engine/rewind/plan-fork.ts'
export type { RetryFrom } from './engine/rewind/retry-from.ts'
export { RunFailed, type RunResult } from './engine/runs/run-result.ts'
export type { AskOptions, Run } from './engine/runs/run.ts'

export interface SupervisorOptions extends EngineOptions {
  /** A file for SQLite, or any store; default memory, where nothing outlives the process. */
  readonly store?: string | Store
}

/**
 * Creates a supervisor, opens its store, and lets unfinished runs go on.
 *
 * @example
 * ```ts
 * const greet = chain<string>('greet').step('hello', ({ input }) => `hello, ${input}`)
 * const supervisor = await createSupervisor({ chains: [greet] })
 * console.log(await supervisor.run(greet, 'world'))
 * await supervisor.stop()
 * ```
 */
export async function createSupervisor(given: SupervisorOptions): Promise<Supervisor> {
  refuseOldNode(process.versions.node)
  const { store, ...options } = (given as SupervisorOptions | undefined) ?? ({} as SupervisorOptions)
  if (store === undefined) return supervise(createMemoryStore(), options)
  if (typeof store !== 'string') {
    if (typeof (store as Partial<Store> | null)?.append === 'function') return supervise(store, options)
    throw new CatenaryError(
      'BAD_OPTION',
      'store is neither a file name nor a store: give a path, or createSqliteStore(path)',
    )
  }
  const { createSqliteStore } = await import('./sqlite/store.ts')
  return supervise(createSqliteStore(store), options)
}
