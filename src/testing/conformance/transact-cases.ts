// What a store that keeps rows of the host promises of them: with the batch or not at all, and nothing in between.

import type { HostDatabase, HostTransaction } from '../../definition/host-database.ts'
import type { Batch, Store } from '../../journal/store.ts'
import { systemClock } from '../../kernel/clock.ts'
import { type ConformanceCase, codeOf, sampleBatch, sampleHead, sampleRows, seqsOf } from './case.ts'

const batch = (from: number, to: number): Batch =>
  sampleBatch({ rows: sampleRows(from, to), heads: [sampleHead('run-1')] })

/** Does `work` once the store can, as the engine does. */
async function transact(store: Store, work: (transaction: HostTransaction) => Batch): Promise<void> {
  while (store.transact?.(work) === false) await new Promise<void>((resolve) => systemClock.soon(resolve))
}

function same(found: unknown, expected: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`)
}

/** Reads what the store's database answers, in a transaction that writes nothing. */
async function ask<T>(store: Store, read: (db: HostDatabase) => T): Promise<T | undefined> {
  const found: T[] = []
  await transact(store, (transaction) => {
    transaction.write((db) => void found.push(read(db)))
    return sampleBatch({})
  })
  return found[0]
}

const one = (db: HostDatabase): unknown => db.prepare('SELECT 1 AS one').get()?.['one']

/** Of stores without such rows they ask nothing. */
export const transactCases: readonly ConformanceCase[] = [
  [
    "a batch is written together with the host's part, in the order of the journal",
    async (rig) => {
      const store = await rig.open()
      if (store.transact === undefined) return
      await store.append(batch(1, 2))
      const told: unknown[] = []
      await transact(store, (transaction) => {
        transaction.write((db) => void told.push(one(db)))
        return batch(3, 4)
      })
      await store.append(batch(5, 5))
      same(told, [1])
      same(seqsOf(await store.journal({ after: 0, limit: 10 })), [1, 2, 3, 4, 5])
      const next = await rig.reopen(store)
      await store.close()
      same((await next.open()).lastSeq, 5)
    },
  ],
  [
    'what the host throws is thrown on, and the batch is written all the same',
    async (rig) => {
      const store = await rig.open()
      if (store.transact === undefined) return
      const told: string[] = []
      await transact(store, (transaction) => {
        try {
          transaction.write(() => {
            throw new Error('no luck')
          })
        } catch (error) {
          told.push((error as Error).message)
        }
        return batch(1, 1)
      })
      same(told, ['no luck'])
      same(seqsOf(await store.journal({ after: 0, limit: 10 })), [1])
    },
  ],
  [
    'work that throws is a failed append: nothing is written, then or later',
    async (rig) => {
      const store = await rig.open()
      if (store.transact === undefined) return
      const failed = codeOf(async () =>
        transact(store, () => {
          throw new TypeError('a bug')
        }),
      )
      same(await failed, 'STORE_UNAVAILABLE')
      same(await codeOf(() => store.append(batch(1, 1))), 'STORE_UNAVAILABLE')
      same(await codeOf(async () => transact(store, () => batch(1, 1))), 'STORE_UNAVAILABLE')
    },
  ],
  [
    "a batch with the host's part that does not go on where the last ended is refused",
    async (rig) => {
      const store = await rig.open()
      if (store.transact === undefined) return
      await store.append(batch(1, 1))
      same(await codeOf(async () => transact(store, () => batch(3, 3))), 'STORE_UNAVAILABLE')
    },
  ],
  [
    'the host reads in its part what was committed before it',
    async (rig) => {
      const store = await rig.open()
      if (store.transact === undefined) return
      same(await ask(store, one), 1)
      same(await ask(store, one), 1)
    },
  ],
]
