// Events to rows and back: small fields as JSON, the author's data as the codec wrote it.

import type { Fact, JournalEvent } from './event.ts'
import type { Row } from './store.ts'

/** A fact as the row that the store keeps. */
export function toRow(fact: Fact, seq: number, at: number, run: string): Row {
  const { type, ...rest } = fact
  if (!('payload' in rest)) return { seq, run, type, at, body: JSON.stringify(rest), payload: null }
  const { payload, ...body } = rest
  return { seq, run, type, at, body: JSON.stringify(body), payload: payload ?? null }
}

/** A row as the event that it was. */
export function toEvent(row: Row): JournalEvent {
  const { seq, run, type, at, body, payload } = row
  const fields = JSON.parse(body) as object
  return { ...fields, type, seq, at, run, ...(payload === null ? {} : { payload }) } as JournalEvent
}
