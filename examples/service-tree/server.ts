// An HTTP server as a service: ready once it listens, ended once its last connection is closed.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Service, service } from 'catenary'

export interface Served {
  /** Where it listens now; undefined while it does not. */
  port: number | undefined
  /** Answers a request: `[status, body]`. May throw, which is a 500 and nothing worse. */
  answer(path: string): readonly [status: number, body: unknown]
  /** While true, requests are taken and never answered. */
  hangs: boolean
  /** Breaks the socket it listens on, as the system might; undefined while it does not listen. */
  fail: ((error: Error) => void) | undefined
}

export interface ServerOptions {
  /** 0 for any that is free. */
  readonly port: number
  /** A server with a request that it has not answered for so long (ms) is wedged. */
  readonly silence: number
  readonly now: () => number
}

export function httpServer(served: Served, { port, silence, now }: ServerOptions): Service {
  /** When each request came that has no answer yet, oldest first. */
  const unanswered = new Map<ServerResponse, number>()
  const handle = ({ url = '/' }: IncomingMessage, response: ServerResponse): void => {
    unanswered.set(response, now())
    response.once('close', () => unanswered.delete(response))
    if (served.hangs) return
    try {
      const [status, body] = served.answer(url)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  }
  return service(
    'server',
    async ({ signal, ready, log }) => {
      const server = createServer(handle)
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      served.port = (server.address() as AddressInfo).port
      served.fail = (error) => void server.emit('error', error)
      log.info(`listens on ${served.port}`)
      ready()
      try {
        // a server that breaks is a service that fails: once() rejects with its error
        if (!signal.aborted) await once(server, 'stopped', { signal }).catch(ignoreAbort)
      } finally {
        served.port = undefined
        served.fail = undefined
        server.closeAllConnections()
        await new Promise((closed) => server.close(closed))
      }
    },
    {
      alive: {
        check: () => {
          const [oldest = Infinity] = unanswered.values()
          return now() - oldest < silence
        },
        period: '10s',
      },
      backoff: { initial: '1s', max: '30s' },
      shutdown: '10s',
      description: 'answers /healthz and /orders',
    },
  )
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
