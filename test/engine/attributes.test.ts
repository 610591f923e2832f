import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { createRig } from './rig.ts'

const order = chain('order', {
  attributes: { customer: 'string', total: 'number', urgent: 'boolean' },
}).step('pay', () => 'paid')

test('runs are found by their attributes, newest first, by pages and ranges, also after a crash', async () => {
  const rig = await createRig([order])
  for (const [index, customer] of ['a', 'b', 'a', 'a'].entries())
    await rig.start(order, undefined, { id: `r${index}`, attributes: { customer, total: index * 100 } })
  await rig.crash()
  const found = async (query: object): Promise<readonly string[]> =>
    (await rig.supervisor.list({ chain: order, ...query })).map(({ run }) => run)
  expect(await found({ attributes: { customer: 'a' } })).toEqual(['r3', 'r2', 'r0'])
  expect(await found({ attributes: { customer: 'a', total: { min: 100 } } })).toEqual(['r3', 'r2'])
  expect(await found({ attributes: { total: { min: 100, max: 200 } } })).toEqual(['r2', 'r1'])
  expect(await found({ attributes: { customer: 'a' }, limit: 1 })).toEqual(['r3'])
  expect(await found({ attributes: { customer: 'a' }, limit: 1, before: 'r3' })).toEqual(['r2'])
})

test('attributes that do not fit their declaration are refused, all of them in one error', async () => {
  const rig = await createRig([order])
  const attributes = { customer: 7, total: Number.NaN, sum: 1, text: 'x'.repeat(2_000), '': true }
  await expect(rig.start(order, undefined, { attributes })).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: expect.stringMatching(
      /"customer" is a number, and declared as string.*"total" is not.*"sum" is not declared: there are customer, total, urgent.*"text" has 2000.*1 to 100 characters/,
    ),
  })
  expect(rig.events()).toEqual([])
})

test('a chain that declares none takes any', async () => {
  const free = chain('free').step('go', () => 1)
  const rig = await createRig([free, order])
  await rig.start(free, undefined, { attributes: { anything: 1 } })
  await rig.start([free, order], undefined, { attributes: { anything: 2 } })
  expect(await rig.supervisor.list({ attributes: { anything: { min: 1 } } })).toHaveLength(2)
})

test('a declaration that makes no sense is refused', async () => {
  const bad = chain('bad', { attributes: { when: 'date' as 'string' } }).step('go', () => 1)
  await expect(supervise(createMemoryStore(), { chains: [bad] })).rejects.toThrow(
    /attribute "when" is declared as "date"/,
  )
})

test.each([{ min: Number.NaN }, {}, { from: 1 }, null, { min: '1' }])(
  'the range %j is refused',
  async (range) => {
    const rig = await createRig([order])
    await expect(rig.supervisor.list({ attributes: { total: range as never } })).rejects.toMatchObject({
      code: 'BAD_OPTION',
    })
  },
)
