// The engine as the rest of `engine` sees it, and what it is made of.

import type { Observable } from 'rxjs'
import type { Actor, InspectionEvent } from 'xstate'
import type { supervisorMachine } from '../../machines/supervisor.ts'
import type { CompiledChain } from '../definition/compiled-chain.ts'
import type { ServiceGroupSpec } from '../definition/service.ts'
import type { Fact, JournalEvent } from '../journal/event.ts'
import type { RunState } from '../journal/run-state.ts'
import type { Store } from '../journal/store.ts'
import type { Clock } from '../kernel/clock.ts'
import type { ActorObservation } from '../observe/actor-observation.ts'
import type { ActorsOptions } from '../observe/actor-stream.ts'
import type { CatenaryError } from '../kernel/errors.ts'
import type { ConfigChange, ConfigOverlay } from '../supervision/config.ts'
import type { Durations } from '../chain/durations.ts'
import type { Accept } from './runs/accept.ts'
import type { InboxHost } from './clients/inbox.ts'
import type { InLine } from './gates.ts'
import type { Asked } from './internals.ts'
import type { LiveRun } from './runs/live-run.ts'
import type { ScheduleKeeper } from './schedules/schedule-keeper.ts'
import type { ForkAt } from './rewind/plan-fork.ts'
import type { RetryFrom } from './rewind/retry-from.ts'
import type { ServiceHost } from './service-host.ts'
import type { RunBell } from './runs/replies.ts'
import type { Limits, Logger, Progress } from './services.ts'
import type { Rehearsal } from './rehearsal.ts'
import type { Trials } from './reflector/trials.ts'
import type { Answer } from './runs/turns.ts'
import type { Watch } from './watcher.ts'

export interface EngineOptions {
  readonly chains: ReadonlyMap<string, CompiledChain>
  readonly store: Store
  readonly clock: Clock
  readonly app: unknown
  /** Never throws. */
  readonly logger: Logger
  readonly inspect: ((event: InspectionEvent) => void) | undefined
  /** How actors are told of. Default as `ActorsOptions` says. */
  readonly actors?: ActorsOptions | undefined
  readonly config: ConfigOverlay
  readonly limits: Limits
  /** Whether unfinished runs go on by themselves. */
  readonly recover: boolean
  /** Whether the chains' schedules start runs. Default true. */
  readonly schedules?: boolean
  readonly durations: Durations
  /** The group of all services. Default without any. */
  readonly root?: ServiceGroupSpec
  /** Who watches from within. Default nobody. */
  readonly watch?: Watch | undefined
  /** Does what another process asks of a suggestion. @returns what came of it. */
  readonly suggestion?: InboxHost['suggestion']
  /** The analyzer's actions: told of all that was recorded of them, and asked for what another process asks. */
  readonly actions?:
    | { readonly act: InboxHost['action']; readonly recall: (events: readonly JournalEvent[]) => void }
    | undefined
  /** Says how a recorded run is to go again. Default nobody. */
  readonly rehearsal?: Rehearsal | undefined
  /** Told at once when the store fails, before those who wait. */
  readonly failed?: ((error: CatenaryError) => void) | undefined
}

/** Where the supervisor's machine is. */
export type SupervisorState = 'starting' | 'recovering' | 'running' | 'draining' | 'stopped' | 'failed'

export interface Engine {
  readonly actor: Actor<typeof supervisorMachine>
  readonly events$: Observable<JournalEvent>
  readonly progress$: Observable<Progress>
  readonly actors$: Observable<ActorObservation>
  readonly state: SupervisorState
  readonly inFlight: number
  readonly live: ReadonlyMap<string, LiveRun>
  readonly services: ServiceHost
  readonly trials: Trials
  open(): Promise<void>
  /** Resolves with the run's id once it is durable. */
  accept(targets: readonly CompiledChain[], input: unknown, options: Accept): Promise<string>
  /** Begins another run with the history of one; resolves with its id once that is durable. */
  fork(run: string, options: { readonly at: ForkAt; readonly id?: string }, answer?: Answer): Promise<string>
  /** Lets a run that has ended or is parked go on; resolves once that is durable. */
  retry(run: string, from: RetryFrom | undefined, answer?: Answer): Promise<void>
  /**
   * Cancels a run that is a dead letter: what it began is undone first, where it can be. Resolves once that is durable.
   * @returns false for any other run, which is cancelled alive.
   */
  cancelDead(run: string, reason: string | undefined, answer?: Answer): Promise<boolean>
  /** The live run, brought back into memory where it has left it; undefined where it has ended. */
  reach(run: string): Promise<LiveRun | undefined>
  /**
   * Makes a change of the config, if a supervisor may change anything now; resolves once it is durable, with what else is
   * to be recorded with it.
   */
  configure(change: () => ConfigChange | undefined, also?: readonly Fact[]): Promise<ConfigChange | undefined>
  /** Tells in the journal who asked for what; resolves once that is durable. */
  audit(asked: Asked, answer?: Answer): Promise<void>
  /** Does `work` as a turn of the run; resolves once it is durable. */
  commit(run: LiveRun, work: () => void, answer?: Answer): Promise<void>
  /** Where a chain of a run waits for its concurrency group. */
  inLine(run: string, chain: string): InLine | undefined
  /** The schedule of this name; refused where there is none. */
  schedule(name: string): ScheduleKeeper
  /** Rings for a run when a reply to a signal, or its end, is durable. */
  readonly bell: RunBell
  /** Resolves once the run's end is durable; rejects if the store fails first. */
  whenEnded(run: string): Promise<RunState>
  /** Tells all who wait for it that the store says a run has ended. */
  tellEnded(state: RunState): void
  /** Resolves once everything submitted is durable. */
  drained(): Promise<void>
  /**
   * Stops: attempts in flight get `drain` ms to end, then services stop in reverse; what has not ended goes on at the
   * next start.
   */
  stop(drain: number): Promise<void>
}
