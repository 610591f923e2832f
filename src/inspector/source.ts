// What an inspector looks into: a supervisor of this process, or a store beside the process that executes it.

import type { Observable } from 'rxjs'
import type { Supervisor } from '../engine/supervisor.ts'
import { type Asked, internalsOf } from '../engine/internals.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { StoreReader } from '../journal/store.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { quiet } from '../kernel/clock-quiet.ts'
import { CatenaryError } from '../kernel/errors.ts'

/** A store to look into without a supervisor: what happens is read from it now and then, and nothing is commanded. */
export interface StoreSource {
  readonly reader: StoreReader
  /** What the store is called, for people: such as its file. Default `store`. */
  readonly name?: string
  /** Default the system's. */
  readonly clock?: Clock
}

/** One face for both. */
export interface Source {
  readonly name: string
  /** Its timers keep no process alive. */
  readonly clock: Clock
  readonly supervisor: Supervisor | undefined
  /** Rings with each event, where this process executes; else the store is looked at. */
  readonly events$: Observable<JournalEvent> | undefined
  reader(): StoreReader
  /** Whether this process executes the store. */
  live(): boolean
  /** Has the journal tell who asked for what. */
  audit(asked: Asked): Promise<void>
}

export function sourceOf(given: Supervisor | StoreSource, name: string | undefined): Source {
  const internals = internalsOf(given)
  if (internals !== undefined) {
    const supervisor = given as Supervisor
    return {
      name: name ?? 'store',
      clock: quiet(internals.clock),
      supervisor,
      get events$() {
        return internals.executes() ? supervisor.events$ : undefined
      },
      reader: () => internals.reader(),
      live: () => internals.executes(),
      audit: async (asked) => internals.audit(asked),
    }
  }
  const { reader, clock = systemClock, name: store } = (given as Partial<StoreSource> | undefined) ?? {}
  if (typeof reader?.journal !== 'function') {
    const message = 'an inspector looks into a supervisor, or into { reader }, such as openSqliteReader(file)'
    throw new CatenaryError('BAD_OPTION', `${message}: give one of them`)
  }
  return {
    name: name ?? store ?? 'store',
    clock: quiet(clock),
    supervisor: undefined,
    events$: undefined,
    reader: () => reader,
    live: () => false,
    audit: async () => {},
  }
}
