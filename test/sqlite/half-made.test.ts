// Tests of a store whose first process died while it made the file: the next one makes it anew.

import { copyFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'

import { createSqliteStore } from '../../src/sqlite/store.ts'
import { codeOf, sampleBatch, sampleRows } from '../../src/testing/conformance/case.ts'
import { testFolder } from './folder.ts'

/** What is on the disk in the middle of a file's first transaction: pages, and the journal that takes them back. */
function halfMade(folder: string): string {
  const whole = join(folder, 'whole.db')
  const half = join(folder, 'half.db')
  const database = new DatabaseSync(whole)
  database.exec('PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (a)')
  const insert = database.prepare('INSERT INTO t VALUES (?)')
  for (let n = 0; n < 100; n++) insert.run('x'.repeat(4_000))
  for (const ending of ['', '-journal']) copyFileSync(whole + ending, half + ending)
  database.close()
  return half
}

test('a store that was half made when its first process died is made anew', async () => {
  const file = halfMade(testFolder())
  expect(statSync(file).size).toBeGreaterThan(0)
  const store = createSqliteStore(file)
  expect(await store.open()).toEqual({ epoch: 1, lastSeq: 0 })
  await store.append(sampleBatch({ rows: sampleRows(1, 3) }))
  await store.close()
})

test("another program's file whose writer died is refused", async () => {
  const file = halfMade(testFolder())
  const database = new DatabaseSync(file)
  database.exec('PRAGMA application_id = 7; PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (a)')
  const insert = database.prepare('INSERT INTO t VALUES (?)')
  for (let n = 0; n < 100; n++) insert.run('x'.repeat(4_000))
  const other = join(testFolder(), 'other.db')
  for (const ending of ['', '-journal']) copyFileSync(file + ending, other + ending)
  database.close()
  expect(await codeOf(() => createSqliteStore(other).open())).toBe('STORE_CORRUPT')
})
