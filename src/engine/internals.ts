// What adapters on the floor above may see of a supervisor, and its callers do not: told by whoever makes one.

import type { StoreReader } from '../journal/store.ts'
import type { Clock } from '../kernel/clock.ts'

/** A command, before it is done: what, of which run or other thing, and by what tool. */
export interface Asked {
  readonly command: string
  readonly of: string
  readonly by: string
}

export interface Internals {
  /** As the caller gave it. */
  readonly clock: Clock
  /** What can be read now. */
  reader(): StoreReader
  /** Whether this process executes the store. */
  executes(): boolean
  /** Has the journal tell who asked for what; resolves once that is durable. */
  audit(asked: Asked): Promise<void>
}

const known = new WeakMap<object, Internals>()

/** @returns the supervisor itself. */
export function withInternals<S extends object>(supervisor: S, internals: Internals): S {
  known.set(supervisor, internals)
  return supervisor
}

/** Undefined for what is no supervisor of this copy of the package. */
export function internalsOf(supervisor: object): Internals | undefined {
  return known.get(supervisor)
}
