// What every store promises of its journal: whole batches, in order, every text as it was.

import { deepEqual, equal } from 'node:assert/strict'

import { codeOf, sampleBatch, sampleHead, sampleRow, sampleRows, seqsOf } from './case.ts'
import type { ConformanceCase } from './case.ts'

const oddTexts = [
  '',
  'ä — 漢字 — 👩‍🚀',
  // A codec writes JSON, where a lone surrogate and a NUL are always escaped.
  '{"lone":"\\ud800","nul":"\\u0000","quote":"\\"","line":"\\n"}',
  "'; drop table journal; --",
  '\u2028\u2029\ufeff',
]

/** The cases of the journal. */
export const journalCases: readonly ConformanceCase[] = [
  [
    'a row comes back as it was written',
    async (rig) => {
      const store = await rig.open()
      const rows = [sampleRow(1, { payload: '[1,2]' }), sampleRow(2, { type: 'engine.started', run: '' })]
      await store.append(sampleBatch({ rows }))
      deepEqual(plain(await store.journal({ after: 0, limit: 10 })), rows)
      deepEqual(plain(await store.rows('run-1', 0)), [rows[0]])
      deepEqual(plain(await store.rows('', 0)), [rows[1]])
    },
  ],
  [
    'an empty batch is written without effect',
    async (rig) => {
      const store = await rig.open()
      await store.append(sampleBatch({}))
      deepEqual(await store.journal({ after: 0, limit: 10 }), [])
    },
  ],
  [
    'a batch may be for heads or snapshots only',
    async (rig) => {
      const store = await rig.open()
      await store.append(sampleBatch({ heads: [sampleHead('a')] }))
      await store.append(sampleBatch({ snapshots: [{ run: 'a', seq: 3, body: 's' }] }))
      equal((await store.head('a'))?.run, 'a')
      equal((await store.snapshot('a'))?.body, 's')
    },
  ],
  [
    'the journal is read in order and in pages, over all runs',
    async (rig) => {
      const store = await rig.open()
      await store.append(sampleBatch({ rows: sampleRows(1, 400, 7) }))
      await store.append(sampleBatch({ rows: sampleRows(401, 1000, 13) }))
      const read: number[] = []
      for (;;) {
        const page = await store.journal({ after: read.at(-1) ?? 0, limit: 128 })
        if (page.length === 0) break
        read.push(...seqsOf(page))
      }
      deepEqual(read, seqsOf(sampleRows(1, 1000)))
      deepEqual(await store.journal({ after: 0, limit: 0 }), [])
    },
  ],
  [
    'a run has all its rows after a given one, in order, and none of another run',
    async (rig) => {
      const store = await rig.open()
      await store.append(sampleBatch({ rows: sampleRows(1, 3000, 3) }))
      const all = sampleRows(1, 3000, 3).filter((row) => row.run === 'run-2')
      deepEqual(plain(await store.rows('run-2', 0)), all)
      deepEqual(
        plain(await store.rows('run-2', 1502)),
        all.filter((row) => row.seq > 1502),
      )
      deepEqual(await store.rows('run-2', 9000), [])
      deepEqual(await store.rows('nobody', 0), [])
    },
  ],
  [
    'what an append wrote is read as soon as it has ended',
    async (rig) => {
      const store = await rig.open()
      for (let seq = 1; seq <= 40; seq++) {
        await store.append(
          sampleBatch({ rows: [sampleRow(seq)], heads: [sampleHead('run-1', { priority: seq })] }),
        )
        equal((await store.rows('run-1', 0)).length, seq)
        equal((await store.head('run-1'))?.priority, seq)
      }
    },
  ],
  [
    'odd text comes back as it was, in every place that holds text',
    async (rig) => {
      const store = await rig.open()
      const rows = oddTexts.map((text, index) =>
        sampleRow(index + 1, { run: `run ${text}`, body: `x${text}`, payload: text }),
      )
      const heads = oddTexts.map((text) => sampleHead(`run ${text}`, { chain: text, signals: `,${text},` }))
      const snapshots = oddTexts.map((text) => ({ run: `run ${text}`, seq: 1, body: text }))
      await store.append(sampleBatch({ rows, heads, snapshots }))
      for (const [index, text] of oddTexts.entries()) {
        await store.setNote(`note ${text}`, text)
        equal(await store.note(`note ${text}`), text)
        deepEqual(plain(await store.rows(`run ${text}`, 0)), [rows[index]])
        deepEqual({ ...(await store.head(`run ${text}`)) }, heads[index])
        equal((await store.snapshot(`run ${text}`))?.body, text)
      }
    },
  ],
  [
    'payloads of a mebibyte and batches of thousands come back whole',
    async (rig) => {
      const store = await rig.open()
      const large = 'ä'.repeat(1 << 20)
      const rows = [sampleRow(1, { payload: large }), ...sampleRows(2, 5000, 50)]
      await store.append(sampleBatch({ rows, snapshots: [{ run: 'run-1', seq: 1, body: large }] }))
      equal((await store.rows('run-1', 0))[0]?.payload, large)
      equal((await store.snapshot('run-1'))?.body, large)
      equal((await store.journal({ after: 0, limit: 10_000 })).length, 5000)
    },
  ],
  [
    'a batch that does not go on where the last one ended is refused, and so is all after it',
    async (rig) => {
      const store = await rig.open()
      await store.append(sampleBatch({ rows: sampleRows(1, 3) }))
      equal(await codeOf(() => store.append(sampleBatch({ rows: [sampleRow(3)] }))), 'STORE_UNAVAILABLE')
      equal(await codeOf(() => store.append(sampleBatch({ rows: [sampleRow(4)] }))), 'STORE_UNAVAILABLE')
      equal((await store.open()).lastSeq, 3)
      await store.append(sampleBatch({ rows: [sampleRow(4)] }))
      equal((await store.rows('run-1', 0)).length, 4)
    },
  ],
  [
    'a batch with a gap inside is refused whole',
    async (rig) => {
      const store = await rig.open()
      const rows = [sampleRow(1), sampleRow(3)]
      const heads = [sampleHead('run-1')]
      equal(await codeOf(() => store.append(sampleBatch({ rows, heads }))), 'STORE_UNAVAILABLE')
      equal((await store.open()).lastSeq, 0)
      equal(await store.head('run-1'), undefined)
    },
  ],
  [
    'a snapshot replaces the one before',
    async (rig) => {
      const store = await rig.open()
      await store.append(sampleBatch({ snapshots: [{ run: 'a', seq: 1, body: 'one' }] }))
      await store.append(sampleBatch({ snapshots: [{ run: 'a', seq: 2, body: 'two' }] }))
      deepEqual({ ...(await store.snapshot('a')) }, { run: 'a', seq: 2, body: 'two' })
      equal(await store.snapshot('b'), undefined)
    },
  ],
]

/** Copies without a prototype's difference, which a database's rows may have. */
const plain = (rows: readonly object[]): object[] => rows.map((row) => ({ ...row }))
