// Tests of a store whose file is deleted or replaced while a process has it open: noticed, never written past.

import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

import { chain, createSupervisor } from '../../src/index.ts'
import { openSqliteClient } from '../../src/sqlite/client.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import type { WriterKind } from '../../src/sqlite/writer.ts'
import { codeOf, sampleBatch, sampleRow } from '../../src/testing/conformance/case.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { testFolder } from './folder.ts'

const lose = {
  'was deleted or moved': (file: string) => rmSync(file),
  'was replaced by another file': (file: string) => {
    copyFileSync(file, `${file}.new`)
    renameSync(`${file}.new`, file)
  },
}

for (const [what, does] of Object.entries(lose)) {
  for (const writer of ['inline', 'thread'] as const satisfies readonly WriterKind[]) {
    test(`nothing is acknowledged into a file that ${what} (${writer})`, async () => {
      const file = join(testFolder(), 'a.db')
      const store = createSqliteStore(file, { writer })
      onTestFinished(() => store.close())
      await store.open()
      await store.append(sampleBatch({ rows: [sampleRow(1)] }))
      does(file)
      await expect(async () => store.append(sampleBatch({ rows: [sampleRow(2)] }))).rejects.toThrow(what)
      expect(await codeOf(() => store.inbox(1))).toBe('STORE_UNAVAILABLE')
    })
  }

  test(`a client leaves nothing in a file that ${what}`, async () => {
    const file = join(testFolder(), 'a.db')
    const store = createSqliteStore(file)
    await store.open()
    await store.close()
    const client = openSqliteClient(file)
    onTestFinished(() => client.close())
    does(file)
    await expect(client.post('x', 1)).rejects.toThrow(what)
    expect(await codeOf(() => client.head('x'))).toBe('STORE_UNAVAILABLE')
  })
}

for (const end of ['-wal', '-shm']) {
  test(`neither an executor nor a client goes on once the ${end} beside the file is gone`, async () => {
    const file = join(testFolder(), 'a.db')
    const store = createSqliteStore(file, { writer: 'inline' })
    onTestFinished(() => store.close())
    await store.open()
    await store.append(sampleBatch({ rows: [sampleRow(1)] }))
    const client = openSqliteClient(file)
    onTestFinished(() => client.close())
    await client.post('x', 1)
    rmSync(`${file}${end}`)
    const said = `${end} was deleted or moved`
    await expect(client.post('y', 1)).rejects.toThrow(said)
    await expect(store.inbox(1)).rejects.toThrow(said)
    // a writer looks at it every 10 ms
    const goOn = async (): Promise<never> => {
      for (let seq = 2; ; seq++) await store.append(sampleBatch({ rows: [sampleRow(seq)] }))
    }
    await expect(goOn()).rejects.toThrow(said)
  })
}

test('a supervisor that does nothing notices that its file is gone, and says what to do', async () => {
  const file = join(testFolder(), 'a.db')
  const clock = createVirtualClock()
  const wait = chain('wait').wait('approval')
  const store = createSqliteStore(file, { writer: 'inline' })
  const supervisor = await createSupervisor({ chains: [wait], store, clock })
  const run = await supervisor.start(wait)
  const end = run.settled().catch((error: unknown) => error)
  rmSync(file)
  await clock.advance('1s')
  expect(supervisor.state).toBe('failed')
  expect(await end).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('restart') })
  await supervisor.stop()
})
