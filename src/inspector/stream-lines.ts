// Lines of events as clients of the stream are sent them: made once for all who stand at the same place.

import { toEvent } from '../journal/encoding.ts'
import type { RecentEvents } from './recent-events.ts'
import { eventRow } from './views/event-row.ts'
import type { ViewSource } from './views/source.ts'

export interface EventsLine {
  readonly text: string
  /** The `seq` of its last event. */
  readonly upTo: number
  readonly count: number
}

export interface StreamLines {
  /** What is right behind `seq`, at most so many events; undefined where nothing is. */
  after(seq: number, limit: number): Promise<EventsLine | undefined>
  /** Those that are at hand are made anew from now on. */
  forget(): void
}

/** Characters of one line: with what waits for the socket, all that is kept for a client. */
const lineSize = 262_144
/** Lines at hand, for clients that follow each other closely. */
const most = 16

export function createStreamLines(view: ViewSource, recent: RecentEvents): StreamLines {
  const made = new Map<number, { readonly limit: number; readonly line: Promise<EventsLine | undefined> }>()

  const make = async (seq: number, limit: number): Promise<EventsLine | undefined> => {
    const told = recent.after(seq, limit) ?? (await view.reader.journal({ after: seq, limit })).map(toEvent)
    const events: string[] = []
    let size = 0
    let upTo = seq
    for (const one of told) {
      if (size >= lineSize) break
      const event = JSON.stringify(eventRow(view, one))
      size += event.length
      upTo = one.seq
      events.push(event)
    }
    if (events.length === 0) return undefined
    return { text: `{"type":"events","events":[${events.join(',')}]}`, upTo, count: events.length }
  }
  return {
    async after(seq, limit) {
      const before = made.get(seq)
      if (before !== undefined && before.limit <= limit) return before.line
      const line = make(seq, limit)
      if (made.size >= most) made.clear()
      // those that come while it is made wait for it as well
      made.set(seq, { limit, line })
      try {
        const is = await line
        if (is === undefined) made.delete(seq)
        return is
      } catch (error) {
        made.delete(seq)
        throw error
      }
    },
    forget: () => made.clear(),
  }
}
