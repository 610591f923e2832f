// A rolling restart from a release whose form of the file is older: the new one stands by, and migrates once it may.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'

import { chain, createSupervisor } from '../../src/index.ts'
import { openSqliteClient } from '../../src/sqlite/client.ts'
import { enqueue } from '../../src/sqlite/enqueue.ts'
import { takeExecutorLock } from '../../src/sqlite/executor-lock.ts'
import { journal } from '../../src/sqlite/migrations/0001-journal.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { codeOf } from '../../src/testing/conformance/case.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { testFolder } from './folder.ts'

const greet = chain('greet').step('hello', () => 'hello')

test('beside an older release the new one starts, refuses calls, and takes over when the old one ends', async () => {
  const file = join(testFolder(), 'a.db')
  const old = new DatabaseSync(file)
  old.exec(
    `PRAGMA journal_mode = WAL; ${journal}; PRAGMA application_id = 0x4341544e; PRAGMA user_version = 1`,
  )
  const lock = takeExecutorLock(file)
  const clock = createVirtualClock()
  const store = createSqliteStore(file, { writer: 'inline' })
  const supervisor = await createSupervisor({ chains: [greet], store, clock, role: 'auto' })
  onTestFinished(async () => supervisor.stop({ drain: 0 }))
  expect([supervisor.state, supervisor.healthz().ok]).toEqual(['client', false])
  expect(await codeOf(async () => supervisor.start(greet))).toBe('STORE_OLDER')
  expect(await codeOf(async () => supervisor.list())).toBe('STORE_OLDER')
  expect(await codeOf(() => openSqliteClient(file))).toBe('STORE_OLDER')
  expect(await codeOf(() => enqueue(old, greet))).toBe('STORE_OLDER')
  await clock.advance('1s')
  expect(supervisor.state).toBe('client')

  lock.close()
  old.close()
  await clock.advance('1s')
  expect(supervisor.state).toBe('running')
  expect(supervisor.healthz().ok).toBe(true)
  const ran = supervisor.run(greet)
  await clock.advance('1s')
  expect(await ran).toBe('hello')
})
