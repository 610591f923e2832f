// What assertions and attempts are asked of: steps of chains that are called, waits of others, items that are objects.

import { expect, test } from 'vitest'
import { chain } from '../../../src/index.ts'
import { assertRun, assertWaitedFor, harness, succeed } from '../../../src/testing.ts'

const child = chain('child').step('work', () => 1, {
  attempts: 2,
  backoff: { initial: '1s', jitter: 'none' },
})
const parent = chain('parent')
  .call('sub', child, () => undefined)
  .call('other', child, () => undefined)

test('a step of a chain that is called has run, by its chain over all calls, and as the timeline names it', async () => {
  const t = await harness(parent)
  assertRun(t, 'parent/sub/work', { attempts: 1, outcome: 'running' })
  expect(() => assertRun(t, 'parent/other/work')).toThrow('parent/other/work has not run')
  await expect(t.attempt('parent/other/work')).rejects.toMatchObject({ code: 'ATTEMPT_ABSENT' })
  await (await t.attempt('parent/sub/work')).fail('no')
  await t.advance('1s')
  await (await t.attempt('child/work')).succeed(1)
  assertRun(t, 'child/work', { attempts: 3, outcome: 'running' })
  await t.crash()
  await (await t.attempt('child/work')).succeed(1)
  expect(t.timeline()).toContain('parent/sub/work #2 succeeds')
  assertRun(t, 'parent/sub/work', { attempts: 2, outcome: 'succeeded', lost: 0 })
  assertRun(t, 'parent/other/work', { attempts: 2, lost: 1 })
  assertRun(t, 'child/work', { attempts: 4, outcome: 'succeeded', lost: 1, fallback: false })
  expect(() => assertRun(t, 'child/work', { attempts: 1 })).toThrow('but child/work has run: attempts 4')
  assertWaitedFor(t, 'child/work', '1s')
  assertWaitedFor(t, 'parent/sub/work', '1s')
  assertWaitedFor(t, 'parent/other/work', 0)
})

test('so have those of the chains of an each, and of calls in rounds', async () => {
  const many = chain('many')
    .each('pack', () => ['a/b', 'c'], child, { key: String })
    .repeat('again', (b) => b.call('sub', child, () => undefined), {
      until: ({ round }) => round === 2,
      max: 3,
    })
  const t = await harness(many, { steps: { 'child/work': succeed(1) } })
  expect((await t.end()).status).toBe('succeeded')
  assertRun(t, 'child/work', { attempts: 4 })
  assertRun(t, 'many/pack/a/b/work', { attempts: 1 })
  const rounds = [...t.history().chains.keys()].filter((key) => key.startsWith('many/sub'))
  expect(rounds).toHaveLength(2)
  for (const key of rounds) assertRun(t, `${key}/work`, { attempts: 1 })
  for (const absent of ['many/pack/d/work', 'many/sub/#77/work'])
    expect(() => assertRun(t, absent)).toThrow(`${absent} has not run`)
})

test('a wait of another chain has waited, also without a timeout', async () => {
  const order = chain('order').wait('approval')
  const books = chain('books')
    .needs({ order })
    .step('enter', () => 1)
  const beside = chain('beside').wait('word')
  const t = await harness(books, { chains: [beside] })
  await t.advance('2h')
  assertWaitedFor(t, 'order/approval', '2h')
  assertWaitedFor(t, 'beside/word', 0)
  expect(() => assertRun(t, 'beside/word')).toThrow('beside/word has not run')
})

test.each([
  ['order/nope', 'chain "order" has no step "nope": it has approval'],
  ['ordr/approval', 'there is no chain "ordr": there are books, order'],
  ['books/sub/approval', 'there is no chain "books/sub"'],
  ['books/enter/approval', 'there is no chain "books/enter"'],
  ['order/approval:compensation', 'chain "order" has no step "approval:compensation"'],
])('an assertion about %s, which is not there, is refused', async (name, said) => {
  const order = chain('order').wait('approval')
  const t = await harness(
    chain('books')
      .needs({ order })
      .step('enter', () => 1),
  )
  const refusal = expect.objectContaining({
    code: 'STEP_UNKNOWN',
    message: expect.stringContaining(said) as string,
  }) as Error
  expect(() => assertWaitedFor(t, name, { atMost: '1h' })).toThrow(refusal)
  expect(() => assertRun(t, name)).toThrow(refusal)
})

test('what undoes a step has run by its name, of a chain that is called as well', async () => {
  const seat = chain('seat').step('hold', () => 1, { compensate: () => {} })
  const trip = chain('trip')
    .step('charge', () => 1, {
      compensate: { run: () => {}, attempts: 2, backoff: { initial: '3s', jitter: 'none' } },
    })
    .call('book', seat, () => undefined)
    .fail('sold out')
  const t = await harness(trip, {
    steps: { charge: succeed(1), 'seat/hold': succeed(1), 'seat/hold:compensation': succeed() },
  })
  expect(() => assertRun(t, 'charge:compensation', { outcome: 'succeeded' })).toThrow('running')
  await (await t.attempt('charge:compensation')).fail('no')
  await t.advance('3s')
  await (await t.attempt('charge:compensation')).succeed()
  assertWaitedFor(t, 'charge:compensation', '3s')
  assertRun(t, 'charge:compensation', { attempts: 2, outcome: 'succeeded' })
  assertRun(t, 'seat/hold:compensation', { attempts: 1, outcome: 'succeeded' })
})

test('an item that is an object is asked for by one that is equal, or by its key', async () => {
  const read = chain('read-all').each(
    'read',
    () => [{ id: 'a' }, { id: 'b', of: ['x'] }, { id: 'c' }],
    ({ id }) => id,
    { key: ({ id }) => id },
  )
  const t = await harness(read)
  const [a, b, c] = await t.attempts('read')
  expect(await t.attempt('read', { id: 'a' })).toBe(a)
  expect(await t.attempt('read', { id: 'b', of: ['x'] })).toBe(b)
  expect(await t.attempt('read', 'c')).toBe(c)
  await expect(t.attempt('read', { id: 'd' })).rejects.toMatchObject({
    code: 'ATTEMPT_ABSENT',
    message: expect.stringContaining('no attempt of "read" for item {"id":"d"} is in flight') as string,
  })
  await a?.fail('no')
  await expect(t.attempt('read', 'a')).rejects.toThrow('for item "a"')
})

test('a key says which item it is in each round, and never another item that is no object', async () => {
  const rounds = chain('rounds').repeat(
    'again',
    (b) =>
      b
        .each(
          'read',
          () => [{ id: 'a' }],
          () => 1,
          { key: ({ id }) => id },
        )
        .each(
          'count',
          () => ['1', '0'],
          () => 1,
        ),
    { until: ({ round }) => round === 2, max: 3 },
  )
  const t = await harness(rounds)
  for (const _ of [1, 2]) {
    await (await t.attempt('read', 'a')).succeed(1)
    const [, second] = await t.attempts('count')
    expect(await t.attempt('count', '0')).toBe(second)
    await second?.succeed(1)
    await expect(t.attempt('count', '0')).rejects.toMatchObject({ code: 'ATTEMPT_ABSENT' })
    await (await t.attempt('count', '1')).succeed(1)
  }
  expect((await t.end()).status).toBe('succeeded')
})
