import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createRig, type Rig } from './rig.ts'

const rows = chain('rows').step('load', () => [1, 2, 3])
const prices = chain('prices').step('load', () => ({ eur: 2 }))

/** Every event that tells of a read: where it is, and what was read. */
const readsIn = (rig: Rig): readonly string[] =>
  rig.events().flatMap((event: JournalEvent) => {
    if (!('read' in event) || event.read === undefined) return []
    return [`${event.type} ${event.chain}/${event.step} ${event.read.join('+')}`]
  })

test('the first read of each name is told once, by the attempt that made it', async () => {
  const sum = chain('sum')
    .needs({ rows, prices })
    .step('count', ({ needs }) => needs.rows.length + needs.rows.length)
    .step('again', ({ needs }) => needs.rows[0])
    .step('price', ({ needs: { prices: all } }) => all.eur)
  const rig = await createRig([sum])
  await rig.until(rig.supervisor.run(sum))
  expect(readsIn(rig)).toEqual(['attempt.succeeded sum/count rows', 'attempt.succeeded sum/price prices'])
})

test('what nobody reads is not told', async () => {
  const blind = chain('blind')
    .needs({ rows, prices })
    .step('use', ({ needs }) => Object.keys(needs).length)
  const rig = await createRig([blind])
  expect(await rig.until(rig.supervisor.run(blind))).toBe(2)
  expect(readsIn(rig)).toEqual([])
})

test('a failed attempt tells of its reads, and the next one does not again', async () => {
  const tried = chain('tried')
    .needs({ rows })
    .step(
      'use',
      ({ needs, attempt }) => {
        if (attempt === 1) throw new Error(String(needs.rows.length))
        return needs.rows
      },
      { attempts: 2 },
    )
  const rig = await createRig([tried])
  await rig.until(rig.supervisor.run(tried))
  expect(readsIn(rig)).toEqual(['attempt.failed tried/use rows'])
})

test('decisions tell of their reads', async () => {
  const decided = chain('decided')
    .needs({ rows, prices })
    .each(
      'work',
      ({ needs }) => needs.rows,
      (row) => row,
    )
    .returns(({ needs }) => needs.prices.eur)
  const rig = await createRig([decided])
  await rig.until(rig.supervisor.run(decided))
  expect(readsIn(rig)).toEqual([
    'decision.made decided/work:items rows',
    'decision.made decided/returning prices',
  ])
})

test('what a chain follows is told as what it needs', async () => {
  const after = chain('after')
    .follows({ rows, prices }, { when: 'all_done' })
    .step('see', ({ needs }) => needs.rows.status)
  const rig = await createRig([rows, prices, after])
  await rig.until(rig.supervisor.run([rows, prices]))
  expect(readsIn(rig)).toEqual(['attempt.succeeded after/see rows'])
})

test('the key of a memo that is made of all outputs is no read; one that an author tells is', async () => {
  const whole = chain('whole')
    .needs({ rows })
    .step('use', () => 1, { memo: { ttl: '1h' } })
  const told = chain('told')
    .needs({ rows })
    .step('use', () => 1, { memo: { key: ({ needs }) => needs.rows.length } })
  const rig = await createRig([whole, told])
  await rig.until(rig.supervisor.run(whole))
  await rig.until(rig.supervisor.run(told))
  expect(readsIn(rig)).toEqual(['attempt.succeeded told/use rows'])
})

test('what an author is handed can be cloned, spread, printed and returned, all of it', async () => {
  const seen: unknown[] = []
  const copies = chain('copies')
    .needs({ rows, prices })
    .step('clone', ({ needs }) => void seen.push(structuredClone(needs), { ...needs }, inspect(needs)))
    .step('give', ({ needs }) => needs)
  const rig = await createRig([copies])
  const whole = { rows: [1, 2, 3], prices: { eur: 2 } }
  expect(await rig.until(rig.supervisor.run(copies))).toEqual(whole)
  expect(seen).toEqual([whole, whole, '{ rows: [ 1, 2, 3 ], prices: { eur: 2 } }'])
})

test('a chain that goes on after a crash tells what it reads then, as often as it must', async () => {
  const parts = chain('parts')
    .needs({ rows })
    .step('first', ({ needs }) => needs.rows.length)
    .wait('go')
    .step('second', ({ needs }) => needs.rows.length)
  const rig = await createRig([parts])
  const run = await rig.start(parts, undefined, { id: 'one' })
  await rig.advance()
  await rig.crash()
  const same = (await rig.until(rig.supervisor.get(run.id))) as typeof run
  await rig.until(same.signal('go'))
  expect(await rig.until(same.result())).toBe(3)
  expect(readsIn(rig)).toEqual(['attempt.succeeded parts/first rows', 'attempt.succeeded parts/second rows'])
})
