// Takes a store as its executor: what it learned, the config as it was changed, and the committer that goes on.

import { type Committer, createCommitter } from '../journal/committer.ts'
import { toEvent } from '../journal/encoding.ts'
import type { JournalEvent } from '../journal/event.ts'
import { type Declaring, declaredIn } from '../journal/declared.ts'
import type { Store } from '../journal/store.ts'
import type { Clock } from '../kernel/clock.ts'
import { decode } from '../kernel/codec.ts'
import type { ConfigChange, ConfigOverlay } from '../supervision/config.ts'
import type { Durations } from '../chain/durations.ts'

export interface Taking {
  readonly store: Store
  readonly clock: Clock
  readonly config: ConfigOverlay
  readonly durations: Durations
  readonly declaring: Declaring
  /** What carries an empty run id, in order; the config is as it was changed. */
  recall(events: readonly JournalEvent[]): void
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
  const { epoch, lastSeq } = await store.open()
  const committer = createCommitter(store, clock, {
    lastSeq,
    failed: (error) => taking.failed(error),
    published: (committed) => taking.published(committed),
    watch: taking.watch,
  })
  try {
    const learned = await store.note('durations')
    if (learned !== undefined) durations.load(learned)
    const events = (await store.rows('', 0)).map(toEvent)
    for (const change of recordedChanges(events)) config.replay(change)
    const facts = declaredIn(events).start(epoch, taking.declaring)
    committer.submit({ run: '', facts })
    taking.recall(events)
    await taking.load(committer)
  } catch (error) {
    // nothing of this time may be written in the next
    await committer.drained()
    await store.close().catch(() => {})
    throw error
  }
}

/** The changes of the config that the journal tells of, in order. */
function recordedChanges(events: readonly JournalEvent[]): readonly ConfigChange[] {
  return events.flatMap((event) => {
    if (event.type !== 'config.changed' || event.payload === undefined) return []
    const { patch, inverse } = decode(event.payload) as Omit<ConfigChange, 'version'>
    return [{ version: event.version, patch, inverse }]
  })
}
