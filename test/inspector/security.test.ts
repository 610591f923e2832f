import { describe, expect, test } from 'vitest'
import { createInspector } from '../../src/inspector/create-inspector.ts'
import { createRig } from '../engine/rig.ts'
import { answerOn, open, request, send } from './raw.ts'
import { serve } from './served.ts'

const code = (body: string): unknown => (JSON.parse(body) as { code: unknown }).code

test('who has the token and comes by the address that was printed is answered', async () => {
  await using served = await serve()
  const { status, body } = await served.ask()
  expect(status).toBe(200)
  expect(JSON.parse(body)).toMatchObject({ protocol: 1, commands: false, live: true })
})

describe('the name by which it is reached', () => {
  test.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil.example:PORT',
    '127.0.0.1:PORT.evil.example',
    'user@127.0.0.1:PORT',
    '0.0.0.0:PORT',
    '2130706433:PORT',
    '',
  ])('a request to "%s" is refused, with the token or without, for data and for the app', async (host) => {
    await using served = await serve()
    const headers = { Host: host.replace('PORT', String(served.port)) }
    for (const path of ['/api/hello', '/', '/assets/main.js']) {
      const { status, body } = await served.ask({ path, headers })
      expect([400, 403]).toContain(status)
      expect(body).not.toContain('inspector</title>')
      expect(body).not.toContain('lastSeq')
    }
  })

  test.each(['127.0.0.1:PORT', 'localhost:PORT', 'LocalHost:PORT', '[::1]:PORT'])(
    '"%s" is its own',
    async (host) => {
      await using served = await serve()
      const { status } = await served.ask({ headers: { Host: host.replace('PORT', String(served.port)) } })
      expect(status).toBe(200)
    },
  )

  test('two hosts, no host, or an absolute address with another one are refused', async () => {
    await using served = await serve()
    const { port, inspector } = served
    const own = `Host: 127.0.0.1:${port}`
    const rest = `Authorization: Bearer ${inspector.token}\r\n\r\n`
    for (const text of [
      `GET /api/hello HTTP/1.1\r\n${own}\r\nHost: evil.example\r\n${rest}`,
      `GET /api/hello HTTP/1.1\r\nHost: evil.example\r\n${own}\r\n${rest}`,
      `GET /api/hello HTTP/1.1\r\n${rest}`,
      `GET http://evil.example/api/hello HTTP/1.1\r\n${own}\r\n${rest}`,
      `GET http://127.0.0.1:${port}/api/hello HTTP/1.1\r\nHost: evil.example\r\n${rest}`,
    ]) {
      const { status, body } = await send(port, text)
      expect([400, 403], text).toContain(status)
      expect(body).not.toContain('lastSeq')
    }
  })

  test('another one holds where it is listed, and then that origin alone', async () => {
    await using served = await serve([], { origins: ['https://admin.example.com'] })
    const at = async (headers: Record<string, string>): Promise<number> =>
      (await served.ask({ headers })).status
    expect(await at({ Host: 'admin.example.com' })).toBe(200)
    expect(await at({ Host: 'admin.example.com', Origin: 'https://admin.example.com' })).toBe(200)
    expect(await at({ Host: 'admin.example.com', Origin: 'http://admin.example.com' })).toBe(403)
    expect(await at({ Host: 'admin.example.com', Origin: `http://127.0.0.1:${served.port}` })).toBe(403)
    expect(await at({ Host: 'other.example.com' })).toBe(403)
  })
})

describe('the page that asks', () => {
  test.each([
    'https://evil.example',
    'null',
    'http://127.0.0.1',
    'http://127.0.0.1:1',
    'https://127.0.0.1:PORT',
    'http://localhost:PORT',
    'http://127.0.0.1:PORT/',
    '',
  ])('one of the origin "%s" is refused, and told of no other', async (origin) => {
    await using served = await serve()
    for (const method of ['GET', 'OPTIONS', 'POST']) {
      const { status, headers, body } = await served.ask({
        method,
        headers: {
          Origin: origin.replace('PORT', String(served.port)),
          'Access-Control-Request-Method': 'GET',
        },
        ...(method === 'POST' ? { body: '{}' } : {}),
      })
      expect(status).toBe(403)
      expect(code(body)).toBe('FORBIDDEN_ORIGIN')
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  test('its own is answered, without a word about other origins', async () => {
    await using served = await serve()
    const { status, headers } = await served.ask({
      headers: { Origin: `http://127.0.0.1:${served.port}`, 'Sec-Fetch-Site': 'same-origin' },
    })
    expect(status).toBe(200)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('a page of another site gets neither data nor the app, one of the same site no data', async () => {
    await using served = await serve()
    for (const path of ['/', '/assets/main.js', '/api/hello'])
      for (const site of ['cross-site', 'Cross-Site']) {
        const { status, body } = await served.ask({ path, headers: { 'Sec-Fetch-Site': site } })
        expect([status, code(body)]).toEqual([403, 'CROSS_SITE'])
      }
    const { status } = await served.ask({ headers: { 'Sec-Fetch-Site': 'same-site' } })
    expect(status).toBe(403)
  })
})

describe('the token', () => {
  const routes = ['/api/hello', '/api/now', '/api/runs', '/api/stream', '/api/command', '/api/nothing']

  test('without it nothing is served but the app, and nobody learns which routes there are', async () => {
    await using served = await serve([], { commands: true })
    for (const path of routes)
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
        const answer = await served.ask({ path, method, headers: { Authorization: null } })
        expect(answer.status, `${method} ${path}`).toBe(401)
        if (method !== 'HEAD') expect(code(answer.body)).toBe('TOKEN_MISSING')
      }
    for (const path of ['/', '/assets/main.js'])
      expect((await served.ask({ path, headers: { Authorization: null } })).status).toBe(200)
  })

  test('a wrong one is refused, however near it comes', async () => {
    await using served = await serve()
    const { token } = served.inspector
    const wrong = [
      'Bearer ',
      'Bearer x',
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${token.toLowerCase()}~`,
      `Basic ${Buffer.from(`:${token}`).toString('base64')}`,
      token,
      `Bearer ${token}, Bearer x`,
      `Bearer ${'a'.repeat(8_000)}`,
    ]
    for (const given of wrong) {
      const { status, body } = await served.ask({ headers: { Authorization: given } })
      expect([status, code(body)], given.slice(0, 40)).toEqual([401, 'TOKEN_WRONG'])
    }
  })

  test('in a query it is refused, right or wrong, as in a cookie', async () => {
    await using served = await serve()
    const { token } = served.inspector
    for (const name of ['token', 'Token', 'access_token', 'authorization'])
      for (const path of ['/', '/api/hello']) {
        const { status, body } = await served.ask({ path: `${path}?${name}=${token}` })
        expect([status, code(body)]).toEqual([400, 'TOKEN_IN_QUERY'])
      }
    const cookie = await served.ask({ headers: { Authorization: null, Cookie: `token=${token}` } })
    expect(cookie.status).toBe(401)
  })

  test('has 128 bits, is another one each time, and is in no file or header that is served', async () => {
    await using one = await serve()
    await using other = await serve()
    expect(one.inspector.token).toMatch(/^[\w-]{22}$/)
    expect(one.inspector.token).not.toBe(other.inspector.token)
    expect(one.url).toBe(`http://127.0.0.1:${one.port}/#token=${one.inspector.token}`)
    for (const path of ['/', '/assets/main.js', '/api/hello']) {
      const answer = await one.ask({ path })
      expect(JSON.stringify(answer)).not.toContain(one.inspector.token)
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })
})

describe('commands', () => {
  const command = JSON.stringify({ do: 'pause', run: 'none' })

  test('are refused where none were allowed', async () => {
    await using served = await serve()
    const { status, body } = await served.ask({ method: 'POST', path: '/api/command', body: command })
    expect([status, code(body)]).toEqual([403, 'READ_ONLY'])
  })

  test('are sent by POST alone, and nothing else is', async () => {
    await using served = await serve([], { commands: true })
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect((await served.ask({ method, path: '/api/command' })).status, method).toBe(405)
    for (const path of ['/api/hello', '/', '/assets/main.js'])
      expect((await served.ask({ method: 'POST', path, body: command })).status, path).toBe(405)
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/json, text/plain',
    'application/jsonx',
    'text/json',
    null,
  ])('of the type %s are refused', async (type) => {
    await using served = await serve([], { commands: true })
    const headers = { 'Content-Type': type }
    const { status, body } = await served.ask({
      method: 'POST',
      path: '/api/command',
      body: command,
      headers,
    })
    expect([status, code(body)]).toEqual([415, 'NOT_JSON'])
  })

  test('that are no JSON, or no UTF-8, are refused', async () => {
    await using served = await serve([], { commands: true })
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '"pause"',
      '{"do":"explode"}',
      '{"do":"pause"}',
      '{"do":"__proto__","run":"a"}',
    ]) {
      const { status } = await served.ask({ method: 'POST', path: '/api/command', body })
      expect(status, body).toBe(400)
    }
  })

  test('too large are refused before they are read, and where their length is not told', async () => {
    await using served = await serve([], { commands: true, maxBody: 1_000 })
    const { port, inspector } = served
    const large = JSON.stringify({ do: 'pause', run: 'x'.repeat(1_000) })
    const told = await served.ask({ method: 'POST', path: '/api/command', body: large })
    expect([told.status, code(told.body)]).toEqual([413, 'TOO_LARGE'])
    // the head alone: nobody waits for a body that is refused
    const head = { 'Content-Type': 'application/json', 'Content-Length': '999999999' }
    const announced = await served.ask({ method: 'POST', path: '/api/command', headers: head })
    expect(announced.status).toBe(413)
    const chunked = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' }
    const start = request(port, inspector.token, { method: 'POST', path: '/api/command', headers: chunked })
    const chunk = `200\r\n${'x'.repeat(512)}\r\n`
    expect((await send(port, start + chunk.repeat(3))).status).toBe(413)
  })

  test('that come too slowly are refused', async () => {
    await using served = await serve([], { commands: true })
    const { port, inspector, rig } = served
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '100' }
    const socket = await open(port)
    socket.write(`${request(port, inspector.token, { method: 'POST', path: '/api/command', headers })}{"do":`)
    let answered = false
    const answer = answerOn(socket, ({ body }) => body !== '').finally(() => (answered = true))
    while (!answered) {
      await new Promise((turn) => void setImmediate(turn))
      await rig.advance('100ms')
    }
    const { status, body } = await answer
    expect([status, code(body)]).toEqual([408, 'TOO_SLOW'])
  })
})

describe('the files of the app', () => {
  test('are those that were there at the start, under their exact names', async () => {
    await using served = await serve()
    expect(await served.ask({ path: '/' })).toMatchObject({
      status: 200,
      body: '<!doctype html><title>inspector</title>',
      headers: { 'content-type': 'text/html; charset=utf-8' },
    })
    expect(await served.ask({ path: '/assets/main.js' })).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/javascript; charset=utf-8' },
    })
  })

  test.each([
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/%2e%2e%2fsecret.js',
    '/..%2fsecret.js',
    '/..%5csecret.js',
    '/..\\secret.js',
    '/%252e%252e%252fsecret.js',
    '/%c0%ae%c0%ae/secret.js',
    '/..;/secret.js',
    '/assets/..%00/secret.js',
    '/assets/main.js%00.html',
    '//secret.js',
    '/./../secret.js',
    '/link.js',
    '/notes.txt',
    '/.hidden.js',
    '/assets',
    '/assets/',
    '/index.html/',
    '/INDEX.HTML',
    '/file:///etc/passwd',
    '/constructor',
    '/__proto__',
  ])('nothing else is found at %s', async (path) => {
    await using served = await serve()
    const { status, body } = await served.ask({ path })
    expect([400, 404]).toContain(status)
    expect(body).not.toContain('secret')
    expect(body).not.toContain('root:')
  })
})

test('every answer carries the strict headers, refusals too', async () => {
  await using served = await serve()
  const asked = [
    { path: '/' },
    { path: '/api/hello' },
    { path: '/nothing' },
    { headers: { Host: 'evil.example' } },
  ]
  for (const one of [...asked, { headers: { Authorization: null } }]) {
    const { headers } = await served.ask(one)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
    })
    const csp = headers['content-security-policy'] ?? ''
    expect(csp).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/)
    expect(csp).toContain("require-trusted-types-for 'script'")
    expect(csp).toContain("frame-ancestors 'none'")
    expect(csp).not.toMatch(/unsafe|\*|https?:/)
  }
})

describe('where it is off', () => {
  test('under NODE_ENV=production nothing is served, and it does not listen, unless it is enabled', async () => {
    const before = process.env['NODE_ENV']
    process.env['NODE_ENV'] = 'production'
    try {
      const rig = await createRig([])
      const { supervisor } = rig
      const off = createInspector(supervisor)
      const headers = { host: '127.0.0.1:80', authorization: `Bearer ${off.token}` }
      for (const path of ['/', '/api/hello', '/api/stream'])
        expect((await off.fetch(new Request(`http://127.0.0.1:80${path}`, { headers }))).status).toBe(404)
      await expect(off.listen()).rejects.toMatchObject({ code: 'BAD_OPTION' })
      const on = createInspector(supervisor, { enabled: true, token: off.token })
      expect((await on.fetch(new Request('http://127.0.0.1:80/api/hello', { headers }))).status).toBe(200)
      await rig.until(supervisor.stop())
    } finally {
      if (before === undefined) delete process.env['NODE_ENV']
      else process.env['NODE_ENV'] = before
    }
  })
})
