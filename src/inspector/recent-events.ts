// The last events as they were committed: whoever follows closely is given them without a look at the store.

import type { JournalEvent } from '../journal/event.ts'

export interface RecentEvents {
  push(event: JournalEvent): void
  /** Those right behind `seq`, at most so many; undefined where it does not have the first of them any more, or not yet. */
  after(seq: number, limit: number): readonly JournalEvent[] | undefined
  /** The `seq` of the last; undefined where it has none. */
  last(): number | undefined
  clear(): void
}

/** @param most so many are kept at least, and never twice as many. */
export function createRecentEvents(most: number): RecentEvents {
  // each follows the one before it, so that a place follows from a seq
  let kept: JournalEvent[] = []
  return {
    push(event) {
      const last = kept.at(-1)
      if (last !== undefined && event.seq !== last.seq + 1) kept = []
      kept.push(event)
      if (kept.length >= most * 2) kept = kept.slice(-most)
    },
    after(seq, limit) {
      const [first] = kept
      if (first === undefined || seq + 1 < first.seq) return undefined
      const at = seq + 1 - first.seq
      return at >= kept.length ? undefined : kept.slice(at, at + limit)
    },
    last: () => kept.at(-1)?.seq,
    clear() {
      kept = []
    },
  }
}
