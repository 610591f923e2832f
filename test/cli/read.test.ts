// The commands that read a store beside whoever executes it: list, status, why, tail.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { statusNote } from '../../src/engine/service-status.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { readTrace } from '../../src/observe/trace.ts'
import { harness } from '../../src/testing.ts'
import { parcel } from './fixtures/shop.ts'
import { place, shop } from './spawn.ts'

test('an empty place says what to do next', async () => {
  const { run } = place()
  const { code, out, err } = await run('list')
  expect({ code, out }).toEqual({ code: 3, out: '' })
  expect(err).toBe(
    'catenary: there is no store at .catenary/app.db yet: make one with `catenary run <module>`, or point --store at yours\n',
  )
})

test('list shows runs newest first, filters them, and fits 80 columns', async () => {
  const { run, json } = place()
  await run('run', shop, 'stock')
  await run('run', shop, 'parcel')
  const { code, out } = await run('list')
  expect(code).toBe(0)
  const [title = '', first = '', second = ''] = out.split('\n')
  expect(title).toMatch(/^RUN +CHAIN +STATUS +STARTED +TOOK$/)
  expect(first).toMatch(/^[0-9A-Z]{26} +parcel +failed +\d\d:\d\d:\d\d +[\d.]+ m?s$/)
  expect(second).toMatch(/^[0-9A-Z]{26} +stock +succeeded/)
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect((await run('list', '--limit', '1')).out).toContain('There are more: --limit shows them.')
  expect((await json('list', '--status', 'failed')).value).toMatchObject([
    { chains: ['parcel'], status: 'failed', signals: [] },
  ])
  expect((await json('list', '--dead')).value).toEqual([])
  expect((await run('list', '--dead', '--status', 'failed')).code).toBe(2)
  expect((await run('list', '--chain', 'nap')).out).toBe('No run is like that. `catenary list` shows all.\n')
})

test('status of a run shows its chains and steps, retries, failures and what they block', async () => {
  const { run, json } = place()
  await run('run', shop, 'parcel', '--id', 'p-1')
  const { code, out } = await run('status', 'p-1')
  expect(code).toBe(0)
  expect(out).toMatch(/^run p-1 of parcel\nfailed after/)
  expect(out).toMatch(/broken +failed +[\d.]+ ms/)
  expect(out).toMatch(/ {2}pay +failed +2 +[\d.]+ ms +TypeError: the/)
  expect(out).toMatch(/parcel +upstream_failed/)
  expect(out).toContain('failed first\n  broken/pay: TypeError: the card expired\n    blocks parcel')
  const { value } = await json('status', 'p-1')
  expect(value).toMatchObject({
    run: 'p-1',
    status: 'failed',
    failures: [{ chain: 'broken', step: 'pay', blocked: ['parcel'] }],
    chains: [
      { key: 'broken', failedStep: 'pay', steps: [{ name: 'pay', attempts: 2, status: 'failed' }] },
      { key: 'parcel', status: 'upstream_failed', startedAt: null },
    ],
  })
})

test('status without a run is about the store: who executes it, and how its runs stand', async () => {
  const { start, run, json } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  expect((await json('status')).value).toMatchObject({
    executor: { alive: true, epoch: 1 },
    runs: { waiting: 1 },
    inbox: 0,
  })
  app.process.kill('SIGKILL')
  await app.ended
  const { out } = await run('status')
  expect(out).toMatch(/^not executed by any process \(last taken by process \d+ on /)
  expect(out).toContain('1 waiting')
  expect(out).toContain('nothing moves until one opens it')
})

test('why says what a run waits for, and that nobody executes it where that is so', async () => {
  const { start, run, json } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  const { code, out } = await run('why', 'o-1')
  expect(code).toBe(0)
  expect(out).toMatch(
    /^waiting for the signal "approval" of chain order since \d\d:\d\d:\d\d;\nnothing else blocks it\n$/,
  )
  expect((await json('why', 'o-1')).value).toMatchObject({
    run: 'o-1',
    status: 'waiting',
    executor: true,
    causes: [{ kind: 'signal', chain: 'order', step: 'approval' }],
  })
  app.process.kill('SIGKILL')
  await app.ended
  expect((await run('why', 'o-1')).out).toContain('No process executes the store')
})

test('status of a run that waits has a line for the wait: what it waits for, and since when', async () => {
  const { start, run, json } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  const { code, out } = await run('status', 'o-1')
  expect(code).toBe(0)
  expect(out).toMatch(/\n {2}approval +waiting +[\d.]+ m?s +for its signal since \d\d:\d\d:\d\d\n/)
  expect((await json('status', 'o-1')).value).toMatchObject({
    waits: [{ kind: 'signal', chain: 'order', step: 'approval' }],
  })
  app.process.kill('SIGKILL')
  await app.ended
})

test('a run is found by a part of its id that only it has', async () => {
  const { run, json } = place()
  await run('run', shop, 'stock', '--id', 'monday-morning')
  await run('run', shop, 'stock', '--id', 'monday-evening', '--new')
  expect((await json('status', 'evening')).value).toMatchObject({ run: 'monday-evening' })
  const { code, err } = await run('why', 'monday')
  expect(code).toBe(2)
  expect(err).toContain('the ids of 2 runs begin or end with monday: give more of the one you mean')
})

test('tail prints what is there and ends with the run; with --json one event a line', async () => {
  const { run } = place()
  await run('run', shop, 'parcel', '--id', 'p-1')
  const text = await run('tail', 'p-1')
  expect(text.code).toBe(0)
  expect(text.out).toMatch(/broken\/pay failed after [\d.]+ ms: TypeError: the card expired/)
  expect(text.out.trim()).toMatch(/run failed$/)
  const lines = (await run('tail', 'p-1', '--json', '--lines', '2')).out.trim().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
    'chain.ended',
    'run.ended',
  ])
  const all = await run('tail', '--no-follow', '--lines', '3')
  expect(all.out.trim().split('\n')).toHaveLength(3)
  expect(all.out).toMatch(/^p-1 {2}/)
})

test('tail follows a live run to its end', async () => {
  const { start, run } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  const tail = start('tail', 'o-1')
  await tail.says(/order\/reserve succeeded/)
  await run('signal', 'o-1', 'approval', '1')
  const { code, out } = await tail.ended
  expect(code).toBe(0)
  expect(out).toContain('order/approval took the signal approval')
  expect(out.trim()).toMatch(/run succeeded$/)
})

test('why does not call a service ready whose process has died', async () => {
  const { run, folder } = place()
  const store = createSqliteStore(join(folder, 'a.db'))
  await store.open()
  const web = { kind: 'service', id: 'web', group: '', state: 'ready', since: 0, starts: 1 }
  await store.setNote(statusNote, JSON.stringify({ at: 0, state: 'running', services: [web] }))
  await store.close()
  const { out } = await run('why', 'web', '--store', 'a.db')
  expect(out).toMatch(/^service web ended with its process; it starts with the next one\nNo process executes/)
})

test('trace writes a run that a test replays with the times of production', async () => {
  const { run, json, folder } = place()
  await run('run', shop, 'parcel', '--id', 'p-1')
  const file = join(folder, 'p-1.trace.json')
  const { code, out } = await run('trace', 'p-1', '--out', file)
  expect(code).toBe(0)
  expect(out).toMatch(/p-1\.trace\.json: run p-1, \d+ events, 0 values left out as secrets\n$/)
  const t = await harness.fromTrace(file, parcel)
  const { events } = readTrace((await json('trace', 'p-1')).value, 'what was printed')
  expect(t.events().map(({ type, at }) => [type, at])).toEqual(events.map(({ type, at }) => [type, at]))
  expect((await t.end()).failures).toMatchObject([
    {
      chain: 'broken',
      step: 'pay',
      failure: { name: 'TypeError', message: 'the card expired' },
      blocked: ['parcel'],
    },
  ])
  expect((await run('trace', 'nobody')).code).toBe(2)
  expect((await run('trace', 'p-1', '--out', join(folder, 'no', 'where'))).code).toBe(2)
})
