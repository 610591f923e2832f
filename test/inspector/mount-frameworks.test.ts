// The inspector in Express, Fastify and Hono: real servers, spoken to byte by byte, mounted as docs/inspector.md says.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createInspector, type Inspector } from '../../src/inspector/create-inspector.ts'
import type { InspectorOptions } from '../../src/inspector/inspector-options.ts'
import { createRig, type Rig } from '../engine/rig.ts'
import { type Before, type Host, hostOfExpress, hostOfFastify, hostOfHono } from './mounts.ts'
import { type Answer, type Asked, open, request, send } from './raw.ts'

const folder = mkdtempSync(join(tmpdir(), 'catenary-mount-'))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>inspector</title>')
writeFileSync(join(folder, 'assets/main.js'), 'export {}')
afterAll(() => rmSync(folder, { recursive: true }))

const order = chain('order')
  .wait('approval')
  .step('ship', ({ steps }) => steps.approval)

type MakeHost = (inspector: Inspector, before?: Before) => Promise<Host>
const hosts: readonly (readonly [string, MakeHost])[] = [
  ['Express', hostOfExpress],
  ['Fastify', hostOfFastify],
  ['Hono', hostOfHono],
]

interface Mounted {
  readonly rig: Rig
  readonly inspector: Inspector
  readonly host: Host
  /** A friend's request below the prefix. */
  ask(asked?: Asked): Promise<Answer>
  /** To the host itself, without the token. */
  askHost(path: string, asked?: Asked): Promise<Answer>
  command(command: object): Promise<Answer>
  /** Does all that is due in virtual time until a socket has its answer. */
  meanwhile<T>(work: Promise<T>): Promise<T>
  [Symbol.asyncDispose](): Promise<void>
}

async function mounted(
  make: MakeHost,
  { before, ...options }: InspectorOptions & { readonly before?: Before } = {},
): Promise<Mounted> {
  const rig = await createRig([order])
  const all = { prefix: '/inspector', app: folder, enabled: true, commands: true, ...options }
  const inspector = createInspector(rig.supervisor, all)
  const host = await make(inspector, before)
  const { port } = host
  // so that the end of an answer is the end of the connection, however the framework frames it
  const friend = (asked: Asked): string =>
    request(port, inspector.token, { ...asked, headers: { Connection: 'close', ...asked.headers } })
  const whole = (): boolean => false
  const ask = async (asked: Asked = {}): Promise<Answer> =>
    send(port, friend({ ...asked, path: `/inspector${asked.path ?? '/api/hello'}` }), whole)
  const meanwhile: Mounted['meanwhile'] = async (work) => {
    const done = { over: false }
    const end = (): void => void (done.over = true)
    work.then(end, end)
    while (!done.over) {
      await new Promise((turn) => void setImmediate(turn))
      await rig.advance()
    }
    return work
  }
  return {
    rig,
    inspector,
    host,
    ask,
    askHost: async (path, asked = {}) =>
      send(port, friend({ ...asked, path, headers: { Authorization: null, ...asked.headers } }), whole),
    meanwhile,
    command: async (command) =>
      meanwhile(ask({ method: 'POST', path: '/api/command', body: JSON.stringify(command, null, 2) })),
    async [Symbol.asyncDispose]() {
      await host.close()
      await rig.until(rig.supervisor.stop())
    },
  }
}

/** The JSON of a body, chunked or not. */
const jsonIn = (body: string): unknown => JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1))

describe.each(hosts)('in %s', (_, make) => {
  test('the app and its assets are served below the prefix, which is led to where its slash is left out', async () => {
    await using at = await mounted(make)
    const shell = await at.ask({ path: '/' })
    expect(shell.status).toBe(200)
    expect(shell.body).toContain('<title>inspector</title>')
    expect(shell.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
    })
    const asset = await at.ask({ path: '/assets/main.js', headers: { Authorization: null } })
    expect([asset.status, asset.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8'])
    expect(asset.body).toContain('export {}')
    const moved = await at.ask({ path: '' })
    expect([moved.status, moved.headers['location']]).toEqual([308, '/inspector/'])
    const head = await at.ask({ method: 'HEAD', path: '/' })
    expect([head.status, head.body]).toEqual([200, ''])
    expect((await at.ask({ path: '/nothing.js' })).status).toBe(404)
  })

  test('data is given to who has the token, and to nobody else', async () => {
    await using at = await mounted(make)
    const { status, body } = await at.ask()
    expect(status).toBe(200)
    expect(jsonIn(body)).toMatchObject({ protocol: 1, commands: true, live: true })
    for (const Authorization of [null, 'Bearer wrong'])
      expect((await at.ask({ headers: { Authorization } })).status).toBe(401)
    expect((await at.ask({ path: `/api/hello?token=${at.inspector.token}` })).status).toBe(400)
  })

  test('another host and another origin are refused, its own are not', async () => {
    await using at = await mounted(make)
    const { port } = at.host
    for (const path of ['/', '/api/hello'])
      expect((await at.ask({ path, headers: { Host: 'evil.example' } })).status).toBe(403)
    for (const Origin of ['https://evil.example', 'null', 'http://127.0.0.1:1', `https://127.0.0.1:${port}`])
      expect((await at.ask({ headers: { Origin } })).status, Origin).toBe(403)
    expect((await at.ask({ headers: { 'Sec-Fetch-Site': 'cross-site' } })).status).toBe(403)
    expect((await at.ask({ headers: { Origin: `http://127.0.0.1:${port}` } })).status).toBe(200)
    const own = { Host: `localhost:${port}`, Origin: `http://localhost:${port}` }
    expect((await at.ask({ headers: own })).status).toBe(200)
  })

  test('a command by POST is carried out, one that is none or too large is refused', async () => {
    await using at = await mounted(make)
    const run = await at.rig.start(order)
    await at.rig.advance('1s')
    const signal = { do: 'signal', run: run.id, name: 'approval', payload: { by: 'Zoë' }, id: 'one' }
    const given = await at.command(signal)
    expect(jsonIn(given.body)).toMatchObject({ ok: true })
    expect(await at.rig.until(run.result())).toEqual({ by: 'Zoë' })
    expect(at.rig.told('command.asked').length).toBe(1)
    expect((await at.command({ do: 'explode' })).status).toBe(400)
    expect((await at.command({ do: 'pause', run: 'x'.repeat(70_000) })).status).toBe(413)
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const asked = { method: 'POST', path: '/api/command', body: 'do=pause&run=one', headers: form }
    expect((await at.ask(asked)).status).toBe(415)
    expect((await at.ask({ method: 'POST', path: '/api/command', body: '{' })).status).toBe(400)
  })

  test('the stream gives what is committed as it is committed, and lets its server close', async () => {
    await using at = await mounted(make)
    const socket = await open(at.host.port)
    let heard = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk))
    socket.on('error', () => {})
    socket.write(request(at.host.port, at.inspector.token, { path: '/inspector/api/stream?after=0' }))
    const until = async (text: string): Promise<void> => {
      while (!heard.includes(text)) {
        await new Promise((turn) => void setImmediate(turn))
        await at.rig.advance('10ms')
      }
    }
    await until('"type":"hello"')
    expect(heard).toMatch(/^HTTP\/1.1 200 /)
    const run = await at.rig.start(order)
    await until(`"${run.id}"`)
    const closed = at.host.close()
    await until('\r\n0\r\n\r\n')
    socket.destroy()
    await closed
  })

  test('the routes of the host are as they were', async () => {
    await using at = await mounted(make)
    expect((await at.askHost('/')).body).toContain('home')
    expect(jsonIn((await at.askHost('/api/hello')).body)).toEqual({ of: 'the host' })
    expect((await at.askHost('/inspectorial')).body).toContain('another')
    expect((await at.askHost('/nothing')).status).toBe(404)
    expect((await at.askHost('/', { headers: { Host: 'evil.example' } })).status).toBe(200)
    const body = JSON.stringify({ of: 'a customer' })
    const echoed = await at.askHost('/echo', { method: 'POST', body })
    expect([echoed.status, jsonIn(echoed.body)]).toEqual([200, { of: 'a customer' }])
    // none of the inspector's headers, unless the host gives them itself
    expect(echoed.headers['x-frame-options']).toBeUndefined()
  })
})

describe('where the host reads bodies before', () => {
  test.each(['nothing', 'json', 'text', 'raw', 'urlencoded'] as const)(
    'express.%s() changes nothing about commands',
    async (before) => {
      await using at = await mounted(hostOfExpress, { before })
      for (const type of ['application/json', 'text/plain', 'application/octet-stream']) {
        const body = JSON.stringify({ do: 'pause', run: 'nobody' })
        const headers = { 'Content-Type': type }
        const asked = { method: 'POST', path: '/api/command', body, headers }
        const { status, body: said } = await at.meanwhile(at.ask(asked))
        expect([type, status]).toEqual([type, type === 'application/json' ? 409 : 415])
        if (status === 409) expect(jsonIn(said)).toMatchObject({ code: 'RUN_UNKNOWN' })
      }
    },
  )

  test('express.raw() for all types leaves bytes, which are a command as well', async () => {
    await using at = await mounted(hostOfExpress, { before: 'bytes' })
    const { body } = await at.command({ do: 'pause', run: 'nobody' })
    expect(jsonIn(body)).toMatchObject({ code: 'RUN_UNKNOWN' })
  })

  test('Fastify outside of a scope of its own leaves nothing, and that is what is said', async () => {
    await using at = await mounted(hostOfFastify, { before: 'json', prefix: '/misplaced' })
    const headers = { Authorization: `Bearer ${at.inspector.token}` }
    const asked = { method: 'POST', body: JSON.stringify({ do: 'pause', run: 'nobody' }), headers }
    const { status, body } = await at.meanwhile(at.askHost('/misplaced/api/command', asked))
    expect(status).toBe(400)
    expect(jsonIn(body)).toMatchObject({ code: 'BODY_READ' })
  })

  test('a middleware of Hono that has read it leaves nothing, and that is what is said', async () => {
    await using at = await mounted(hostOfHono, { before: 'json' })
    const { status, body } = await at.command({ do: 'pause', run: 'nobody' })
    expect(status).toBe(400)
    expect(jsonIn(body)).toMatchObject({ code: 'BODY_READ' })
  })
})
