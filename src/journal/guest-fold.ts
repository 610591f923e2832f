// Replay of a guest: a user's own machine cannot be folded, so its state is the last snapshot that was recorded, and
// the attempts that have begun since.

import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  createMachine,
} from 'xstate'
import { decode } from '../kernel/codec.ts'
import { thaw } from '../kernel/thaw.ts'
import type { JournalEvent, Payload } from './event.ts'
import { misfitOf } from './guest-misfit.ts'
import type { ChainFold, OpenAttempt } from './replay.ts'

/** A timer of a guest. Actors are named by their path. */
export interface GuestTimer {
  readonly source: string
  readonly target: string
  readonly id: string
  /** Absolute (ms since the epoch). */
  readonly due: number
  readonly event: unknown
}

/** A promise of a guest that has not ended. */
export interface GuestAttempt {
  /** The path of its actor. */
  readonly at: string
  readonly step: string
  readonly item: string
  readonly attempt: number
}

/** All that a guest is: what `machine.advanced` carries. */
export interface GuestState {
  /** XState's persisted snapshot, child machines included. */
  readonly snapshot: unknown
  readonly timers: readonly GuestTimer[]
  readonly attempts: readonly GuestAttempt[]
  /** How many promises have begun. */
  readonly serial: number
}

export interface GuestFold {
  /** The last recorded `GuestState`; undefined before the first. */
  payload: Payload | undefined
  /** Attempts lost since: the number of the last one, by item. */
  readonly lost: Map<string, number>
}

/** Where a guest stands that has just begun, or whose last state is known. */
export function guestFold(machine: AnyStateMachine, payload: Payload | undefined): ChainFold {
  const guest: GuestFold = { payload, lost: new Map() }
  return {
    guest,
    open: new Map<string, OpenAttempt>(),
    get snapshot() {
      return inertSnapshot(machine, guest)
    },
    set snapshot(_) {},
  }
}

/** Applies one event of a guest. It fits always: whether its state fits the machine is asked when it is restored. */
export function applyToGuest(fold: ChainFold, guest: GuestFold, event: JournalEvent): void {
  switch (event.type) {
    case 'machine.advanced':
      if (event.payload === undefined) return
      guest.payload = event.payload
      guest.lost.clear()
      for (const item of event.dropped ?? []) fold.open.delete(item)
      return
    case 'attempt.queued':
    case 'attempt.started': {
      const { step, item = step, attempt } = event
      fold.open.set(item, { step, item, attempt, queued: event.type === 'attempt.queued' })
      return
    }
    case 'attempt.succeeded':
    case 'attempt.failed':
      fold.open.delete(event.item ?? event.step)
      return
    case 'attempt.lost': {
      const { item = event.step, attempt } = event
      fold.open.delete(item)
      guest.lost.set(item, attempt)
      return
    }
    default:
  }
}

/** The state to go on from; undefined where none was recorded. Its parts may be changed. */
export function stateOf({ payload, lost }: GuestFold): GuestState | undefined {
  if (payload === undefined) return undefined
  const state = thaw(decode(payload)) as GuestState
  const attempts = state.attempts.map((one) => {
    const last = lost.get(one.item)
    return last === undefined ? one : { ...one, attempt: last + 1 }
  })
  return { ...state, attempts }
}

/** Why the recorded state does not fit the machine as it is now; undefined where it does. */
export function guestMisfit(machine: AnyStateMachine, guest: GuestFold): string | undefined {
  const state = stateOf(guest)
  return state === undefined ? undefined : misfitOf(machine, state.snapshot)
}

/** The machine's snapshot, for reading: its actors never start. Status `error` where the machine no longer fits. */
function inertSnapshot(machine: AnyStateMachine, guest: GuestFold): AnyMachineSnapshot {
  const state = stateOf(guest)
  const self = createActor(createMachine({})) as AnyActorRef
  const misfit = state === undefined ? undefined : misfitOf(machine, state.snapshot)
  if (state === undefined || misfit !== undefined) {
    const { children, value, context } = self.getSnapshot() as AnyMachineSnapshot
    return {
      status: misfit === undefined ? 'active' : 'error',
      error: misfit,
      children,
      value,
      context,
    } as never
  }
  return machine.restoreSnapshot(
    state.snapshot as never,
    { self, system: self.system } as never,
  ) as AnyMachineSnapshot
}
