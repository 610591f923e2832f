// A store that breaks while the inspector serves it: every question is answered with what is wrong, and none hangs.

import { mkdirSync, rmSync, truncateSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createClientSupervisor } from '../../src/engine/clients/client-supervisor.ts'
import { createInspector } from '../../src/inspector/create-inspector.ts'
import { openSqliteClient } from '../../src/sqlite/client.ts'
import { createVirtualClock } from '../../src/testing.ts'
import { place } from '../cli/spawn.ts'
import { createRig } from '../engine/rig.ts'

const order = chain('order')
  .wait('approval')
  .step('ship', ({ steps }) => steps.approval)
const views = [
  'hello',
  'now',
  'inbox',
  'runs',
  'runs/one',
  'runs/one/events',
  'chains',
  'chains/order',
  'report',
]

/** How it breaks, what the answers may be then, and those that there must be. */
const ways: readonly {
  readonly name: string
  readonly codes: readonly string[]
  readonly least: number
  harm(file: string): void
}[] = [
  {
    name: 'deleted',
    codes: ['STORE_UNAVAILABLE'],
    least: views.length,
    harm: (file) => ['', '-wal', '-shm'].forEach((end) => rmSync(file + end, { force: true })),
  },
  { name: 'emptied', codes: ['STORE_CORRUPT'], least: views.length, harm: (file) => truncateSync(file, 0) },
  {
    name: 'a folder now',
    codes: ['STORE_UNAVAILABLE'],
    least: views.length,
    harm(file) {
      rmSync(file)
      mkdirSync(file)
    },
  },
  {
    name: 'without its journal',
    codes: ['STORE_UNAVAILABLE', 'STORE_CORRUPT'],
    least: 5,
    harm: (file) => change(file, 'ALTER TABLE journal RENAME TO diary'),
  },
  {
    name: 'with events that are no JSON',
    codes: ['STORE_CORRUPT'],
    least: 4,
    harm: (file) => change(file, "UPDATE journal SET body = '{'"),
  },
  {
    name: 'with payloads that are none',
    codes: ['STORE_CORRUPT'],
    least: 1,
    harm: (file) => change(file, "UPDATE journal SET payload = '{' WHERE payload IS NOT NULL"),
  },
]

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

describe.each(ways)('a store that is $name', ({ harm, codes, least }) => {
  test('is said to be so by every view that needs it', async () => {
    const { folder } = place()
    const file = `${folder}/app.db`
    const rig = await createRig([order], { file })
    await rig.start(order, { for: 'Ada' }, { id: 'one' })
    await rig.advance('1s')
    await rig.until(rig.supervisor.stop())
    const clock = createVirtualClock()
    const client = createClientSupervisor(openSqliteClient(file), { chains: [], clock })
    const inspector = createInspector(client, { enabled: true })
    const headers = { authorization: `Bearer ${inspector.token}` }
    const ask = async (path: string): Promise<Response> =>
      inspector.fetch(new Request(`http://127.0.0.1/api/${path}`, { headers }))
    for (const view of views) expect((await ask(view)).status, view).toBe(200)
    harm(file)
    const said: string[] = []
    for (const view of views) {
      const answer = await ask(view)
      const body = (await answer.json()) as { readonly code?: string; readonly message?: string }
      expect([200, 503], `${view}: ${body.message}`).toContain(answer.status)
      if (answer.status === 503) said.push(body.code ?? '')
    }
    expect(said.length).toBeGreaterThanOrEqual(least)
    expect(said.filter((code) => !codes.includes(code))).toEqual([])
    await inspector[Symbol.asyncDispose]()
    await client.stop()
  })
})
