// Tests of the executor's lock: one executor over all processes and names of the file, and no dead owner.

import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'

import type { Store } from '../../src/journal/store.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { codeOf, sampleBatch, sampleRow } from '../../src/testing/conformance/case.ts'
import { testFolder } from './folder.ts'
import { startExecutor } from './other-process.ts'

async function opened(file: string): Promise<Store> {
  const store = createSqliteStore(file, { writer: 'inline' })
  onTestFinished(() => store.close())
  await store.open()
  return store
}

describe('the lock of the executor', () => {
  test('is held against another process, and falls with kill -9', async () => {
    const file = join(testFolder(), 'a.db')
    const other = startExecutor(file, 'inline', 2)
    expect(await other.said()).toEqual({ epoch: 1, lastSeq: 0 })
    await other.said()
    expect(await other.said()).toEqual({ acknowledged: 6 })
    const store = createSqliteStore(file)
    const refused = store.open()
    await expect(refused).rejects.toThrow(/last taken by process \d+ on /)
    await expect(refused).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    await other.kill()
    expect(await store.open()).toEqual({ epoch: 2, lastSeq: 6 })
    await store.close()
  })

  test('is held against this process, and says so', async () => {
    const file = join(testFolder(), 'a.db')
    await opened(file)
    const second = createSqliteStore(file)
    await expect(second.open()).rejects.toThrow(`process ${process.pid} on ${hostname()}`)
  })

  test('is one for all names that lead to the file, also before the file exists', async () => {
    const folder = testFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real'), join(folder, 'link'))
    symlinkSync('../real/a.db', join(folder, 'real', 'other.db'))
    const first = await opened(join(folder, 'real', 'other.db'))
    await first.append(sampleBatch({ rows: [sampleRow(1)] }))
    for (const name of ['real/a.db', 'link/a.db', 'link/other.db', 'link/../real/a.db']) {
      expect(await codeOf(() => createSqliteStore(join(folder, name)).open())).toBe('STORE_LOCKED')
    }
    await first.close()
    expect(
      (await (await opened(join(folder, 'link', 'a.db'))).open().catch(() => ({ lastSeq: 1 }))).lastSeq,
    ).toBe(1)
  })

  test('leaves no way round: where its file is deleted, the older executor cannot write any more', async () => {
    const file = join(testFolder(), 'a.db')
    for (const writer of ['inline', 'thread', 'auto'] as const) {
      const older = createSqliteStore(file, { writer })
      const { lastSeq } = await older.open()
      const next = sampleBatch({ rows: [sampleRow(lastSeq + 1)] })
      rmSync(`${file}.lock`)
      const newer = await opened(file)
      await expect(Promise.resolve().then(() => older.append(next))).rejects.toThrow(/taken over/)
      expect(await codeOf(() => older.append(next))).toBe('STORE_UNAVAILABLE')
      expect(await codeOf(() => older.setNote('a', 'b'))).toBe('STORE_UNAVAILABLE')
      expect(await newer.rows('run-1', lastSeq)).toEqual([])
      await newer.append(next)
      await older.close()
      await newer.close()
    }
  })
})

describe('a killed executor', () => {
  for (const writer of ['inline', 'thread'] as const) {
    test(`that wrote ${writer} loses nothing it had acknowledged, and leaves no half of a batch`, async () => {
      const file = join(testFolder(), 'a.db')
      let lastSeq = 0
      for (let round = 1; round <= 4; round++) {
        const other = startExecutor(file, writer, 100_000)
        expect(await other.said()).toEqual({ epoch: 2 * round - 1, lastSeq })
        let acknowledged = lastSeq
        for (let batch = 0; batch < round * 15; batch++) {
          acknowledged = (await other.said())?.acknowledged ?? acknowledged
        }
        await other.kill()
        const store = await opened(file)
        lastSeq = (await store.journal({ after: 0, limit: 1e9 })).length
        expect(lastSeq).toBeGreaterThanOrEqual(acknowledged)
        expect(lastSeq % 3).toBe(0)
        expect((await store.head('run-1'))?.priority).toBe(lastSeq)
        await store.close()
      }
    })
  }
})
