// Between node:http, which Express and others speak, and a web-standard fetch handler.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

export type Fetch = (request: Request) => Promise<Response>

/** Headers that must not come twice: two parties could read different ones. */
const single = new Set([
  'host',
  'origin',
  'authorization',
  'content-type',
  'content-length',
  'sec-fetch-site',
])

/**
 * Serves requests of node:http, also of a framework that stands on it, by a fetch handler.
 *
 * @example
 * ```ts
 * const supervisor = await createSupervisor({ chains: [chain('greet').step('hello', () => 'hello')] })
 * const inspector = createInspector(supervisor)
 * const server = createServer(toNodeHandler(inspector.fetch))
 * console.log(server.listening) // false
 * await inspector[Symbol.asyncDispose]()
 * await supervisor.stop()
 * ```
 */
export function toNodeHandler(fetch: Fetch): (request: IncomingMessage, response: ServerResponse) => void {
  return (message, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    response.on('error', () => gone.abort())
    serve(fetch, message, response, gone.signal).catch(() => response.destroy())
  }
}

async function serve(
  fetch: Fetch,
  message: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const request = toRequest(message, signal)
  const given = request === undefined ? new Response(null, { status: 400 }) : await fetch(request)
  const headers: Record<string, string> = Object.fromEntries(given.headers)
  // what it has not read of the request stands in the way of the next one
  if (given.status >= 400) headers['connection'] = 'close'
  response.writeHead(given.status, headers)
  const reader = given.body?.getReader()
  if (reader === undefined || message.method === 'HEAD') {
    response.end()
    return
  }
  signal.addEventListener('abort', () => void reader.cancel().catch(() => {}), { once: true })
  response.flushHeaders()
  for (;;) {
    const { done, value } = await reader.read()
    if (done || signal.aborted) break
    if (!response.write(value)) await drained(response, signal)
  }
  response.end()
}

/** Undefined where it is none that a fetch handler could have. */
function toRequest(message: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { rawHeaders, method = 'GET', headers } = message
  const path = (message as { readonly originalUrl?: string }).originalUrl ?? message.url ?? '/'
  const seen = new Set<string>()
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase()
    if (single.has(name) && seen.has(name)) return undefined
    seen.add(name)
    if (!name.startsWith(':')) pairs.push([name, rawHeaders[i + 1] ?? ''])
  }
  // an absolute address would bring a host of its own
  if (!path.startsWith('/')) return undefined
  const scheme = (message.socket as { readonly encrypted?: boolean }).encrypted === true ? 'https' : 'http'
  const host = headers[':authority'] ?? headers.host ?? ''
  try {
    const hasBody = method !== 'GET' && method !== 'HEAD'
    const request = new Request(`${scheme}://${String(host)}${path}`, {
      method,
      headers: pairs,
      signal,
      ...(hasBody ? { body: bodyOf(message), duplex: 'half' as const } : {}),
    })
    // read and thrown away: it is told apart from one that is empty
    if (hasBody && message.readableEnded && readBy(message) === undefined)
      void request.body?.cancel().catch(() => {})
    return request
  } catch {
    return undefined
  }
}

/** What a framework's parser has read already is written again. */
function bodyOf(message: IncomingMessage): ReadableStream | string | Uint8Array<ArrayBuffer> {
  const body = readBy(message)
  if (message.readableEnded && body !== undefined)
    return typeof body === 'string' || isBytes(body) ? body : JSON.stringify(body)
  return Readable.toWeb(message)
}

const readBy = (message: IncomingMessage): unknown => (message as { readonly body?: unknown }).body
const isBytes = (body: unknown): body is Uint8Array<ArrayBuffer> => body instanceof Uint8Array

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    response.once('drain', resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
