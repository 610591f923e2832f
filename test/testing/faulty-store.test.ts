// Tests of the faulty store: each fault does what its name says, and what was acknowledged is never lost.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { codeOf, sampleBatch, sampleRow, sampleRows, seqsOf } from '../../src/testing/conformance/case.ts'
import { createFaultyStore } from '../../src/testing/faulty-store.ts'
import { describeStoreConformance } from '../../src/testing/store-conformance.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

let contents = createMemoryContents()
const clock = createVirtualClock()

describeStoreConformance({
  name: 'a faulty store without faults',
  create: () => createFaultyStore(createMemoryStore((contents = createMemoryContents())), clock),
  reopen: () => createFaultyStore(createMemoryStore(contents), clock),
  describe,
  test,
})

const all = { after: 0, limit: 1000 }

describe('a faulty store', () => {
  test('that fails before the write has written nothing, and refuses until it is opened again', async () => {
    const store = createFaultyStore(createMemoryStore(), clock)
    await store.open()
    store.failNext('failBefore')
    const appending = codeOf(() => store.append(sampleBatch({ rows: [sampleRow(1)] })))
    await clock.settle()
    expect(await appending).toBe('STORE_UNAVAILABLE')
    expect(await codeOf(() => store.append(sampleBatch({ rows: [sampleRow(1)] })))).toBe('STORE_UNAVAILABLE')
    expect(await store.open()).toEqual({ epoch: 2, lastSeq: 0 })
    await store.append(sampleBatch({ rows: [sampleRow(1)] }))
    expect(store.struck).toEqual({ failBefore: 1, failAfter: 0, powerCut: 0, failRead: 0 })
  })

  test('that fails after the write has written all of it', async () => {
    const store = createFaultyStore(createMemoryStore(), clock)
    await store.open()
    store.failNext('failAfter')
    const appending = codeOf(() => store.append(sampleBatch({ rows: sampleRows(1, 3) })))
    await clock.settle()
    expect(await appending).toBe('STORE_UNAVAILABLE')
    expect((await store.open()).lastSeq).toBe(3)
  })

  test('that is slow acknowledges in order and only after its time', async () => {
    const slow = createVirtualClock({ seed: 5 })
    const store = createFaultyStore(createMemoryStore(), slow, { slowest: 50 })
    await store.open()
    const done: number[] = []
    for (let seq = 1; seq <= 5; seq++) {
      void store.append(sampleBatch({ rows: [sampleRow(seq)] }))?.then(() => done.push(seq))
    }
    await slow.settle()
    expect(done).toEqual([])
    await slow.advance(50)
    expect(done).toEqual([1, 2, 3, 4, 5])
  })

  test('that was killed never answers again, and leaves its contents to the next process', async () => {
    const shared = createMemoryContents()
    const dead = createFaultyStore(createMemoryStore(shared), clock)
    await dead.open()
    await dead.append(sampleBatch({ rows: [sampleRow(1)] }))
    await dead.kill()
    let answered = false
    const listen = (): void => {
      answered = true
    }
    dead.open().then(listen, listen)
    dead.rows('run-1', 0).then(listen, listen)
    void dead.append(sampleBatch({ rows: [sampleRow(2)] }))?.then(listen, listen)
    const next = createFaultyStore(createMemoryStore(shared), clock)
    expect(await next.open()).toEqual({ epoch: 2, lastSeq: 1 })
    await clock.settle()
    expect(answered).toBe(false)
  })

  test('keeps at a power cut all that was acknowledged, and of the rest a prefix', async () => {
    const seen = { lost: 0, kept: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 0, max: 60 }),
        async (seed, at) => {
          const time = createVirtualClock({ seed })
          const store = createFaultyStore(createMemoryStore(), time, { slowest: 20 })
          await store.open()
          const acknowledged: number[] = []
          for (let seq = 1; seq <= 9; seq += 3) {
            const append = store.append(sampleBatch({ rows: sampleRows(seq, seq + 2) }))
            append?.then(
              () => acknowledged.push(seq, seq + 1, seq + 2),
              () => {},
            )
          }
          await time.advance(at)
          const before = [...acknowledged]
          await store.powerCut()
          expect(await codeOf(() => store.journal(all))).toBe('STORE_UNAVAILABLE')
          const { lastSeq } = await store.open()
          const found = seqsOf(await store.journal(all))
          expect(acknowledged).toEqual(before)
          expect(found).toEqual(seqsOf(sampleRows(1, lastSeq)))
          expect(found.length % 3).toBe(0)
          expect(found.slice(0, before.length)).toEqual(before)
          if (found.length > before.length) seen.kept++
          if (found.length < 9) seen.lost++
        },
      ),
      { numRuns: 300 },
    )
    expect(seen.lost).toBeGreaterThan(20)
    expect(seen.kept).toBeGreaterThan(20)
  })

  test('strikes alike for the same seed', async () => {
    const story = async (seed: number): Promise<unknown> => {
      const time = createVirtualClock({ seed })
      const faults = { failBefore: 0.1, failAfter: 0.1, powerCut: 0.1, slowest: 5 }
      const store = createFaultyStore(createMemoryStore(), time, faults)
      let { lastSeq } = await store.open()
      const told: unknown[] = []
      for (let turn = 0; turn < 40; turn++) {
        const appending = codeOf(() => store.append(sampleBatch({ rows: [sampleRow(lastSeq + 1)] })))
        await time.advance(5)
        const code = await appending
        told.push(code, time.now())
        lastSeq = code === 'none' ? lastSeq + 1 : (await store.open()).lastSeq
      }
      return [told, store.struck, lastSeq]
    }
    expect(await story(7)).toEqual(await story(7))
    expect(await story(7)).not.toEqual(await story(8))
  })
})
