// What is recorded of a guest: its deep snapshot with its timers and attempts, or why that cannot be.

import type { AnyActorRef, AnyMachineSnapshot } from 'xstate'
import type { Payload } from '../../journal/event.ts'
import type { GuestState } from '../../journal/guest-fold.ts'
import { type Failure, failureOf } from '../../kernel/failure.ts'
import { pathsOf } from './guest-path.ts'
import { encodeGiven } from '../payloads.ts'

export type EncodedGuest =
  | { readonly ok: true; readonly payload: Payload | undefined }
  | { readonly ok: false; readonly failure: Failure }

/** @param rest what XState's snapshot does not have, given the paths of the actors in it. */
export function encodeGuest(
  chain: string,
  root: AnyActorRef,
  running: ReadonlySet<AnyActorRef>,
  maxPayload: number,
  rest: (paths: ReadonlyMap<AnyActorRef, string>) => Omit<GuestState, 'snapshot'>,
): EncodedGuest {
  try {
    const paths = pathsOf(root)
    for (const actor of running) {
      if (paths.has(actor)) continue
      return refused(
        `an actor of chain "${chain}" ("${actor.id}") cannot be restored, because another has taken its place: give every actor that is spawned an id of its own`,
      )
    }
    const state: GuestState = { snapshot: slim(root.getPersistedSnapshot()), ...rest(paths) }
    return { ok: true, payload: encodeGiven(state, `state of chain "${chain}"`, maxPayload) }
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('An inline child actor')) {
      return refused(
        `chain "${chain}" has spawned an inline actor, which XState cannot restore: name it in setup({ actors }) and spawn it by that name`,
      )
    }
    const { stack: _, ...failure } = failureOf(error, 'rejected')
    return { ok: false, failure: { ...failure, retryable: false } }
  }
}

/** A persisted snapshot without the fields that say nothing: there are several for every actor. */
function slim(snapshot: object): object {
  const kept = defined(snapshot)
  const { children } = snapshot as { readonly children?: Readonly<Record<string, Child>> }
  if (children === undefined || !('value' in snapshot)) return kept
  const slimmed = Object.entries(children).map(([id, child]) => [
    id,
    { ...defined(child), snapshot: slim(child.snapshot) },
  ])
  return { ...kept, children: Object.fromEntries(slimmed) as object }
}

interface Child {
  readonly snapshot: object
}

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** The ids of all actors in a persisted snapshot. */
export function restoredIds(snapshot: unknown, ids = new Set<string>()): ReadonlySet<string> {
  const { children = {} } = (snapshot ?? {}) as { readonly children?: Readonly<Record<string, unknown>> }
  for (const [id, child] of Object.entries(children)) {
    ids.add(id)
    restoredIds((child as { readonly snapshot?: unknown }).snapshot, ids)
  }
  return ids
}

const takenBy = new WeakMap<object, readonly string[]>()

/** The types of the events that the machine takes from outside where it is, wildcards aside. */
export function takenEvents(snapshot: AnyMachineSnapshot): ReadonlySet<string> {
  const names = new Set<string>()
  for (const node of snapshot._nodes) {
    let own = takenBy.get(node)
    if (own === undefined) {
      // a comma would break the list of signals in the head of the run
      own = node.ownEvents.map(String).filter((type) => !type.startsWith('xstate.') && !/[*,]/.test(type))
      takenBy.set(node, own)
    }
    for (const name of own) names.add(name)
  }
  return names
}

function refused(message: string): EncodedGuest {
  return { ok: false, failure: { kind: 'rejected', message, retryable: false } }
}
