// What an attempt on its way is made of, and who asked for it.

import type { DecisionScope, StepBody, StepOptionsSpec } from '../../definition/spec.ts'
import type { AttemptData, Outcome } from '../../execution/attempt.ts'
import type { MemoStep } from '../../execution/memo-key.ts'
import type { AttemptSlot } from './attempt-slot.ts'

export interface AttemptWork {
  readonly body: StepBody
  readonly options: StepOptionsSpec
  /** Set for an item of an `each`: handed to the body before the context. */
  readonly item?: { readonly value: unknown }
  /** The body writes the host's own rows, in the transaction of its outcome. */
  readonly transact?: true
  /** Whose output it makes, for a memo. */
  readonly memo?: MemoStep
  /** It may not run at or after this time (ms since the epoch). */
  readonly deadline?: number | undefined
}

/** Who asked for the attempt. All but `settled` are called within a turn. */
export interface AttemptOwner {
  data(slot: AttemptSlot): AttemptData
  /** What keys and costs are told from. */
  scope(slot: AttemptSlot): DecisionScope
  /** What its chain needs and was read for the first time, since this was last asked; undefined of nothing. */
  reads(slot: AttemptSlot): readonly string[] | undefined
  /** It has to wait; the owner calls `wait()` when it is ready for the slot. */
  queued(slot: AttemptSlot): void
  /** Whether one that was queued may start now; the owner calls `wait()` anew once one that may not, may. */
  mayStart(slot: AttemptSlot): boolean
  /** Its start is recorded; `waited` where it was queued. */
  started(slot: AttemptSlot, waited: boolean): void
  /** Its outcome is recorded. */
  outcome(slot: AttemptSlot, outcome: Outcome): void
  /** The author's function has ended after its machine had gone on. */
  settled(slot: AttemptSlot): void
}

/** How an attempt is to run. */
export interface AttemptTerms {
  /** Never waits for a slot. */
  readonly immediate: boolean
  /** The journal already says that it is queued. */
  readonly requeued: boolean
  /** A failed attempt led to it. */
  readonly retry: boolean
}

/**
 * `held`: kept back by a pause, or by its owner. `queued`: waits for a slot, or for what comes before one. `refused`: will fail without
 * a call, at the end of the turn. `taken`: its start is recorded, not yet durable. `running`. `decided`: its outcome is
 * recorded. `over`: its machine has gone on without it.
 */
export type SlotState = 'held' | 'queued' | 'refused' | 'taken' | 'running' | 'decided' | 'over'
