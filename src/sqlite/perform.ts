// Carries out a writer's work on one connection: each piece is one transaction, of the newest executor only.

import type { DatabaseSync, StatementSync } from 'node:sqlite'

import type { HostTransaction } from '../definition/host-database.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { systemClock } from '../kernel/clock.ts'
import { keptReplies } from '../journal/store.ts'
import { isBusy } from './failure.ts'
import { createHostRows } from './host-rows.ts'
import { watchFile } from './same-file.ts'
import { createStatements } from './statements.ts'
import type { Value } from './statements.ts'
import { columns } from './work.ts'
import type { BatchWork, Done, Work } from './work.ts'

export interface Perform {
  /** Does a piece of work and returns once it is committed; throws where nothing of it is known to be written. */
  (work: Work): Done
  /** Writes a batch with the host's rows; undefined where another process holds the write lock: nothing was done. */
  withHost(give: (transaction: HostTransaction) => BatchWork): Done | undefined
}

/** Rows of one INSERT: measured, eight cost a sixth less than one at a time, and more bring nothing. */
const together = 8

/** An INSERT of `count` records. */
function insertInto(table: string, names: readonly string[], count = 1): string {
  const record = `(${names.map(() => '?').join(', ')})`
  return `INSERT INTO ${table} (${names.join(', ')}) VALUES ${Array.from({ length: count }, () => record).join(', ')}`
}

/** Makes the hands of the executor that opened the store at `path` as `epoch`. */
export function createPerform(database: DatabaseSync, epoch: number, path: string): Perform {
  const { prepared, run, one } = createStatements(database)
  const checkFile = watchFile(path, { every: 10 })
  const begin = prepared('BEGIN IMMEDIATE')
  const commit = prepared('COMMIT')
  const current = prepared('SELECT epoch FROM store')
  const row = prepared(insertInto('journal', columns.rows))
  const rows = prepared(insertInto('journal', columns.rows, together))
  const newHead = prepared(insertInto('heads', columns.newHeads))
  const changes = columns.heads.slice(0, -1).map((name) => `${name} = ?`)
  const head = prepared(`UPDATE heads SET ${changes.join(', ')} WHERE id = ?`)
  const snapshot = prepared(`${insertInto('snapshots', columns.snapshots)}
    ON CONFLICT DO UPDATE SET seq = excluded.seq, body = excluded.body`)
  const reply = prepared(
    `${insertInto('replies', columns.replies)} ON CONFLICT DO UPDATE SET body = excluded.body`,
  )
  const count = prepared(
    `${insertInto('counts', columns.counts)} ON CONFLICT DO UPDATE SET n = n + excluded.n`,
  )
  const waitOver = prepared('DELETE FROM waits WHERE signal = ? AND id = ?')
  const wait = prepared(`${insertInto('waits', columns.waits)} ON CONFLICT DO NOTHING`)
  const keepsake = prepared(insertInto('keepsakes', columns.keepsakes))
  const note = `${insertInto('notes', ['name', 'value'])} ON CONFLICT DO UPDATE SET value = excluded.value`
  // what is said of a command that is kept stays as long as the command
  const outdated = `DELETE FROM replies WHERE id <= (SELECT max(id) FROM replies) - ?
    AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.id = replies.id)`
  const post = insertInto('inbox', ['at', 'body'])

  function each(values: readonly Value[], width: number, statement: StatementSync): void {
    for (let at = 0; at < values.length; at += width) statement.run(...values.slice(at, at + width))
  }

  function writeBatch(work: BatchWork): void {
    each(work.newHeads, columns.newHeads.length, newHead)
    each(work.heads, columns.heads.length, head)
    const width = columns.rows.length
    const full = work.rows.length - (work.rows.length % (width * together))
    if (full > 0) each(work.rows.slice(0, full), width * together, rows)
    each(full > 0 ? work.rows.slice(full) : work.rows, width, row)
    each(work.snapshots, columns.snapshots.length, snapshot)
    each(work.counts, columns.counts.length, count)
    each(work.waitsOver, columns.waitsOver.length, waitOver)
    each(work.waits, columns.waits.length, wait)
    // a row of its own each time: they are kept in the order in which they were last written
    for (const key of work.gone) run('DELETE FROM keepsakes WHERE key = ?', key)
    each(work.keepsakes, columns.keepsakes.length, keepsake)
    if (work.replies.length === 0) return
    each(work.replies, columns.replies.length, reply)
    for (const id of work.carriedOut) run('DELETE FROM inbox WHERE id = ?', id)
    run(outdated, keptReplies)
  }

  function write(work: Exclude<Work, { kind: 'checkpoint' }>): number {
    switch (work.kind) {
      case 'batch':
        writeBatch(work)
        return 0
      case 'note':
        run(note, work.name, work.value)
        return 0
      case 'post':
        return Number(run(post, work.at, work.body).lastInsertRowid)
    }
  }

  function take(): void {
    begin.run()
    if (current.get()?.['epoch'] === epoch) return
    const message = `Another executor has taken over ${path}, so this one has stopped and lost nothing: use it as a client, or start it with role 'auto'.`
    throw new CatenaryError('STORE_TAKEN', message)
  }

  function end(result: number): Done {
    const before = systemClock.monotonic()
    commit.run()
    return { result, commit: systemClock.monotonic() - before }
  }

  const perform = (work: Work): Done => {
    if (work.kind === 'checkpoint') {
      const log = one<{ log: number }>('PRAGMA wal_checkpoint(PASSIVE)')?.log ?? 0
      return { result: log, commit: 0 }
    }
    checkFile()
    try {
      take()
      return end(write(work))
    } catch (error) {
      if (database.isTransaction) rollBack(database)
      throw error
    }
  }

  const hostRows = createHostRows(database, take)
  const withHost: Perform['withHost'] = (give) => {
    checkFile()
    let begun = false
    try {
      take()
      begun = true
      hostRows.begun()
      const work = give(hostRows)
      // else each row of the batch would commit by itself
      if (!database.isTransaction)
        throw new CatenaryError('STORE_UNAVAILABLE', `The transaction on ${path} was lost.`)
      writeBatch(work)
      return end(0)
    } catch (error) {
      if (database.isTransaction) rollBack(database)
      if (!begun && isBusy(error)) return undefined
      throw error
    }
  }
  return Object.assign(perform, { withHost })
}

/** The first failure is the one to tell of; a transaction that cannot be rolled back ends with its connection. */
function rollBack(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // see above
  }
}
