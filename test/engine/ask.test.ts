// Tests of signals with a reply, and of signals that start their run: durable, and once for one id.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { chain } from '../../src/chain/create-chain.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'
import { createRig, type Rig } from './rig.ts'

const discounts: number[] = []
const order = chain<{ price: number }>('order')
  .step('weigh', ({ input }) => input.price * 2)
  .wait('discount', z.number(), {
    reply: ({ input, steps, signal }) => {
      discounts.push(signal)
      return { price: input.price - signal, weight: steps.weigh }
    },
  })
  .wait('approval')
  .step('ship', ({ steps }) => `${steps.discount} off`)

const errorOf = async (rig: Rig, work: Promise<unknown>): Promise<CatenaryError> => {
  const error: unknown = await rig.until(work).catch((caught: unknown) => caught)
  if (!CatenaryError.is(error)) throw new TypeError('it was not refused')
  return error
}

test('whoever asks is answered what the step replies, as often as the same id asks, also after a crash and the end', async () => {
  const rig = await createRig([order])
  const run = await rig.start(order, { price: 80 }, { id: 'one' })
  const before = discounts.length
  const reply = { price: 60, weight: 160 }
  expect(await rig.until(run.ask('discount', 20, { id: 'ada' }))).toEqual(reply)
  expect(await rig.until(run.ask('discount', 20, { id: 'ada' }))).toEqual(reply)
  await rig.crash()
  const again = (await rig.until(rig.supervisor.get('one')))!
  expect(await rig.until(again.ask('discount', 20, { id: 'ada' }))).toEqual(reply)
  await rig.until(again.signal('approval'))
  expect(await rig.until(again.result())).toBe('20 off')
  expect(await rig.until(again.ask('discount', 20, { id: 'ada' }))).toEqual(reply)
  expect(discounts.length).toBe(before + 1)
  expect(rig.told('signal.').filter((line) => line.includes('ada') || line.includes('answered'))).toEqual([
    'signal.received ada',
    'signal.consumed order/discount ada',
    'signal.answered order/discount',
  ])
  expect((await errorOf(rig, again.ask('discount', 20, { id: 'eve' }))).code).toBe('RUN_ENDED')
})

test('a question may come before the step that answers it', async () => {
  const late = chain('late')
    .sleep('nap', '1h')
    .wait('question', undefined, { reply: ({ signal }) => [signal, 42] })
  const rig = await createRig([late])
  const run = await rig.start(late)
  expect(await rig.until(run.ask('question', 'why'))).toEqual(['why', 42])
  expect(await rig.until(run.result())).toBe('why')
})

test('a reply and what the signal causes are one commit: a power cut leaves both or none', async () => {
  const rig = await createRig([order])
  const run = await rig.start(order, { price: 80 }, { id: 'one' })
  rig.store.failNext('powerCut')
  expect((await errorOf(rig, run.ask('discount', 5, { id: 'ada' }))).code).toBe('STORE_UNAVAILABLE')
  await rig.crash()
  const again = (await rig.until(rig.supervisor.get('one')))!
  expect(await rig.until(again.ask('discount', 5, { id: 'ada' }))).toEqual({ price: 75, weight: 160 })
  expect(rig.told('signal.received')).toEqual(['signal.received ada'])
})

test('a reply that cannot be given fails the question, not the run', async () => {
  const odd = chain('odd')
    .wait('a', undefined, {
      reply: () => {
        throw new Error('no idea')
      },
    })
    .wait('b', undefined, { reply: async () => 1 })
    .wait('c', undefined, { reply: () => ({ f: () => 1 }) })
    .step('end', () => 'well')
  const rig = await createRig([odd])
  const run = await rig.start(odd)
  for (const [name, says] of [
    ['a', /no idea/],
    ['b', /returned a promise/],
    ['c', /reply of step "c"/],
  ] as const) {
    const error = await errorOf(rig, run.ask(name))
    expect(error.code).toBe('REPLY_FAILED')
    expect(error.message).toMatch(says)
  }
  expect(await rig.until(run.result())).toBe('well')
})

test('where no reply can come, nothing is delivered; where none came, the asker learns it', async () => {
  const rig = await createRig([order])
  const run = await rig.start(order, { price: 1 })
  expect((await errorOf(rig, run.ask('approval'))).code).toBe('REPLY_ABSENT')
  expect((await errorOf(rig, run.ask('nobody'))).code).toBe('SIGNAL_UNKNOWN')
  expect((await errorOf(rig, run.ask('discount', 'much'))).code).toBe('SIGNAL_INVALID')
  expect(rig.told('signal.')).toEqual([])
  expect(await rig.until(run.ask('discount', 1))).toEqual({ price: 0, weight: 2 })
  const second = run.ask('discount', 2)
  second.catch(() => {})
  await rig.advance('1m')
  await rig.until(run.cancel())
  expect((await errorOf(rig, second)).code).toBe('REPLY_ABSENT')
})

test('a reply that is late is given to who asks again with the same id', async () => {
  const slow = chain('slow')
    .sleep('nap', '1h')
    .wait('question', undefined, { reply: () => 'at last' })
  const rig = await createRig([slow])
  const run = await rig.start(slow)
  const error = await errorOf(rig, run.ask('question', 1, { id: 'ada', timeout: '10m' }))
  expect([error.code, error.message]).toEqual(['REPLY_LATE', expect.stringContaining('same id')])
  expect(await rig.until(run.ask('question', 1, { id: 'ada' }))).toBe('at last')
  expect(rig.told('signal.received')).toHaveLength(1)
})

test('who waits for a reply of a supervisor that stops is told so', async () => {
  const slow = chain('slow')
    .sleep('nap', '1h')
    .wait('question', undefined, { reply: () => 1 })
  const rig = await createRig([slow])
  const run = await rig.start(slow)
  const asked = run.ask('question')
  asked.catch(() => {})
  await rig.advance('1s')
  await rig.until(rig.supervisor.stop({ drain: 0 }))
  expect((await errorOf(rig, asked)).code).toBe('SUPERVISOR_STOPPED')
})

const cart = chain<{ user: string }>('cart')
  .wait('item', z.string())
  .wait('pay')
  .returns(({ steps }) => steps.item)

test('a signal starts its run where there is none, in one commit, and reaches it where there is one', async () => {
  const rig = await createRig([cart])
  const { supervisor } = rig
  const given = { id: 'ada', signal: 'item', attributes: { shop: 'a' } }
  const first = await rig.until(supervisor.signalOrStart(cart, { user: 'ada' }, { ...given, payload: 'tea' }))
  expect(rig.told('run.', 'signal.').slice(0, 2)).toEqual([
    'run.accepted',
    expect.stringMatching(/^signal.received/),
  ])
  const paying = { ...given, signal: 'pay', signalId: 'p' }
  await rig.until(supervisor.signalOrStart(cart, { user: 'ada' }, paying))
  expect(await rig.until(first.result())).toBe('tea')
  // the same signal again is delivered already; another finds no run that takes it
  await rig.until(supervisor.signalOrStart(cart, { user: 'ada' }, paying))
  const late = await errorOf(
    rig,
    supervisor.signalOrStart(cart, { user: 'ada' }, { ...given, payload: 'milk' }),
  )
  expect([late.code, late.message]).toEqual([
    'RUN_ENDED',
    expect.stringContaining('start another under another id'),
  ])
  expect((await supervisor.list({ attributes: { shop: 'a' } })).map(({ run }) => run)).toEqual(['ada'])
})

test('many that signal or start at once make one run, and each signal counts once', async () => {
  const rig = await createRig([cart])
  const { supervisor } = rig
  await rig.until(
    Promise.all(
      Array.from({ length: 20 }, async (_, n) =>
        supervisor.signalOrStart(
          cart,
          { user: 'eve' },
          { id: 'eve', signal: 'item', payload: 'x', signalId: `s${n % 5}` },
        ),
      ),
    ),
  )
  expect(rig.told('run.accepted')).toHaveLength(1)
  expect(rig.told('signal.received').toSorted()).toEqual([0, 1, 2, 3, 4].map((n) => `signal.received s${n}`))
})

test('a signal that its chain refuses starts nothing', async () => {
  const rig = await createRig([cart])
  const { supervisor } = rig
  const asked = (signal: string, payload: unknown, id: unknown = 'x'): Promise<CatenaryError> =>
    errorOf(rig, supervisor.signalOrStart(cart, { user: 'x' }, { id: id as string, signal, payload }))
  expect((await asked('item', 7)).code).toBe('SIGNAL_INVALID')
  expect((await asked('nothing', 7)).code).toBe('SIGNAL_UNKNOWN')
  expect((await asked('item', 'tea', 7)).code).toBe('BAD_OPTION')
  expect(rig.events()).toEqual([])
})

test('a power cut leaves the start and its signal, or neither', async () => {
  for (const seed of [0, 1, 2, 3]) {
    const rig = await createRig([cart])
    for (let n = 0; n < seed; n++) rig.clock.random()
    rig.store.failNext('powerCut')
    const given = { id: 'ada', signal: 'item', payload: 'tea', signalId: 's' }
    expect((await errorOf(rig, rig.supervisor.signalOrStart(cart, { user: 'ada' }, given))).code).toBe(
      'STORE_UNAVAILABLE',
    )
    await rig.crash()
    expect([0, 1]).toContain(rig.told('run.accepted').length)
    expect(rig.told('signal.received')).toHaveLength(rig.told('run.accepted').length)
    await rig.until(rig.supervisor.signalOrStart(cart, { user: 'ada' }, given))
    expect(rig.told('signal.received')).toEqual(['signal.received s'])
  }
})
