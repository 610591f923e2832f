// What a supervisor is made of and how it is to behave, as its caller says it.

import type { ActorsOptions } from '../observe/actor-stream.ts'
import type { InspectionEvent, Observer } from 'xstate'
import type { Member, RootOptions } from '../chain/members.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Duration } from '../kernel/duration.ts'
import type { Role } from './clients/role.ts'
import type { AnalyzeOptions } from './actions/terms.ts'
import type { ReflectOptions } from './reflector/terms.ts'
import type { StopSignal } from './stop-on.ts'
import type { Logger } from './services.ts'
import type { Watcher } from './watcher.ts'

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
  /** How actors are told of by `actors$`. Default 5,000 observations a second, at most 10,000 that wait, as they are. */
  readonly actors?: ActorsOptions
  /** Any XState inspector, as in `createActor({ inspect })`: a function, or an observer. Default none. */
  readonly inspect?: ((event: InspectionEvent) => void) | Observer<InspectionEvent>
  /** Telemetry, such as `createTelemetry()` or `createPrometheus()`: one watcher, or several. Default none. */
  readonly telemetry?: Watcher | readonly Watcher[]
  /** What the analyzer may have done of what it finds necessary, and when that is judged. Default nothing. */
  readonly analyze?: AnalyzeOptions
  /** Whether the reflector may apply what it finds, and how often it looks. Default it asks. */
  readonly reflect?: ReflectOptions
  /** Default the system's; tests give a virtual one. */
  readonly clock?: Clock
}
