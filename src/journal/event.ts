// The one union of everything that can happen to a run, as facts in the past tense.

import type { Undo } from '../../machines/state.ts'
import type { Window } from '../definition/schedule.ts'
import type { Failure } from '../kernel/failure.ts'
import type { BreakerFact } from './breaker-fact.ts'
import type { PlanNode } from './run-plan.ts'
import type { ServiceFact } from './service-fact.ts'
import type { TrialArm, WatchFact } from './watch-fact.ts'

/** A value as the codec wrote it: JSON text with tags. Decoded only where it is needed. */
export type Payload = string

/** The moment that a run is for (ms since the epoch), and the interval that it closes, where steps are told that. */
export interface RunTick {
  readonly scheduledAt: number
  readonly window?: Window
}

/** How a chain of a run ended, or why it never began. */
export type ChainStatus = 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'upstream_failed'

/** How a run ended. */
export type RunOutcome = 'succeeded' | 'failed' | 'cancelled'

/** Why a run stands still until a person acts. */
export type ParkReason = 'needs-migration' | 'needs-attention' | 'dead-letter'

/** How an earlier run of the same input failed. */
export interface PastFailure {
  readonly run: string
  /** When that run ended (ms since the epoch). */
  readonly at: number
  /** Where it failed first. */
  readonly chain: string
  readonly step?: string
  /** Its beginning, where it is long. */
  readonly message: string
}

/** A failure that began somewhere, rather than followed from another, and what it blocked. */
export interface RootFailure {
  readonly chain: string
  readonly step?: string
  readonly failure: Failure
  readonly blocked: readonly string[]
}

/** Names one attempt: the first committed outcome for it wins. */
export interface AttemptId {
  readonly chain: string
  /** The id of the invoked actor in the chain's machine: a step's name, or `name:part`. */
  readonly step: string
  /** Key of the item in an `each`, and the round of a `repeat`. */
  readonly item?: string
  /** From 1. */
  readonly attempt: number
}

interface Named {
  readonly chain: string
  readonly step: string
}

/** The run that made an output which another uses again, and when (ms since the epoch). */
export interface MemoOrigin {
  readonly run: string
  readonly at: number
}

/** Where a retry takes a chain back to. What it did since no longer counts. */
export interface Rewind {
  readonly chain: string
  /** Up to this `seq` its events count; 0 where it has not begun. */
  readonly to: number
  /** Of these steps, or items of them, no event after `after` counts. */
  readonly without?: readonly {
    readonly step: string
    readonly item?: string
    readonly after: number
  }[]
}

/** What happened, without its place in the journal. */
export type Fact =
  // the run
  | {
      readonly type: 'run.accepted'
      readonly targets: readonly string[]
      /** It was asked for a list of chains: its output is by chain, also where the list has but one. */
      readonly several?: true
      readonly plan: readonly PlanNode[]
      readonly priority: number
      readonly config: number
      /**
       * The run that it was forked from, up to where it is that run's history, and how many events after this one come
       * from there.
       */
      readonly origin?: { readonly run: string; readonly seq: number; readonly copied?: number }
      readonly deadline?: number
      /** What a schedule or a backfill started it for. */
      readonly tick?: RunTick
      readonly attributes?: Readonly<Record<string, string | number | boolean>>
      /** What it runs under beside the config, where it was drawn for a trial. */
      readonly arm?: TrialArm
      readonly payload?: Payload
    }
  | { readonly type: 'run.paused' }
  | { readonly type: 'run.resumed' }
  | { readonly type: 'run.cancel-requested'; readonly reason?: string }
  | {
      readonly type: 'run.parked'
      readonly reason: ParkReason
      readonly detail: string
      readonly cure: string
      /** Where the recorded history and the machine part, for `needs-migration`. */
      readonly diverged?: number
      /** The last runs that failed with the same input, for a `dead-letter` that was not tried at all. */
      readonly failed?: readonly PastFailure[]
    }
  | { readonly type: 'run.unparked' }
  /** It is live again: each chain of `back` goes on from there, the others are as they were. */
  | {
      readonly type: 'run.retried'
      /** What was asked for: where to go on from, by default what failed. */
      readonly from?: { readonly chain: string; readonly step?: string }
      readonly back: readonly Rewind[]
      /** The signals that are to be consumed again, oldest first. */
      readonly payload?: Payload
    }
  | {
      readonly type: 'run.ended'
      readonly status: RunOutcome
      readonly failures: readonly RootFailure[]
      readonly payload?: Payload
    }
  // its chains
  /**
   * It waits for what another run is at: `memo`, with that run behind a colon where it is known; or it is `held` back by
   * the config.
   */
  | { readonly type: 'chain.queued'; readonly chain: string; readonly waitsFor: string }
  | {
      readonly type: 'chain.started'
      readonly chain: string
      /** For a chain that another called: whose step waits for it, what it is, and its input in `payload`. */
      readonly call?: { readonly chain: string; readonly step: string; readonly item?: string }
      readonly of?: string
      readonly version?: string
      readonly deadline?: number
      /** The key under which its output is kept. */
      readonly memo?: string
      readonly payload?: Payload
    }
  | {
      readonly type: 'chain.ended'
      readonly chain: string
      readonly status: ChainStatus
      readonly failure?: Failure
      /** The step whose failure ended it. */
      readonly step?: string
      readonly payload?: Payload
      /** What was undone before, in the order in which it was, and what a person gave up. */
      readonly compensated?: readonly Undo[]
      readonly uncompensated?: readonly Undo[]
      /** It never began: another run had made its output. */
      readonly memo?: MemoOrigin
    }
  /** It is to end before its own end: by its deadline, which is a failure, or because it is cancelled. */
  | { readonly type: 'chain.cut-short'; readonly chain: string; readonly failure?: Failure }
  /** A called chain that had succeeded is undone, as its caller is. */
  | { readonly type: 'chain.undo-requested'; readonly chain: string }
  | {
      readonly type: 'chain.undone'
      readonly chain: string
      readonly compensated?: readonly Undo[]
      readonly uncompensated?: readonly Undo[]
    }
  /** The chain that a step called is undone, or needs not be. */
  | ({ readonly type: 'call.undone'; readonly item?: string } & Named)
  /** A compensation that had failed for good is tried again, or left undone, as a person decided. */
  | { readonly type: 'compensation.retried'; readonly chain: string }
  | { readonly type: 'compensation.given-up'; readonly chain: string }
  // the attempts of their steps
  /** Told again where it comes to wait for something else: `slot`, `pause`, `limiter:<id>`, `retry-budget`, `memo:<run>`. */
  | ({ readonly type: 'attempt.queued'; readonly waitsFor: string } & AttemptId)
  | ({
      readonly type: 'attempt.started'
      /** When it began to wait for a slot, where it had to (ms since the epoch). */
      readonly queuedAt?: number | undefined
      /** Attempts in flight in this process, this one included. */
      readonly inFlight: number
      readonly config: number
      /** When all attempts of an item must be done, where it has a deadline (ms since the epoch). */
      readonly deadline?: number | undefined
    } & AttemptId)
  /** Its function is called once more, beside the calls that have not answered. */
  | ({ readonly type: 'attempt.hedged' } & AttemptId)
  | ({
      readonly type: 'attempt.succeeded'
      readonly payload?: Payload | undefined
      readonly took: number
      /** Its function was not called: another attempt had made its output. */
      readonly memo?: MemoOrigin
      /** Names of `needs` that the chain's code read for the first time: here, and since the last event that told any. */
      readonly read?: readonly string[] | undefined
    } & AttemptId)
  | ({
      readonly type: 'attempt.failed'
      readonly failure: Failure
      readonly took: number
      readonly read?: readonly string[]
    } & AttemptId)
  | ({ readonly type: 'attempt.lost' } & AttemptId)
  | ({
      readonly type: 'attempt.settled-late'
      readonly outcome: 'succeeded' | 'failed'
      readonly failure?: Failure
    } & AttemptId)
  // what else moves a machine
  | ({
      readonly type: 'decision.made'
      readonly item?: string
      readonly payload?: Payload
      readonly read?: readonly string[]
    } & Named)
  | ({ readonly type: 'decision.failed'; readonly item?: string; readonly failure: Failure } & Named)
  | ({ readonly type: 'timer.fired'; readonly item?: string } & Named)
  | {
      readonly type: 'signal.received'
      readonly name: string
      readonly id: string
      /** The one chain that it is for: a user's own machine that an event was sent to. */
      readonly to?: string
      readonly payload?: Payload
    }
  | ({
      readonly type: 'signal.consumed'
      readonly name: string
      readonly id: string
      readonly payload?: Payload
    } & Named)
  | ({
      /** What a step replied to the signal that it took; a cause of nothing. */
      readonly type: 'signal.answered'
      readonly name: string
      readonly id: string
      readonly payload?: Payload
      readonly failure?: Failure
    } & Named)
  | ({ readonly type: 'settling.ended' } & Named)
  | {
      readonly type: 'machine.advanced'
      readonly chain: string
      /** The type of the event from outside that moved a user's own machine. */
      readonly event: string
      /** Where the machine is now: XState's state value. */
      readonly value: unknown
      /** When the first of its delays is due (ms since the epoch). */
      readonly due?: number
      /** Items of the attempts that it has gone on without. */
      readonly dropped?: readonly string[]
      /** All that it is now; replaces what was recorded before. */
      readonly payload?: Payload
    }
  // breakers, told by the run whose attempt moved them
  | BreakerFact
  // services and their groups; these carry the run id `~services`
  | ServiceFact
  // the watchers; these carry an empty run id
  | WatchFact
  // the engine itself; these carry an empty run id
  /** `declared` is the hash of all that its supervisor declares, as told here or before. */
  | { readonly type: 'engine.started'; readonly epoch: number; readonly declared: string }
  /** What it declares otherwise than the last one that had this store, see `declared.ts`. */
  | {
      readonly type: 'engine.declared'
      /** Chains by id, with the hash of what is declared of them: new, changed, or declared again. */
      readonly chains: Readonly<Record<string, string>>
      /** Those of them that come back as they were last declared: they are told no more. */
      readonly again?: readonly string[]
      /** Chains that are declared no more. */
      readonly gone?: readonly string[]
      /** The hash of the services and what else is not of a chain, where that is told. */
      readonly besides?: string
      /** What is new of it, in full. */
      readonly payload?: Payload
    }
  | { readonly type: 'engine.stopped' }
  /** A person asked for something over a tool, recorded before it is done: such as `pause`, of a run, by `inspector`. */
  | {
      readonly type: 'command.asked'
      readonly command: string
      readonly of: string
      readonly by: string
    }
  | { readonly type: 'config.changed'; readonly version: number; readonly payload?: Payload }

/** A fact with its place: `seq` in append order over the whole journal, `at` in ms since the epoch. */
export type JournalEvent = Fact & { readonly seq: number; readonly at: number; readonly run: string }
