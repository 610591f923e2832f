// What happens, as it is committed, to each client as newline-delimited JSON: from any moment on, and at its own pace.

import type { Subscription } from 'rxjs'
import type { Cancel } from '../kernel/clock.ts'
import { Refusal, answer } from './answers.ts'
import { createRecentEvents } from './recent-events.ts'
import type { Redactor } from './redact.ts'
import type { Source } from './source.ts'
import { type Client, createClient, nearest } from './stream-client.ts'
import { createStreamLines } from './stream-lines.ts'
import type { ViewSource } from './views/source.ts'

export interface Streams {
  /** @param asked `after=<seq>`: events behind it; default those from now on. */
  open(request: Request, asked: URLSearchParams): Promise<Response>
  stop(): void
}

/** Milliseconds: between an event and its line, and between two looks at a store of another process. */
const together = 100
const every = 200

export interface StreamLimits {
  /** Streams that may be open at a time. */
  readonly most: number
  /** Events a second for each of them. */
  readonly rate: number
}

export function createStreams(source: Source, show: Redactor, { most, rate }: StreamLimits): Streams {
  const { clock } = source
  const clients = new Set<Client>()
  const recent = createRecentEvents(nearest(rate))
  const view: ViewSource = {
    get reader() {
      return source.reader()
    },
    now: () => clock.now(),
    show,
  }
  const lines = createStreamLines(view, recent)
  const fed = { source, recent, lines, rate }
  let subscription: Subscription | undefined
  let cancel: Cancel | undefined

  const ring = (): void => {
    cancel = undefined
    lines.forget()
    for (const client of clients) client.wake()
    // a store of another process says nothing by itself
    if (clients.size > 0 && subscription === undefined) schedule(every)
  }
  const schedule = (within: number): void => {
    cancel ??= clock.at(clock.now() + within, ring)
  }
  const begin = (): void => {
    if (clients.size > 1) return
    subscription = source.events$?.subscribe({
      next(event) {
        recent.push(event)
        schedule(together)
      },
      error: () => poll(),
      complete: () => poll(),
    })
    if (subscription === undefined || subscription.closed) poll()
  }
  const poll = (): void => {
    subscription = undefined
    recent.clear()
    schedule(every)
  }
  const leave = (client: Client): void => {
    clients.delete(client)
    if (clients.size > 0) return
    subscription?.unsubscribe()
    subscription = undefined
    recent.clear()
    lines.forget()
    cancel?.()
    cancel = undefined
  }

  return {
    async open(request, asked) {
      if (clients.size >= most)
        throw new Refusal(503, 'TOO_MANY_CLIENTS', `at most ${most} may watch at a time: close another`, {
          'retry-after': '5',
        })
      if (request.method === 'HEAD') return answer('', 'application/x-ndjson; charset=utf-8')
      const given = asked.get('after')
      const wanted = given === null ? undefined : Number(given)
      if (wanted !== undefined && !(Number.isSafeInteger(wanted) && wanted >= 0))
        throw new Refusal(400, 'BAD_REQUEST', 'after is the seq of an event: a whole number from 0')
      let client: Client | undefined
      const body = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            client = createClient(fed, {
              from: wanted,
              controller,
              later: () => schedule(together),
              ended: () => {
                if (client !== undefined) leave(client)
              },
            })
            clients.add(client)
            begin()
          },
          pull: () => client?.room(),
          cancel: () => client?.end(),
        },
        // what the client has not taken, in lines
        { highWaterMark: 2 },
      )
      request.signal.addEventListener('abort', () => client?.end(), { once: true })
      return answer(body, 'application/x-ndjson; charset=utf-8')
    },
    stop() {
      for (const client of clients) client.end()
    },
  }
}
