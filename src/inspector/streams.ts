// What happens, as it is committed, to each client as newline-delimited JSON: from any moment on, and at its own pace.

import type { Subscription } from 'rxjs'
import { toEvent } from '../journal/encoding.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { Cancel } from '../kernel/clock.ts'
import { Refusal, answer } from './answers.ts'
import type { StreamLine } from './protocol.ts'
import { type RecentEvents, createRecentEvents } from './recent-events.ts'
import type { Redactor } from './redact.ts'
import type { Source } from './source.ts'
import { eventRow } from './views/event-row.ts'
import type { ViewSource } from './views/source.ts'

export interface Streams {
  /** @param asked `after=<seq>`: events behind it; default those from now on. */
  open(request: Request, asked: URLSearchParams): Promise<Response>
  stop(): void
}

/** Events of one line, and characters: with what waits for the socket, all that is kept for a client. */
const page = 200
const lineSize = 262_144
/** A client that is further behind than so many events is told how many it misses, and goes on with the latest. */
const furthest = 20_000
/** Events that are at hand for those who follow closely: some 50 ms of a busy supervisor. */
const atHand = 4_000
/** Milliseconds: between an event and its line, between two looks at a store of another process, between two beats. */
const together = 50
const every = 200
const beat = 10_000

/** What clients are told from. */
interface Fed {
  readonly source: Source
  readonly show: Redactor
  readonly recent: RecentEvents
}

/** One who listens. The journal is its queue: what it has not been given is read when it has room. */
interface Client {
  /** There may be something new. */
  wake(): void
  end(): void
}

export function createStreams(source: Source, show: Redactor, most: number): Streams {
  const { clock } = source
  const clients = new Set<Client>()
  const recent = createRecentEvents(atHand)
  let subscription: Subscription | undefined
  let cancel: Cancel | undefined

  const ring = (): void => {
    cancel = undefined
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
            client = createClient({ source, show, recent }, wanted, controller, () => {
              if (client !== undefined) leave(client)
            })
            clients.add(client)
            begin()
          },
          pull: () => client?.wake(),
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

function createClient(
  { source, show, recent }: Fed,
  from: number | undefined,
  controller: ReadableStreamDefaultController<Uint8Array>,
  ended: () => void,
): Client {
  const { clock } = source
  const encoder = new TextEncoder()
  const view: ViewSource = {
    get reader() {
      return source.reader()
    },
    now: () => clock.now(),
    show,
  }
  let after = from
  let greeted = false
  let over = false
  let reading = false
  let again = false
  let cancelBeat: Cancel | undefined

  const say = (line: StreamLine): void => sayText(JSON.stringify(line))
  const sayText = (line: string): void => {
    if (over) return
    controller.enqueue(encoder.encode(`${line}\n`))
    cancelBeat?.()
    cancelBeat = clock.at(clock.now() + beat, beatNow)
  }
  const beatNow = (): void => {
    // whoever takes nothing is told nothing, and finds out by what stays away
    if ((controller.desiredSize ?? 0) > 0) say({ type: 'beat', now: clock.now(), seq: after ?? 0 })
    else if (!over) cancelBeat = clock.at(clock.now() + beat, beatNow)
  }
  const end = (): void => {
    if (over) return
    over = true
    cancelBeat?.()
    ended()
    try {
      controller.close()
    } catch {
      // it was cancelled from the other side
    }
  }

  const readAfter = async (seq: number): Promise<readonly JournalEvent[]> =>
    (await source.reader().journal({ after: seq, limit: page })).map(toEvent)
  const read = async (): Promise<void> => {
    const last = await source.reader().lastSeq()
    after ??= last
    if (!greeted) {
      greeted = true
      // an `after` of another, longer journal would wait for ever
      after = Math.min(after, last)
      say({ type: 'hello', seq: last, now: clock.now() })
    }
    if (last - after > furthest) {
      const seq = last - page
      say({ type: 'dropped', count: seq - after, seq })
      after = seq
    }
    while (!over && after < last && (controller.desiredSize ?? 0) > 0) {
      const seq: number = after
      const told: readonly JournalEvent[] = recent.after(seq, page) ?? (await readAfter(seq))
      if (told.length === 0) return
      const events: string[] = []
      let size = 0
      for (const one of told) {
        if (size >= lineSize) break
        const event = JSON.stringify(eventRow(view, one))
        size += event.length
        after = one.seq
        events.push(event)
      }
      sayText(`{"type":"events","events":[${events.join(',')}]}`)
    }
  }

  const wake = (): void => {
    if (over) return
    if (reading) {
      again = true
      return
    }
    reading = true
    read()
      // it closed, or changes hands: the next ring tries again
      .catch(() => {})
      .finally(() => {
        reading = false
        if (!again) return
        again = false
        wake()
      })
  }
  return { wake, end }
}
