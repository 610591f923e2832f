// The reading side of a store with a guard in front of every call.

import type { StoreReader } from '../journal/store.ts'

/** Every read of `inner`, each through `guard`. */
export function guardReads(
  inner: StoreReader,
  guard: <T>(call: () => Promise<T>) => Promise<T>,
): Omit<StoreReader, 'close'> {
  return {
    head: (run) => guard(() => inner.head(run)),
    heads: (query) => guard(() => inner.heads(query)),
    counts: () => guard(() => inner.counts()),
    unfinished: (page) => guard(() => inner.unfinished(page)),
    due: (query) => guard(() => inner.due(query)),
    nextDue: () => guard(() => inner.nextDue()),
    rows: (run, after) => guard(() => inner.rows(run, after)),
    lastSeq: () => guard(() => inner.lastSeq()),
    journal: (query) => guard(() => inner.journal(query)),
    snapshot: (run) => guard(() => inner.snapshot(run)),
    note: (name) => guard(() => inner.note(name)),
    keepsake: (key) => guard(() => inner.keepsake(key)),
    keepsakes: (kind) => guard(() => inner.keepsakes(kind)),
    inbox: (limit, after) => guard(() => inner.inbox(limit, after)),
    reply: (id) => guard(() => inner.reply(id)),
  }
}
