// `catenary inspect`: serves a store beside a live executor, to whoever has the address that it prints.

import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { place } from './spawn.ts'

const order = chain('order')
  .wait('approval')
  .step('ship', ({ steps }) => steps.approval)

test('inspect shows what a live executor does, and with --commands signals through its inbox', async () => {
  const { folder, start } = place({ NODE_ENV: 'production' })
  const supervisor = await supervise(createSqliteStore(`${folder}/app.db`), { chains: [order] })
  const run = await supervisor.start(order, undefined)
  const inspect = start('inspect', '--store', 'app.db', '--commands', '--json')
  await inspect.says(/#token=/)
  const { url } = JSON.parse(inspect.text()) as { url: string }
  const { origin, hash } = new URL(url)
  const headers = {
    authorization: `Bearer ${hash.slice('#token='.length)}`,
    'content-type': 'application/json',
  }
  expect(await (await fetch(`${origin}/api/hello`, { headers })).json()).toMatchObject({
    store: 'app.db',
    commands: true,
    live: false,
  })
  expect(await (await fetch(`${origin}/api/inbox`, { headers })).json()).toMatchObject({
    items: [{ kind: 'approval', run: run.id }],
  })
  const body = JSON.stringify({ do: 'signal', run: run.id, name: 'approval', payload: 'yes', id: 'one' })
  const reply = await fetch(`${origin}/api/command`, { method: 'POST', headers, body })
  expect(await reply.json()).toMatchObject({ ok: true })
  expect(await run.result()).toBe('yes')
  inspect.process.kill('SIGINT')
  expect((await inspect.ended).code).toBe(130)
  await supervisor.stop()
})

test('inspect refuses a store that is not there, and a port that is none', async () => {
  const { run } = place()
  expect(await run('inspect')).toMatchObject({ code: 3, err: expect.stringContaining('there is no store') })
  expect(await run('inspect', '--port', '99999')).toMatchObject({
    code: 2,
    err: expect.stringContaining('is no port'),
  })
})
