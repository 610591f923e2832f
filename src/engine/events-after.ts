// Committed events from any place of the journal on: read in pages until they meet those that are told as they happen.

import { Observable } from 'rxjs'
import { toEvent } from '../journal/encoding.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { StoreReader } from '../journal/store.ts'
import type { Clock } from '../kernel/clock.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { refuseUnknownOptions } from '../kernel/known-options.ts'
import { GuardedObservable, type Problem } from '../observe/guarded-observable.ts'

/** Where to begin. */
export interface EventsAfter {
  /** The first event is the one after this `seq`; 0 for all there are. */
  readonly after: number
}

export interface EventSource {
  readonly clock: Clock
  /** What can be read now. */
  readonly reader: () => Pick<StoreReader, 'journal'>
  /** Each event once and in order, from some moment after it was subscribed to. */
  readonly events$: Observable<JournalEvent>
  /** Tells that `events$` has come to that moment, where that is later than the subscription. */
  readonly begun$?: Observable<void>
  /** Whether what cannot be read is read again, as while a store changes hands, or is an error. */
  readonly retry: boolean
  readonly problem: Problem
}

/** As many are read, and kept while others are read, at a time; what comes beyond is read again. */
const page = 512
const pause = 20

/** Makes `supervisor.events`: each subscription has its own place in the journal. */
export function createEventsAfter(source: EventSource): (from: EventsAfter) => Observable<JournalEvent> {
  return (from) => {
    refuseUnknownOptions(from, { after: true }, 'events()')
    const after: unknown = (from as EventsAfter | undefined)?.after
    if (typeof after !== 'number' || !Number.isSafeInteger(after) || after < 0)
      throw new CatenaryError(
        'BAD_OPTION',
        'events() takes `after`: the seq of the last event that was seen, or 0 for all there are',
      )
    return new GuardedObservable('events()', follow(source, after), source.problem)
  }
}

function follow(source: EventSource, from: number): Observable<JournalEvent> {
  const { clock, reader, retry } = source
  return new Observable<JournalEvent>((observer) => {
    let after = from
    /** Told while others are read; each follows the one before it. */
    let held: JournalEvent[] = []
    let reading = false
    let again = false
    let over = false

    const give = (event: JournalEvent): void => {
      if (event.seq <= after || observer.closed) return
      after = event.seq
      observer.next(event)
    }
    const arrive = (event: JournalEvent): void => {
      if (!reading && event.seq === after + 1) return give(event)
      if (event.seq <= after) return
      held.push(event)
      // the journal has them as well
      if (held.length > page) held = []
      void look()
    }
    const meets = (): boolean => held[0] !== undefined && held[0].seq <= after + 1
    /** Another page once the host had its turn. */
    const readPage = async (): Promise<number> => {
      const rows = await reader().journal({ after, limit: page })
      for (const row of rows) give(toEvent(row))
      await new Promise<void>((resolve) => {
        clock.soon(resolve)
      })
      return rows.length
    }
    const catchUp = async (): Promise<void> => {
      for (let more = true; more && !observer.closed && !over && !meets();) {
        again = false
        const found = await readPage()
        const isBehind = found === 0 && held.length > 0 && !meets()
        // it is told before it can be read
        if (isBehind) await new Promise<void>((resolve) => void clock.at(clock.now() + pause, resolve))
        more = found === page || again || held.length > 0
      }
      while (meets()) give(held.shift() as JournalEvent)
    }
    const look = async (): Promise<void> => {
      again = true
      if (reading || observer.closed) return
      reading = true
      try {
        await catchUp()
      } catch (error) {
        // what is damaged stays so
        const damaged = CatenaryError.is(error) && error.code === 'STORE_CORRUPT'
        if ((!retry || damaged) && !over) observer.error(error)
        else if (!observer.closed && !over) clock.at(clock.now() + pause, () => void look())
      }
      reading = false
      if (over) observer.complete()
    }

    const told = source.events$.subscribe({
      next: arrive,
      error: (error: unknown) => observer.error(error),
      complete() {
        over = true
        if (!reading) observer.complete()
      },
    })
    const begun = source.begun$?.subscribe(() => void look())
    void look()
    return () => {
      told.unsubscribe()
      begun?.unsubscribe()
      held = []
    }
  })
}
