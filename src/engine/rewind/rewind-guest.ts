// Where a user's own machine goes back to: it cannot be folded, so it is the last state that was recorded of it alive.

import type { JournalEvent, Rewind } from '../../journal/event.ts'
import type { GuestState } from '../../journal/guest-fold.ts'
import { ownerOf } from '../../journal/rewound.ts'
import { decode } from '../../kernel/codec.ts'

/** @param events of the machine's chain, as far as they count. */
export function rewindGuest(chain: string, events: readonly JournalEvent[]): Rewind {
  const to = events.findLast(isAlive)?.seq ?? 0
  // what was under way there and has ended since begins anew, rather than being lost
  const without = events.flatMap((event) => {
    if (event.seq <= to || (event.type !== 'attempt.failed' && event.type !== 'attempt.succeeded')) return []
    const { step, item } = event
    return [{ step: ownerOf(step), ...(item === undefined ? {} : { item }), after: 0 }]
  })
  return { chain, to, ...(to === 0 || without.length === 0 ? {} : { without }) }
}

function isAlive(event: JournalEvent): boolean {
  if (event.type !== 'machine.advanced' || event.payload === undefined) return false
  const { snapshot } = decode(event.payload) as GuestState
  return (snapshot as { readonly status?: unknown }).status === 'active'
}
