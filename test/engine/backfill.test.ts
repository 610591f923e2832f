import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig } from './rig.ts'

const hour = 3_600_000

function loading(schedule?: { readonly every: '1h' }) {
  const seen: number[] = []
  let most = 0
  let open = 0
  const load = chain('load', schedule === undefined ? {} : { schedule })
    .step('begin', ({ window }) => {
      most = Math.max(most, ++open)
      seen.push((window?.from ?? 0) / hour)
    })
    .sleep('work', '10s')
    .step('end', () => void open--)
  return { load, seen, most: () => most }
}

const day = 48 * hour

test('a backfill starts a run for each past tick, oldest first, so many at once, and tells how far it is', async () => {
  const { load, seen, most } = loading()
  const rig = await createRig([load])
  await rig.advance(day)
  const filling = rig.supervisor.backfill(load, { from: 10 * hour, to: 20 * hour, every: '1h', inFlight: 3 })
  const told: number[] = []
  filling.progress$.subscribe(({ fraction }) => told.push(fraction))
  await rig.advance('5s')
  expect(filling.progress).toMatchObject({ succeeded: 0, inFlight: 3, at: 12 * hour, fraction: 0.2 })
  expect(await rig.until(filling.done)).toEqual({
    succeeded: 10,
    failed: 0,
    inFlight: 0,
    at: 19 * hour,
    fraction: 1,
  })
  expect(seen).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17, 18])
  expect(most()).toBe(3)
  expect(told).toEqual(told.toSorted((a, b) => a - b))
})

test('a backfill that is asked for again after a crash goes on, and runs no tick twice', async () => {
  const { load, seen } = loading()
  const rig = await createRig([load])
  await rig.advance(day)
  const asked = { from: 10 * hour, to: 16 * hour, every: '1h', inFlight: 2 } as const
  rig.supervisor.backfill(load, asked)
  await rig.advance('15s')
  await rig.crash()
  const filling = rig.supervisor.backfill(load, asked)
  expect(await rig.until(filling.done)).toMatchObject({ succeeded: 6, failed: 0 })
  expect(seen.toSorted((a, b) => a - b)).toEqual([9, 10, 11, 12, 13, 14])
  expect(await rig.supervisor.list()).toHaveLength(6)
})

test("a backfill of a schedule's own ticks leaves out those that have run, and those to come", async () => {
  const { load } = loading({ every: '1h' })
  const rig = await createRig([load])
  await rig.advance(2 * hour)
  const before = (await rig.supervisor.list()).map(({ run }) => run)
  expect(before).toEqual([
    'schedule/load/default/1970-01-01T02:00:00.000Z',
    'schedule/load/default/1970-01-01T01:00:00.000Z',
  ])
  const filling = rig.supervisor.backfill(load, { from: 0, to: '1971-01-01' })
  expect(await rig.until(filling.done)).toMatchObject({ succeeded: 3 })
  expect(await rig.supervisor.list()).toHaveLength(3)
})

test('a backfill that is stopped begins nothing more', async () => {
  const { load, seen } = loading()
  const rig = await createRig([load])
  await rig.advance(day)
  const filling = rig.supervisor.backfill(load, { from: 0, to: day, every: '1h', inFlight: 1 })
  await rig.advance('15s')
  filling.stop()
  expect(await rig.until(filling.done)).toMatchObject({ succeeded: 2 })
  expect(seen).toHaveLength(2)
})

test('a failed run is counted and holds up no other; a tick that cannot be started ends the backfill', async () => {
  const odd = chain<number>('odd').step('even', ({ input }) => {
    if (input % 2 === 1) throw new Error('odd')
  })
  const rig = await createRig([odd])
  await rig.advance(day)
  const asked = { from: 0, to: 4 * hour, every: '1h' } as const
  const filling = rig.supervisor.backfill(odd, { ...asked, input: ({ scheduledAt }) => scheduledAt / hour })
  expect(await rig.until(filling.done)).toMatchObject({ succeeded: 2, failed: 2 })
  const broken = rig.supervisor.backfill(odd, {
    ...asked,
    id: 'again',
    input: () => {
      throw new Error('no input')
    },
  })
  await expect(broken.done).rejects.toThrow('no input')
})

test('a backfill that makes no sense is refused with all that is wrong', async () => {
  const { load } = loading()
  const rig = await createRig([load])
  expect(() => rig.supervisor.backfill(load, { from: 'then', to: 0, inFlight: 0 })).toThrow(
    /from is no date.*inFlight.*has no schedule/,
  )
})
