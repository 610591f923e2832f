// Makes the trace of a run from a store, without the secrets that its values hold.

import { Declared } from '../journal/declared.ts'
import { toEvent } from '../journal/encoding.ts'
import type { JournalEvent, RootFailure } from '../journal/event.ts'
import type { StoreReader } from '../journal/store.ts'
import { decode, encode } from '../kernel/codec.ts'
import { CatenaryError } from '../kernel/errors.ts'
import type { Failure } from '../kernel/failure.ts'
import {
  type PayloadRedactor,
  type Replace,
  type ValuePlace,
  createPayloadRedactor,
} from './redact-payload.ts'
import { type Trace, traceFormat, traceSchema } from './trace.ts'

/** What a trace holds of its run's values. */
export interface TraceOptions {
  /** Whether values stay as they are, secrets included. Default false. */
  readonly secrets?: boolean
  /** Patterns of keys whose values are secrets, besides those that always hold. Default none. */
  readonly redactKeys?: readonly RegExp[]
}

/** @param options.replace what values are instead. @throws CatenaryError RUN_UNKNOWN */
export async function traceRun(
  reader: Pick<StoreReader, 'rows'>,
  run: string,
  { secrets = false, redactKeys = [], replace }: TraceOptions & { readonly replace?: Replace } = {},
): Promise<Trace> {
  const recorded = (await reader.rows(run, 0)).map((row) => toEvent(row))
  const [first] = recorded
  const last = recorded.at(-1)
  if (first === undefined || last === undefined || first.type !== 'run.accepted')
    throw new CatenaryError('RUN_UNKNOWN', `there is no run ${run} in this store`)
  const processes: { readonly seq: number; readonly at: number }[] = []
  const known = new Declared()
  for (const row of await reader.rows('', 0)) {
    if (row.seq > last.seq) break
    const event = toEvent(row)
    if (event.type === 'engine.declared') known.apply(event)
    if (event.type === 'engine.started' && event.seq > first.seq)
      processes.push({ seq: event.seq, at: event.at })
  }
  const ids = chainsOf(recorded)
  const redactor = createPayloadRedactor(redactKeys, replace)
  const events = secrets ? recorded : recorded.map((event) => redactEvent(event, redactor))
  return {
    format: traceFormat,
    schema: traceSchema,
    run,
    chains: [...ids].map(([id, version]) => ({ id, version })),
    declared: [...ids.keys()].flatMap((id) => known.chain(id) ?? []),
    redacted: redactor.count,
    processes,
    events,
  }
}

function chainsOf(events: readonly JournalEvent[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const event of events) {
    if (event.type === 'run.accepted') for (const { chain, version } of event.plan) found.set(chain, version)
    if (event.type === 'chain.started' && event.of !== undefined && event.version !== undefined)
      found.set(event.of, event.version)
  }
  return found
}

/** The event without secrets, and with all that a replay needs. */
function redactEvent(event: JournalEvent, by: PayloadRedactor): JournalEvent {
  const clean: Record<string, unknown> = { ...event }
  const { run, chain, step } = clean as {
    readonly run: string
    readonly chain?: string
    readonly step?: string
  }
  const at = {
    run,
    ...(chain === undefined ? {} : { chain }),
    ...(step === undefined ? {} : { step }),
  }
  if (typeof clean['payload'] === 'string')
    clean['payload'] = by.payload(clean['payload'], { ...at, what: 'payload' })
  if (clean['failure'] !== undefined)
    clean['failure'] = failureBy(clean['failure'] as Failure, by, { ...at, what: 'event' })
  for (const name of ['reason', 'detail'])
    if (typeof clean[name] === 'string') clean[name] = by.text(clean[name], { ...at, what: 'event' })
  if (event.type === 'run.accepted') {
    clean['plan'] = event.plan.map((node) =>
      node.input === undefined
        ? node
        : { ...node, input: by.payload(node.input, { run, chain: node.chain, what: 'input' }) },
    )
    if (event.attributes !== undefined) {
      const given = encode(event.attributes, 'attributes')
      const shown = decode(by.payload(given, { run, what: 'attributes' }))
      clean['attributes'] = typeof shown === 'object' && shown !== null ? shown : {}
    }
  }
  if (event.type === 'run.ended')
    clean['failures'] = event.failures.map((one: RootFailure) => ({
      ...one,
      failure: failureBy(one.failure, by, { run, what: 'event' }),
    }))
  return clean as unknown as JournalEvent
}

function failureBy(failure: Failure, by: PayloadRedactor, at: ValuePlace): Failure {
  const { message, stack, cause, heartbeat } = failure
  return {
    ...failure,
    message: by.text(message, at),
    ...(stack === undefined ? {} : { stack: by.text(stack, at) }),
    ...(cause === undefined ? {} : { cause: failureBy(cause, by, at) }),
    ...(heartbeat === undefined ? {} : { heartbeat: by.payload(heartbeat, at) }),
  }
}
