// A run's trace by the inspector: a file that a test replays, redacted by the same rules as all else that it shows.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { chain } from '../../src/index.ts'
import { harness, type Trace } from '../../src/testing.ts'
import { serve } from './served.ts'

const login = chain('login', {
  input: z.object({ user: z.string(), password: z.string() }),
  attributes: { user: 'string' },
})
  .step('ask', ({ input }) => ({ token: 'tok-1', greeting: `hello ${input.user}` }))
  .step('check', (): string => {
    throw new Error('refused for ada: password=hunter2')
  })
const input = { user: 'ada', password: 'hunter2' }

test('a trace is a file of its own name, whole and without secrets, and a test replays it', async () => {
  await using served = await serve([login])
  const run = await served.rig.start(login, input, { id: 'log/in 1', attributes: { user: 'ada' } })
  await served.rig.until(run.settled())
  const { status, headers, body } = await served.ask({ path: '/api/runs/log%2Fin%201/trace' })
  expect(status).toBe(200)
  expect(headers['content-disposition']).toBe('attachment; filename="log_in_1.trace.json"')
  expect(body).not.toContain('hunter2')
  expect(body).not.toContain('tok-1')
  const t = await harness.fromTrace(JSON.parse(body) as Trace, login)
  expect(await t.end()).toMatchObject({ status: 'failed' })
  expect(t.timeline()).toContain('check fails: refused for ada')
})

test('what redact gives instead of a value is what the trace holds', async () => {
  const places = new Set<string>()
  const redact = (value: unknown, { run, what }: { run?: string; what: string }): unknown => {
    places.add(`${run}: ${what}`)
    return JSON.parse(JSON.stringify(value).replaceAll('ada', 'somebody'))
  }
  await using served = await serve([login], { redact })
  const run = await served.rig.start(login, input, { id: 'r', attributes: { user: 'ada' } })
  await served.rig.until(run.settled())
  const { body } = await served.ask({ path: '/api/runs/r/trace' })
  expect(body).not.toContain('ada')
  expect(body).toContain('hello somebody')
  expect([...places].toSorted()).toEqual(['r: attributes', 'r: event', 'r: payload'])
})

test('where redact throws, or gives what cannot be written, the value is left out', async () => {
  for (const redact of [
    () => {
      throw new Error('odd')
    },
    () => () => 'odd',
  ]) {
    await using served = await serve([login], { redact })
    const run = await served.rig.start(login, input, { id: 'r' })
    await served.rig.until(run.settled())
    const { status, body } = await served.ask({ path: '/api/runs/r/trace' })
    expect(status).toBe(200)
    expect(body).toContain('[withheld: it could not be redacted]')
    expect(body).not.toContain('ada')
  }
})

test('it is closed to all who have no token, is only read, and says that there is no such run', async () => {
  await using served = await serve([login])
  const path = '/api/runs/nobody/trace'
  expect((await served.ask({ path })).status).toBe(404)
  expect((await served.ask({ path: '/api/runs/%ff/trace' })).status).toBe(400)
  expect((await served.ask({ path, method: 'POST' })).status).toBe(405)
  expect((await served.ask({ path, headers: { Authorization: null } })).status).toBe(401)
})
