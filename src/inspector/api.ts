// The routes below `/api/`: which view answers what, once it is known who asks.

import type { StoreReader } from '../journal/store.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { inWords } from '../kernel/failure.ts'
import { traceRun } from '../observe/trace-run.ts'
import { traceText } from '../observe/trace.ts'
import { createAdvice } from './advice.ts'
import { answer as file, Refusal, json } from './answers.ts'
import { perform } from './commands.ts'
import type { InspectorOptions } from './inspector-options.ts'
import { packageVersion } from './package-version.ts'
import { type Hello, protocol, routes } from './protocol.ts'
import { readCommand } from './read-command.ts'
import { readJson } from './read-body.ts'
import { createRedactor, type Redactor } from './redact.ts'
import type { Source } from './source.ts'
import { createStreams } from './streams.ts'
import { type Views, createViews } from './views/create-views.ts'

export interface Api {
  /** @param path below the inspector's own, beginning with `/api/`. */
  answer(request: Request, url: URL, path: string): Promise<Response>
  /** Ends all streams. */
  stop(): void
}

/** Milliseconds for a command to arrive. */
const bodyWithin = 10_000
/** What the caller asked for wrongly; all else befell the server. */
const statuses: ReadonlyMap<string, number> = new Map([
  ['RUN_UNKNOWN', 404],
  ['BAD_OPTION', 400],
  ['EXECUTOR_ONLY', 404],
])
/** Requests that are answered at a time; streams are counted apart. */
const most = 32

export function createApi(
  source: Source,
  redact: Redactor,
  {
    commands = false,
    maxBody = 65_536,
    maxClients = 16,
    rate = 5_000,
    redactKeys = [],
    redact: replace,
  }: InspectorOptions,
): Api {
  const show = redact
  const now = (): number => source.clock.now()
  let made: { readonly reader: StoreReader; readonly views: Views } | undefined
  /** Over what can be read now: under `role: 'auto'` that changes. */
  const current = (): Views => {
    const reader = source.reader()
    if (made?.reader !== reader) made = { reader, views: createViews({ reader, now, show }) }
    return made.views
  }
  const advice = createAdvice(source)
  const streams = createStreams(source, show, { most: maxClients, rate })
  // what was shown is capped; names, sentences and attributes around it are swept for secrets all the same
  const sweep = createRedactor({
    redactKeys,
    caps: { depth: 64, keys: 100_000, text: 100_000, size: 64 * 2 ** 20 },
  })
  let inFlight = 0

  const hello = async (): Promise<Hello> => ({
    protocol,
    version: packageVersion(),
    store: source.name,
    commands: commands && source.supervisor !== undefined,
    live: source.live(),
    lastSeq: await source.reader().lastSeq(),
    now: now(),
  })

  const read = async (path: string, asked: URLSearchParams): Promise<unknown> => {
    const [, , what = '', id, more, ...rest] = path.split('/').map((part) => decodedOf(part))
    const view = `${what}${id === undefined ? '' : '/:id'}${more === undefined ? '' : `/${more}`}`
    const found = rest.length > 0 ? undefined : await viewOf(view, id ?? '', asked)
    if (found === undefined) throw new Refusal(404, 'NOT_FOUND', 'there is no such view')
    return found
  }

  const viewOf = async (view: string, id: string, asked: URLSearchParams): Promise<unknown> => {
    const views = current()
    switch (view) {
      case 'hello':
        return hello()
      case 'now':
        return advice.onNow(await views.now())
      case 'inbox':
        return views.inbox()
      case 'runs':
        return views.runs(asked)
      case 'runs/:id':
        return views.run(id, asked)
      case 'runs/:id/events':
        return views.events(id, asked)
      case 'chains':
        return views.chains()
      case 'chains/:id':
        return views.chain(id)
      case 'report':
        return source.supervisor?.analyzer.report()
      case 'advice':
        return advice.view()
      default:
        return undefined
    }
  }

  const trace = async (run: string): Promise<Response> => {
    const found = await traceRun(source.reader(), run, {
      redactKeys,
      ...(replace === undefined ? {} : { replace }),
    })
    const name = `${run.replaceAll(/[^\w.-]/g, '_').slice(0, 100)}.trace.json`
    const headers = { 'content-disposition': `attachment; filename="${name}"` }
    return file(traceText(found), 'application/json; charset=utf-8', { headers })
  }

  const command = async (request: Request): Promise<Response> => {
    if (request.method !== 'POST')
      throw new Refusal(405, 'BAD_METHOD', 'commands are sent by POST', { allow: 'POST' })
    if (!commands)
      throw new Refusal(
        403,
        'READ_ONLY',
        'this inspector only looks: give createInspector { commands: true }',
      )
    const given = await readJson(request, source.clock, { size: maxBody, within: bodyWithin })
    const reply = await perform(source, readCommand(given))
    advice.forget()
    return json(sweep(reply, { what: 'reply' }), reply.ok ? 200 : 409)
  }

  const answer = async (request: Request, url: URL, path: string): Promise<Response> => {
    if (path === routes.command) return command(request)
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new Refusal(405, 'BAD_METHOD', 'this is only read', { allow: 'GET, HEAD' })
    const [, traced] = /^\/api\/runs\/([^/]+)\/trace$/.exec(path) ?? []
    if (traced !== undefined) return trace(decodedOf(traced))
    if (path === routes.stream) return streams.open(request, url.searchParams)
    return json(sweep(await read(path, url.searchParams), { what: 'view' }))
  }

  return {
    async answer(request, url, path) {
      if (inFlight >= most)
        throw new Refusal(503, 'TOO_BUSY', 'too much is asked at a time: ask again', { 'retry-after': '1' })
      inFlight++
      try {
        return await answer(request, url, path)
      } catch (error) {
        if (error instanceof Refusal) throw error
        const told = (text: string): string => String(sweep(text, { what: 'problem' }))
        if (CatenaryError.is(error))
          throw new Refusal(statuses.get(error.code) ?? 503, error.code, told(error.message))
        // whoever asks here has the token
        throw new Refusal(500, 'FAILED', `the inspector could not answer this: ${told(inWords(error))}`)
      } finally {
        inFlight--
      }
    },
    stop: () => streams.stop(),
  }
}

function decodedOf(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Refusal(400, 'BAD_PATH', 'the address is not written as UTF-8')
  }
}
