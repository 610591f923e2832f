// The floors on disk: node:sqlite with the same rows in the same commits and nothing else, and how they are recorded.

import { DatabaseSync } from 'node:sqlite'
import type { Store } from '../../src/index.ts'
import type { Batch } from '../../src/journal/store.ts'

/** Keeps every batch that a store is given. */
export function recording(store: Store): Store & { readonly batches: Batch[] } {
  const batches: Batch[] = []
  return {
    ...store,
    batches,
    append(batch) {
      batches.push(batch)
      return store.append(batch)
    },
  }
}

export function rowsOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { rows }) => sum + rows.length, 0)
}

/** The plainest journal there is. */
export interface RawJournal {
  write(batch: Batch): void
  close(): void
}

export function openRaw(file: string, durability: 'full' | 'normal'): RawJournal {
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability};
    CREATE TABLE journal (seq INTEGER PRIMARY KEY, run TEXT, type TEXT, at INTEGER, body TEXT, payload TEXT);
    CREATE TABLE heads (run TEXT PRIMARY KEY, status TEXT, body TEXT) WITHOUT ROWID`)
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const insert = database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)')
  const head = database.prepare('INSERT OR REPLACE INTO heads VALUES (?, ?, ?)')
  return {
    write({ rows, heads }) {
      begin.run()
      for (const { seq, run, type, at, body, payload } of rows) insert.run(seq, run, type, at, body, payload)
      for (const { run, status, attributes } of heads) head.run(run, status, attributes)
      commit.run()
    },
    close: () => database.close(),
  }
}

/** Writes the batches to a new file; returns how many seconds that took. */
export async function replayRaw(
  batches: readonly Batch[],
  file: string,
  durability: 'full' | 'normal',
): Promise<number> {
  const raw = openRaw(file, durability)
  const before = performance.now()
  for (const [at, batch] of batches.entries()) {
    raw.write(batch)
    // as a host does, whose event loop goes round
    if (at % 16 === 0) await new Promise((resolve) => void setImmediate(resolve))
  }
  const seconds = (performance.now() - before) / 1000
  raw.close()
  return seconds
}
