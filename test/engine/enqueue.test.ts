// Tests of starts and signals in the host's own transaction: asked for if and only if it commits, and then once.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

import { chain } from '../../src/chain/create-chain.ts'
import { enqueue, enqueueSignal } from '../../src/sqlite/enqueue.ts'
import { codeOf } from '../../src/testing/conformance/case.ts'
import { testFolder } from '../sqlite/folder.ts'
import { createRig, type Rig } from './rig.ts'

const input = z.object({ order: z.string().transform((text) => text.length) })
const ship = chain('ship', { input })
  .step('pack', ({ input: { order } }) => order + 1)
  .wait('approval', z.object({ by: z.string() }))
  .step('send', ({ steps }) => `${steps.pack} by ${steps.approval.by}`)
const both = chain<string>('both')
  .transact('first', (db, { input: order, runId }) => {
    const run = enqueue(db, ship, { order }, { id: `ship-${order}` })
    if (order === 'bad') throw new Error(`no luck in ${runId}`)
    return run
  })
  .step('after', ({ steps }) => steps.first)

async function hosted(): Promise<{ readonly rig: Rig; readonly db: DatabaseSync }> {
  const file = join(testFolder(), 'a.db')
  const rig = await createRig([ship, both], { file })
  onTestFinished(async () => rig.store.kill())
  const db = new DatabaseSync(file)
  onTestFinished(() => db.close())
  db.exec('CREATE TABLE orders (id TEXT PRIMARY KEY)')
  return { rig, db }
}

const inTransaction = (db: DatabaseSync, end: 'COMMIT' | 'ROLLBACK', work: () => void): void => {
  db.exec('BEGIN IMMEDIATE')
  work()
  db.exec(end)
}

const ends = (rig: Rig): readonly string[] => rig.told('run.accepted', 'run.ended')

test('a start is carried out once, after the transaction that asked for it has committed', async () => {
  const { rig, db } = await hosted()
  db.exec('BEGIN IMMEDIATE')
  db.exec("INSERT INTO orders VALUES ('abc')")
  const run = enqueue(
    db,
    ship,
    { order: 'abc' },
    {
      id: 'one',
      priority: 3,
      deadline: new Date(9e12),
      attributes: { of: 'abc' },
    },
  )
  enqueueSignal(db, run, 'approval', { by: 'ada' })
  expect(run).toBe('one')
  expect(ends(rig)).toEqual([])
  db.exec('COMMIT')
  await rig.advance('1s')
  expect(ends(rig)).toEqual(['run.accepted', 'run.ended succeeded'])
  const found = await rig.supervisor.get('one')
  expect(await rig.until(found?.result() ?? Promise.reject(new Error('no run')))).toBe('4 by ada')
  expect(await rig.supervisor.list({ attributes: { of: 'abc' } })).toMatchObject([
    { run: 'one', priority: 3 },
  ])
})

test('a deadline holds for the run that was asked for', async () => {
  const { rig, db } = await hosted()
  enqueue(db, ship, { order: 'abc' }, { deadline: new Date(rig.now() + 1_000) })
  await rig.advance('5s')
  expect(ends(rig)).toEqual(['run.accepted', 'run.ended failed'])
})

test('a start in a transaction that is rolled back was never asked for', async () => {
  const { rig, db } = await hosted()
  inTransaction(db, 'ROLLBACK', () => enqueue(db, ship, { order: 'abc' }))
  await rig.advance('1s')
  expect(ends(rig)).toEqual([])
})

test('a start outside of a transaction is one of its own, and gets a new id', async () => {
  const { rig, db } = await hosted()
  const ids = [enqueue(db, ship, { order: 'a' }), enqueue(db, ship, { order: 'b' })]
  await rig.advance('1s')
  expect(rig.told('run.accepted').length).toBe(2)
  expect(new Set(ids).size).toBe(2)
})

test('what was asked for is carried out by the next executor where the first has died, and once', async () => {
  const { rig, db } = await hosted()
  enqueue(db, ship, { order: 'a' }, { id: 'one' })
  rig.store.failNext('failAfter')
  await rig.advance('1s')
  enqueue(db, ship, { order: 'b' }, { id: 'two' })
  enqueueSignal(db, 'one', 'approval', { by: 'ada' }, { id: 's' })
  enqueueSignal(db, 'one', 'approval', { by: 'ada' }, { id: 's' })
  await rig.crash()
  await rig.advance('1s')
  expect(rig.events().flatMap(({ type, run }) => (type === 'run.accepted' ? [run] : []))).toEqual([
    'one',
    'two',
  ])
  expect(rig.told('signal.received').length).toBe(1)
})

test('a transact step asks for runs in the transaction of its outcome', async () => {
  const { rig, db } = await hosted()
  const good = await rig.start(both, 'abc')
  expect(await rig.until(good.result())).toBe('ship-abc')
  const bad = await rig.start(both, 'bad')
  expect((await rig.until(bad.settled())).status).toBe('failed')
  await rig.advance('1s')
  expect(await rig.supervisor.get('ship-abc')).toBeDefined()
  expect(await rig.supervisor.get('ship-bad')).toBeUndefined()
  expect(db.prepare('SELECT count(*) AS n FROM inbox').get()).toEqual({ n: 0 })
})

test('bad input, ids and options are refused before anything is written', async () => {
  const { db } = await hosted()
  const later = chain('later', { input: z.string().refine(async () => true) })
  expect(await codeOf(() => enqueue(db, ship, { order: 1 } as never))).toBe('INPUT_INVALID')
  expect(await codeOf(() => enqueue(db, later, 'a'))).toBe('TRANSACT_ASYNC')
  expect(await codeOf(() => enqueue(db, both, 'a', { id: '' }))).toBe('BAD_OPTION')
  expect(await codeOf(() => enqueue(db, both, 'a', { priority: Number.NaN }))).toBe('BAD_OPTION')
  expect(await codeOf(() => enqueue(db, both, 'x'.repeat(100), { maxPayload: 50 }))).toBe('PAYLOAD_TOO_LARGE')
  expect(await codeOf(() => enqueueSignal(db, 'one', 'approval', () => {}))).toBe('PAYLOAD_NOT_SERIALISABLE')
  expect(await codeOf(() => enqueue(db, {} as never, undefined as never))).toBe('BAD_OPTION')
  expect(await codeOf(() => enqueueSignal(db, 'one', undefined as never))).toBe('BAD_OPTION')
  expect(await codeOf(() => enqueueSignal(db, 'one', 'approval', 1, { id: 5 as never }))).toBe('BAD_OPTION')
  expect(db.prepare('SELECT count(*) AS n FROM inbox').get()).toEqual({ n: 0 })
})

test("a temporary table of the host's that has the inbox's name gets nothing", async () => {
  const { rig, db } = await hosted()
  db.exec('CREATE TEMP TABLE inbox (id INTEGER PRIMARY KEY, at, body)')
  enqueue(db, ship, { order: 'abc' }, { id: 'one' })
  await rig.advance('1s')
  expect(ends(rig)).toEqual(['run.accepted'])
})

test('a connection that is not to a store of this release, or may not write, is refused', async () => {
  const { db } = await hosted()
  const empty = new DatabaseSync(':memory:')
  expect(await codeOf(() => enqueue(empty, both, 'a'))).toBe('STORE_UNAVAILABLE')
  empty.exec('CREATE TABLE mine (a)')
  expect(await codeOf(() => enqueue(empty, both, 'a'))).toBe('STORE_CORRUPT')
  const readOnly = new DatabaseSync(String(db.location()), { readOnly: true })
  expect(await codeOf(() => enqueue(readOnly, both, 'a'))).toBe('STORE_READONLY')
  readOnly.close()
  const old = new DatabaseSync(':memory:')
  old.exec('PRAGMA application_id = 0x4341544e; PRAGMA user_version = 0')
  expect(await codeOf(() => enqueue(old, both, 'a'))).toBe('STORE_UNAVAILABLE')
})
