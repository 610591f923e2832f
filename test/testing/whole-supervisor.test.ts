// Whole supervisors on virtual time: chains, a schedule and a service together, over disks that fail as a test says.

import { expect, test } from 'vitest'
import { chain, createSupervisor, ready, service } from '../../src/index.ts'
import {
  createFaultyStore,
  createMemoryContents,
  createMemoryStore,
  createVirtualClock,
  type FaultyStore,
  harness,
  type VirtualClock,
} from '../../src/testing.ts'

const order = chain('order')
  .step('reserve', () => 'reserved')
  .sleep('rest', '1h')
  .step('ship', () => 'shipped')

/** A run over a disk that fails so, and what becomes of it in the process after. */
async function outlived(
  fail: (store: FaultyStore, clock: VirtualClock) => void,
): Promise<{ readonly state: string; readonly status: string | undefined; readonly shipped: number }> {
  const clock = createVirtualClock()
  const contents = createMemoryContents()
  const store = createFaultyStore(createMemoryStore(contents), clock)
  const first = await createSupervisor({ chains: [order], store, clock })
  await first.start(order, undefined, { id: 'o' })
  await clock.settle()
  fail(store, clock)
  await clock.advance('2h')
  const { state } = first
  if (state === 'running') await first.stop()
  else await store.kill()
  const second = await createSupervisor({ chains: [order], store: createMemoryStore(contents), clock })
  await clock.settle()
  const status = await (await second.get('o'))?.status()
  await second.stop()
  const shipped = contents.rows('o').filter(({ type, body }) => {
    return type === 'attempt.succeeded' && body.includes('ship')
  }).length
  return { state, status, shipped }
}

test.for<[string, (store: FaultyStore) => void, string]>([
  ['the third commit fails', (store) => store.failNext('failBefore', 3), 'failed'],
  ['the third commit fails, and was written', (store) => store.failNext('failAfter', 3), 'failed'],
  ['reads fail from now on', (store) => store.failReads(), 'failed'],
  ['the disk is full', (store) => store.fillDisk(), 'failed'],
  ['the power is cut now', (store) => void store.powerCut(), 'failed'],
  ['commits take 2 s', (store) => store.takeFor('2s'), 'running'],
])('a run outlives it where %s', async ([, fail, state]) => {
  expect(await outlived(fail)).toEqual({ state, status: 'succeeded', shipped: 1 })
})

test('commits that take 2 s are waited for, on virtual time', async () => {
  const t = await harness(order)
  t.store.takeFor('2s')
  await (await t.attempt('reserve')).succeed()
  expect(t).toMatchObject({ states: ['reserve'] })
  await t.advance('2s')
  expect(t).toMatchObject({ states: ['rest', 'rest.sleeping'] })
})

test('a full disk is opened again once there is room', async () => {
  const clock = createVirtualClock()
  const store = createFaultyStore(createMemoryStore(), clock)
  store.fillDisk()
  await expect(createSupervisor({ chains: [order], store, clock })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  })
  store.fillDisk(false)
  const supervisor = await createSupervisor({ chains: [order], store, clock })
  await supervisor.stop()
})

test('a schedule, a service that restarts and chains that need each other go by the clock, each time alike', async () => {
  const story = async (): Promise<readonly string[]> => {
    const clock = createVirtualClock({ now: Date.parse('2026-01-01T00:00:00Z'), seed: 3 })
    const told: string[] = []
    const say = (what: string): void => void told.push(`${clock.now() - Date.parse('2026-01-01')} ${what}`)
    let starts = 0
    const bank = service('bank', async ({ ready: isReady, signal }) => {
      say(`bank ${++starts}`)
      if (starts === 1) throw new Error('no route')
      isReady()
      await new Promise<void>((resolve, reject) => {
        const gone = clock.at(clock.now() + 90 * 60_000, () => reject(new Error('gone')))
        signal.addEventListener('abort', () => {
          gone()
          resolve()
        })
      })
    })
    const fees = chain('fees').step('read', () => say('fees'))
    const settle = chain('settle', { schedule: { every: '1h' } })
      .needs({ fees, bank: ready(bank) })
      .step('pay', () => say('pay'), { attempts: 2 })
    const contents = createMemoryContents()
    const supervisor = await createSupervisor({
      chains: [settle],
      store: createMemoryStore(contents),
      clock,
    })
    await clock.advance('4h')
    const runs = await supervisor.list({ chain: settle, status: ['succeeded'] })
    say(`${runs.length} runs`)
    await supervisor.stop()
    return [...told, ...contents.journal.map(({ type, at }) => `${at} ${type}`)]
  }
  const told = await story()
  expect(told.filter((line) => line.includes('pay'))).toHaveLength(4)
  expect(told.filter((line) => / bank \d/.test(line)).length).toBeGreaterThanOrEqual(3)
  expect(told).toContain('14400000 4 runs')
  const again = await story()
  expect(again).toEqual(told)
})
