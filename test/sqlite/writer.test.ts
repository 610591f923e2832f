// Tests of the writers: order over the hand-over between threads, a bounded log, and a thread that lets go.

import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { keptReplies } from '../../src/journal/store.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { openWriter } from '../../src/sqlite/writer.ts'
import { sampleBatch, sampleHead, sampleRows, seqsOf } from '../../src/testing/conformance/case.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { testFolder } from './folder.ts'

/** Lets messages from the thread come in, as a host's event loop does. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('the writer auto', () => {
  test('keeps the order over every hand-over between the two threads', async () => {
    const store = createSqliteStore(join(testFolder(), 'a.db'), { durability: 'normal' })
    await store.open()
    const random = createRandom(3)
    const where = { inline: 0, thread: 0 }
    // The thread starts with the first large batch; until it is up, all is written inline.
    let seq = 0
    for (let up = false; !up; seq += 100) {
      const done = store.append(sampleBatch({ rows: sampleRows(seq + 1, seq + 100) }))
      up = done !== undefined
      await done
      await turn()
    }
    for (let round = 0; round < 400; round++) {
      const size = random() < 0.3 ? 65 + Math.floor(random() * 100) : 1 + Math.floor(random() * 20)
      const rows = sampleRows(seq + 1, seq + size, 5)
      const done = store.append(sampleBatch({ rows, heads: [sampleHead('run-1', { priority: round })] }))
      where[done ? 'thread' : 'inline']++
      await done
      seq += size
      if (round % 3 === 0) await store.setNote('round', String(round))
      expect((await store.head('run-1'))?.priority).toBe(round)
      await turn()
    }
    expect(await store.note('round')).toBe('399')
    expect(seqsOf(await store.journal({ after: 0, limit: 1e9 }))).toEqual(seqsOf(sampleRows(1, seq)))
    expect(where.inline).toBeGreaterThan(50)
    expect(where.thread).toBeGreaterThan(20)
    await store.close()
  })

  test('takes appends that do not wait for each other, in order', async () => {
    for (const writer of ['auto', 'thread'] as const) {
      const store = createSqliteStore(join(testFolder(), 'a.db'), { writer, durability: 'normal' })
      await store.open()
      const appends: unknown[] = []
      for (let first = 1; first < 4000; first += 100) {
        appends.push(store.append(sampleBatch({ rows: sampleRows(first, first + 99) })))
      }
      await Promise.all(appends)
      expect((await store.rows('run-1', 0)).length).toBe(4000)
      await store.close()
    }
  })
})

describe('the write-ahead log', () => {
  for (const writer of ['auto', 'inline', 'thread'] as const) {
    test(`does not grow without bound under a steady load written ${writer}, and is gone after closing`, async () => {
      const file = join(testFolder(), 'a.db')
      const store = createSqliteStore(file, { writer, durability: 'normal' })
      await store.open()
      let longest = 0
      for (let first = 1; first < 60_000; first += 300) {
        await store.append(sampleBatch({ rows: sampleRows(first, first + 299, 300) }))
        await turn()
        longest = Math.max(longest, statSync(`${file}-wal`).size)
      }
      expect(statSync(file).size).toBeGreaterThan(3e6)
      expect(longest).toBeLessThan(48e6)
      await store.close()
      expect(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0)
    })
  }
})

describe("the writer's thread", () => {
  test('ends all that waits for it with a failure where it cannot start', async () => {
    const setup = {
      path: join(testFolder(), 'none', 'a.db'),
      epoch: 1,
      durability: 'full',
      busyTimeout: 10,
    } as const
    const writer = openWriter(setup, 'thread')
    const work = { kind: 'note', name: 'a', value: 'b' } as const
    await expect(writer.perform(work)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(writer.perform(work)).rejects.toThrow(/has ended: see the cause, then open the store again/)
    await writer.close()
  })

  test('is done without by the writer auto in a process that may have no threads', async () => {
    const file = join(testFolder(), 'a.db')
    const script = `
      import { createSqliteStore } from '${new URL('../../src/sqlite/store.ts', import.meta.url).href}'
      import { sampleBatch, sampleRows } from '${new URL('../../src/testing/conformance/case.ts', import.meta.url).href}'
      const store = createSqliteStore(${JSON.stringify(file)}, { durability: 'normal' })
      await store.open()
      for (let first = 1; first <= 20_000; first += 200) {
        await store.append(sampleBatch({ rows: sampleRows(first, first + 199) }))
        await new Promise(setImmediate)
      }
      await store.close()
      console.log('done')`
    const rights = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--no-warnings']
    const said = execFileSync(process.execPath, [...rights, '--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 15_000,
    })
    expect(said).toBe('done\n')
    const store = createSqliteStore(file)
    expect((await store.open()).lastSeq).toBe(20_000)
    await store.close()
  })

  test('does not keep a process alive that forgot to close its store, nor lose what was acknowledged', async () => {
    const file = join(testFolder(), 'a.db')
    const script = `
      import { createSqliteStore } from '${new URL('../../src/sqlite/store.ts', import.meta.url).href}'
      const store = createSqliteStore(${JSON.stringify(file)}, { writer: 'thread' })
      await store.open()
      await store.setNote('a', 'b')
      console.log('done')`
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 15_000,
    })
    expect(said).toBe('done\n')
    const store = createSqliteStore(file)
    await store.open()
    expect(await store.note('a')).toBe('b')
    await store.close()
  })
})

test('loading the store prints no warning', () => {
  const script = `
    import { createSqliteStore } from '${new URL('../../src/sqlite/store.ts', import.meta.url).href}'
    await createSqliteStore(${JSON.stringify(join(testFolder(), 'a.db'))}, { writer: 'thread' }).open()
    process.emitWarning('kept')`
  const args = ['-c', '"$0" --input-type=module -e "$1" 2>&1', process.execPath, script]
  const said = execFileSync('sh', args, { encoding: 'utf8', timeout: 15_000 })
  expect(said).toMatch(/Warning: kept/)
  expect(said).not.toMatch(/SQLite/)
})

test('of the replies the newest are kept', async () => {
  const store = createSqliteStore(join(testFolder(), 'a.db'), { durability: 'normal', writer: 'inline' })
  await store.open()
  const ids: number[] = []
  for (let posted = 0; posted < 3; posted++) ids.push(await store.post('x', 1))
  await store.append(sampleBatch({ inbox: ids.map((id) => ({ id, reply: 'old' })) }))
  await store.append(sampleBatch({ inbox: [{ id: keptReplies + 2, reply: 'new' }] }))
  expect(await Promise.all([...ids, keptReplies + 2].map((id) => store.reply(id)))).toEqual([
    undefined,
    undefined,
    'old',
    'new',
  ])
  await store.close()
})
