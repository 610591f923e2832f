// Tests of whose file it is: what is foreign, damaged or too new is refused and left as it was.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'

import { openSqliteClient, openSqliteReader } from '../../src/sqlite/client.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { codeOf, sampleBatch, sampleHead, sampleRow, sampleRows } from '../../src/testing/conformance/case.ts'
import { testFolder } from './folder.ts'

/** A closed store with a few rows. */
async function written(file: string): Promise<void> {
  const store = createSqliteStore(file, { writer: 'inline' })
  await store.open()
  await store.append(sampleBatch({ rows: sampleRows(1, 50), heads: [sampleHead('run-1')] }))
  await store.close()
}

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

/** The codes with which an executor, a client and a reader are refused, when the file stays byte for byte. */
async function refusals(file: string): Promise<string[]> {
  const before = readFileSync(file)
  const codes = [
    await codeOf(() => createSqliteStore(file).open()),
    await codeOf(() => openSqliteClient(file)),
    await codeOf(() => openSqliteReader(file)),
  ]
  expect(readFileSync(file).equals(before)).toBe(true)
  return codes
}

describe('a file that is not a store of this release', () => {
  test('is refused where a newer release wrote it, and not touched', async () => {
    const file = join(testFolder(), 'a.db')
    await written(file)
    change(file, 'PRAGMA user_version = 999; UPDATE store SET compatible = 998')
    expect(await refusals(file)).toEqual(['STORE_NEWER', 'STORE_NEWER', 'STORE_NEWER'])
    await expect(createSqliteStore(file).open()).rejects.toThrow(/schema 999.*update catenary/)
    change(file, 'DROP TABLE store')
    expect(await codeOf(() => createSqliteStore(file).open())).toBe('STORE_NEWER')
  })

  test('is opened where a newer release says that this one can work with it', async () => {
    const file = join(testFolder(), 'a.db')
    await written(file)
    change(file, 'PRAGMA user_version = 999; ALTER TABLE heads ADD COLUMN later TEXT')
    const store = createSqliteStore(file)
    expect((await store.open()).lastSeq).toBe(50)
    expect((await store.head('run-1'))?.run).toBe('run-1')
    await store.close()
    const database = new DatabaseSync(file)
    expect({ ...database.prepare('PRAGMA user_version').get() }).toEqual({ user_version: 999 })
    database.close()
  })

  test("is refused where it is another program's database", async () => {
    const file = join(testFolder(), 'a.db')
    change(file, 'CREATE TABLE users (name TEXT)')
    expect(await refusals(file)).toEqual(['STORE_CORRUPT', 'STORE_CORRUPT', 'STORE_CORRUPT'])
    const marked = join(testFolder(), 'b.db')
    change(marked, 'PRAGMA application_id = 77; CREATE TABLE t (x)')
    expect(await refusals(marked)).toEqual(['STORE_CORRUPT', 'STORE_CORRUPT', 'STORE_CORRUPT'])
  })

  test('is refused where it is no database at all, and nothing is made beside it', async () => {
    const folder = testFolder()
    const file = join(folder, 'photo.jpg')
    writeFileSync(file, 'not a database, but long enough to look for a header in it'.repeat(40))
    expect(await refusals(file)).toEqual(['STORE_CORRUPT', 'STORE_CORRUPT', 'STORE_CORRUPT'])
    expect(readdirSync(folder)).toEqual(['photo.jpg'])
  })

  test('becomes a store where it is empty', async () => {
    const file = join(testFolder(), 'a.db')
    writeFileSync(file, '')
    const store = createSqliteStore(file)
    expect(await store.open()).toEqual({ epoch: 1, lastSeq: 0 })
    await store.close()
  })

  test('is refused by a client where there is none, and by all where it is a folder or lies in none', async () => {
    const folder = testFolder()
    await expect(Promise.resolve().then(() => openSqliteClient(join(folder, 'a.db')))).rejects.toThrow(
      /no store/,
    )
    expect(readdirSync(folder)).toEqual([])
    mkdirSync(join(folder, 'b.db'))
    expect(await codeOf(() => createSqliteStore(join(folder, 'b.db')).open())).toBe('STORE_UNAVAILABLE')
    const missing = createSqliteStore(join(folder, 'nowhere', 'a.db'))
    await expect(missing.open()).rejects.toThrow(/nowhere does not exist: create it/)
  })
})

describe('a damaged store', () => {
  test('is told of with its cure, and the executor lets go of it', async () => {
    const file = join(testFolder(), 'a.db')
    await written(file)
    const bytes = readFileSync(file)
    bytes.fill(0xa5, 4096)
    writeFileSync(file, bytes)
    const store = createSqliteStore(file)
    const opening = store.open()
    await expect(opening).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    await expect(opening).rejects.toThrow(/restore a backup/)
    await written(join(testFolder(), 'b.db'))
    expect(await codeOf(() => store.open())).toBe('STORE_CORRUPT')
  })

  test('fails the append that meets the damage, and every later one', async () => {
    const file = join(testFolder(), 'a.db')
    await written(file)
    const database = new DatabaseSync(file)
    const root = database
      .prepare("SELECT rootpage AS page FROM sqlite_schema WHERE name = 'journal_run'")
      .get()
    database.close()
    const bytes = readFileSync(file)
    bytes.fill(0xa5, (Number(root?.['page']) - 1) * 4096, Number(root?.['page']) * 4096)
    writeFileSync(file, bytes)
    for (const writer of ['inline', 'thread'] as const) {
      const store = createSqliteStore(file, { writer })
      await store.open()
      const batch = sampleBatch({ rows: [sampleRow(51)] })
      expect(await codeOf(() => store.append(batch))).toBe('STORE_CORRUPT')
      expect(await codeOf(() => store.append(batch))).toBe('STORE_UNAVAILABLE')
      await store.close()
    }
  })
})

test('a store that came from VACUUM INTO, which leaves no write-ahead log, gets one again', async () => {
  const folder = testFolder()
  await written(join(folder, 'a.db'))
  change(join(folder, 'a.db'), `VACUUM INTO '${join(folder, 'backup.db')}'`)
  const store = createSqliteStore(join(folder, 'backup.db'))
  expect((await store.open()).lastSeq).toBe(50)
  await store.append(sampleBatch({ rows: [sampleRow(51)] }))
  const reader = openSqliteReader(join(folder, 'backup.db'))
  expect((await reader.rows('run-1', 0)).length).toBe(51)
  await reader.close()
  await store.close()
})
