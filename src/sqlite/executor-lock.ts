// The executor's lock: held by the kernel for as long as the process lives, so that no dead owner keeps it.

import type { DatabaseSync } from 'node:sqlite'

import { connect } from './connection.ts'

/** Longer than another process takes to look whether the lock is held (ms). */
const aGlance = 50

/**
 * Takes the lock of the store at `path`, or throws SQLite's busy error.
 *
 * It is an exclusive transaction that never ends, in a database of its own: one on the store's own file would
 * shut out its readers. The lock file is never removed, as others may be waiting on it, and must never be read
 * with `fs` in this process: closing any descriptor of it would drop the lock. `path` must have its symbolic
 * links followed.
 */
export function takeExecutorLock(path: string): DatabaseSync {
  const lock = connect(`${path}.lock`, { busyTimeout: aGlance })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}
