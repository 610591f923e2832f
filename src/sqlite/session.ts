// One executor's time with a store's file: takes the lock, migrates, raises the epoch, and gives it all back.

import { statSync } from 'node:fs'
import { hostname } from 'node:os'
import type { DatabaseSync } from 'node:sqlite'

import { CatenaryError } from '../kernel/errors.ts'
import type { Opened } from '../journal/store.ts'
import { connect, integerOf, prepareToWrite } from './connection.ts'
import { takeExecutorLock } from './executor-lock.ts'
import { isBusy, isHalfWritten } from './failure.ts'
import { createSqliteReader } from './reader.ts'
import type { SqliteReader } from './reader.ts'
import { createRunNumbers } from './run-numbers.ts'
import type { NumberedRun, RunNumbers } from './run-numbers.ts'
import { migrate, schemaOf } from './schema.ts'
import { watchFile } from './same-file.ts'
import { openWriter } from './writer.ts'
import type { Writer, WriterKind, WriterSetup } from './writer.ts'

export interface Session {
  readonly opened: Opened
  readonly reader: SqliteReader
  readonly runs: RunNumbers
  readonly writer: Writer
  /** Throws where the file is no longer the one that was taken. */
  checkFile(): void
  close(): Promise<void>
}

export type SessionOptions = Omit<WriterSetup, 'epoch'> & { readonly writer: WriterKind }

/** Takes the store over; throws with nothing changed where it cannot. */
export function openSession(options: SessionOptions): Session {
  const { path, busyTimeout } = options
  refuseUntouched(path, busyTimeout)
  const lock = lockOrTell(path, busyTimeout)
  let database: DatabaseSync | undefined
  try {
    database = connect(path, { busyTimeout })
    prepareToWrite(database, options.durability, 'ours')
    migrate(database, path)
    const opened = {
      epoch: raiseEpoch(database),
      lastSeq: integerOf(database, 'SELECT max(seq) FROM journal'),
    }
    const reading = database
    const look = reading.prepare('SELECT id, status, signals FROM heads WHERE run = ?')
    const writer = openWriter({ ...options, epoch: opened.epoch }, options.writer)
    return {
      opened,
      writer,
      checkFile: watchFile(path),
      reader: createSqliteReader(reading),
      runs: createRunNumbers(
        (run) => look.get(run) as NumberedRun | undefined,
        integerOf(reading, 'SELECT max(id) FROM heads'),
      ),
      async close() {
        try {
          await writer.close()
          carryOver(reading)
          reading.close()
        } finally {
          lock.close()
        }
      },
    }
  } catch (error) {
    database?.close()
    lock.close()
    throw error
  }
}

/** Empties the log into the file, so that one file is the whole store. Where that fails, the log stays beside it. */
function carryOver(database: DatabaseSync): void {
  try {
    // Not waiting for readers.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)')
  } catch {
    // All that was acknowledged is in the log, and the next executor reads it there.
  }
}

/** Looks at a file before anything is made beside it, so that one we must not use is left as it was. */
function refuseUntouched(path: string, busyTimeout: number): void {
  const there = statSync(path, { throwIfNoEntry: false })
  if (!there || there.size === 0) return
  const database = connect(path, { readOnly: true, busyTimeout })
  try {
    schemaOf(database, path)
  } catch (error) {
    // The first process died while it made the file: there is nothing to see before that is taken back.
    if (!isHalfWritten(error)) throw error
  } finally {
    database.close()
  }
}

function lockOrTell(path: string, busyTimeout: number): DatabaseSync {
  try {
    return takeExecutorLock(path)
  } catch (error) {
    if (!isBusy(error)) throw error
    const message = `Another executor has ${path} open (last taken by ${lastOwner(path, busyTimeout)})`
    const cure =
      "stop it first, or use the store beside it: with role 'client' or 'auto', or by the `catenary` command."
    throw new CatenaryError('STORE_LOCKED', `${message}: ${cure}`, { cause: error })
  }
}

function lastOwner(path: string, busyTimeout: number): string {
  try {
    const database = connect(path, { readOnly: true, busyTimeout })
    try {
      return String(database.prepare('SELECT owner FROM store').get()?.['owner'])
    } finally {
      database.close()
    }
  } catch {
    return 'a process that is only now making it'
  }
}

function raiseEpoch(database: DatabaseSync): number {
  const raise = database.prepare('UPDATE store SET epoch = epoch + 1, owner = ? RETURNING epoch')
  return Number(raise.get(`process ${process.pid} on ${hostname()}`)?.['epoch'])
}
