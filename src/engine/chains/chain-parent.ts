// What a live chain and the run that it belongs to may ask of each other.

import type { AnyActorRef } from 'xstate'
import type { FailureLike, Undo } from '../../../machines/state.ts'
import type { ChainOutcome, Compensated } from '../../definition/compiled-chain.ts'
import type { Window } from '../../definition/schedule.ts'
import type { Fact } from '../../journal/event.ts'
import type { Started } from '../../journal/started.ts'
import type { KeepsakeChange } from '../../journal/store.ts'
import type { TrialArm } from '../../journal/watch-fact.ts'
import type { Failure } from '../../kernel/failure.ts'
import type { Services } from '../services.ts'
import type { Stored } from '../payloads.ts'

/** Done once the turn that asked for it is durable. */
export interface Effect {
  committed(): void
  /** Told instead where the turn was dropped, and nothing of it is recorded. */
  dropped?(error: unknown): void
}

/** Has a turn committed that records nothing: only a committed turn tells whether its run is at rest. */
export const commitAnyway: Effect = { committed() {} }

/** Whose step called another chain. */
export interface Caller {
  readonly chain: string
  readonly step: string
  readonly item?: string
}

/** What a step calls. */
export interface Called {
  /** The chain's id. */
  readonly of: string
  readonly input: unknown
  /** The caller goes on where it was: what it called may be going on as well. */
  readonly restored: boolean
}

export interface ChainParent {
  readonly runId: string
  /** The tick that the run is for, else when it was accepted (ms since the epoch). */
  readonly scheduledAt: number
  readonly window: Window | undefined
  readonly priority: number
  readonly paused: boolean
  /** The run has ended or left memory: nothing is recorded by its turns any more. */
  readonly closed: boolean
  /** Whether it stands still until a person acts. */
  readonly parked: boolean
  /** Only outputs that were made after this are used again (ms since the epoch). */
  readonly freshAfter: number
  /** The trial that the run takes part in. */
  readonly arm: TrialArm | undefined
  /** When a chain of it must have ended (ms since the epoch). */
  deadlineOf(chain: string): number | undefined
  /** The run's place among all that this process took up. */
  readonly order: number
  readonly services: Services
  /** Does `work` as one turn: what it records is committed together. */
  turn(work: () => void): void
  record(fact: Fact): void
  /** Keeps the slot of an attempt that has ended, for the next one of the same turn. */
  carrySlot(): void
  /** Takes the slot kept in this turn, if there is one. */
  takeCarried(): boolean
  afterCommit(effect: Effect): void
  /** Keeps, or lets go of, something with the commit of this turn. */
  keep(changes: readonly KeepsakeChange[]): void
  /** Something threw where no turn would see it: nothing of this turn is recorded, and the run is folded again. */
  crash(error: unknown): void
  /** Called at the end of the turn, before it is committed, when no machine is in the middle of a transition. */
  pump(work: () => void): void
  /** Does `work` as a turn; within one, at its end, as `pump` does. */
  whenStill(work: () => void): void
  ended(key: string, outcome: ChainOutcome): void
  call(caller: Caller, called: Called): void
  cancelCall(caller: Caller): void
  /** A called chain has succeeded, and stays in case its caller is undone. */
  kept(key: string, outcome: ChainOutcome): void
  /** A called chain that had succeeded is undone. */
  undone(key: string, outcome: Compensated): void
  /** Has what a step called undo itself. @returns whether there is nothing to wait for. */
  undoCall(caller: Caller): boolean
  /** A compensation has failed for good: a person must act. */
  stuck(key: string, undo: Undo | undefined, failure: FailureLike | undefined): void
  /** The chain waits for other signals than before. */
  waitsChanged(): void
  /** Looks in the inbox for a signal that a step now waits for. */
  awaitSignal(key: string, step: string): void
}

/** XState would end the process with what is thrown where it tells of an actor's end. */
export function hear(parent: Pick<ChainParent, 'crash'>, end: () => void): void {
  try {
    end()
  } catch (error) {
    parent.crash(error)
  }
}

/** A live chain as its run sees it. */
export interface LiveChain {
  readonly key: string
  /** The version that its run is pinned to. */
  readonly version: string
  readonly actor: AnyActorRef
  /** Attempts queued or in flight, and aborted ones that have not ended. */
  readonly busy: number
  /** Attempts in flight. */
  readonly inFlight: number
  /** How long its attempts worked so far, those of an `each` side by side (ms). */
  readonly worked: number
  /** Absolute due times of its running timers (ms since the epoch). */
  dues(): Iterable<number>
  /** Names of the signals that it waits for. */
  readonly waiting: ReadonlySet<string>
  /** What the step replies to a signal that it is about to take; undefined where it gives no reply. */
  reply?(step: string, signal: unknown): Stored | undefined
  deliver(step: string, output: unknown): void
  /** Hands an event to a user's own machine; absent where the chain is none. */
  send?(event: { readonly type: string }): void
  /** What a snapshot of the run keeps of it. */
  persisted(): unknown
  /** The chain that a step called has ended. */
  callEnded(step: string, item: string | undefined, outcome: ChainOutcome): void
  start(): void
  /** Ends it before its own end, undoing what can be undone; with a failure, as failed. Call it within a turn. */
  cancel(failure?: Failure): void
  /** What has begun in it that can be undone; absent where nothing can. */
  readonly started?: Started | undefined
  /** Undoes a called chain that has succeeded. Call it within a turn. */
  undo?(): void
  /** Tries a compensation again that had failed for good, or leaves the rest undone. Call it within a turn. */
  resolve?(how: 'retry' | 'give-up'): boolean
  /** Starts what a pause held back. */
  resume(): void
  /** Stops the actor without any trace, when the run leaves memory. */
  detach(): void
}
