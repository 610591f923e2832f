// What every store promises of notes and of commands: kept until carried out, replied to in the same batch.

import { deepEqual, equal, ok } from 'node:assert/strict'

import { keptReplies } from '../../journal/store.ts'
import { sampleBatch, sampleHead, sampleRow } from './case.ts'
import type { ConformanceCase } from './case.ts'

/** The cases of notes and commands. */
export const commandCases: readonly ConformanceCase[] = [
  [
    'a note is kept by name and replaced',
    async (rig) => {
      const store = await rig.open()
      equal(await store.note('durations'), undefined)
      await store.setNote('durations', 'one')
      await store.setNote('config', 'other')
      await store.setNote('durations', 'two')
      equal(await store.note('durations'), 'two')
      equal(await store.note('config'), 'other')
    },
  ],
  [
    'commands wait in the order in which they were posted',
    async (rig) => {
      const store = await rig.open()
      const ids: number[] = []
      for (const body of ['one', 'two', 'three']) ids.push(await store.post(body, 7))
      deepEqual(
        ids,
        ids.toSorted((a, b) => a - b),
      )
      deepEqual(
        (await store.inbox(2)).map((entry) => ({ ...entry })),
        [
          { id: ids[0], body: 'one', at: 7 },
          { id: ids[1], body: 'two', at: 7 },
        ],
      )
      equal((await store.inbox(10)).length, 3)
    },
  ],
  [
    'a command leaves the inbox and gets its reply with the batch that carries it out',
    async (rig) => {
      const store = await rig.open()
      const id = await store.post('start', 1)
      const kept = await store.post('signal', 2)
      equal(await store.reply(id), undefined)
      const rows = [sampleRow(1)]
      await store.append(
        sampleBatch({ rows, heads: [sampleHead('run-1')], inbox: [{ id, reply: '{"run":"run-1"}' }] }),
      )
      equal(await store.reply(id), '{"run":"run-1"}')
      equal(await store.reply(kept), undefined)
      deepEqual(
        (await store.inbox(10)).map((entry) => entry.id),
        [kept],
      )
    },
  ],
  [
    'a command that is kept stays in the inbox with what is said of it, until it is carried out',
    async (rig) => {
      const store = await rig.open()
      const first = await store.post('one', 1)
      const second = await store.post('two', 2)
      await store.append(sampleBatch({ inbox: [{ id: first, reply: 'not here', kept: true }] }))
      equal(await store.reply(first), 'not here')
      deepEqual(
        (await store.inbox(10)).map(({ id }) => id),
        [first, second],
      )
      await store.append(sampleBatch({ inbox: [{ id: first, reply: 'done' }] }))
      equal(await store.reply(first), 'done')
      deepEqual(
        (await store.inbox(10)).map(({ id }) => id),
        [second],
      )
    },
  ],
  [
    'what is said of a command that is kept stays as long as the command, however many come after it',
    async (rig) => {
      const store = await rig.open()
      const kept = await store.post('one', 1)
      const done = await store.post('two', 1)
      await store.append(
        sampleBatch({
          inbox: [
            { id: kept, reply: 'not here', kept: true },
            { id: done, reply: 'done' },
          ],
        }),
      )
      const many = Array.from({ length: keptReplies + 10 }, (_, at) => ({ id: done + 1 + at, reply: 'done' }))
      await store.append(sampleBatch({ inbox: many }))
      equal(await store.reply(done), undefined)
      equal(await store.reply(kept), 'not here')
      await store.append(sampleBatch({ inbox: [{ id: kept, reply: 'done' }] }))
      deepEqual(await store.inbox(10), [])
    },
  ],
  [
    'the inbox is read on from behind an entry',
    async (rig) => {
      const store = await rig.open()
      const [first, ...rest] = [
        await store.post('one', 1),
        await store.post('two', 1),
        await store.post('three', 1),
      ]
      deepEqual(
        (await store.inbox(10, first)).map(({ id }) => id),
        rest,
      )
      deepEqual(
        (await store.inbox(1, first)).map(({ body }) => body),
        ['two'],
      )
      deepEqual(await store.inbox(10, rest.at(-1)), [])
    },
  ],
  [
    'the id of a command is never used again, also after the inbox was emptied and the store reopened',
    async (rig) => {
      const store = await rig.open()
      const first = await store.post('one', 1)
      await store.append(sampleBatch({ inbox: [{ id: first, reply: 'done' }] }))
      await store.close()
      const again = await rig.reopen(store)
      await again.open()
      ok((await again.post('two', 2)) > first)
      equal(await again.reply(first), 'done')
    },
  ],
  [
    'a client reads and posts beside the executor',
    async (rig) => {
      if (!rig.client) return
      const store = await rig.open()
      await store.append(sampleBatch({ rows: [sampleRow(1)], heads: [sampleHead('run-1')] }))
      const client = await rig.client(store)
      equal((await client.head('run-1'))?.run, 'run-1')
      const id = await client.post('cancel', 3)
      deepEqual(
        (await store.inbox(10)).map((entry) => entry.body),
        ['cancel'],
      )
      await store.append(sampleBatch({ rows: [sampleRow(2)], inbox: [{ id, reply: 'ok' }] }))
      equal(await client.reply(id), 'ok')
      equal((await client.rows('run-1', 0)).length, 2)
    },
  ],
]
