// How a guest begins: with its input, or where its last recorded state says it was.

import { guestInput } from '../../chain/compile-guest.ts'
import type { ChainInput } from '../../definition/compiled-chain.ts'
import type { GuestSpec } from '../../definition/guest.ts'
import type { Payload } from '../../journal/event.ts'
import { type GuestAttempt, type GuestState, stateOf } from '../../journal/guest-fold.ts'
import type { ChainFold } from '../../journal/replay.ts'
import { type Failure, failureOf } from '../../kernel/failure.ts'
import { thaw } from '../../kernel/thaw.ts'

export type From = { readonly input: ChainInput } | { readonly fold: ChainFold }

export interface GuestStart {
  readonly state?: GuestState
  readonly payload?: Payload | undefined
  readonly input?: unknown
  /** Why it cannot even begin. */
  readonly failure?: Failure
  /** How many promises have begun. */
  readonly serial: number
  /** Promises that have not ended; `queued` where they wait for a slot. */
  readonly attempts: readonly (GuestAttempt & { readonly queued: boolean })[]
}

export function startOf(key: string, guest: GuestSpec, from: From): GuestStart {
  if ('fold' in from) return restored(key, from.fold)
  const fresh = { serial: 0, attempts: [] }
  try {
    return { ...fresh, input: thaw(guestInput(guest, from.input)) }
  } catch (error) {
    return { ...fresh, failure: failureOf(error) }
  }
}

function restored(key: string, { guest, open }: ChainFold): GuestStart {
  const state = guest === undefined ? undefined : stateOf(guest)
  if (state === undefined) {
    const message = `chain "${key}" has begun, but no state of it was recorded`
    return { serial: 0, attempts: [], failure: { kind: 'lost', message, retryable: true } }
  }
  const attempts = state.attempts.map((one) => ({ ...one, queued: open.get(one.item)?.queued ?? false }))
  return { state, payload: guest?.payload, serial: state.serial, attempts }
}
