// The inspector in a host's own server, below a path, and what it leaves of the host's process.

import { spawnSync } from 'node:child_process'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createInspector } from '../../src/inspector/create-inspector.ts'
import { toNodeHandler } from '../../src/inspector/node-handler.ts'
import { createRig } from '../engine/rig.ts'
import { request, send } from './raw.ts'

const root = join(import.meta.dirname, '../..')

describe('below a path of a host', () => {
  test('the app is found there and nowhere else, by a fetch handler as Hono has it', async () => {
    const rig = await createRig([])
    const { fetch, token } = createInspector(rig.supervisor, { prefix: '/ops/inspector', enabled: true })
    const at = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(new Request(`http://localhost:3000${path}`, { headers }))
    const friend = { authorization: `Bearer ${token}` }
    expect((await at('/ops/inspector/api/hello', friend)).status).toBe(200)
    for (const path of ['/api/hello', '/ops/inspectorx/api/hello', '/ops', '/'])
      expect((await at(path, friend)).status, path).toBe(404)
    const moved = await at('/ops/inspector')
    expect([moved.status, moved.headers.get('location')]).toEqual([308, '/ops/inspector/'])
    // loopback by any port, as the host's is not known; by no other name
    expect(
      (await fetch(new Request('http://evil.example/ops/inspector/api/hello', { headers: friend }))).status,
    ).toBe(403)
    const foreign = { ...friend, origin: 'http://localhost:4000' }
    expect((await at('/ops/inspector/api/hello', foreign)).status).toBe(403)
    expect(
      (await at('/ops/inspector/api/hello', { ...friend, origin: 'http://localhost:3000' })).status,
    ).toBe(200)
    await rig.until(rig.supervisor.stop())
  })

  test('a host that cuts its path off and has read the body already, as Express does, is served as well', async () => {
    const rig = await createRig([])
    const inspector = createInspector(rig.supervisor, { prefix: '/inspector', enabled: true, commands: true })
    const handler = toNodeHandler(inspector.fetch)
    const server = createServer(
      (message: IncomingMessage & { originalUrl?: string; body?: unknown }, response) => {
        message.originalUrl = message.url ?? ''
        message.url = message.originalUrl.slice('/inspector'.length)
        let text = ''
        message.on('data', (chunk: Buffer) => (text += chunk.toString()))
        message.on('end', () => {
          if (text !== '') message.body = JSON.parse(text) as unknown
          handler(message, response)
        })
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { token } = inspector
    expect((await send(port, request(port, token, { path: '/inspector/api/hello' }))).status).toBe(200)
    const body = JSON.stringify({ do: 'pause', run: 'nobody' })
    const asked = { method: 'POST', path: '/inspector/api/command', body }
    const answer = await send(port, request(port, token, asked))
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false, code: 'RUN_UNKNOWN' })
    await new Promise((resolve) => server.close(resolve).closeAllConnections())
    await rig.until(rig.supervisor.stop())
  })
})

test('options that cannot be are refused, all in one error', async () => {
  const rig = await createRig([])
  const bad = {
    prefix: 'inspector/',
    token: 'short',
    maxClients: 0,
    redact: 1,
    comands: true,
    caps: { depht: 3 },
  } as object
  expect(() => createInspector(rig.supervisor, bad)).toThrow(
    /no option "comands" \(did you mean commands\?\).*no option "depht" \(did you mean depth\?\).*prefix is no path.*token is too weak.*redact is no function.*maxClients/,
  )
  expect(() => createInspector(rig.supervisor, { origins: ['https://a.example/path'] })).toThrow(
    /is no origin/,
  )
  expect(() => createInspector({} as never)).toThrow(/looks into a supervisor/)
  await rig.until(rig.supervisor.stop())
})

test('neither its port nor its clients nor its timers keep a process alive', () => {
  const script = `
    import { createInspector } from './src/inspector.ts'
    import { createMemoryStore } from './src/journal/memory-store.ts'
    const { listen, token } = createInspector({ reader: createMemoryStore() }, { enabled: true })
    const url = new URL((await listen()).url)
    const { connect } = await import('node:net')
    const socket = connect(Number(url.port), '127.0.0.1')
    await new Promise((heard) => {
      socket.once('data', heard)
      socket.write('GET /api/stream HTTP/1.1\\r\\nHost: ' + url.host + '\\r\\nAuthorization: Bearer ' + token + '\\r\\n\\r\\n')
    })
    socket.unref()
    console.log('watched')`
  const { stdout, status, signal } = spawnSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', script],
    { cwd: root, encoding: 'utf8', timeout: 15_000 },
  )
  expect([stdout, status, signal]).toEqual(['watched\n', 0, null])
})
