// The commands about chains and machines rather than runs: graph, check, doctor.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixture, place, shop } from './spawn.ts'

test('graph draws chains for Mermaid and Graphviz, and gives them as JSON', async () => {
  const { run, json } = place()
  expect((await run('graph', shop)).out).toContain('  c_stock --> c_order\n')
  const steps = (await run('graph', shop, '--steps')).out
  expect(steps).toContain('    c_stock__count[["count (each)"]]\n')
  expect(steps).toContain('    c_order__reserve --> c_order__approval\n')
  const dot = (await run('graph', shop, '--format', 'dot')).out
  expect(dot).toMatch(/^digraph chains \{/)
  expect(dot).toContain('c_stock -> c_order')
  const { value } = await json('graph', shop)
  expect(value).toMatchObject({
    edges: [
      { from: 'stock', to: 'order', kind: 'hard', rule: 'all_success', follows: false },
      { from: 'broken', to: 'parcel' },
    ],
  })
})

test('check finds chains that no supervisor takes', async () => {
  const { run, json } = place()
  expect(await run('check', shop)).toMatchObject({ code: 0, err: '' })
  const bad = await run('check', fixture('circle.ts'))
  expect(bad.code).toBe(1)
  expect(bad.out).toContain('two different chains have the id "twice"')
  expect(await json('check', fixture('circle.ts'))).toMatchObject({ code: 1, value: { valid: false } })
})

test('check folds live runs on the new chains, and lists those that a deploy would strand', async () => {
  const { start, run, json } = place()
  const app = start('run', shop, 'order', '--id', 'o-1')
  await app.says(/waits for the signal approval/)
  const same = await run('check', shop, '--store', '.catenary/app.db')
  expect(same.code).toBe(0)
  expect(same.out).toContain('1 of 1 unfinished runs go on')
  const changed = await run('check', fixture('shop-changed.ts'), '--store', '.catenary/app.db')
  expect(changed.code).toBe(1)
  expect(changed.out).toMatch(
    /run o-1 of order would be parked\n {2}.*\n {2}to go on: deploy the chain as it was/,
  )
  expect(await json('check', fixture('shop-changed.ts'), '--store', '.catenary/app.db')).toMatchObject({
    code: 1,
    value: { valid: true, runs: 1, stranded: [{ run: 'o-1', chain: 'order' }] },
  })
  expect((await json('status', 'o-1')).value).toMatchObject({ status: 'waiting' })
})

test('doctor measures the machine and tells of the store', async () => {
  const { start, run, json } = place()
  const bare = await run('doctor')
  expect(bare.code).toBe(0)
  expect(bare.out).toMatch(/fsync +p50 .*p99 .* over 100 writes of 4 KiB/)
  expect(bare.out).toContain('the first `catenary run <module>` makes it')
  const app = start('run', shop, 'order')
  await app.says(/waits for the signal approval/)
  const { code, value } = await json('doctor')
  expect(code).toBe(0)
  expect(value).toMatchObject({
    findings: expect.arrayContaining([
      expect.objectContaining({ what: 'lock', value: expect.stringContaining('held by a live executor') }),
      expect.objectContaining({ what: 'runs', value: '1 waiting' }),
    ]),
  })
})

test('coverage reads what all processes of tests left as one, and fails below what is asked for', async () => {
  const { run, json, folder } = place()
  const at = join(folder, '.catenary/coverage')
  mkdirSync(at, { recursive: true })
  const left = (process: string, visited: readonly string[]): void => {
    const transitions = ['done', 'failed', 'lost'].map((on) => ({
      id: on,
      label: `fetch --${on}--> x`,
      step: 'fetch',
      recovery: on !== 'done',
      visited: visited.includes(on),
      by: ['fetch starts', `fetch ${on}`],
    }))
    const chains = [{ chain: 'extract', version: '1', transitions }]
    writeFileSync(join(at, `${process}.json`), JSON.stringify({ schema: 1, chains }))
  }
  left('1-0', ['done'])
  left('2-0', ['failed'])
  const { code, out } = await run('coverage', '--min', '60')
  expect({ code, out }).toEqual({
    code: 0,
    out: 'extract: 66 %, 2 of 3 transitions, 1 of 2 for recovery\n  fetch --lost--> x\n      by: fetch starts, fetch lost\n',
  })
  const short = await json('coverage', '--min', '90')
  const missing = [{ step: 'fetch', by: ['fetch starts', 'fetch lost'] }]
  expect(short).toMatchObject({
    code: 1,
    value: { ok: false, chains: [{ chain: 'extract', percent: 66, missing }] },
  })
  expect((await json('coverage', '--empty')).value).toEqual({ removed: 2 })
  expect((await run('coverage')).code).toBe(2)
})
