// A run's events after a place in the journal, each with what made it happen.

import { toEvent } from '../../journal/encoding.ts'
import type { EventsView } from '../protocol.ts'
import { createCauses, eventRow } from './event-row.ts'
import type { ViewSource } from './source.ts'

const mostRows = 20_000

/** @param asked `after=<seq>` and `limit=`. */
export async function viewEvents(
  source: ViewSource,
  run: string,
  asked: URLSearchParams,
): Promise<EventsView> {
  const after = Number(asked.get('after') ?? 0) || 0
  const limit = Math.min(Math.max(1, Number(asked.get('limit') ?? mostRows) || mostRows), mostRows)
  const causeOf = createCauses()
  const events = (await source.reader.rows(run, 0))
    .map(toEvent)
    .map((event) => ({ event, cause: causeOf(event) }))
    .filter(({ event }) => event.seq > after)
  return {
    events: events.slice(0, limit).map(({ event, cause }) => eventRow(source, event, cause)),
    more: events.length > limit,
  }
}
