// Takes a store as its executor: what it learned, the config as it was changed, and the committer that goes on.

import { type Committer, createCommitter } from '../journal/committer.ts'
import { toEvent } from '../journal/encoding.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { Row, Store } from '../journal/store.ts'
import type { Clock } from '../kernel/clock.ts'
import { decode } from '../kernel/codec.ts'
import type { ConfigChange, ConfigOverlay } from '../supervision/config.ts'
import type { Durations } from '../chain/durations.ts'

export interface Taking {
  readonly store: Store
  readonly clock: Clock
  readonly config: ConfigOverlay
  readonly durations: Durations
  /** Loads all else that it keeps; what is submitted here is written first. */
  load(committer: Committer): Promise<void>
  failed(error: unknown): void
  published(committed: readonly JournalEvent[]): void
  /** Told first of what is durable. */
  readonly watch: ((committed: readonly JournalEvent[]) => void) | undefined
}

/** A store that it opened but could not read is given back: whoever tries next, here or elsewhere, finds it free. */
export async function takeStore(taking: Taking): Promise<void> {
  const { store, clock, config, durations } = taking
  const { lastSeq } = await store.open()
  const committer = createCommitter(store, clock, {
    lastSeq,
    failed: (error) => taking.failed(error),
    published: (committed) => taking.published(committed),
    watch: taking.watch,
  })
  try {
    const learned = await store.note('durations')
    if (learned !== undefined) durations.load(learned)
    for (const change of recordedChanges(await store.rows('', 0))) config.replay(change)
    await taking.load(committer)
  } catch (error) {
    // nothing of this time may be written in the next
    await committer.drained()
    await store.close().catch(() => {})
    throw error
  }
}

/** The changes of the config that the journal tells of, in order. */
function recordedChanges(rows: readonly Row[]): readonly ConfigChange[] {
  return rows.flatMap((row) => {
    const event = toEvent(row)
    if (event.type !== 'config.changed' || event.payload === undefined) return []
    const { patch, inverse } = decode(event.payload) as Omit<ConfigChange, 'version'>
    return [{ version: event.version, patch, inverse }]
  })
}
