// Committed events of all runs, each once and in order, through changes of who executes: live from an engine, else read.

import { type Observable, Observable as Observed, type Subscription, Subject, share } from 'rxjs'
import { toEvent } from '../../journal/encoding.ts'
import type { JournalEvent } from '../../journal/event.ts'
import type { StoreReader } from '../../journal/store.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'

export interface Gapless {
  readonly events$: Observable<JournalEvent>
  /** Tells that it is known which event comes first: a moment after the first subscription. */
  readonly begun$: Observable<void>
  /** From now on events come from here; what was committed before and not seen is read. */
  live(events$: Observable<JournalEvent>): void
  /** From now on events are read. */
  read(): void
  stop(): void
}

const soonest = 10
const latest = 100
const page = 512

/**
 * @param reader what can be read now.
 * @param options.retry whether what cannot be read is read again, as while a store changes hands, or is an error.
 */
export function createGapless(
  clock: Clock,
  reader: () => Pick<StoreReader, 'lastSeq' | 'journal'>,
  { retry }: { readonly retry: boolean },
): Gapless {
  const out = new Subject<JournalEvent>()
  const begun = new Subject<void>()
  let source: Observable<JournalEvent> | undefined
  let subscription: Subscription | undefined
  /** The last event that was given; undefined until it is known where "now" was. */
  let after: number | undefined
  /** Live events that wait for those before them to be read. */
  let held: JournalEvent[] = []
  let observed = false
  let reading = false
  let wait = soonest
  let cancel: Cancel | undefined

  const give = (event: JournalEvent): void => {
    if (after !== undefined && event.seq <= after) return
    after = event.seq
    out.next(event)
  }

  const arrive = (event: JournalEvent): void => {
    if (after !== undefined && !reading && event.seq === after + 1) return give(event)
    held.push(event)
    if (!reading) void look()
  }

  /** Reads to the end of the journal, or to the first event that is held. */
  const look = async (): Promise<void> => {
    cancel?.()
    cancel = undefined
    if (reading || !observed) return
    reading = true
    let found = 0
    let failed = false
    try {
      if (after === undefined) {
        after = held[0] === undefined ? await reader().lastSeq() : held[0].seq - 1
        begun.next()
      }
      for (let more = true; more && observed;) {
        const before = held[0]
        if (before !== undefined && before.seq <= after + 1) break
        const rows = await reader().journal({ after, limit: page })
        for (const row of rows) give(toEvent(row))
        found += rows.length
        more = rows.length === page
      }
    } catch (error) {
      failed = true
      if (!retry) return out.error(error)
    }
    reading = false
    if (!observed) return
    if (!failed) for (const event of held.splice(0)) give(event)
    wait = found > 0 ? soonest : Math.min(latest, wait * 2)
    if (source === undefined || failed) cancel = clock.at(clock.now() + wait, () => void look())
  }

  const follow = (): void => {
    subscription?.unsubscribe()
    subscription = observed ? source?.subscribe(arrive) : undefined
    if (observed) void look()
  }

  const end = (): void => {
    observed = false
    after = undefined
    held = []
    cancel?.()
    subscription?.unsubscribe()
  }

  return {
    events$: new Observed<JournalEvent>((observer) => {
      const inner = out.subscribe(observer)
      observed = true
      follow()
      return () => {
        inner.unsubscribe()
        end()
      }
    }).pipe(share()),
    begun$: begun.asObservable(),
    live(events$) {
      source = events$
      follow()
    },
    read() {
      source = undefined
      follow()
    },
    stop() {
      end()
      out.complete()
    },
  }
}
