// Events to rows and back: small fields as JSON, the author's data as the codec wrote it.

import { CatenaryError } from '../kernel/errors.ts'
import { inWords } from '../kernel/failure.ts'
import type { JournalEvent, Payload } from './event.ts'
import type { Row } from './store.ts'

/** An event as the row that the store keeps. */
export function toRow(event: JournalEvent): Row {
  const { seq, run, type, at } = event
  const payload = 'payload' in event ? (event.payload ?? null) : null
  return { seq, run, type, at, body: bodyOf(event), payload }
}

/**
 * A row as the event that it was.
 *
 * @throws CatenaryError STORE_CORRUPT
 */
export function toEvent(row: Row): JournalEvent {
  const { seq, run, type, at, body, payload } = row
  // freshly parsed, and nobody else's: filled up in place, as a copy takes as long as the parsing
  const event: { -readonly [K in keyof Row]?: unknown } = fieldsOf(body, seq)
  event.type = type
  event.seq = seq
  event.at = at
  event.run = run
  if (payload !== null) event.payload = payload
  return event as unknown as JournalEvent
}

function fieldsOf(body: string, seq: number): object {
  try {
    const fields: unknown = JSON.parse(body)
    if (typeof fields === 'object' && fields !== null) return fields
    throw new TypeError('it is no object')
  } catch (cause) {
    const message = `event ${seq} of the journal cannot be read (${inWords(cause)}); restore a backup of the store`
    throw new CatenaryError('STORE_CORRUPT', message, { cause })
  }
}

interface Paid {
  readonly payload?: Payload
}

// two events of every attempt: written out, because that is several times faster than a copy and a stringify
function bodyOf(event: JournalEvent): string {
  if (event.type === 'attempt.started') {
    const waited = event.queuedAt === undefined ? '' : `,"queuedAt":${event.queuedAt}`
    const due = event.deadline === undefined ? '' : `,"deadline":${event.deadline}`
    return `${attemptOf(event)}${waited},"inFlight":${event.inFlight},"config":${event.config}${due}}`
  }
  if (event.type === 'attempt.succeeded') {
    const memo = event.memo === undefined ? '' : `,"memo":${JSON.stringify(event.memo)}`
    const read = event.read === undefined ? '' : `,"read":${JSON.stringify(event.read)}`
    return `${attemptOf(event)},"took":${event.took}${memo}${read}}`
  }
  const {
    seq: _seq,
    at: _at,
    run: _run,
    type: _type,
    payload: _payload,
    ...body
  } = event as JournalEvent & Paid
  return JSON.stringify(body)
}

/** The beginning of a body, up to the attempt's number. */
function attemptOf({
  chain,
  step,
  item,
  attempt,
}: JournalEvent & { readonly type: 'attempt.started' | 'attempt.succeeded' }): string {
  if (item === undefined && attempt === 1) return firstAttemptOf(chain, step)
  const of = item === undefined ? '' : `,"item":${JSON.stringify(item)}`
  return `{"chain":${quoted(chain)},"step":${quoted(step)}${of},"attempt":${attempt}`
}

const remembered = 10_000
const firstAttempts = new Map<string, Map<string, string>>()
let firstAttemptsKnown = 0

/** Most attempts are the first of a step that every run of its chain has; their rows share this text. */
function firstAttemptOf(chain: string, step: string): string {
  const known = firstAttempts.get(chain)?.get(step)
  if (known !== undefined) return known
  if (firstAttemptsKnown++ === remembered) {
    firstAttempts.clear()
    firstAttemptsKnown = 1
  }
  const text = `{"chain":${quoted(chain)},"step":${quoted(step)},"attempt":1`
  const steps = firstAttempts.get(chain)
  if (steps === undefined) firstAttempts.set(chain, new Map([[step, text]]))
  else steps.set(step, text)
  return text
}

const names = new Map<string, string>()

/** Names of chains and steps are few and come again and again. */
function quoted(name: string): string {
  let text = names.get(name)
  if (text === undefined) {
    if (names.size > remembered) names.clear()
    text = JSON.stringify(name)
    names.set(name, text)
  }
  return text
}
