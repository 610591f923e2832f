// Serves the inspector on a port of its own: on this machine alone, and without keeping its process alive.

import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { CatenaryError } from '../kernel/errors.ts'
import { refuseUnknownOptions } from '../kernel/known-options.ts'
import { type Allowed, allow } from './guard.ts'
import { limitSockets } from './limit-sockets.ts'
import { toNodeHandler } from './node-handler.ts'

export interface ListenOptions {
  /** Default 0: any that is free. */
  readonly port?: number
  /** The address to bind. Default 127.0.0.1: another one opens it to other machines, without encryption. */
  readonly host?: string
  /** Whether it keeps the process alive. Default false. */
  readonly keepAlive?: boolean
}

export interface Listening {
  /** Where a browser opens it, the token behind `#token=`: that part never leaves the browser. */
  readonly url: string
  close(): Promise<void>
}

interface Served {
  readonly handle: (request: Request, allowed: Allowed) => Promise<Response>
  readonly enabled: boolean
  readonly origins: readonly string[]
  readonly prefix: string
  readonly token: string
  readonly maxClients: number
}

/** Milliseconds for the head of a request, and for all of it. */
const headWithin = 5_000
const requestWithin = 15_000

export function createListen({ handle, enabled, origins, prefix, token, maxClients }: Served): {
  listen(options?: ListenOptions): Promise<Listening>
  stop(): Promise<void>
} {
  const open = new Set<() => Promise<void>>()
  return {
    async listen(options = {}) {
      refuseUnknownOptions(options, { port: true, host: true, keepAlive: true }, 'listen')
      if (!enabled) {
        const message = 'the inspector is off, as NODE_ENV is production or enabled is false'
        throw new CatenaryError(
          'BAD_OPTION',
          `${message}: give createInspector { enabled: true } if you mean it`,
        )
      }
      const { port = 0, host = '127.0.0.1', keepAlive = false } = options
      let allowed: Allowed = allow(origins, false)
      const handler = toNodeHandler(async (request) => handle(request, allowed))
      const server = createServer(
        {
          headersTimeout: headWithin,
          requestTimeout: requestWithin,
          maxHeaderSize: 16_384,
          keepAliveTimeout: 5_000,
          connectionsCheckingInterval: 1_000,
        },
        handler,
      )
      const sockets = limitSockets(server, maxClients * 2 + 32)
      if (!keepAlive) server.on('connection', (socket: Socket) => void socket.unref())
      if (!keepAlive) server.unref()
      const { port: bound } = await bind(server, port, host)
      const named = ['127.0.0.1', 'localhost', '[::1]', isEvery(host) ? '127.0.0.1' : inUrl(host)]
      allowed = allow([...named.map((name) => originOf(name, bound)), ...origins], false)
      const close = async (): Promise<void> => {
        open.delete(close)
        await new Promise<void>((resolve) => {
          server.close(() => resolve())
          for (const socket of sockets) socket.destroy()
        })
      }
      open.add(close)
      const shown = isEvery(host) ? '127.0.0.1' : inUrl(host)
      return { url: `${originOf(shown, bound)}${prefix}/#token=${token}`, close }
    },
    async stop() {
      await Promise.all([...open].map(async (close) => close()))
    },
  }
}

async function bind(server: Server, port: number, host: string): Promise<AddressInfo> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (cause) {
    const message = `the inspector cannot listen on ${host}:${port} (${String(cause)})`
    throw new CatenaryError('BAD_OPTION', `${message}: give another port or host`, { cause })
  }
  server.on('error', () => {})
  return server.address() as AddressInfo
}

const isEvery = (host: string): boolean => host === '0.0.0.0' || host === '::'
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host.toLowerCase())
const originOf = (host: string, port: number): string => new URL(`http://${host}:${port}`).origin
