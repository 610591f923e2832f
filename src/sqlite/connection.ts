// Opens connections to a store's file through node:sqlite, with the settings that durability asks for.

import type * as Sqlite from 'node:sqlite'
import type { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

import type { HostDatabase } from '../definition/host-database.ts'
import { CatenaryError } from '../kernel/errors.ts'

/**
 * What an acknowledged write outlasts. `full`: a power cut. `normal`: the death of the process; a power cut may
 * take the last moments, never the consistency.
 */
export type Durability = 'full' | 'normal'

export interface ConnectionOptions {
  /** `unchanging`: a file that nobody can write to, on a medium where not even a reader's lock can be made. */
  readonly readOnly?: boolean | 'unchanging'
  /** Milliseconds to wait for another process's write to end. */
  readonly busyTimeout: number
}

/** Opens a connection; never a new file where `readOnly`. */
export function connect(path: string, { readOnly = false, busyTimeout }: ConnectionOptions): DatabaseSync {
  const { DatabaseSync: Database } = nodeSqlite()
  const place = readOnly === 'unchanging' ? new URL(`${pathToFileURL(path).href}?immutable=1`) : path
  return new Database(place, { readOnly: readOnly !== false, timeout: busyTimeout })
}

/**
 * Sets up a connection that writes. The write-ahead log is carried over into the file by SQLite, now and then at
 * the end of a commit, or by `ours`, the executor's writer, where it stalls nobody.
 */
export function prepareToWrite(
  database: DatabaseSync,
  durability: Durability,
  checkpoints: 'ours' | 'by SQLite',
): void {
  database.exec(`
    PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'};
    -- Only macOS heeds these: there, a plain fsync does not reach the disk.
    PRAGMA fullfsync = ${durability === 'full' ? 'ON' : 'OFF'};
    PRAGMA checkpoint_fullfsync = ${durability === 'full' ? 'ON' : 'OFF'};
    PRAGMA wal_autocheckpoint = ${checkpoints === 'ours' ? 0 : 1000};
    PRAGMA journal_size_limit = 67108864;
    -- Kilobytes; there are up to three connections, and what is not here the system has. A larger one was no faster.
    PRAGMA cache_size = -2000;
  `)
}

/** One integer that a pragma or query answers with. */
export function integerOf(database: Pick<HostDatabase, 'prepare'>, sql: string): number {
  const [value] = Object.values(database.prepare(sql).get() ?? {})
  return typeof value === 'number' ? value : 0
}

/** Loads node:sqlite without the warning that Node prints for it; every other warning stays. */
function nodeSqlite(): typeof Sqlite {
  const warn = Object.getOwnPropertyDescriptor(process, 'emitWarning')
  process.emitWarning = () => {}
  try {
    const found = process.getBuiltinModule('node:sqlite')
    if (found) return found
  } finally {
    if (warn) Object.defineProperty(process, 'emitWarning', warn)
  }
  throw new CatenaryError('STORE_UNAVAILABLE', 'This runtime has no node:sqlite: run on Node 22.18 or newer.')
}
