// The inbox: commands of other processes, carried out and answered in one commit.

import { expect, onTestFinished, test } from 'vitest'
import { chain, createSupervisor, type Supervisor } from '../../src/index.ts'
import { ask } from '../../src/engine/client.ts'
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

async function rig(contents = createMemoryContents(), clock = createVirtualClock()): Promise<Rig> {
  const store: Store = { ...createMemoryStore(contents), shared: true }
  const supervisor = await createSupervisor({ chains: [order], store, clock })
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
    refusalOf(ask(store, clock, { do: 'start', run: 'x', chain: 'unheard-of' })),
    refusalOf(ask(store, clock, { do: 'fly', run: 'x' } as never)),
    refusalOf(ask(store, clock, { do: 'start', run: 'y', chain: 'order', input: '{' })),
  ])
  await clock.advance('2s')
  expect((await asked).map(({ code }) => code)).toEqual([
    'RUN_UNKNOWN',
    'RUN_ENDED',
    'CHAIN_UNKNOWN',
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
