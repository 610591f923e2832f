// Looks from outside whether a process has a store open to execute it, and which it may be.

import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

import { connect } from './connection.ts'
import { isBusy, storeFailure } from './failure.ts'
import { storePath } from './store-path.ts'

export interface ExecutorState {
  readonly alive: boolean
  /** Who took the store last, such as `process 4711 on mars`; undefined where nobody has. */
  readonly last: string | undefined
  /** How often it was taken. */
  readonly epoch: number
}

/**
 * Never call it in the process that executes the store: closing a file of the lock there would drop the lock.
 * It holds the lock's file for microseconds; an executor that starts just then waits for them.
 */
export function executorOf(file: string): ExecutorState {
  const path = storePath(file)
  try {
    const row = lastOf(path)
    const owner = row?.['owner']
    return {
      alive: isHeld(`${path}.lock`),
      last: typeof owner === 'string' && owner !== '' ? owner : undefined,
      epoch: Number(row?.['epoch'] ?? 0),
    }
  } catch (error) {
    throw storeFailure(error, path)
  }
}

function lastOf(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return readLast(path, true)
  } catch (error) {
    // as for a reader: in a folder that cannot be written to, only a store that was closed well can be read
    if (storeFailure(error, path).code !== 'STORE_READONLY' || existsSync(`${path}-wal`)) throw error
    return readLast(path, 'unchanging')
  }
}

function readLast(
  path: string,
  readOnly: true | 'unchanging',
): Readonly<Record<string, unknown>> | undefined {
  const database = connect(path, { readOnly, busyTimeout: 1_000 })
  try {
    return database.prepare('SELECT owner, epoch FROM store').get()
  } finally {
    database.close()
  }
}

/** Whether the lock at `path` is held. Never call it in the process that holds it. */
export function isHeld(path: string): boolean {
  if (!existsSync(path)) return false
  let lock: DatabaseSync | undefined
  try {
    lock = connect(path, { readOnly: true, busyTimeout: 0 })
    lock.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    lock?.close()
  }
}
