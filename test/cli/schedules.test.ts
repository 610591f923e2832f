// The commands about schedules: schedules and backfill, beside a live executor and without one.

import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { place } from './spawn.ts'

const nightly = chain('nightly', {
  schedule: { cron: '0 3 * * *', timezone: 'Europe/Zurich' },
}).step('print', ({ window }) => window?.to ?? 'now')

test('schedules shows them, and pauses, resumes and triggers one of a live executor', async () => {
  const { folder, run, json } = place()
  const supervisor = await supervise(createSqliteStore(`${folder}/app.db`), { chains: [nightly] })
  const store = ['--store', 'app.db']
  expect((await run('schedules', ...store)).out).toMatch(
    /SCHEDULE.*\nnightly +0 3 \* \* \* Europe\/Zurich +\d\d/,
  )
  expect((await run('schedules', 'pause', 'nightly', ...store)).out).toBe('paused schedule/nightly/default\n')
  expect((await json('schedules', ...store)).value).toMatchObject([{ chain: 'nightly', paused: true }])
  await run('schedules', 'resume', 'nightly/default', ...store)
  const { out } = await run('schedules', 'trigger', 'nightly', ...store)
  const id = /^triggered run (schedule\/nightly\/default\/now\/\w+)\n$/.exec(out)?.[1]
  expect(await (await supervisor.get(id ?? ''))?.result()).toBe('now')
  expect((await run('schedules', ...store)).out).toContain('succeeded')
  const unknown = await run('schedules', 'pause', 'daily', ...store)
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('there are nightly/default') })
  expect((await run('schedules', 'stop', 'nightly', ...store)).code).toBe(2)
  await supervisor.stop()
})

test('backfill has a live executor run the ticks of a time that is past, once', async () => {
  const { folder, run, json } = place()
  const supervisor = await supervise(createSqliteStore(`${folder}/app.db`), { chains: [nightly] })
  const line = [
    'backfill',
    'nightly',
    '--store',
    'app.db',
    '--from',
    '2026-03-28',
    '--to',
    '2026-03-31',
    '--in-flight',
    '2',
  ]
  expect((await run(...line)).out).toBe('3 succeeded, 0 failed\n')
  expect((await json(...line)).value).toMatchObject({ succeeded: 3, fraction: 1 })
  expect((await supervisor.list()).map(({ run: id }) => id).toSorted()).toEqual([
    'schedule/nightly/default/2026-03-28T02:00:00.000Z',
    'schedule/nightly/default/2026-03-29T01:00:00.000Z',
    'schedule/nightly/default/2026-03-30T01:00:00.000Z',
  ])
  expect((await run('backfill', 'nightly', '--store', 'app.db', '--from', 'then')).code).toBe(2)
  await supervisor.stop()
  const left = await run(
    'backfill',
    'nightly',
    '--store',
    'app.db',
    '--from',
    '2026-03-01',
    '--to',
    '2026-03-02',
  )
  expect(left).toMatchObject({ code: 4, err: expect.stringContaining('no executor') })
})
