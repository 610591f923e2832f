// What the inspector does on command, and what the journal says of it.

import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createClientSupervisor } from '../../src/engine/clients/client-supervisor.ts'
import { createInspector } from '../../src/inspector/create-inspector.ts'
import { openSqliteClient } from '../../src/sqlite/client.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { place } from '../cli/spawn.ts'
import type { Asked } from './raw.ts'
import { type Served, serve } from './served.ts'

const order = chain('order')
  .wait('approval')
  .step('ship', ({ steps }) => steps.approval)

/** Asks, and lets time go on until it is answered. */
async function ask(
  served: Served,
  asked: Asked,
): Promise<{ readonly status: number; readonly reply: unknown }> {
  let answered = false
  const answer = served.ask(asked).finally(() => (answered = true))
  while (!answered) {
    await new Promise((turn) => void setImmediate(turn))
    await served.rig.advance()
  }
  const { status, body } = await answer
  return { status, reply: JSON.parse(body) as unknown }
}

const command = async (served: Served, body: object): ReturnType<typeof ask> =>
  ask(served, { method: 'POST', path: '/api/command', body: JSON.stringify(body) })

describe('a command', () => {
  test('is told in the journal before it is done: by what, of what, and what', async () => {
    await using served = await serve([order], { commands: true })
    const { id } = await served.rig.start(order)
    expect(await command(served, { do: 'pause', run: id })).toEqual({
      status: 200,
      reply: { ok: true, seq: expect.any(Number) },
    })
    await command(served, { do: 'resume', run: id })
    await command(served, { do: 'signal', run: id, name: 'approval', payload: 'yes', id: 'one' })
    const told = served.rig
      .events()
      .filter(({ type }) => /^command|paused|resumed|signal.received/.test(type))
    expect(told.map(({ type }) => type)).toEqual([
      'command.asked',
      'run.paused',
      'command.asked',
      'run.resumed',
      'command.asked',
      'signal.received',
    ])
    expect(told[0]).toMatchObject({ command: 'pause', of: id, by: 'inspector', run: '' })
  })

  test('that the supervisor refuses is answered with its code and cure', async () => {
    await using served = await serve([order], { commands: true })
    const { id } = await served.rig.start(order)
    expect(await command(served, { do: 'pause', run: 'nobody' })).toMatchObject({
      status: 409,
      reply: { ok: false, code: 'RUN_UNKNOWN' },
    })
    expect(await command(served, { do: 'retry', run: id })).toMatchObject({
      status: 409,
      reply: { ok: false, code: 'RUN_NOT_RETRYABLE' },
    })
    expect(served.rig.told('command.asked')).toHaveLength(1)
  })

  test('of a shape that nobody knows changes nothing, and says all that is wrong', async () => {
    await using served = await serve([order], { commands: true })
    const { id } = await served.rig.start(order)
    const before = served.rig.events().length
    const wrong = await command(served, { do: 'cancel', run: 3, reason: {}, force: true })
    expect(wrong.status).toBe(400)
    expect(wrong.reply).toMatchObject({
      message: expect.stringMatching(/"run" is not a text.*; "reason" is not a text.*; it takes no "force"/),
    })
    for (const one of [
      { do: 'signal', run: id },
      { do: 'send', run: id, event: {}, id: '1' },
      { do: 'retry', run: id, from: { chain: 1 } },
    ])
      expect((await command(served, one)).status).toBe(400)
    expect(served.rig.events()).toHaveLength(before)
  })
})

test('advice is asked for, applied and dismissed; what is not suggested is refused with the reason', async () => {
  await using served = await serve([order], { commands: true })
  expect(await ask(served, { path: '/api/advice' })).toEqual({
    status: 200,
    reply: { suggestions: [], trials: [] },
  })
  expect(await command(served, { do: 'apply', suggestion: 'none' })).toMatchObject({
    status: 409,
    reply: { ok: false, code: 'SUGGESTION_UNKNOWN' },
  })
  expect(await command(served, { do: 'dismiss', suggestion: 'none' })).toMatchObject({
    status: 409,
    reply: { ok: false, code: 'SUGGESTION_UNKNOWN' },
  })
  for (const what of ['act', 'undo'])
    expect(await command(served, { do: what, action: 'none' })).toMatchObject({
      status: 409,
      reply: { ok: false, code: 'ACTION_UNKNOWN' },
    })
  expect(served.rig.events().filter(({ type }) => type === 'command.asked')).toHaveLength(4)
})

test('beside the process that executes, commands go through its inbox, and its journal tells of them', async () => {
  const { folder } = place()
  const file = `${folder}/app.db`
  const supervisor = await supervise(createSqliteStore(file), { chains: [order] })
  const run = await supervisor.start(order, undefined)
  const client = createClientSupervisor(openSqliteClient(file), { chains: [] })
  const { fetch, token } = createInspector(client, { commands: true, enabled: true })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', host: 'localhost' }
  const body = JSON.stringify({ do: 'signal', run: run.id, name: 'approval', payload: 'yes', id: 'one' })
  const answer = await fetch(new Request('http://localhost/api/command', { method: 'POST', headers, body }))
  expect(await answer.json()).toMatchObject({ ok: true })
  expect(await run.result()).toBe('yes')
  const rows = await openSqliteClient(file).journal({ after: 0, limit: 100 })
  const types = rows.map(({ type }) => type)
  expect(types.indexOf('command.asked')).toBeGreaterThan(0)
  expect(types.indexOf('command.asked')).toBeLessThan(types.indexOf('signal.received'))
  await client.stop()
  await supervisor.stop()
})
