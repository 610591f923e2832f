// `catenary run`: a user's module, run to its end, here or in the process that has the store.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixture, place, shop } from './spawn.ts'

test('a chain runs to its end: its output on standard output, all else on standard error, exit code 0', async () => {
  const { run, folder } = place()
  const { code, out, err } = await run('run', shop, 'stock', '--input', '{"items":4}')
  expect({ code, out }).toEqual({ code: 0, out: '28\n' })
  expect(err).toMatch(/^run [0-9A-Z]{26} of stock$/m)
  expect(err).toContain('stock/count[shelf-3]: counting shelf-3')
  expect(err).toMatch(/succeeded after/)
  expect(existsSync(join(folder, '.catenary/app.db'))).toBe(true)
})

test('a run that fails ends with 1 and says what failed first and what that blocks', async () => {
  const { run } = place()
  const { code, out, err } = await run('run', shop, 'parcel')
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('broken/pay: TypeError: the card expired\n    blocks parcel')
})

test('with --json one document says how the run ended, chain by chain', async () => {
  const { json } = place()
  const { code, value } = await json('run', shop, 'rescued')
  expect(code).toBe(0)
  expect(value).toMatchObject({
    targets: ['rescued'],
    status: 'succeeded',
    output: 'a guess',
    failures: [],
    chains: [{ key: 'rescued', status: 'succeeded', steps: [{ name: 'ask', attempts: 1, fallback: true }] }],
  })
})

test('the input may lie in a file, and a store in memory leaves nothing behind', async () => {
  const { run, folder } = place()
  writeFileSync(join(folder, 'input.json'), '{"items":1}')
  const { code, out } = await run('run', shop, 'stock', '--input', '@input.json', '--store', ':memory:')
  expect({ code, out }).toEqual({ code: 0, out: '7\n' })
  expect(existsSync(join(folder, '.catenary'))).toBe(false)
})

test('a default export and an app factory are taken, and the app is disposed of', async () => {
  const { run } = place()
  const { code, out, err } = await run('run', fixture('with-app.ts'), '--input', '"ada"')
  expect({ code, out }).toEqual({ code: 0, out: '"hello, ada"\n' })
  expect(err).toContain('app is gone')
})

test('the same id is the same run, also after it has ended', async () => {
  const { run } = place()
  const first = await run('run', shop, 'stock', '--id', 'monday')
  const second = await run('run', shop, 'stock', '--id', 'monday')
  expect([first.out, second.out]).toEqual(['21\n', '21\n'])
  expect(second.err).not.toContain('counting')
})

test('Ctrl-C lets attempts in flight end, and the same line goes on where it was', async () => {
  const log = 'counted.txt'
  const { start, run, folder } = place({ SHOP_PACE: '150', SHOP_LOG: log })
  const line = ['run', shop, 'stock', '--input', '{"items":10}']
  const first = start(...line)
  await first.says(/counting shelf-3/)
  first.process.kill('SIGINT')
  const stopped = await first.ended
  expect(stopped.code).toBe(130)
  expect(stopped.err).toContain('type the same line to go on')
  const counted = readFileSync(join(folder, log), 'utf8').trim().split('\n')
  expect(counted.length).toBeLessThan(10)

  const second = await run(...line)
  expect(second.err).toMatch(/going on with run [0-9A-Z]{26} of stock/)
  expect({ code: second.code, out: second.out }).toEqual({ code: 0, out: '70\n' })
  const all = readFileSync(join(folder, log), 'utf8').trim().split('\n')
  expect(all.toSorted()).toEqual(Array.from({ length: 10 }, (_, index) => `shelf-${index}`))
  expect(all.slice(0, counted.length)).toEqual(counted)
})

test('Ctrl-C twice exits at once, and nothing recorded is lost', async () => {
  const { start, json } = place({ SHOP_PACE: '60000' })
  const running = start('run', shop, 'stock')
  await running.says(/counting shelf-1/)
  running.process.kill('SIGINT')
  await running.says(/stopping/)
  running.process.kill('SIGINT')
  expect((await running.ended).code).toBe(130)
  expect((await json('list')).value).toMatchObject([{ chains: ['stock'], status: 'running' }])
})

test('a run is left to the process that executes the store, and followed', async () => {
  const { start, run } = place()
  const app = start('run', shop, 'order')
  await app.says(/waits for the signal approval/)
  const guest = await run('run', shop, 'stock', '--input', '{"items":2}')
  expect({ code: guest.code, out: guest.out }).toEqual({ code: 0, out: '14\n' })
  expect(guest.err).toMatch(/left to process \d+ on \S+, which executes \.catenary\/app\.db/)
})

test('a store with unfinished runs of other chains is refused, and left as it was', async () => {
  const { start, run, json } = place()
  const other = start('run', shop, 'nap')
  await other.says(/nap started/)
  other.process.kill('SIGINT')
  await other.ended
  const { code, err } = await run('run', fixture('with-app.ts'), '--input', '"ada"')
  expect(code).toBe(3)
  expect(err).toContain('(nap), which could not go on: give --store another file')
  expect((await json('list', '--status', 'needs-migration')).value).toEqual([])
})
