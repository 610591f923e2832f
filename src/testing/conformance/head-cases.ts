// What every store promises of its heads: upserts, every query's meaning, order and pages.

import { deepEqual, equal } from 'node:assert/strict'

import type { Store } from '../../journal/store.ts'
import { runsOf, sampleBatch, sampleHead } from './case.ts'
import type { ConformanceCase } from './case.ts'

/** The cases of the heads. */
export const headCases: readonly ConformanceCase[] = [
  [
    'a head comes back as it was written, and is replaced whole by the next',
    async (rig) => {
      const store = await rig.open()
      const first = sampleHead('a', { status: 'waiting', wakeAt: 5, signals: ',x,', attributes: '{"k":1}' })
      await store.append(sampleBatch({ heads: [first] }))
      deepEqual({ ...(await store.head('a')) }, first)
      const second = sampleHead('a', { status: 'succeeded', priority: -2, endedAt: 9, chain: 'b,c' })
      await store.append(sampleBatch({ heads: [second] }))
      deepEqual({ ...(await store.head('a')) }, second)
      equal(await store.head('b'), undefined)
    },
  ],
  [
    'of several heads of one run in a batch the last one counts',
    async (rig) => {
      const store = await rig.open()
      const waiting = sampleHead('a', { status: 'waiting', signals: ',x,' })
      await store.append(
        sampleBatch({ heads: [sampleHead('a'), waiting, sampleHead('a', { status: 'failed' })] }),
      )
      equal((await store.head('a'))?.status, 'failed')
      deepEqual({ ...(await store.counts()) }, { failed: 1 })
      deepEqual(await store.heads({ signal: 'x' }), [])
      await store.append(sampleBatch({ heads: [waiting, sampleHead('a'), waiting] }))
      deepEqual({ ...(await store.counts()) }, { waiting: 1 })
      deepEqual(runsOf(await store.heads({ signal: 'x' })), ['a'])
    },
  ],
  [
    'a run is found by the signals that it waits for now, and by no others',
    async (rig) => {
      const store = await rig.open()
      const found = async (signal: string): Promise<string> => runsOf(await store.heads({ signal })).join(' ')
      const waits = (run: string, signals: string): Promise<void> | void =>
        store.append(sampleBatch({ heads: [sampleHead(run, { status: 'waiting', signals })] }))
      for (const run of ['a', 'b', 'c']) await waits(run, ',x,y,')
      await waits('b', ',y,z,')
      await waits('c', '')
      equal(await found('x'), 'a')
      equal(await found('y'), 'b a')
      equal(await found('z'), 'b')
      equal(runsOf(await store.heads({ signal: 'y', before: 'b' })).join(' '), 'a')
      equal(runsOf(await store.heads({ signal: 'y', limit: 1 })).join(' '), 'b')
      await waits('d', ',z,')
      await waits('e', '')
      const any = async (page: object): Promise<string> =>
        runsOf(await store.heads({ signal: true, ...page })).join(' ')
      equal(await any({}), 'd b a')
      equal(await any({ limit: 2 }), 'd b')
      equal(await any({ before: 'b' }), 'a')
      equal(await any({ before: 'nobody' }), '')
      equal(await any({ status: ['waiting'], limit: 1, before: 'd' }), 'b')
      equal(await any({ status: ['paused'] }), '')
      equal(await any({ chain: 'nobody' }), '')
      equal(runsOf(await store.heads({ signal: 'y', status: ['running'] })).join(' '), '')
    },
  ],
  [
    'a run with rows and no head is not listed',
    async (rig) => {
      const store = await rig.open()
      const row = { seq: 1, run: 'a', type: 't', at: 1, body: '{}', payload: null }
      await store.append(sampleBatch({ rows: [row] }))
      equal(await store.head('a'), undefined)
      deepEqual(await store.heads({}), [])
      deepEqual({ ...(await store.counts()) }, {})
      await store.append(sampleBatch({ heads: [sampleHead('b'), sampleHead('a')] }))
      deepEqual(runsOf(await store.heads({})).toSorted(), ['a', 'b'])
    },
  ],
  [
    'heads are listed newest first, whatever their ids are, and in pages that a later change does not move',
    async (rig) => {
      const store = await rig.open()
      const names = Array.from({ length: 250 }, (_, index) => `${(index * 7919) % 250}`)
      await store.append(sampleBatch({ heads: names.map((run) => sampleHead(run)) }))
      const listed: string[] = []
      for (;;) {
        const before = listed.at(-1)
        const page = await store.heads({ limit: 60, ...(before === undefined ? {} : { before }) })
        if (page.length === 0) break
        listed.push(...runsOf(page))
        await store.append(sampleBatch({ heads: [sampleHead(names[0] ?? '', { status: 'paused' })] }))
      }
      deepEqual(listed, names.toReversed())
      equal((await store.heads({})).length, 100)
      deepEqual(await store.heads({ before: 'nobody' }), [])
    },
  ],
  [
    'a query by status, chain, signal or attribute finds exactly what matches it',
    async (rig) => {
      const store = await rig.open()
      await fill(store)
      const found = async (query: Parameters<Store['heads']>[0]): Promise<string> =>
        runsOf(await store.heads(query)).join(' ')
      equal(await found({ status: ['waiting'] }), 'e d')
      equal(await found({ status: ['waiting', 'failed'] }), 'e d c')
      equal(await found({ status: [] }), '')
      equal(await found({ chain: 'load' }), 'e b')
      equal(await found({ chain: 'loa' }), '')
      equal(await found({ signal: 'approval' }), 'e d')
      equal(await found({ signal: 'appro' }), '')
      equal(await found({ signal: 'approval', chain: 'load' }), 'e')
      equal(await found({ attributes: { customer: 'x' } }), 'c b')
      equal(await found({ attributes: { customer: 'x', rush: true } }), 'b')
      equal(await found({ attributes: { size: 1 } }), 'a')
      equal(await found({ attributes: { size: '1' } }), '')
      equal(await found({ attributes: { rush: 1 } }), '')
      equal(await found({ attributes: { 'a "b".c$[0]': 'yes' } }), 'e')
      equal(await found({ attributes: { size: { min: 1 } } }), 'a')
      equal(await found({ attributes: { size: { max: 0.5 } } }), '')
      equal(await found({ attributes: { customer: { min: 0 } } }), '')
      equal(await found({ attributes: { rush: { min: 0, max: 1 } } }), '')
      equal(await found({ attributes: { size: { min: 0, max: 2 } }, status: ['running'] }), 'a')
      equal(
        await found({ attributes: { customer: 'x' }, status: ['failed', 'running'], chain: 'report' }),
        'c b',
      )
      equal(await found({ attributes: { customer: 'x' }, limit: 1 }), 'c')
      equal(await found({ attributes: { rush: true }, signal: 'approval' }), '')
      equal(await found({ attributes: { 'a "b".c$[0]': 'yes' }, signal: 'payment' }), 'e')
      equal(await found({ attributes: { customer: 'x' }, before: 'c' }), 'b')
      equal(await found({ status: ['waiting'], before: 'e', limit: 1 }), 'd')
      equal(await found({ limit: 0 }), '')
    },
  ],
  [
    'runs are counted by status',
    async (rig) => {
      const store = await rig.open()
      deepEqual({ ...(await store.counts()) }, {})
      await fill(store)
      deepEqual({ ...(await store.counts()) }, { running: 2, failed: 1, waiting: 2 })
    },
  ],
  [
    'unfinished runs come by priority, then oldest first, and a page survives that runs end',
    async (rig) => {
      const store = await rig.open()
      const heads = ['a', 'b', 'c', 'd', 'e', 'f'].map((run, index) =>
        sampleHead(run, { priority: index % 2 }),
      )
      await store.append(sampleBatch({ heads: [...heads, sampleHead('g', { status: 'waiting' })] }))
      deepEqual(runsOf(await store.unfinished({ limit: 10 })), ['b', 'd', 'f', 'a', 'c', 'e'])
      deepEqual(runsOf(await store.unfinished({ offset: 2, limit: 3 })), ['f', 'a', 'c'])
      deepEqual(await store.unfinished({ offset: 9, limit: 3 }), [])
      const ended = sampleHead('d', { status: 'succeeded', priority: 1 })
      await store.append(sampleBatch({ heads: [ended] }))
      deepEqual(runsOf(await store.unfinished({ after: 'd', limit: 3 })), ['f', 'a', 'c'])
      deepEqual(runsOf(await store.unfinished({ after: 'c', limit: 3 })), ['e'])
    },
  ],
  [
    'due runs are those waiting for time, soonest first',
    async (rig) => {
      const store = await rig.open()
      equal(await store.nextDue(), undefined)
      const wakes = [50, 10, 40, null, 30, 10]
      const heads = wakes.map((wakeAt, index) => sampleHead(`w${index}`, { status: 'waiting', wakeAt }))
      await store.append(sampleBatch({ heads: [...heads, sampleHead('r', { wakeAt: 1 })] }))
      equal(await store.nextDue(), 10)
      deepEqual(runsOf(await store.due({ before: 40, limit: 10 })), ['w1', 'w5', 'w4', 'w2'])
      deepEqual(runsOf(await store.due({ before: 40, limit: 2 })), ['w1', 'w5'])
      deepEqual(await store.due({ before: 9, limit: 2 }), [])
      await store.append(
        sampleBatch({ heads: [sampleHead('w1'), sampleHead('w5', { status: 'paused', wakeAt: 10 })] }),
      )
      equal(await store.nextDue(), 30)
      await store.append(sampleBatch({ heads: [sampleHead('w1', { status: 'waiting', wakeAt: 2 ** 45 })] }))
      deepEqual(runsOf(await store.due({ before: 2 ** 50, limit: 10 })), ['w4', 'w2', 'w0', 'w1'])
    },
  ],
]

/** Five runs, from `a`, the oldest, to `e`. */
async function fill(store: Store): Promise<void> {
  const heads = [
    sampleHead('a', { attributes: '{"size":1}' }),
    sampleHead('b', { chain: 'load,report', attributes: '{"customer":"x","rush":true}' }),
    sampleHead('c', { status: 'failed', attributes: '{"customer":"x","rush":false}' }),
    sampleHead('d', { status: 'waiting', signals: ',approval,' }),
    sampleHead('e', {
      status: 'waiting',
      chain: 'load',
      signals: ',payment,approval,',
      attributes: '{"a \\"b\\".c$[0]":"yes"}',
    }),
  ]
  await store.append(sampleBatch({ heads }))
}
