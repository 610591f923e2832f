// What an invariant sees of a run: its world, its journal, where its machine is, and which functions were called.

import type { JournalEvent } from '../../journal/event.ts'
import { failureOf } from '../../kernel/failure.ts'
import type { End, Harness } from '../harness/harness.ts'
import type { HeldAttempt } from '../harness/held-attempt.ts'

/** A call of a function that the chain's author wrote. */
export interface Call {
  readonly chain: string
  /** The step's name; `name:fallback` and `name:compensation` for what belongs to it. */
  readonly step: string
  /** The item, in an `each`. */
  readonly item: unknown
  /** From 1. */
  readonly attempt: number
  readonly idempotencyKey: string
}

/** What there is to see of a run, at a commit, and at its end. */
export interface Seen<World = unknown, R = unknown> {
  /** What the steps were given as `app`. */
  readonly world: World
  /** Calls of the author's functions, in order. */
  readonly calls: readonly Call[]
  /** The active states of the chain's machine by path. */
  readonly states: readonly string[]
  /** The run's durable events. */
  readonly events: readonly JournalEvent[]
  /** The run as text. */
  readonly timeline: string
  /** How it ended, or that it is parked; undefined before. */
  readonly end: End<R> | undefined
}

/**
 * What must hold at every commit and at the end. It does not hold where this returns false, or a text that says why, or
 * throws; so `expect` and `assert` may be used.
 */
export type Invariant<World = unknown, R = unknown> = (seen: Seen<World, R>) => boolean | string | void

export interface Broken {
  readonly invariant: string
  readonly message: string
}

/** The first that does not hold. */
export function firstBroken(
  invariants: Readonly<Record<string, Invariant<never, never>>>,
  seen: Seen,
): Broken | undefined {
  for (const [invariant, holds] of Object.entries(invariants)) {
    const message = messageOf(() => holds(seen as Seen<never, never>))
    if (message !== undefined) return { invariant, message }
  }
  return undefined
}

function messageOf(holds: () => unknown): string | undefined {
  try {
    const said = holds()
    if (said === false) return 'it does not hold'
    if (typeof (said as { then?: unknown } | null | undefined)?.then === 'function') {
      void Promise.resolve(said).catch(() => {})
      return 'it returned a promise: an invariant looks at what is there, and waits for nothing'
    }
    return typeof said === 'string' ? said : undefined
  } catch (error) {
    return failureOf(error).message
  }
}

/** Nothing is looked up that no invariant asks for. */
export function seenOf(
  t: Pick<Harness, 'states' | 'events' | 'timeline'>,
  known: { readonly world: unknown; readonly calls: readonly Call[]; readonly end: End | undefined },
): Seen {
  return {
    ...known,
    get states() {
      return t.states
    },
    get events() {
      return t.events()
    },
    get timeline() {
      return t.timeline()
    },
  }
}

export function callOf({ chain, step, item, attempt, context }: HeldAttempt): Call {
  return { chain, step, item, attempt, idempotencyKey: context.idempotencyKey }
}
