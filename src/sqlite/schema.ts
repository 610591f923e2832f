// Knows whose file it is and how old: refuses what is foreign or too new, and migrates what is older.

import type { DatabaseSync } from 'node:sqlite'

import type { HostDatabase } from '../definition/host-database.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { connect, integerOf } from './connection.ts'
import { attributes } from './migrations/0002-attributes.ts'
import { keepsakes } from './migrations/0003-keepsakes.ts'
import { journal } from './migrations/0001-journal.ts'

/** Marks the file as Catenary's: the letters CATN. */
const applicationId = 0x4341544e

interface Migration {
  readonly sql: string
  /** The oldest schema whose code still works after this migration, so that the last release can open the store. */
  readonly compatible: number
}

/** The first makes schema 1, and so on; one that was ever released is never changed. */
const migrations: readonly Migration[] = [
  { sql: journal, compatible: 1 },
  { sql: attributes, compatible: 1 },
  { sql: keepsakes, compatible: 1 },
]

let owned: readonly string[] | undefined

/** The tables that are Catenary's, as its migrations make them. */
export function ownTables(): readonly string[] {
  if (owned === undefined) {
    const empty = connect(':memory:', { busyTimeout: 0 })
    for (const { sql } of migrations) empty.exec(sql)
    owned = empty
      // not sqlite_sequence, which counts the host's rows as well
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'")
      .all()
      .map(({ name }) => String(name))
    empty.close()
  }
  return owned
}

/** The schema that this release writes. */
export const latestSchema: number = migrations.length

/**
 * The schema of the file behind `database`, 0 where it is empty. Throws where it is not a store, or a newer one
 * that this release cannot work with; changes nothing.
 */
export function schemaOf(database: Pick<HostDatabase, 'prepare'>, path: string): number {
  const owner = integerOf(database, 'PRAGMA application_id')
  const version = integerOf(database, 'PRAGMA user_version')
  if (owner !== applicationId) {
    if (owner === 0 && version === 0 && integerOf(database, 'SELECT count(*) FROM sqlite_schema') === 0)
      return 0
    const message = `${path} is another program's database, so it was left alone: choose another file.`
    throw new CatenaryError('STORE_CORRUPT', message)
  }
  if (version > latestSchema && compatibleOf(database) > latestSchema) {
    const message = `${path} was written by a newer release (schema ${version}, this one knows ${latestSchema})`
    throw new CatenaryError(
      'STORE_NEWER',
      `${message}: update catenary, or choose another file. It was left alone.`,
    )
  }
  return version
}

/** Throws where a connection of the host is not to a store of this release. */
export function refuseOtherFile(database: Pick<HostDatabase, 'prepare'>): void {
  const path = "this connection's file"
  const schema = schemaOf(database, path)
  if (schema >= latestSchema) return
  const message =
    schema === 0
      ? `${path} is empty: connect to the file that is the supervisor's store, once that has made it.`
      : `${path} is of an older release: start an executor of this release once, which migrates it.`
  throw new CatenaryError(schema === 0 ? 'STORE_UNAVAILABLE' : 'STORE_OLDER', message)
}

/** Brings the file up to date in one transaction; the executor's lock must be held. */
export function migrate(database: DatabaseSync, path: string): void {
  const found = schemaOf(database, path)
  // Also for a file of this schema: a backup made by VACUUM INTO is not in this mode.
  const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
  if (mode !== 'wal') {
    const message = `${path} lies where SQLite cannot keep a write-ahead log: use a local disk.`
    throw new CatenaryError('STORE_UNAVAILABLE', message)
  }
  if (found >= latestSchema) return
  database.exec('BEGIN IMMEDIATE')
  try {
    const from = schemaOf(database, path)
    for (const { sql, compatible } of migrations.slice(from)) {
      database.exec(sql)
      database.prepare('UPDATE store SET compatible = ?').run(compatible)
    }
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${latestSchema}; COMMIT`)
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function compatibleOf(database: Pick<HostDatabase, 'prepare'>): number {
  try {
    return integerOf(database, 'SELECT compatible FROM store')
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
