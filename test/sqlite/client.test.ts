// Tests of clients: beside an executor in another process, and alone.

import { join } from 'node:path'
import { expect, test } from 'vitest'

import { openSqliteClient, openSqliteReader } from '../../src/sqlite/client.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { codeOf, seqsOf } from '../../src/testing/conformance/case.ts'
import { testFolder } from './folder.ts'
import { startExecutor } from './other-process.ts'

test('a client reads and posts while another process executes, and after it has died', async () => {
  const file = join(testFolder(), 'a.db')
  const executor = startExecutor(file, 'inline', 2000)
  await executor.said()
  await executor.said()
  const client = openSqliteClient(file)
  const reader = openSqliteReader(file)
  const posted: number[] = []
  for (let turn = 0; turn < 20; turn++) {
    const acknowledged = (await executor.said())?.acknowledged ?? 0
    const seen = seqsOf(await client.rows('run-1', 0))
    expect(seen.length).toBeGreaterThanOrEqual(acknowledged)
    expect(seen.length % 3).toBe(0)
    expect((await reader.head('run-1'))?.priority).toBeGreaterThanOrEqual(seen.length)
    posted.push(await client.post(`command ${turn}`, turn))
  }
  await executor.kill()
  posted.push(await client.post('to nobody', 99))
  expect((await reader.inbox(100)).map(({ id }) => id)).toEqual(posted)
  const store = createSqliteStore(file)
  expect((await store.open()).epoch).toBe(2)
  expect((await store.inbox(100)).map(({ body }) => body).at(-1)).toBe('to nobody')
  await client.close()
  await reader.close()
  await store.close()
})

test('a client that was closed refuses, and closing it twice does nothing', async () => {
  const file = join(testFolder(), 'a.db')
  const store = createSqliteStore(file)
  await store.open()
  await store.close()
  const client = openSqliteClient(file)
  await client.close()
  await client.close()
  expect(await codeOf(() => client.counts())).toBe('STORE_UNAVAILABLE')
  expect(await codeOf(() => client.post('x', 1))).toBe('STORE_UNAVAILABLE')
})
