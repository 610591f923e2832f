// Tests of transact steps: the host's own rows are there if and only if the step's outcome is.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createActor, waitFor } from 'xstate'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { chain } from '../../src/chain/create-chain.ts'
import type { HostDatabase } from '../../src/definition/host-database.ts'
import type { StepSpec } from '../../src/definition/spec.ts'
import type { Services } from '../../src/engine/services.ts'
import { StepAttempts } from '../../src/engine/chains/step-attempts.ts'
import { TransactAttempt } from '../../src/engine/chains/transact-attempt.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { NonRetryable } from '../../src/kernel/failure.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { codeOf } from '../../src/testing/conformance/case.ts'
import { testFolder } from '../sqlite/folder.ts'
import { createRig, type Rig, type RigOptions } from './rig.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'

/** A store's file with tables of the host in it. */
async function hostFile(): Promise<{ readonly file: string; readonly db: DatabaseSync }> {
  const file = join(testFolder(), 'a.db')
  const store = createSqliteStore(file)
  await store.open()
  await store.close()
  const db = new DatabaseSync(file)
  onTestFinished(() => db.close())
  db.exec(`CREATE TABLE paid (id TEXT PRIMARY KEY, cents INTEGER NOT NULL);
    CREATE TABLE other (id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT UNIQUE ON CONFLICT ROLLBACK);
    CREATE TABLE child (paid TEXT REFERENCES paid(id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE sly (id INTEGER);
    CREATE TRIGGER sly_in AFTER INSERT ON sly BEGIN DELETE FROM inbox; END;`)
  return { file, db }
}

interface Hosted {
  readonly rig: Rig
  readonly db: DatabaseSync
  paid(): readonly unknown[]
}

async function hosted(chains: readonly AnyChain[], options: RigOptions = {}): Promise<Hosted> {
  const { file, db } = await hostFile()
  const rig = await createRig(chains, { ...options, file })
  onTestFinished(async () => rig.store.kill())
  return {
    rig,
    db,
    paid: () =>
      db
        .prepare('SELECT id FROM paid ORDER BY id')
        .all()
        .map(({ id }) => id),
  }
}

const insert = (db: HostDatabase, id: string, cents = 1): void =>
  void db.prepare('INSERT INTO paid VALUES (?, ?)').run(id, cents)

const failureOf = async (rig: Rig, of: AnyChain): Promise<Record<string, unknown>> => {
  const run = await rig.start(of)
  const result = await rig.until(run.settled())
  if (result.status !== 'failed') throw new Error(`it has ${result.status}`)
  return { ...result.failures[0]?.failure, stack: undefined }
}

test('a transact step writes its rows and its outcome, and later steps read what it returned', async () => {
  const pay = chain<{ id: string }>('pay')
    .step('price', () => 250)
    .transact('book', (db, { input, steps, idempotencyKey }) => {
      insert(db, input.id, steps.price)
      return { key: idempotencyKey, rows: Number(db.prepare('SELECT count(*) AS n FROM paid').get()?.['n']) }
    })
    .step('tell', ({ steps }) => `${steps.book.rows} row`)
  const { rig, paid } = await hosted([pay])
  const run = await rig.start(pay, { id: 'a' })
  expect(await rig.until(run.result())).toBe('1 row')
  expect(paid()).toEqual(['a'])
  expect(rig.told('attempt', 'chain.ended')).toEqual([
    'attempt.started pay/price 1',
    'attempt.succeeded pay/price 1',
    'attempt.started pay/book 1',
    'attempt.succeeded pay/book 1',
    'attempt.started pay/tell 1',
    'attempt.succeeded pay/tell 1',
    'chain.ended pay succeeded',
  ])
})

test('what an attempt wrote before it threw is taken back, and the retry writes it once', async () => {
  let tries = 0
  const pay = chain('pay').transact(
    'book',
    (db) => {
      insert(db, 'a')
      if (++tries < 3) throw new Error('no luck')
      return tries
    },
    { attempts: 3 },
  )
  const { rig, paid } = await hosted([pay])
  const run = await rig.start(pay)
  expect(await rig.until(run.result())).toBe(3)
  expect(paid()).toEqual(['a'])
  expect(rig.told('attempt.failed').length).toBe(2)
})

test('a process that dies before the commit leaves neither rows nor outcome, and the next one writes both', async () => {
  let fails = true
  const pay: AnyChain = chain('pay').transact('book', (db) => {
    insert(db, 'a')
    if (fails) host.rig.store.failNext('failBefore')
    fails = false
  })
  const host = await hosted([pay])
  const { rig, paid } = host
  const run = await rig.start(pay)
  expect(await rig.until(codeOf(() => run.result()))).toBe('STORE_UNAVAILABLE')
  expect(paid()).toEqual([])
  await rig.crash()
  await rig.advance('1m')
  expect(paid()).toEqual(['a'])
  expect(rig.told('attempt', 'run.ended')).toEqual([
    'attempt.started pay/book 1',
    'attempt.lost pay/book 1',
    'attempt.started pay/book 2',
    'attempt.succeeded pay/book 2',
    'run.ended succeeded',
  ])
})

test('a process that dies after the commit finds the outcome, and does not write again', async () => {
  const pay: AnyChain = chain('pay').transact('book', (db) => {
    insert(db, 'a')
    host.rig.store.failNext('failAfter')
  })
  const host = await hosted([pay])
  const { rig, paid } = host
  const run = await rig.start(pay)
  expect(await rig.until(codeOf(() => run.result()))).toBe('STORE_UNAVAILABLE')
  await rig.crash()
  await rig.advance('1m')
  expect(paid()).toEqual(['a'])
  expect(rig.told('attempt', 'run.ended')).toEqual([
    'attempt.started pay/book 1',
    'attempt.succeeded pay/book 1',
    'run.ended succeeded',
  ])
})

test('rows of a step whose turn is dropped go with it, and are written when the run goes on', async () => {
  const pay = chain('pay').transact('book', (db) => insert(db, `try ${tries++}`))
  let tries = 1
  vi.spyOn(StepAttempts.prototype, 'outcome').mockImplementationOnce(() => {
    throw new TypeError('a bug of ours')
  })
  onTestFinished(() => void vi.restoreAllMocks())
  const { rig, paid } = await hosted([pay])
  const run = await rig.start(pay)
  expect(await rig.until(run.result())).toBe(undefined)
  expect(tries).toBe(3)
  expect(paid()).toEqual(['try 2'])
})

test('what a step wrote is taken back where its machine goes on without it meanwhile', () => {
  const calls: string[] = []
  const owner = {
    wanted: true,
    data: () => ({ input: undefined, needs: {}, steps: {} }),
    end: ({ ok }: { readonly ok: boolean }) => void calls.push(`end ${ok}`),
  }
  const body = (): void => void (owner.wanted = false)
  const { options } = chain('a').step('do', () => 1).spec.entries[0] as StepSpec
  const place = { runId: 'r', chain: 'a', step: 'do', attempt: 1, scheduledAt: 0 }
  const host = { clock: systemClock, app: undefined, progress: () => {}, log: () => {} }
  const services = { clock: systemClock, attempts: host, limits: { maxPayload: 1000 } } as unknown as Services
  new TransactAttempt({ body, options }, place, services, owner).act({
    write: (write) => write({ exec: () => {}, prepare: () => ({}) as never }),
    undo: () => void calls.push('undo'),
  })
  expect(calls.slice(0, 2)).toEqual(['undo', 'end true'])
})

describe('what a transact step may not do fails it, with nothing written:', () => {
  const refused: readonly (readonly [string, (db: HostDatabase) => unknown, string])[] = [
    ['return a promise', async (db) => insert(db, 'late'), 'TRANSACT_ASYNC'],
    ['commit', (db) => db.exec("INSERT INTO paid VALUES ('x', 1); COMMIT"), 'TRANSACT_SQL'],
    ['commit in a comment’s shadow', (db) => db.exec('/* no */ -- really\n COMMIT'), 'TRANSACT_SQL'],
    ['roll back', (db) => db.prepare('ROLLBACK').run(), 'TRANSACT_SQL'],
    ['begin', (db) => db.exec('BEGIN'), 'TRANSACT_SQL'],
    ['release our savepoint', (db) => db.exec('RELEASE host'), 'TRANSACT_SQL'],
    ['attach another file', (db) => db.exec("ATTACH ':memory:' AS b"), 'TRANSACT_SQL'],
    ['change a setting', (db) => db.exec('PRAGMA synchronous = OFF'), 'TRANSACT_SQL'],
    ['change the schema', (db) => db.exec('CREATE TABLE late (a)'), 'TRANSACT_SQL'],
    ['drop a table', (db) => db.exec('DROP TABLE paid'), 'TRANSACT_SQL'],
    ['write to the journal', (db) => db.exec('UPDATE journal SET at = 0'), 'TRANSACT_SQL'],
    ['empty the journal', (db) => db.exec('DELETE FROM journal'), 'TRANSACT_SQL'],
    ['write to our tables by a trigger', (db) => db.exec('INSERT INTO sly VALUES (1)'), 'TRANSACT_SQL'],
  ]
  for (const [what, body, code] of refused) {
    test(what, async () => {
      const bad = chain('bad').transact('do', body, { attempts: 3 })
      const { rig, db, paid } = await hosted([bad])
      expect(await failureOf(rig, bad)).toMatchObject({ code, retryable: false })
      expect(paid()).toEqual([])
      expect(rig.told('attempt.started').length).toBe(1)
      expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
      expect(rig.supervisor.state).toBe('running')
    })
  }
})

test('a conflict that rolls the whole transaction back fails the step, also where the step looks away', async () => {
  const bad = chain('bad').transact('do', (db) => {
    insert(db, 'before')
    db.exec("INSERT INTO other (at) VALUES ('A'), ('B')")
    try {
      db.exec("INSERT INTO other (at) VALUES ('A')")
    } catch {
      // looks away
    }
    insert(db, 'after')
  })
  const good = chain('good').transact('do', (db) => insert(db, 'good'))
  const { rig, paid } = await hosted([bad, good])
  expect(await failureOf(rig, bad)).toMatchObject({ code: 'TRANSACT_ENDED', retryable: false })
  expect(paid()).toEqual([])
  const run = await rig.start(good)
  await rig.until(run.result())
  expect(paid()).toEqual(['good'])
})

test('a foreign key that is checked only at the commit fails the step, and not the store', async () => {
  const bad = chain('bad').transact('do', (db) => {
    insert(db, 'a')
    db.exec("INSERT INTO child VALUES ('nobody')")
  })
  const { rig, paid } = await hosted([bad])
  expect(await failureOf(rig, bad)).toMatchObject({ message: 'FOREIGN KEY constraint failed' })
  expect(paid()).toEqual([])
  expect(rig.supervisor.state).toBe('running')
})

test('an output that cannot be recorded takes the rows back', async () => {
  const bad = chain('bad').transact('do', (db) => {
    insert(db, 'a')
    return () => 'a function'
  })
  const large = chain('large').transact('do', (db) => {
    insert(db, 'b')
    return 'x'.repeat(2_000)
  })
  const { rig, paid } = await hosted([bad, large], { maxPayload: 1_000 })
  expect(await failureOf(rig, bad)).toMatchObject({ kind: 'rejected' })
  expect(await failureOf(rig, large)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
  expect(paid()).toEqual([])
})

test('a database or statement that is used after the step has returned refuses', async () => {
  const kept: { db?: HostDatabase; run?: () => unknown } = {}
  const leak = chain('leak').transact('do', (db) => {
    kept.db = db
    const statement = db.prepare("INSERT INTO paid VALUES ('late', 1)")
    kept.run = () => statement.run()
  })
  const { rig, paid } = await hosted([leak])
  await rig.until((await rig.start(leak)).result())
  expect(await codeOf(() => kept.db?.exec('SELECT 1'))).toBe('TRANSACT_ENDED')
  expect(await codeOf(() => kept.run?.())).toBe('TRANSACT_ENDED')
  expect(paid()).toEqual([])
})

test('its fallback is an ordinary step, and a substitute for rows that could not be written', async () => {
  const pay = chain('pay').transact(
    'book',
    () => {
      throw new NonRetryable('closed')
    },
    { fallback: async ({ lastFailure }) => lastFailure?.message },
  )
  const { rig } = await hosted([pay])
  expect(await rig.until((await rig.start(pay)).result())).toBe('closed')
})

test('many at once write each their rows, in one journal with steps that write none', async () => {
  const pay = chain<string>('pay')
    .step('before', () => 1)
    .transact('book', (db, { input }) => insert(db, input))
    .step('after', () => 2)
  const { rig, paid } = await hosted([pay])
  const runs = await Promise.all(Array.from({ length: 40 }, async (_, at) => rig.start(pay, `n${at}`)))
  await rig.until(Promise.all(runs.map(async (run) => run.result())))
  expect(paid().length).toBe(40)
  expect(rig.whole().map(({ seq }) => seq)).toEqual(rig.whole().map((_, at) => at + 1))
})

test('each item of an each has its own rows by a chain of its own', async () => {
  const one = chain<string>('one').transact('book', (db, { input }) => insert(db, input))
  const all = chain<string[]>('all').each('items', ({ input }: { readonly input: string[] }) => input, one, {
    key: (id) => id,
  })
  const { rig, paid } = await hosted([all])
  await rig.until((await rig.start(all, ['a', 'b', 'c'])).result())
  expect(paid()).toEqual(['a', 'b', 'c'])
})

test('a store that keeps no rows of the host is refused, with every step that needs one', async () => {
  const pay = chain('pay')
    .transact('book', () => 1)
    .parallel('more', { a: (b) => b.transact('tell', () => 2) })
  const made = supervise(createMemoryStore(), { chains: [pay] })
  await expect(made).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: expect.stringMatching(/"book" of chain "pay", "tell" of chain "pay".*app\.db/),
  })
})

test('an option that a synchronous step cannot keep is refused', () => {
  expect(() => chain('pay').transact('book', () => 1, { timeout: '1s' } as object)).toThrow(
    /takes no timeout/,
  )
})

test('a machine that runs alone writes to the database that it is given', async () => {
  const db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE paid (id TEXT PRIMARY KEY, cents INTEGER)')
  let tries = 0
  const pay = chain<string>('pay').transact(
    'book',
    (own, { input }) => {
      insert(own, input)
      if (++tries === 1) throw new Error('once')
      return 'booked'
    },
    { attempts: 2, backoff: { initial: 1 } },
  )
  const actor = createActor(pay.machine, { input: { input: 'a', db } }).start()
  const { output } = await waitFor(actor, ({ status }) => status === 'done')
  expect(output).toEqual({ status: 'succeeded', output: 'booked' })
  expect(db.prepare('SELECT count(*) AS n FROM paid').get()).toEqual({ n: 1 })
  const without = createActor(pay.machine, { input: { input: 'b' } }).start()
  expect(without.getSnapshot().output).toMatchObject({ status: 'failed', failure: { kind: 'rejected' } })
})
