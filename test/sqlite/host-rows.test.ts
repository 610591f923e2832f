// Rows of the host in a store's file: with every writer, beside other writers, and in the file that others read.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'

import type { HostDatabase, HostTransaction } from '../../src/definition/host-database.ts'
import { ownTables } from '../../src/sqlite/schema.ts'
import { createSqliteStore, type SqliteStoreOptions } from '../../src/sqlite/store.ts'
import { codeOf, sampleBatch, sampleRows, seqsOf } from '../../src/testing/conformance/case.ts'
import { testFolder } from './folder.ts'

async function opened(options: SqliteStoreOptions = {}) {
  const file = join(testFolder(), 'a.db')
  const store = createSqliteStore(file, options)
  await store.open()
  const db = new DatabaseSync(file)
  onTestFinished(async () => {
    db.close()
    await store.close()
  })
  db.exec('CREATE TABLE mine (n INTEGER, text TEXT)')
  const rows = (): readonly unknown[] =>
    db
      .prepare('SELECT n FROM mine ORDER BY n')
      .all()
      .map(({ n }) => n)
  return { store, db, rows }
}

const insert = (db: HostDatabase, n: number): void =>
  void db.prepare('INSERT INTO mine (n) VALUES (?)').run(n)
const withRow = (n: number) => (transaction: HostTransaction) => {
  transaction.write((db) => insert(db, n))
  return sampleBatch({ rows: sampleRows(n, n) })
}

describe.each(['inline', 'thread', 'auto'] as const)('with the writer %s', (writer) => {
  test('rows and batches take turns, and all are there', async () => {
    const { store, rows } = await opened({ writer })
    for (let n = 1; n <= 20; n++) {
      if (n % 3 === 0) await store.append(sampleBatch({ rows: sampleRows(n, n) }))
      else
        while (store.transact?.(withRow(n)) === false) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(rows()).toEqual(Array.from({ length: 20 }, (_, at) => at + 1).filter((n) => n % 3 !== 0))
    expect(seqsOf(await store.journal({ after: 0, limit: 100 })).length).toBe(20)
  })
})

test('while another connection writes, nothing is begun, and it is done when that has ended', async () => {
  const { store, db, rows } = await opened({ writer: 'auto' })
  let called = 0
  const work = (transaction: HostTransaction) => {
    called++
    return withRow(1)(transaction)
  }
  db.exec('BEGIN IMMEDIATE; INSERT INTO mine (n) VALUES (7)')
  expect(store.transact?.(work)).toBe(false)
  expect(called).toBe(0)
  db.exec('COMMIT')
  expect(store.transact?.(work)).toBe(true)
  expect(rows()).toEqual([1, 7])
})

test('another connection that writes for longer than the busy timeout is a failed store', async () => {
  const { store, db } = await opened({ writer: 'auto', busyTimeout: 1 })
  db.exec('BEGIN IMMEDIATE')
  const ask = async (): Promise<void> => {
    while (store.transact?.(withRow(1)) === false) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await codeOf(ask)).toBe('STORE_UNAVAILABLE')
  db.exec('COMMIT')
  expect(await codeOf(() => store.append(sampleBatch({ rows: sampleRows(1, 1) })))).toBe('STORE_UNAVAILABLE')
})

test('a text of many statements is run to its end, with strings, comments and triggers of its own in it', async () => {
  const { store, db, rows } = await opened()
  db.exec(`CREATE TABLE log (n INTEGER);
    CREATE TRIGGER logged AFTER INSERT ON mine BEGIN INSERT INTO log VALUES (new.n); INSERT INTO log VALUES (0); END`)
  store.transact?.((transaction) => {
    transaction.write((own) =>
      own.exec(`-- first; not this
        INSERT INTO mine VALUES (1, 'a;b'); /* ; */ ;
        INSERT INTO mine VALUES (2, 'it''s; -- no comment');
        UPDATE mine SET n = n + 10 WHERE text LIKE '%;%'; -- the end`),
    )
    return sampleBatch({})
  })
  expect(rows()).toEqual([11, 12])
  expect(db.prepare('SELECT count(*) AS n FROM log').get()).toEqual({ n: 4 })
})

test('what undo takes back is not there, and the batch is', async () => {
  const { store, rows } = await opened()
  store.transact?.((transaction) => {
    transaction.write((db) => insert(db, 1))
    transaction.undo()
    return sampleBatch({ rows: sampleRows(1, 1) })
  })
  expect(rows()).toEqual([])
  expect(seqsOf(await store.journal({ after: 0, limit: 10 }))).toEqual([1])
})

test('docs/transactions.md names every table that is taken', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/transactions.md'), 'utf8')
  expect(ownTables().length).toBeGreaterThan(8)
  expect(ownTables().filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})
