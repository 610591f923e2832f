import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { attributesOf } from '../../src/cli/where.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { place } from './spawn.ts'

test('conditions are read as numbers, booleans, texts and ranges', () => {
  expect(attributesOf([])).toBeUndefined()
  expect(
    attributesOf([
      'customer=a=b',
      'n=5',
      'text="5"',
      'urgent=true',
      'empty=',
      'total>=100',
      'total<=1e3',
      'x<=-1',
    ]),
  ).toEqual({
    customer: 'a=b',
    n: 5,
    text: '5',
    urgent: true,
    empty: '',
    total: { min: 100, max: 1000 },
    x: { max: -1 },
  })
  for (const bad of [['a'], ['=1'], ['a>=x'], ['a>='], ['a>1'], ['a=1', 'a=2'], ['a=1', 'a>=2']])
    expect(() => attributesOf(bad), bad.join(' ')).toThrow(/--where/)
})

test('list finds runs by attributes', async () => {
  const { folder, json, run } = place()
  const order = chain('order').step('pay', () => 'paid')
  const supervisor = await supervise(createSqliteStore(`${folder}/app.db`), { chains: [order] })
  for (const total of [50, 150])
    await supervisor.run(order, undefined, { id: `r-${total}`, attributes: { customer: 'a', total } })
  await supervisor.stop()
  const { value } = await json('list', '--store', 'app.db', '--where', 'customer=a', '--where', 'total>=100')
  expect(value).toMatchObject([{ run: 'r-150', attributes: { customer: 'a', total: 150 } }])
  expect((await run('list', '--store', 'app.db', '--where', 'customer=b')).out).toContain(
    'No run is like that',
  )
  expect((await run('list', '--where', 'customer')).code).toBe(2)
})
