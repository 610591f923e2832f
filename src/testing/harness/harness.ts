// A chain under test, as the test sees it: what it may ask of it, and what it may do to it.

import type { AnyChain } from '../../chain/any-chain.ts'
import type { StartOptions, Supervisor } from '../../engine/supervisor.ts'
import type { SupervisorOptions } from '../../engine/supervisor-options.ts'
import type { Run } from '../../engine/runs/run.ts'
import type { JournalEvent, ParkReason, RootFailure, RunOutcome } from '../../journal/event.ts'
import type { Duration } from '../../kernel/duration.ts'
import type { FaultyStore } from '../faulty-store.ts'
import type { VirtualClock } from '../virtual-clock.ts'
import type { CommitFault } from './breakable-store.ts'
import type { HeldAttempt } from './held-attempt.ts'
import type { History } from './history.ts'
import type { Script } from './scripts.ts'

/** How a chain is tested; what else `createSupervisor` takes may be given too. */
export interface HarnessOptions<In = unknown> extends Omit<SupervisorOptions, 'chains' | 'clock'> {
  /** What the chain is run with. Default nothing. */
  readonly input?: In
  /**
   * What steps do instead of waiting for the test, by name: `fetch`, `fetch:fallback`, `fetch:compensation`, or
   * `extract/fetch` for a step of another chain. One script for all attempts, or one for each in turn, the last one
   * again and again; `'real'` is what their author wrote. Default the test ends each attempt.
   */
  readonly steps?: Readonly<Record<string, Script | readonly Script[] | 'real'>>
  /**
   * Whether attempts wait for the test also where `steps` has a script: it is then what their `real()` and `work()` do.
   * Default false.
   */
  readonly hold?: boolean
  /**
   * What chains that it needs or calls are instead of themselves, by id: an output, or a script. Default themselves,
   * with their attempts in the test's hands too.
   */
  readonly needs?: Readonly<Record<string, unknown>>
  /** Other chains of the supervisor: those that follow, or run beside it. Default none. */
  readonly chains?: readonly AnyChain[]
  /** Whether every slot is taken until `free()`. Default false. */
  readonly occupied?: boolean
  /** The time to begin with, in ms since the epoch. Default 0. */
  readonly now?: number
  /** Decides what is random: jitter, `random()`. Default 1. */
  readonly seed?: number
  /** How its runs are started. */
  readonly start?: StartOptions
}

/** How a run has ended, or why it stands still until a person acts. */
export interface End<R = unknown> {
  readonly status: RunOutcome | ParkReason
  /** What it returned; undefined where it did not succeed. */
  readonly output: R | undefined
  /** Where its failures began; none where it succeeded. */
  readonly failures: readonly RootFailure[]
}

/** A chain under test: its machine, run by the real engine on virtual time. */
export interface Harness<R = unknown> {
  readonly chain: AnyChain
  /** The same, and the other chains of the supervisor; those that they need or call are not named. */
  readonly chains: readonly AnyChain[]
  /** Virtual time; only the test moves it. */
  readonly clock: VirtualClock
  /** The one that is alive, over a store in memory. */
  readonly supervisor: Supervisor
  /** The run that was started last. */
  readonly run: Run<R>
  /** The active states of the chain's machine by path, such as `fetch` and `fetch.running`; its last ones at the end. */
  readonly states: readonly string[]
  /**
   * The attempt of a step that has been in flight for longest, once all has come to rest; no time passes.
   *
   * @param step its name; `fetch:fallback`, `fetch:compensation`; `extract/fetch` of another chain,
   *   `report/sub/fetch` of one call of it, as the timeline has it.
   * @param item of which item, in an `each`: one that is equal, or for an object its key. Default any.
   * @throws CatenaryError ATTEMPT_ABSENT where none is in flight: says where the run is instead; SUPERVISOR_STOPPED
   *   where the process has died, as after `breakCommit('dies-before')`
   */
  attempt(step: string, item?: unknown): Promise<HeldAttempt>
  /** All attempts of a step that are in flight, the longest first; of all steps without one. None is no error. */
  attempts(step?: string): Promise<readonly HeldAttempt[]>
  /** Moves time on; without `by`, to where something happens to the run. */
  advance(by?: Duration): Promise<void>
  /** Delivers a signal to the run. */
  signal(name: string, payload?: unknown): Promise<void>
  /** Asks for the run's end. */
  cancel(reason?: string): Promise<void>
  /**
   * The process dies as by `kill -9`, with its attempts in flight, and another one takes up what is durable.
   *
   * @param options.during one between them dies too: over that commit of its recovery, from 1, or at its end. Default none.
   */
  crash(options?: { readonly during?: number }): Promise<void>
  /**
   * Breaks a commit that is to come: the disk refuses it, nobody hears of it, or the process dies over it. The supervisor
   * has failed then; `crash()` makes the next one.
   *
   * @param nth which one, 1 for the next. Default 1.
   */
  breakCommit(how: CommitFault, nth?: number): void
  /** Takes every slot, so that attempts wait. */
  occupy(): Promise<void>
  /** Gives back the slots that `occupy` took. */
  free(): Promise<void>
  /** Starts another run of the chain, and looks at that from now on. */
  again(input?: unknown): Promise<void>
  /**
   * How the run has ended, or that it is parked; no time passes.
   *
   * @throws CatenaryError RUN_UNFINISHED where neither is so: says what it waits for
   */
  end(): Promise<End<R>>
  /** The run as text for inline snapshots: a line for each thing that happened, at times from its acceptance on. */
  timeline(): string
  /** The store of the process that is alive: a full disk, reads that fail, commits that take their time. */
  readonly store: FaultyStore
  /** How often anything was committed. */
  readonly commits: number
  /** The run's durable events. */
  events(): readonly JournalEvent[]
  /** What the machines of the run went through, by its events. */
  history(): History
  /** Ends the supervisor at once, as a crash does. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
