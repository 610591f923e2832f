// A store's file from another process: it reads, and leaves commands, beside whoever executes.

import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { refuseUnknownOptions } from '../kernel/known-options.ts'
import type { StoreClient, StoreReader } from '../journal/store.ts'
import { connect, prepareToWrite } from './connection.ts'
import type { ConnectionOptions } from './connection.ts'
import { storeFailure } from './failure.ts'
import { answerLater, createSqliteReader } from './reader.ts'
import { watchFile } from './same-file.ts'
import { latestSchema, schemaOf } from './schema.ts'
import { storePath } from './store-path.ts'

/** How a client uses the file. */
export interface SqliteClientOptions {
  /** How long to wait while another process writes, in ms or as `'5s'`. Default 5 s. */
  readonly busyTimeout?: Duration
}

/**
 * Opens the store in `file` to read it, at any time, also beside a live executor. Writes nothing.
 *
 * @example
 * ```ts
 * const reader = openSqliteReader('app.db')
 * console.log(await reader.counts())
 * await reader.close()
 * ```
 */
export function openSqliteReader(
  file: string,
  options: SqliteClientOptions = {},
): StoreReader & AsyncDisposable {
  const path = storePath(file)
  try {
    return readingSide(openExisting(path, true, options), path)
  } catch (error) {
    // In a folder that cannot be written to, only a store that was closed well can be read.
    if (!CatenaryError.is(error) || error.code !== 'STORE_READONLY' || existsSync(`${path}-wal`)) throw error
    return readingSide(openExisting(path, 'unchanging', options), path, watchFile(path, { alone: true }))
  }
}

/**
 * Opens the store in `file` to read it and to leave commands for its executor, which may be live or not.
 *
 * @example
 * ```ts
 * const client = openSqliteClient('app.db')
 * const id = await client.post(command, Date.now())
 * ```
 */
export function openSqliteClient(
  file: string,
  options: SqliteClientOptions = {},
): StoreClient & AsyncDisposable {
  const path = storePath(file)
  const database = openExisting(path, false, options)
  const insert = database.prepare('INSERT INTO inbox (at, body) VALUES (?, ?)')
  const checkFile = watchFile(path)
  return {
    ...readingSide(database, path),
    async post(body, at) {
      try {
        checkFile()
        return Number(insert.run(at, body).lastInsertRowid)
      } catch (error) {
        throw storeFailure(error, path)
      }
    },
  }
}

function readingSide(
  database: DatabaseSync,
  path: string,
  checkFile = watchFile(path),
): StoreReader & AsyncDisposable {
  const reader = createSqliteReader(database)
  const close = async (): Promise<void> => {
    if (database.isOpen) database.close()
  }
  return {
    ...answerLater(() => {
      checkFile()
      if (database.isOpen) return reader
      throw new CatenaryError('STORE_UNAVAILABLE', `This client of ${path} was closed: open another.`)
    }, path),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Opens a file that must be a store of this release's schema; only the executor makes or migrates one. */
export function openExisting(
  path: string,
  readOnly: NonNullable<ConnectionOptions['readOnly']>,
  options: SqliteClientOptions,
): DatabaseSync {
  refuseUnknownOptions(options, { busyTimeout: true }, 'a client of a store')
  const busyTimeout = toMs(options.busyTimeout ?? 5_000, 'busyTimeout')
  if (!existsSync(path)) {
    throw new CatenaryError('STORE_UNAVAILABLE', `There is no store at ${path} yet: start its executor once.`)
  }
  let database: DatabaseSync | undefined
  try {
    database = connect(path, { readOnly, busyTimeout })
    const schema = schemaOf(database, path)
    if (schema === 0)
      throw new CatenaryError(
        'STORE_UNAVAILABLE',
        `${path} is empty: start its executor once, which makes the store.`,
      )
    if (schema < latestSchema) {
      const message = `${path} is of an older release: start an executor of this release once, which migrates it.`
      throw new CatenaryError('STORE_OLDER', message)
    }
    if (!readOnly) prepareToWrite(database, 'full', 'by SQLite')
    return database
  } catch (error) {
    database?.close()
    throw storeFailure(error, path)
  }
}
