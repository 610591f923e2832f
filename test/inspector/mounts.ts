// Real servers of frameworks, with the inspector mounted by the very code that docs/inspector.md shows.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { Inspector } from '../../src/inspector/create-inspector.ts'
import { toNodeHandler } from '../../src/inspector/node-handler.ts'

/** A host's server, which has routes of its own besides: `/`, `/api/hello`, `/inspectorial`, and `POST /echo`. */
export interface Host {
  readonly port: number
  /** As its host would: without cutting off who is still being answered. */
  close(): Promise<void>
}

/** What reads bodies before the inspector is reached. */
export type Before = 'nothing' | 'json' | 'text' | 'raw' | 'urlencoded' | 'bytes'

const page = readFileSync(join(import.meta.dirname, '../../docs/inspector.md'), 'utf8')

/** Runs the block of the page that begins with this framework's name. */
function mount(framework: string, app: unknown, inspector: Inspector): void {
  const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code)
  const code = blocks.find((one) => one.startsWith(`// ${framework}`))
  if (code === undefined) throw new Error(`docs/inspector.md shows nothing for ${framework}`)
  const run = compileFunction(code, ['app', 'inspector', 'toNodeHandler']) as (...of: unknown[]) => void
  run(app, inspector, toNodeHandler)
}

async function listening(server: Server): Promise<number> {
  if (!server.listening) await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const closing = async (server: Server): Promise<void> =>
  new Promise((resolve) => void server.close(() => resolve()))

export async function hostOfExpress(inspector: Inspector, before: Before = 'json'): Promise<Host> {
  const app = express()
  if (before === 'bytes') app.use(express.raw({ type: '*/*' }))
  else if (before !== 'nothing') app.use(express[before]())
  app.get('/', (_, response) => void response.send('home'))
  app.get('/api/hello', (_, response) => void response.json({ of: 'the host' }))
  app.get('/inspectorial', (_, response) => void response.send('another'))
  app.post('/echo', (request, response) => void response.json(request.body))
  mount('Express', app, inspector)
  const server = createServer(app)
  const port = await listening(server)
  return {
    port,
    async close() {
      await inspector[Symbol.asyncDispose]()
      await closing(server)
    },
  }
}

export async function hostOfFastify(inspector: Inspector, before: Before = 'nothing'): Promise<Host> {
  const app = fastify()
  // without a scope of its own, its bodies are read as those of the host
  if (before === 'json')
    app.all('/misplaced/*', (asked, reply) => {
      reply.hijack()
      toNodeHandler(inspector.fetch)(asked.raw, reply.raw)
    })
  app.get('/', async () => 'home')
  app.get('/api/hello', async () => ({ of: 'the host' }))
  app.get('/inspectorial', async () => 'another')
  app.post('/echo', async ({ body }) => body)
  mount('Fastify', app, inspector)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: (app.server.address() as AddressInfo).port, close: async () => app.close() }
}

export async function hostOfHono(inspector: Inspector, before: Before = 'nothing'): Promise<Host> {
  const app = new Hono()
  if (before === 'json')
    app.use(async (c, next) => {
      if (c.req.method === 'POST') await c.req.json()
      await next()
    })
  app.get('/', (c) => c.text('home'))
  app.get('/api/hello', (c) => c.json({ of: 'the host' }))
  app.get('/inspectorial', (c) => c.text('another'))
  app.post('/echo', async (c) => c.json(await c.req.json<object>()))
  mount('Hono', app, inspector)
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  if (!server.listening) await new Promise<void>((resolve) => void server.once('listening', resolve))
  return {
    port: await listening(server),
    async close() {
      await inspector[Symbol.asyncDispose]()
      await closing(server)
    },
  }
}
