// Carries out a writer's work on one connection: each piece is one transaction, of the newest executor only.

import type { DatabaseSync, StatementSync } from 'node:sqlite'

import { CatenaryError } from '../kernel/errors.ts'
import { systemClock } from '../kernel/clock.ts'
import { keptReplies } from '../journal/store.ts'
import { createStatements } from './statements.ts'
import type { Value } from './statements.ts'
import { widths } from './work.ts'
import type { BatchWork, Done, Work } from './work.ts'

/** Does a piece of work and returns once it is committed; throws where nothing of it is known to be written. */
export type Perform = (work: Work) => Done

/** Rows of one INSERT: measured, eight cost a sixth less than one at a time, and more bring nothing. */
const together = 8

const list = (width: number): string => `(${Array.from({ length: width }, () => '?').join(', ')})`

/** Makes the hands of the executor that opened the store at `path` as `epoch`. */
export function createPerform(database: DatabaseSync, epoch: number, path: string): Perform {
  const { prepared, run, one } = createStatements(database)
  const begin = prepared('BEGIN IMMEDIATE')
  const commit = prepared('COMMIT')
  const current = prepared('SELECT epoch FROM store')
  const row = prepared(`INSERT INTO journal VALUES ${list(widths.rows)}`)
  const rows = prepared(
    `INSERT INTO journal VALUES ${Array.from({ length: together }, () => list(widths.rows)).join(', ')}`,
  )
  const newHead = prepared(`INSERT INTO heads VALUES ${list(widths.newHeads)}`)
  const head = prepared(`UPDATE heads SET chain = ?, status = ?, priority = ?, accepted_at = ?, ended_at = ?,
    wake_at = ?, signals = ?, attributes = ? WHERE id = ?`)
  const snapshot = prepared(`INSERT INTO snapshots VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET seq = excluded.seq, body = excluded.body`)
  const count = prepared(`INSERT INTO counts VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n`)

  function each(values: readonly Value[], width: number, statement: StatementSync): void {
    for (let at = 0; at < values.length; at += width) statement.run(...values.slice(at, at + width))
  }

  function writeBatch(work: BatchWork): void {
    each(work.newHeads, widths.newHeads, newHead)
    each(work.heads, widths.heads, head)
    const full = work.rows.length - (work.rows.length % (widths.rows * together))
    if (full > 0) each(work.rows.slice(0, full), widths.rows * together, rows)
    each(full > 0 ? work.rows.slice(full) : work.rows, widths.rows, row)
    each(work.snapshots, widths.snapshots, snapshot)
    each(work.counts, widths.counts, count)
    for (let at = 0; at < work.replies.length; at += widths.replies) {
      const [id = null, reply = null] = work.replies.slice(at, at + widths.replies)
      run('DELETE FROM inbox WHERE id = ?', id)
      run('INSERT OR REPLACE INTO replies VALUES (?, ?)', id, reply)
    }
    if (work.replies.length > 0) {
      run('DELETE FROM replies WHERE id <= (SELECT max(id) FROM replies) - ?', keptReplies)
    }
  }

  function write(work: Exclude<Work, { kind: 'checkpoint' }>): number {
    switch (work.kind) {
      case 'batch':
        writeBatch(work)
        return 0
      case 'note':
        run(
          'INSERT INTO notes VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
          work.name,
          work.value,
        )
        return 0
      case 'post':
        return Number(run('INSERT INTO inbox (at, body) VALUES (?, ?)', work.at, work.body).lastInsertRowid)
    }
  }

  return (work) => {
    if (work.kind === 'checkpoint') {
      one('PRAGMA wal_checkpoint(PASSIVE)')
      return { id: 0, commit: 0 }
    }
    begin.run()
    try {
      if (current.get()?.['epoch'] !== epoch) {
        const message = `Another executor has taken over ${path}: this one must stop.`
        throw new CatenaryError('STORE_UNAVAILABLE', message)
      }
      const id = write(work)
      const before = systemClock.monotonic()
      commit.run()
      return { id, commit: systemClock.monotonic() - before }
    } catch (error) {
      if (database.isTransaction) rollBack(database)
      throw error
    }
  }
}

/** The first failure is the one to tell of; a transaction that cannot be rolled back ends with its connection. */
function rollBack(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // see above
  }
}
