// Tests of disks that refuse: read-only, full, torn by a power cut, or held by another process.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'

import { createRandom } from '../../src/kernel/random.ts'
import { executorOf } from '../../src/sqlite/executor-of.ts'
import { openSqliteReader } from '../../src/sqlite/client.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import {
  codeOf,
  sampleBatch,
  sampleHead,
  sampleRow,
  sampleRows,
  seqsOf,
} from '../../src/testing/conformance/case.ts'
import { testFolder } from './folder.ts'
import { startExecutor } from './other-process.ts'

const isRoot = process.geteuid?.() === 0
const nobody = 65_534

/** Runs `act` without the rights of root, to whom no folder is read-only. */
async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  if (isRoot) process.seteuid?.(nobody)
  try {
    return await act()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

async function written(file: string): Promise<void> {
  const store = createSqliteStore(file, { writer: 'inline' })
  await store.open()
  await store.append(sampleBatch({ rows: sampleRows(1, 3), heads: [sampleHead('run-1')] }))
  await store.close()
}

/** Mounts a disk of a mebibyte, where this process may. */
function smallDisk(): string | undefined {
  if (process.platform !== 'linux' || !isRoot) return undefined
  const disk = join(testFolder(), 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', [disk]))
  return disk
}

describe('a read-only place', () => {
  test('is refused with its cure, whether there is a store in it or not, and can still be read', async (context) => {
    const disk = isRoot ? smallDisk() : testFolder()
    if (disk === undefined) {
      context.skip('to root, only a mounted disk can be read-only, and mounting is not permitted here')
      return
    }
    await written(join(disk, 'a.db'))
    if (isRoot) execFileSync('mount', ['-o', 'remount,ro', disk])
    else chmodSync(disk, 0o555)
    for (const name of ['a.db', 'new.db']) {
      const opening = createSqliteStore(join(disk, name)).open()
      await expect(opening).rejects.toMatchObject({ code: 'STORE_READONLY' })
      await expect(opening).rejects.toThrow(/give this process the right/)
    }
    const reader = openSqliteReader(join(disk, 'a.db'))
    expect((await reader.rows('run-1', 0)).length).toBe(3)
    await reader.close()
    expect(executorOf(join(disk, 'a.db'))).toMatchObject({ alive: false, epoch: 1 })
  })

  test('is also a file that may not be written in a folder that may', async () => {
    const folder = testFolder()
    await written(join(folder, 'a.db'))
    chmodSync(folder, 0o777)
    chmodSync(join(folder, 'a.db'), 0o444)
    chmodSync(join(folder, 'a.db.lock'), 0o666)
    await asNobody(async () => {
      expect(await codeOf(() => createSqliteStore(join(folder, 'a.db')).open())).toBe('STORE_READONLY')
    })
  })
})

describe('a full disk', () => {
  for (const writer of ['inline', 'thread'] as const) {
    test(`fails an append that is written ${writer}, keeps all before it, and goes on once there is space`, async (context) => {
      const disk = smallDisk()
      if (disk === undefined) {
        context.skip('mounting a small disk needs root on Linux')
        return
      }
      const store = createSqliteStore(join(disk, 'a.db'), { writer })
      await store.open()
      writeFileSync(join(disk, 'ballast'), 'x'.repeat(200_000))
      let seq = 0
      let failure: unknown
      while (failure === undefined && seq < 10_000) {
        try {
          await store.append(sampleBatch({ rows: [sampleRow(seq + 1, { payload: 'x'.repeat(20_000) })] }))
          seq++
        } catch (error) {
          failure = error
        }
      }
      expect(failure).toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringMatching(/is full: free some/),
      })
      expect(seq).toBeGreaterThan(5)
      expect(await codeOf(() => store.append(sampleBatch({ rows: [sampleRow(seq + 1)] })))).toBe(
        'STORE_UNAVAILABLE',
      )
      expect((await store.rows('run-1', 0)).length).toBe(seq)
      writeFileSync(join(disk, 'ballast'), '')
      expect((await store.open()).lastSeq).toBe(seq)
      await store.append(sampleBatch({ rows: [sampleRow(seq + 1)] }))
      await store.close()
    })
  }
})

describe('a power cut that tears the write-ahead log', () => {
  test('leaves whole batches, in order, and never a store that cannot be opened', async () => {
    const folder = testFolder()
    const other = startExecutor(join(folder, 'a.db'), 'inline', 40)
    await other.said()
    for (let batch = 0; batch < 40; batch++) await other.said()
    await other.kill()
    const database = readFileSync(join(folder, 'a.db'))
    const log = readFileSync(join(folder, 'a.db-wal'))
    const random = createRandom(20_260_101)
    const found: { readonly at: number; readonly lastSeq: number }[] = []
    for (let round = 0; round < 40; round++) {
      const at = round === 0 ? log.length : Math.floor(random() * log.length)
      // What was not synced may be missing or be anything.
      const torn = round % 2 === 0 ? log.subarray(0, at) : Buffer.from(log).fill(round, at)
      const file = join(folder, `${round}.db`)
      writeFileSync(file, database)
      writeFileSync(`${file}-wal`, torn)
      const store = createSqliteStore(file, { writer: 'inline' })
      const { lastSeq } = await store.open()
      expect(lastSeq % 3).toBe(0)
      expect(seqsOf(await store.journal({ after: 0, limit: 1000 }))).toEqual(seqsOf(sampleRows(1, lastSeq)))
      expect((await store.head('run-1'))?.priority ?? 0).toBe(lastSeq)
      await store.append(sampleBatch({ rows: [sampleRow(lastSeq + 1)] }))
      await store.close()
      found.push({ at, lastSeq })
    }
    expect(found[0]?.lastSeq).toBe(120)
    const byPlace = found.toSorted((a, b) => a.at - b.at).map(({ lastSeq }) => lastSeq)
    expect(byPlace).toEqual(byPlace.toSorted((a, b) => a - b))
    expect(new Set(byPlace).size).toBeGreaterThan(10)
  })
})

describe("another process's write", () => {
  /** A client that is in the middle of a write. */
  function writingClient(file: string): DatabaseSync {
    const client = new DatabaseSync(file)
    client.exec("BEGIN IMMEDIATE; INSERT INTO inbox (at, body) VALUES (1, 'x')")
    return client
  }

  for (const writer of ['inline', 'thread', 'auto'] as const) {
    test(`that does not end fails an append written ${writer} after busyTimeout`, async () => {
      const file = join(testFolder(), 'a.db')
      const store = createSqliteStore(file, { writer, busyTimeout: 30 })
      await store.open()
      const client = writingClient(file)
      const appending = Promise.resolve().then(() => store.append(sampleBatch({ rows: [sampleRow(1)] })))
      await expect(appending).rejects.toThrow(/Another process writes .* raise busyTimeout/)
      client.close()
      expect((await store.open()).lastSeq).toBe(0)
      await store.close()
    })
  }

  test('is waited for on the thread, so that the host goes on meanwhile', async () => {
    const file = join(testFolder(), 'a.db')
    const store = createSqliteStore(file)
    await store.open()
    const client = writingClient(file)
    const appending = store.append(sampleBatch({ rows: [sampleRow(1)] }))
    expect(appending).toBeInstanceOf(Promise)
    client.exec('COMMIT')
    client.close()
    await appending
    await store.append(sampleBatch({ rows: [sampleRow(2)] }))
    expect((await store.rows('run-1', 0)).length).toBe(2)
    await store.close()
  })
})
