// The reference store: keeps the journal in memory, for tests and for runs that need not outlive the process.

import { CatenaryError } from '../kernel/errors.ts'
import { createMemoryContents } from './memory-contents.ts'
import type { MemoryContents } from './memory-contents.ts'
import { matchesHead } from './head-query.ts'
import type { Batch, HeadQuery, RunHead, RunStatus, Store, StoreReader } from './store.ts'

/**
 * Makes a store in memory. What was written outlives `close()` but not the process: opening again, or opening
 * another store over the same `contents`, finds it, and only one of them may be open at a time.
 *
 * @example
 * ```ts
 * const store = createMemoryStore()
 * const { epoch, lastSeq } = await store.open() // 1, 0
 * ```
 */
export function createMemoryStore(contents: MemoryContents = createMemoryContents()): Store {
  const executor = {}
  let failure: CatenaryError | undefined

  /** The contents, if this store may read them. */
  function read(): MemoryContents {
    if (contents.executor === executor) return contents
    throw new CatenaryError('STORE_UNAVAILABLE', 'The memory store is not open: call open() first.')
  }

  /** The contents, if this store may change them. */
  function write(): MemoryContents {
    if (failure) {
      const message = 'An earlier append failed, so nothing more is written: open the store again.'
      throw new CatenaryError('STORE_UNAVAILABLE', message, { cause: failure })
    }
    return read()
  }

  async function close(): Promise<void> {
    if (contents.executor === executor) contents.executor = undefined
  }

  return {
    durability: 'none (memory)',
    taken: () => contents.executor !== undefined && contents.executor !== executor,
    client: () => ({
      ...memoryReader(() => contents),
      post: async (body, at) => contents.post(body, at),
      close: async () => {},
    }),
    async open() {
      if (contents.executor !== undefined && !(contents.executor === executor && failure)) {
        const message = 'This memory store already has an executor: close that one before opening another.'
        throw new CatenaryError('STORE_LOCKED', message)
      }
      contents.executor = executor
      failure = undefined
      contents.epoch++
      return { epoch: contents.epoch, lastSeq: contents.journal.length }
    },
    append(batch: Batch) {
      const open = write()
      const last = open.journal.length
      const gap = batch.rows.find((row, index) => row.seq !== last + index + 1)
      if (gap) {
        failure = new CatenaryError(
          'STORE_UNAVAILABLE',
          `The batch does not go on at seq ${last + 1} (it has ${gap.seq}): open the store again and fold anew.`,
        )
        throw failure
      }
      for (const row of batch.rows) open.addRow(row)
      for (const head of batch.heads) open.setHead(head)
      for (const snapshot of batch.snapshots) open.snapshots.set(snapshot.run, snapshot)
      for (const { id, reply, kept } of batch.inbox) open.answer(id, reply, kept)
      for (const change of batch.keepsakes ?? []) {
        // one that is written again is the newest
        open.keepsakes.delete('gone' in change ? change.gone : change.key)
        if (!('gone' in change)) open.keepsakes.set(change.key, change)
      }
    },
    setNote: async (name, value) => void write().notes.set(name, value),
    post: async (body, at) => write().post(body, at),
    ...memoryReader(read),
    close,
  }
}

/** @param read the contents, where they may be read now. */
function memoryReader(read: () => MemoryContents): Omit<StoreReader, 'close'> {
  function list(query: HeadQuery): readonly RunHead[] {
    const found: RunHead[] = []
    const limit = query.limit ?? 100
    if (limit <= 0) return found
    for (const head of read().newest(query.before, query.status)) {
      if (matchesHead(head, query) && found.push(head) >= limit) break
    }
    return found
  }
  return {
    head: async (run) => read().head(run),
    heads: async (query) => list(query),
    async counts() {
      const counts: Partial<Record<RunStatus, number>> = {}
      for (const [status, heads] of read().byStatus) if (heads.size > 0) counts[status] = heads.size
      return counts
    },
    unfinished: async ({ offset, limit, after }) => [
      ...read()
        .running(after)
        .drop(offset ?? 0)
        .take(limit),
    ],
    async due({ before, limit }) {
      const found: RunHead[] = []
      for (const head of read().due()) {
        if (found.length >= limit || (head.wakeAt ?? Number.POSITIVE_INFINITY) > before) break
        found.push(head)
      }
      return found
    },
    nextDue: async () => read().due().next().value?.wakeAt ?? undefined,
    rows: async (run, after) =>
      read()
        .rows(run)
        .filter((row) => row.seq > after),
    lastSeq: async () => read().journal.length,
    journal: async ({ after, limit }) => read().journal.slice(after, after + limit),
    snapshot: async (run) => read().snapshots.get(run),
    note: async (name) => read().notes.get(name),
    keepsake: async (key) => read().keepsakes.get(key),
    keepsakes: async (kind) =>
      [...read().keepsakes.values()].flatMap((kept) => {
        if (kept.kind !== kind) return []
        const { payload: _, ...head } = kept
        return [head]
      }),
    inbox: async (limit, after = 0) => [
      ...read()
        .inbox.values()
        .filter(({ id }) => id > after)
        .take(limit),
    ],
    reply: async (id) => read().replies.get(id),
  }
}
