// What every store promises of executors: one at a time, a rising epoch, nothing lost between two of them.

import { deepEqual, equal } from 'node:assert/strict'

import { codeOf, sampleBatch, sampleHead, sampleRow, sampleRows, seqsOf } from './case.ts'
import type { ConformanceCase } from './case.ts'

/** The cases of executors. */
export const executorCases: readonly ConformanceCase[] = [
  [
    'an empty store opens with epoch 1 at seq 0',
    async (rig) => {
      const store = await rig.create()
      deepEqual({ ...(await store.open()) }, { epoch: 1, lastSeq: 0 })
    },
  ],
  [
    'a second executor is refused while one is open, and the first one goes on',
    async (rig) => {
      const store = await rig.open()
      const second = await rig.reopen(store)
      equal(await codeOf(() => second.open()), 'STORE_LOCKED')
      equal(await codeOf(() => store.open()), 'STORE_LOCKED')
      await store.append(sampleBatch({ rows: [sampleRow(1)] }))
      await store.close()
      deepEqual({ ...(await second.open()) }, { epoch: 2, lastSeq: 1 })
    },
  ],
  [
    'all that was written is there for the next executor',
    async (rig) => {
      const store = await rig.open()
      const entry = await store.post('later', 4)
      await store.append(
        sampleBatch({
          rows: sampleRows(1, 20, 2),
          heads: [sampleHead('run-1'), sampleHead('run-2', { status: 'waiting', wakeAt: 3 })],
          snapshots: [{ run: 'run-1', seq: 19, body: 'state' }],
        }),
      )
      await store.setNote('n', 'v')
      await store.close()
      const next = await rig.reopen(store)
      equal((await next.open()).lastSeq, 20)
      deepEqual(
        seqsOf(await next.rows('run-2', 0)),
        seqsOf(sampleRows(1, 20)).filter((seq) => seq % 2 === 0),
      )
      equal((await next.snapshot('run-1'))?.body, 'state')
      equal(await next.note('n'), 'v')
      equal(await next.nextDue(), 3)
      deepEqual(
        (await next.inbox(5)).map(({ id }) => id),
        [entry],
      )
      await next.append(
        sampleBatch({ rows: [sampleRow(21, { run: 'run-2' })], heads: [sampleHead('run-3')] }),
      )
      equal((await next.rows('run-2', 0)).length, 11)
      deepEqual({ ...(await next.counts()) }, { running: 2, waiting: 1 })
    },
  ],
  [
    'the epoch rises with every opening',
    async (rig) => {
      let store = await rig.open()
      for (let epoch = 2; epoch <= 5; epoch++) {
        await store.close()
        store = await rig.reopen(store)
        equal((await store.open()).epoch, epoch)
      }
    },
  ],
  [
    'the same store opens again after it was closed',
    async (rig) => {
      const store = await rig.open()
      await store.append(sampleBatch({ rows: [sampleRow(1)] }))
      await store.close()
      deepEqual({ ...(await store.open()) }, { epoch: 2, lastSeq: 1 })
      await store.append(sampleBatch({ rows: [sampleRow(2)] }))
      equal((await store.rows('run-1', 0)).length, 2)
    },
  ],
  [
    'a store that is not open refuses, and closing it twice does nothing',
    async (rig) => {
      const store = await rig.create()
      equal(await codeOf(() => store.append(sampleBatch({ rows: [sampleRow(1)] }))), 'STORE_UNAVAILABLE')
      await store.open()
      await store.close()
      await store.close()
      equal(await codeOf(() => store.append(sampleBatch({ rows: [sampleRow(1)] }))), 'STORE_UNAVAILABLE')
      equal(await codeOf(() => store.rows('run-1', 0)), 'STORE_UNAVAILABLE')
      equal(await codeOf(() => store.setNote('n', 'v')), 'STORE_UNAVAILABLE')
      equal((await store.open()).lastSeq, 0)
    },
  ],
]
