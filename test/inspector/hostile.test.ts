// What a hostile page or process of the same machine might send, and whether friends are served meanwhile.

import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createInspector } from '../../src/inspector/create-inspector.ts'
import { openSqliteReader } from '../../src/sqlite/client.ts'
import { place } from '../cli/spawn.ts'
import { createRig } from '../engine/rig.ts'
import { type Asked, open, request, send } from './raw.ts'
import { type Served, serve } from './served.ts'

const order = chain('order')
  .wait('approval')
  .step('ship', ({ steps }) => steps.approval)

describe('connections', () => {
  test('hundreds that never ask for anything keep nobody out, and those that are watched stay', async () => {
    await using served = await serve([], { maxClients: 2 })
    const { port, inspector } = served
    const watching = await open(port)
    let heard = ''
    let gone = false
    watching.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk))
    watching.on('close', () => (gone = true)).on('error', () => {})
    watching.write(request(port, inspector.token, { path: '/api/stream' }))
    while (!heard.includes('"hello"')) await new Promise((turn) => void setImmediate(turn))
    const silent: Socket[] = []
    for (let at = 0; at < 300; at++) {
      const socket = await open(port)
      socket.on('error', () => {})
      if (at % 2 === 0) socket.write('GET / HTTP/1.1\r\nX-Slow: ')
      silent.push(socket)
      if (at % 50 === 49) expect((await served.ask()).status, `after ${at + 1}`).toBe(200)
    }
    expect(gone).toBe(false)
    for (const socket of [watching, ...silent]) socket.destroy()
  })
})

describe('heads that are no good', () => {
  const heads: readonly (readonly [string, string, readonly number[]])[] = [
    ['HTTP/1.0 without a host', 'GET /api/hello HTTP/1.0\r\nAUTH\r\n\r\n', [403]],
    ['no version at all', 'GET /api/hello\r\n\r\n', [400, 403]],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
    ['a tunnel', 'CONNECT HOST HTTP/1.1\r\nHost: HOST\r\nAUTH\r\n\r\n', [0]],
    ['an absolute address', 'GET http://HOST/api/hello HTTP/1.1\r\nHost: HOST\r\nAUTH\r\n\r\n', [400]],
    ['no path', 'OPTIONS * HTTP/1.1\r\nHost: HOST\r\nAUTH\r\n\r\n', [400]],
    ['TRACE', 'TRACE /api/hello HTTP/1.1\r\nHost: HOST\r\nAUTH\r\n\r\n', [400, 405]],
    ['a host that ends in a path', 'GET /api/hello HTTP/1.1\r\nHost: HOST/x?\r\nAUTH\r\n\r\n', [400, 403]],
    [
      'a path that looks like a host',
      'GET //evil.example/api/hello HTTP/1.1\r\nHost: HOST\r\nAUTH\r\n\r\n',
      [404],
    ],
    [
      'a length and chunks',
      'POST /api/command HTTP/1.1\r\nHost: HOST\r\nAUTH\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /',
      [400],
    ],
    [
      'chunks of chunks',
      'POST /api/command HTTP/1.1\r\nHost: HOST\r\nAUTH\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      [400],
    ],
    [
      'a chunk without end',
      'POST /api/command HTTP/1.1\r\nHost: HOST\r\nAUTH\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n',
      [400],
    ],
    [
      'a length below 0',
      'POST /api/command HTTP/1.1\r\nHost: HOST\r\nAUTH\r\nContent-Length: -1\r\n\r\n',
      [400],
    ],
    ['a zero byte', 'GET /api/hello HTTP/1.1\r\nHost: HOST\r\nAUTH\r\nX: a\0b\r\n\r\n', [400]],
    ['bytes that are no text', 'GET /api/runs/\xff\xfe HTTP/1.1\r\nHost: HOST\r\nAUTH\r\n\r\n', [400]],
    [
      'an address of 20,000 characters',
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: HOST\r\nAUTH\r\n\r\n`,
      [431],
    ],
  ]

  test.each(heads)('%s: refused, and the next one is served', async (_, head, statuses) => {
    await using served = await serve([], { commands: true })
    const { port, inspector } = served
    const text = head
      .replaceAll('HOST', `127.0.0.1:${port}`)
      .replace('AUTH', `Authorization: Bearer ${inspector.token}`)
    const { status, body } = await send(port, text)
    expect(statuses).toContain(status)
    expect(body).not.toContain('lastSeq')
    expect((await served.ask()).status).toBe(200)
  })

  test('a page that opens a WebSocket learns nothing, as it cannot send the token', async () => {
    await using served = await serve()
    for (const Origin of [`http://127.0.0.1:${served.port}`, 'https://evil.example']) {
      const { status } = await served.ask({
        path: '/api/stream',
        headers: {
          Authorization: null,
          Upgrade: 'websocket',
          Connection: 'Upgrade',
          'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'Sec-WebSocket-Version': '13',
          Origin,
        },
      })
      expect([401, 403]).toContain(status)
    }
  })

  test('a page that sends a form with a field that makes JSON of it changes nothing', async () => {
    await using served = await serve([order], { commands: true })
    const { id } = await served.rig.start(order)
    const form = `{"do":"cancel","run":"${id}","reason":"=x"}`
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json'])
      for (const Authorization of [null, `Bearer ${served.inspector.token}`]) {
        const headers = { 'Content-Type': type, Authorization }
        const { status } = await served.ask({ method: 'POST', path: '/api/command', body: form, headers })
        expect([401, 415]).toContain(status)
      }
    expect(served.rig.told('command.asked')).toEqual([])
  })
})

describe('commands that are bombs', () => {
  const nested = (before: string, after: string, depth: number): string =>
    `${before.repeat(depth)}1${after.repeat(depth)}`
  const payloads: readonly (readonly [string, string, number])[] = [
    ['lists in lists, 30,000 deep', nested('[', ']', 30_000), 409],
    ['objects in objects, 5,000 deep', nested('{"a":', '}', 5_000), 409],
    ['a number of 60,000 digits', '1'.repeat(60_000), 200],
    ['a number beyond all', '1e999', 200],
    [
      'keys of prototypes',
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"toJSON":1,"then":1}',
      200,
    ],
    ['what looks like a tag of the codec', '{"$":["Date",1]}', 200],
    ['half a character', '"\\ud800"', 200],
  ]

  test.each(payloads)('%s: refused or given as it is', async (_, payload, expected) => {
    await using served = await serve([order], { commands: true })
    const { rig } = served
    const run = await rig.start(order)
    await rig.advance('1s')
    const body = `{"do":"signal","run":"${run.id}","name":"approval","id":"one","payload":${payload}}`
    const answer = await during(served, { method: 'POST', path: '/api/command', body })
    expect(answer.status).toBe(expected)
    if (expected === 200) expect(await rig.until(run.result())).toEqual(JSON.parse(payload))
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
    for (const path of ['/api/runs', `/api/runs/${run.id}`, `/api/runs/${run.id}/events`, '/api/now'])
      expect((await during(served, { path })).status, path).toBe(200)
  })
})

test('questions that a store could not answer are answered or refused, over SQLite too', async () => {
  const { folder } = place()
  const file = `${folder}/app.db`
  const rig = await createRig([order], { file })
  for (let at = 0; at < 5; at++) await rig.start(order)
  const inspector = createInspector({ reader: openSqliteReader(file) }, { enabled: true })
  const at = async (query: string): Promise<Response> =>
    inspector.fetch(
      new Request(`http://127.0.0.1/api/runs?${query}`, {
        headers: { authorization: `Bearer ${inspector.token}` },
      }),
    )
  const few = (await (await at('limit=1.5')).json()) as { runs: unknown[] }
  expect(few.runs).toHaveLength(1)
  for (const limit of ['-1', '0.5', '1e9', 'Infinity', 'NaN', '0x2'])
    expect((await at(`limit=${limit}`)).status, limit).toBe(200)
  const many = Array.from({ length: 1_300 }, (_, i) => `attr.a${i}=1`).join('&')
  expect((await at(many)).status).toBe(400)
  expect((await at(many.split('&').slice(0, 16).join('&'))).status).toBe(200)
  for (const odd of [
    'attr.%22%5D%27;--=1',
    'attr.__proto__=1',
    'attr.a%00b=1',
    'chain=%00',
    `q=${'%25'.repeat(3_000)}`,
  ])
    expect((await at(odd)).status, odd).toBe(200)
  await inspector[Symbol.asyncDispose]()
  await rig.until(rig.supervisor.stop())
})

/** Asks, and lets virtual time go on until it is answered. */
async function during(served: Served, asked: Asked): ReturnType<Served['ask']> {
  const done = { over: false }
  const work = served.ask(asked).finally(() => (done.over = true))
  while (!done.over) {
    await new Promise((turn) => void setImmediate(turn))
    await served.rig.advance()
  }
  return work
}
