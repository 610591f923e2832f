// The inbox: commands of other processes, carried out and answered in one commit.

import { expect, onTestFinished, test } from 'vitest'
import { setup } from 'xstate'
import { z } from 'zod'
import {
  type AnyChain,
  chain,
  createSupervisor,
  fromMachine,
  type RunResult,
  type Supervisor,
} from '../../src/index.ts'
import { ask } from '../../src/engine/clients/client.ts'
import { encode } from '../../src/kernel/codec.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import type { Store } from '../../src/journal/store.ts'
import { createFaultyStore } from '../../src/testing/faulty-store.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

const order = chain<{ id: number }>('order')
  .wait('approval')
  .step('ship', ({ steps, input }) => `${input.id}: ${JSON.stringify(steps.approval)}`)

interface Rig {
  readonly clock: ReturnType<typeof createVirtualClock>
  readonly store: Store
  readonly supervisor: Supervisor
}

async function rig(
  contents = createMemoryContents(),
  clock = createVirtualClock(),
  chains: readonly AnyChain[] = [order],
): Promise<Rig> {
  const store: Store = { ...createMemoryStore(contents), shared: true }
  const supervisor = await createSupervisor({ chains, store, clock })
  onTestFinished(async () => {
    const stopped = supervisor.stop({ drain: 0 })
    await clock.settle()
    await stopped
  })
  return { clock, store, supervisor }
}

const refusalOf = async (asked: Promise<unknown>): Promise<CatenaryError> => {
  const error: unknown = await asked.catch((caught: unknown) => caught)
  if (!CatenaryError.is(error)) throw new TypeError('it was not refused')
  return error
}

test('a signal that another process leaves reaches the run', async () => {
  const { clock, store, supervisor } = await rig()
  const run = await supervisor.start(order, { id: 7 })
  const payload = encode({ by: 'ada' }, 'payload')
  const asked = ask(store, clock, { do: 'signal', run: run.id, name: 'approval', id: 'one', payload })
  await clock.advance('1s')
  expect(await asked).toEqual({ run: run.id })
  expect(await run.result()).toBe('7: {"by":"ada"}')
  expect(await store.inbox(10)).toEqual([])
})

test('an entry leaves the inbox in the commit that carries it out, and a power cut before it leaves both', async () => {
  const clock = createVirtualClock()
  const contents = createMemoryContents()
  const first = createFaultyStore(createMemoryStore(contents), clock)
  const before = await createSupervisor({ chains: [order], store: { ...first, shared: true }, clock })
  const run = await before.start(order, { id: 1 })
  const entry = await first.post(
    JSON.stringify({ do: 'signal', run: run.id, name: 'approval', id: 'a' }),
    clock.now(),
  )
  first.failNext('powerCut')
  await clock.advance('1s')
  expect(before.state).toBe('failed')

  const { store, supervisor } = await rig(contents, clock)
  await clock.advance('1s')
  expect(JSON.parse((await store.reply(entry)) ?? '')).toEqual({ ok: true, run: run.id })
  expect(await (await supervisor.get(run.id))?.settled()).toMatchObject({ status: 'succeeded' })
  const received = (await store.rows(run.id, 0)).filter(({ type }) => type === 'signal.received')
  expect(received).toHaveLength(1)
})

test('a run is started from another process, once for its id', async () => {
  const { clock, store, supervisor } = await rig()
  const start = { do: 'start', run: 'order-9', chain: 'order', input: encode({ id: 9 }, 'input') } as const
  const asked = Promise.all([ask(store, clock, start), ask(store, clock, start)])
  await clock.advance('2s')
  expect(await asked).toEqual([{ run: 'order-9' }, { run: 'order-9' }])
  expect((await supervisor.list()).map(({ run }) => run)).toEqual(['order-9'])
})

test('commands for one run are carried out in the order in which they were posted', async () => {
  const { clock, store } = await rig()
  const run = 'in-order'
  const bodies = [
    { do: 'start', run, chain: 'order', input: encode({ id: 2 }, 'input') },
    { do: 'pause', run },
    { do: 'signal', run, name: 'approval', id: 's' },
    { do: 'resume', run },
  ]
  for (const body of bodies) await store.post(JSON.stringify(body), clock.now())
  await clock.advance('2s')
  const types = (await store.rows(run, 0)).map(({ type }) => type)
  expect(types.filter((type) => /^(run|signal)\./.test(type))).toEqual([
    'run.accepted',
    'run.paused',
    'signal.received',
    'signal.consumed',
    'run.resumed',
    'run.ended',
  ])
})

test('what cannot be carried out is answered with the reason', async () => {
  const { clock, store, supervisor } = await rig()
  const ended = await supervisor.start(order, { id: 1 })
  await ended.cancel()
  await clock.settle()
  const asked = Promise.all([
    refusalOf(ask(store, clock, { do: 'pause', run: 'nobody' })),
    refusalOf(ask(store, clock, { do: 'resume', run: ended.id })),
    refusalOf(ask(store, clock, { do: 'fly', run: 'x' } as never)),
    refusalOf(ask(store, clock, { do: 'start', run: 'y', chain: 'order', input: '{' })),
  ])
  await clock.advance('2s')
  expect((await asked).map(({ code }) => code)).toEqual([
    'RUN_UNKNOWN',
    'RUN_ENDED',
    'BAD_OPTION',
    'INPUT_INVALID',
  ])
  expect(supervisor.state).toBe('running')
  expect(await store.inbox(10)).toEqual([])
})

test('a command that no executor carries out in time stays in the inbox, and says so', async () => {
  const clock = createVirtualClock()
  const store = createMemoryStore()
  await store.open()
  const asked = refusalOf(ask(store, clock, { do: 'cancel', run: 'r' }, { timeout: 500 }))
  await clock.advance('1s')
  const { code, message } = await asked
  expect(code).toBe('EXECUTOR_ABSENT')
  expect(message).toContain('will be carried out when an executor opens the store')
  expect(await store.inbox(1)).toHaveLength(1)
})

test('a store that other processes cannot reach is never asked for commands', async () => {
  const clock = createVirtualClock()
  const supervisor = await createSupervisor({ chains: [order], clock })
  await clock.settle()
  expect(clock.pending).toBe(0)
  const stopped = supervisor.stop()
  await clock.settle()
  await stopped
})

const stop = async ({ supervisor, clock }: Rig): Promise<void> => {
  const stopped = supervisor.stop({ drain: 0 })
  await clock.settle()
  await stopped
}

const settledOf = async ({ supervisor }: Rig, run: string): Promise<RunResult<unknown> | undefined> =>
  (await supervisor.get(run))?.settled()

test('a signal outlives an executor whose chain has no such wait, and says so to who waits for an answer', async () => {
  const contents = createMemoryContents()
  const first = await rig(contents)
  const { clock } = first
  const { id: run } = await first.supervisor.start(order, { id: 7 })
  await stop(first)
  const other = chain<{ id: number }>('order').step('ship', () => 'shipped')
  const second = await rig(contents, clock, [other])
  const asked = refusalOf(
    ask(
      second.store,
      clock,
      { do: 'signal', run, name: 'approval', id: 'one', payload: '1' },
      { timeout: 700 },
    ),
  )
  await clock.advance('1s')
  const { code, message } = await asked
  expect(code).toBe('COMMAND_KEPT')
  expect(message).toMatch(
    /left in the inbox .*and stays there: .*parked as needs-migration.*deploy the chain as it was/,
  )
  expect((await second.supervisor.list())[0]?.status).toBe('needs-migration')
  expect(await second.store.inbox(10)).toHaveLength(1)
  await stop(second)

  const third = await rig(contents, clock)
  await clock.advance('1s')
  expect(await settledOf(third, run)).toEqual({ status: 'succeeded', output: '7: 1' })
  expect(await third.store.inbox(10)).toEqual([])
  expect(JSON.parse((await third.store.reply(1)) ?? '')).toEqual({ ok: true, run })
})

test('a parked run is cancelled past the signals that are kept for it', async () => {
  const contents = createMemoryContents()
  const first = await rig(contents)
  const { clock } = first
  const { id: run } = await first.supervisor.start(order, { id: 7 })
  await stop(first)
  const second = await rig(contents, clock, [chain('order').step('ship', () => 'shipped')])
  await second.store.post(JSON.stringify({ do: 'signal', run, name: 'approval', id: 'one' }), clock.now())
  const cancelled = ask(second.store, clock, { do: 'cancel', run })
  await clock.advance('1s')
  expect(await cancelled).toEqual({ run })
  expect(await settledOf(second, run)).toMatchObject({ status: 'cancelled' })
})

test('a wait that only the version of the run has keeps its signal, though the run goes on here', async () => {
  const contents = createMemoryContents()
  const longer = chain<{ id: number }>('order')
    .wait('approval')
    .wait('receipt')
    .step('ship', () => 'shipped')
  const first = await rig(contents, createVirtualClock(), [longer])
  const { clock } = first
  const { id: run } = await first.supervisor.start(longer, { id: 7 })
  await stop(first)
  const second = await rig(contents, clock)
  await clock.settle()
  expect((await second.supervisor.list())[0]?.status).toBe('waiting')
  await second.store.post(JSON.stringify({ do: 'signal', run, name: 'receipt', id: 'one' }), clock.now())
  await clock.advance('1s')
  expect(await second.store.inbox(10)).toHaveLength(1)
  await stop(second)

  const third = await rig(contents, clock, [longer])
  await third.store.post(JSON.stringify({ do: 'signal', run, name: 'approval', id: 'two' }), clock.now())
  await clock.advance('1s')
  expect(await settledOf(third, run)).toEqual({ status: 'succeeded', output: 'shipped' })
})

test('a start of a chain that this executor lacks waits for one that has it, with all that follows it', async () => {
  const contents = createMemoryContents()
  const run = 'early'
  const first = await rig(contents, createVirtualClock(), [chain('other').step('a', () => 1)])
  const { clock } = first
  const entry = await first.store.post(
    JSON.stringify({ do: 'start', run, chain: 'order', input: encode({ id: 3 }, 'input') }),
    clock.now(),
  )
  await first.store.post(JSON.stringify({ do: 'signal', run, name: 'approval', id: 'one' }), clock.now())
  await clock.advance('1s')
  expect(JSON.parse((await first.store.reply(entry)) ?? '')).toMatchObject({
    code: 'CHAIN_UNKNOWN',
    kept: true,
  })
  expect(await first.store.inbox(10)).toHaveLength(2)
  await stop(first)

  const second = await rig(contents, clock)
  await clock.advance('1s')
  expect(await settledOf(second, run)).toMatchObject({ status: 'succeeded' })
  expect(await second.store.inbox(10)).toEqual([])
})

test('however many commands are kept, those behind them are carried out', async () => {
  const { clock, store } = await rig()
  const body = JSON.stringify({ do: 'start', run: 'x', chain: 'unheard-of' })
  for (let n = 0; n < 2_000; n++) await store.post(body, clock.now())
  const asked = ask(store, clock, {
    do: 'start',
    run: 'y',
    chain: 'order',
    input: encode({ id: 1 }, 'input'),
  })
  await clock.advance('2s')
  expect(await asked).toEqual({ run: 'y' })
})

test('a schema that never answers is refused after a while, and what comes behind it is carried out', async () => {
  const silent = z.number().refine(async () => new Promise<boolean>(() => {}))
  const mute = chain('mute').wait('approval', silent)
  const deaf = chain('deaf', { input: silent }).step('a', () => 1)
  const { clock, store, supervisor } = await rig(createMemoryContents(), createVirtualClock(), [mute, deaf])
  const { id: run } = await supervisor.start(mute)
  const patient = { timeout: 60_000 }
  const asked = Promise.all([
    refusalOf(ask(store, clock, { do: 'signal', run, name: 'approval', id: 'one', payload: '1' }, patient)),
    refusalOf(ask(store, clock, { do: 'start', run: 'y', chain: 'deaf', input: '1' }, patient)),
    refusalOf(supervisor.start(deaf, 1)),
    ask(store, clock, { do: 'pause', run }, patient),
  ])
  await clock.advance('11s')
  expect((await asked).map((one) => ('code' in one ? one.code : one.run))).toEqual([
    'VALIDATION_TIMEOUT',
    'VALIDATION_TIMEOUT',
    'VALIDATION_TIMEOUT',
    run,
  ])
  expect(supervisor.state).toBe('running')
})

test("an event reaches a user's own machine through the inbox, once for its id", async () => {
  const machine = setup({}).createMachine({
    id: 'lamp',
    initial: 'off',
    states: { off: { on: { press: 'on' } }, on: { on: { press: 'broken' } }, broken: { type: 'final' } },
  })
  const lamp = fromMachine('lamp', machine)
  const { clock, store, supervisor } = await rig(createMemoryContents(), createVirtualClock(), [lamp])
  const { id: run } = await supervisor.start(lamp)
  const press = { do: 'send', run, event: encode({ type: 'press' }, 'event') } as const
  const asked = Promise.all([
    ask(store, clock, { ...press, id: 'one' }),
    ask(store, clock, { ...press, id: 'one' }),
    refusalOf(ask(store, clock, { ...press, id: 'two', to: 'nobody' })),
    refusalOf(ask(store, clock, { ...press, id: 'three', event: '1' })),
  ])
  await clock.advance('2s')
  const [, , lost, odd] = await asked
  expect([lost.code, odd.code]).toEqual(['SIGNAL_UNKNOWN', 'INPUT_INVALID'])
  expect(await (await supervisor.get(run))?.status()).toBe('waiting')
  const again = ask(store, clock, { ...press, id: 'four' })
  await clock.advance('2s')
  await again
  expect(await (await supervisor.get(run))?.status()).toBe('succeeded')
})
