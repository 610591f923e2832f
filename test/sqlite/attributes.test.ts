// Tests of the index of attributes: that queries go through it, and that it is true whoever writes the heads.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createMemoryStore } from '../../src/journal/memory-store.ts'
import type { AttributeQuery, HeadQuery } from '../../src/journal/store.ts'
import { headSearch } from '../../src/sqlite/head-search.ts'
import { journal } from '../../src/sqlite/migrations/0001-journal.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { runsOf, sampleBatch, sampleHead } from '../../src/testing/conformance/case.ts'
import { testFolder } from './folder.ts'

const total = 100_000

/** A file with so many runs of ten attributes each. */
function fill(file: string, runs: number): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec('BEGIN')
  const insert = database.prepare(
    `INSERT INTO heads (run, chain, status, priority, accepted_at, signals, attributes) VALUES (?, 'order', 'succeeded', 0, 0, '', ?)`,
  )
  for (let at = 0; at < runs; at++) {
    const rest = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`other${index}`, at + index]))
    insert.run(
      `run-${at}`,
      JSON.stringify({ customer: `c${at % 1_000}`, total: at % 5_000, urgent: at % 2 === 0, ...rest }),
    )
  }
  database.exec('COMMIT')
  return database
}

async function empty(file: string): Promise<void> {
  const store = createSqliteStore(file)
  await store.open()
  await store.close()
}

/** How SQLite answers, a line a loop. */
function planOf(database: DatabaseSync, query: HeadQuery): readonly string[] {
  const { sql, values } = headSearch(query)
  return database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...values)
    .map((row) => String(row['detail']))
}

test('a hundred thousand runs of ten attributes each are found through the index', async () => {
  const file = join(testFolder(), 'a.db')
  await empty(file)
  const database = fill(file, total)
  const plans: readonly (readonly [HeadQuery, string, boolean])[] = [
    [{ attributes: { customer: 'c7' } }, '(name=? AND value=?)', false],
    [{ attributes: { customer: 'c7' }, before: 'run-50' }, '(name=? AND value=? AND id<?)', false],
    [{ attributes: { customer: 'c7', urgent: false } }, '(name=? AND value=?)', false],
    [{ attributes: { total: { min: 4_990 }, customer: 'c7' } }, '(name=? AND value=?)', false],
    [{ attributes: { customer: 'c7' }, status: ['failed', 'succeeded'] }, '(name=? AND value=?)', false],
    [{ attributes: { customer: 'c7' }, chain: 'order' }, '(name=? AND value=?)', false],
    // what a range finds is sorted
    [{ attributes: { total: { min: 10, max: 12 } } }, '(name=? AND value>? AND value<?)', true],
  ]
  for (const [query, key, sorted] of plans) {
    const plan = planOf(database, query)
    const [first] = plan.filter((line) => /^(SEARCH|SCAN)/.test(line))
    expect(first, JSON.stringify(query)).toBe(`SEARCH a USING PRIMARY KEY ${key}`)
    expect(
      plan.some((line) => line.startsWith('SCAN') && !line.includes('VIRTUAL')),
      plan.join('\n'),
    ).toBe(false)
    expect(
      plan.some((line) => line.includes('TEMP B-TREE')),
      plan.join('\n'),
    ).toBe(sorted)
  }
  database.close()
  const store = createSqliteStore(file)
  await store.open()
  expect(runsOf(await store.heads({ attributes: { customer: 'c7' }, limit: 2 }))).toEqual([
    'run-99007',
    'run-98007',
  ])
  expect(await store.heads({ attributes: { total: { min: 4_998 } }, limit: 1_000 })).toHaveLength(40)
  await store.close()
}, 60_000)

test('a store of the schema before is migrated with the attributes that it has', async () => {
  const file = join(testFolder(), 'a.db')
  const old = new DatabaseSync(file)
  old.exec(
    `PRAGMA journal_mode = WAL; BEGIN; ${journal}; PRAGMA application_id = 1128354894; PRAGMA user_version = 1; COMMIT`,
  )
  old.close()
  fill(file, 20).close()
  const store = createSqliteStore(file)
  await store.open()
  expect(runsOf(await store.heads({ attributes: { total: { max: 1 } } }))).toEqual(['run-1', 'run-0'])
  expect(runsOf(await store.heads({ attributes: { customer: 'c3', urgent: false } }))).toEqual(['run-3'])
  await store.close()
})

test('an older release that writes to a newer store keeps the index true', async () => {
  const file = join(testFolder(), 'a.db')
  await empty(file)
  // it knows of heads only
  const old = fill(file, 3)
  old.exec(
    `UPDATE heads SET attributes = '{"customer":"new"}' WHERE run = 'run-1'; DELETE FROM heads WHERE run = 'run-2'`,
  )
  old.close()
  const store = createSqliteStore(file)
  await store.open()
  expect(runsOf(await store.heads({ attributes: { customer: 'new' } }))).toEqual(['run-1'])
  expect(await store.heads({ attributes: { customer: 'c1' } })).toEqual([])
  expect(await store.heads({ attributes: { customer: 'c2' } })).toEqual([])
  await store.close()
})

const name = fc.constantFrom('a', 'b', 'a "b".c$[0]', 's:a', '')
const value = fc.oneof(
  fc.constantFrom('', '1', 'x', 'true'),
  fc.constantFrom(0, 1, -1, 2.5, 1e21, Number.MAX_SAFE_INTEGER),
  fc.boolean(),
)
const attributes = fc.dictionary(name, value, { maxKeys: 4 })
const wanted = fc.dictionary(
  name,
  fc.oneof(
    value,
    fc.record({ min: fc.constantFrom(-1, 0, 1), max: fc.constantFrom(1, 2.5, 1e300) }, { requiredKeys: [] }),
  ),
  { maxKeys: 3 },
)

test('SQLite and the memory store find the same runs, whatever is asked, and after heads have changed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('r1', 'r2', 'r3', 'r4'), attributes), { maxLength: 8 }),
      fc.array(wanted, { minLength: 1, maxLength: 6 }),
      fc.option(fc.constantFrom('r2', 'r4'), { nil: undefined }),
      async (writes, queries, before) => {
        const stores = [
          createMemoryStore(),
          createSqliteStore(join(testFolder(), 'a.db'), { durability: 'normal', writer: 'inline' }),
        ]
        for (const store of stores) {
          await store.open()
          for (const [run, has] of writes)
            await store.append(sampleBatch({ heads: [sampleHead(run, { attributes: JSON.stringify(has) })] }))
        }
        for (const one of queries) {
          const query = {
            attributes: one as Record<string, AttributeQuery>,
            ...(before === undefined ? {} : { before }),
          }
          const [memory, sqlite] = await Promise.all(
            stores.map(async (store) => runsOf(await store.heads(query))),
          )
          expect(sqlite, JSON.stringify(query)).toEqual(memory)
        }
        for (const store of stores) await store.close()
      },
    ),
    { numRuns: 60 },
  )
})
