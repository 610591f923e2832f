// What every store promises of keepsakes: written with their batch, found by key, in the order of writing.

import { deepEqual, equal } from 'node:assert/strict'

import type { Keepsake } from '../../journal/store.ts'
import { sampleBatch, sampleRow } from './case.ts'
import type { ConformanceCase } from './case.ts'

const sample = (key: string, fields: Partial<Keepsake> = {}): Keepsake => ({
  kind: 'memo',
  key,
  at: 1_700_000_000_000,
  expiresAt: null,
  body: '{}',
  payload: null,
  ...fields,
})

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown

/** The cases of keepsakes. */
export const keepsakeCases: readonly ConformanceCase[] = [
  [
    'a keepsake comes back as it was written, and outlives its store',
    async (rig) => {
      const store = await rig.open()
      const kept = sample('a', { expiresAt: 1_700_000_000_500, body: '{"run":"ä"}', payload: '[1,"x"]' })
      await store.append(sampleBatch({ rows: [sampleRow(1)], keepsakes: [kept, sample('b')] }))
      deepEqual(plain(await store.keepsake('a')), kept)
      deepEqual(plain(await store.keepsake('b')), sample('b'))
      equal(await store.keepsake('c'), undefined)
      await store.close()
      const again = await rig.reopen(store)
      await again.open()
      deepEqual(plain(await again.keepsake('a')), kept)
    },
  ],
  [
    'keepsakes of a kind are listed without their payloads, the one written last at the end',
    async (rig) => {
      const store = await rig.open()
      const first = ['a', 'b', 'c'].map((key) => sample(key, { payload: '1' }))
      await store.append(sampleBatch({ keepsakes: [...first, sample('p', { kind: 'poison' })] }))
      await store.append(sampleBatch({ keepsakes: [sample('a', { at: 1_700_000_000_001, payload: '2' })] }))
      const heads = await store.keepsakes('memo')
      deepEqual(
        heads.map(({ key }) => key),
        ['b', 'c', 'a'],
      )
      equal(heads.at(-1)?.at, 1_700_000_000_001)
      equal(
        heads.some((head) => 'payload' in head),
        false,
      )
      equal((await store.keepsake('a'))?.payload, '2')
      deepEqual(
        (await store.keepsakes('poison')).map(({ key }) => key),
        ['p'],
      )
    },
  ],
  [
    'of several changes of a key in one batch the last one counts',
    async (rig) => {
      const store = await rig.open()
      await store.append(sampleBatch({ keepsakes: [sample('gone'), sample('stays'), sample('back')] }))
      await store.append(
        sampleBatch({
          keepsakes: [
            sample('gone', { payload: '1' }),
            { gone: 'gone' },
            { gone: 'back' },
            sample('back', { payload: '2' }),
            { gone: 'never there' },
          ],
        }),
      )
      deepEqual(
        (await store.keepsakes('memo')).map(({ key }) => key),
        ['stays', 'back'],
      )
      equal((await store.keepsake('back'))?.payload, '2')
      equal(await store.keepsake('gone'), undefined)
    },
  ],
]
