// The routes below `/api/`: which view answers what, once it is known who asks.

import type { Redactor } from './redact.ts'
import { Refusal, json } from './answers.ts'
import type { InspectorOptions } from './inspector-options.ts'
import { type Hello, protocol, routes } from './protocol.ts'
import { readJson } from './read-body.ts'
import type { Source } from './source.ts'

export interface Api {
  /** @param path below the inspector's own, beginning with `/api/`. */
  answer(request: Request, url: URL, path: string): Promise<Response>
  stop(): void
}

/** Milliseconds for a command to arrive. */
const bodyWithin = 10_000

export function createApi(
  source: Source,
  redact: Redactor,
  { commands = false, maxBody = 65_536 }: InspectorOptions,
): Api {
  const hello = async (): Promise<Hello> => ({
    protocol,
    version: '0',
    store: source.name,
    commands,
    live: source.live(),
    lastSeq: await source.reader().lastSeq(),
    now: source.clock.now(),
  })
  return {
    async answer(request, url, path) {
      if (path === routes.command) {
        if (request.method !== 'POST')
          throw new Refusal(405, 'BAD_METHOD', 'commands are sent by POST', { allow: 'POST' })
        if (!commands)
          throw new Refusal(403, 'READ_ONLY', 'this inspector only looks: give it { commands: true }')
        const command = await readJson(request, source.clock, { size: maxBody, within: bodyWithin })
        return json(redact(command, { what: 'command' }))
      }
      if (request.method !== 'GET' && request.method !== 'HEAD')
        throw new Refusal(405, 'BAD_METHOD', 'this is only read', { allow: 'GET, HEAD' })
      if (path === routes.hello) return json(await hello())
      throw new Refusal(404, 'NOT_FOUND', `there is no ${url.pathname}`)
    },
    stop() {},
  }
}
