// `createInspector`: a web-standard fetch handler over a supervisor or a store, closed to all but who knows its token.

import type { Supervisor } from '../engine/supervisor.ts'
import { newSecret } from '../kernel/clock-secret.ts'
import { createApi } from './api.ts'
import { Refusal } from './answers.ts'
import { type Allowed, allow, refuseStrangers, refuseTokenInQuery, refuseTokenless } from './guard.ts'
import { type InspectorOptions, refuseBadInspector } from './inspector-options.ts'
import { type Listening, type ListenOptions, createListen } from './listen.ts'
import { createRedactor } from './redact.ts'
import { createShell } from './shell.ts'
import { type StoreSource, sourceOf } from './source.ts'

export interface Inspector {
  /** Answers a request for the app, its data or a command: for any server that speaks web-standard requests. */
  readonly fetch: (request: Request) => Promise<Response>
  /** Who knows it may look. Sent as `Authorization: Bearer`, never in an address. */
  readonly token: string
  /**
   * Serves it on a port of its own, by default of 127.0.0.1 alone. Keeps no process alive, unless asked to.
   *
   * @throws `BAD_OPTION` where it is off, as it is under NODE_ENV=production
   */
  listen(options?: ListenOptions): Promise<Listening>
  /** Ends all streams, and what listens. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Looks into a supervisor of this process, or into a store beside the process that executes it.
 *
 * @example
 * ```ts
 * const supervisor = await createSupervisor({ chains: [chain('greet').step('hello', () => 'hello')] })
 * const inspector = createInspector(supervisor, { commands: true })
 * const { url, close } = await inspector.listen()
 * console.log(url.startsWith('http://127.0.0.1:')) // true
 * await close()
 * await supervisor.stop()
 * ```
 */
export function createInspector(source: Supervisor | StoreSource, options: InspectorOptions = {}): Inspector {
  refuseBadInspector(options)
  const {
    prefix = '',
    origins = [],
    token = newSecret(),
    enabled = process.env['NODE_ENV'] !== 'production',
  } = options
  const of = sourceOf(source, options.name)
  const mounted = allow(origins, true)
  const shell = createShell(options.app)
  const api = createApi(of, createRedactor(options), options)

  const serve = async (request: Request, allowed: Allowed): Promise<Response> => {
    if (!enabled) throw new Refusal(404, 'NOT_FOUND', 'there is nothing here')
    const url = new URL(request.url)
    refuseStrangers(request, url, allowed)
    refuseTokenInQuery(url)
    const { pathname } = url
    if (prefix !== '' && pathname === prefix)
      throw new Refusal(308, 'MOVED', 'the app is below it', { location: `${prefix}/` })
    const path = pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : ''
    if (path.startsWith('/api/')) {
      refuseTokenless(request, token)
      return api.answer(request, url, path)
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new Refusal(405, 'BAD_METHOD', 'the app is only read', { allow: 'GET, HEAD' })
    const found = shell(path)
    if (found === undefined) throw new Refusal(404, 'NOT_FOUND', 'there is nothing here')
    return found
  }
  const handle = async (request: Request, allowed: Allowed): Promise<Response> => {
    try {
      return await serve(request, allowed)
    } catch (error) {
      if (error instanceof Refusal) return error.response
      // what went wrong inside is nobody's business outside
      return new Refusal(500, 'FAILED', 'the inspector could not answer this').response
    }
  }
  const listening = createListen({
    handle,
    enabled,
    origins,
    prefix,
    token,
    maxClients: options.maxClients ?? 16,
  })
  return {
    token,
    fetch: async (request) => handle(request, mounted),
    listen: async (given) => listening.listen(given),
    async [Symbol.asyncDispose]() {
      api.stop()
      await listening.stop()
    },
  }
}
