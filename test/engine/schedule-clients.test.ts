// Tests of schedules as another process than the executor's has them.

import { expect, onTestFinished, test } from 'vitest'
import { chain, createSupervisor, type Supervisor } from '../../src/index.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import type { Store } from '../../src/journal/store.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { untilAnswered } from './until.ts'

const hour = 3_600_000
const report = chain('report', { schedule: { cron: '0 * * * *', window: true } }).step(
  'print',
  ({ window }) => Math.round(((window?.to ?? 0) - (window?.from ?? 0)) / hour),
)

test('a client looks after schedules and backfills as the executor does', async () => {
  const clock = createVirtualClock({ now: 10 * hour })
  const contents = createMemoryContents()
  const until = async <T>(work: Promise<T>): Promise<T> => untilAnswered(clock, work)
  const open = async (role: 'executor' | 'client'): Promise<Supervisor> => {
    const store: Store = { ...createMemoryStore(contents), shared: true }
    const supervisor = await until(createSupervisor({ chains: [report], store, clock, role }))
    onTestFinished(async () => until(supervisor.stop({ drain: 0 })))
    return supervisor
  }
  const executor = await open('executor')
  const client = await open('client')
  expect(await client.schedules()).toMatchObject([{ chain: 'report', next: 11 * hour, paused: false }])
  await until(client.schedule(report).pause())
  expect(await executor.schedules()).toMatchObject([{ paused: true }])
  const run = await until(client.schedule(report).trigger())
  expect(await until(run.result())).toBe(0)
  await until(client.schedule(report).resume())
  await expect(until(client.schedule(report, 'nightly').pause())).rejects.toMatchObject({
    code: 'SCHEDULE_UNKNOWN',
  })
  const filling = client.backfill(report, { from: 3 * hour, to: 6 * hour, inFlight: 2 })
  expect(await until(filling.done)).toMatchObject({ succeeded: 3, failed: 0 })
  const third = await executor.get('schedule/report/default/1970-01-01T03:00:00.000Z')
  expect(await until((third as NonNullable<typeof third>).result())).toBe(1)
})
