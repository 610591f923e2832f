// A run's events as stretches of time: each step queued, running, backing off, waiting, asleep, or in a called chain.

import { decode } from '../../kernel/codec.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { ownerOf } from '../../journal/rewound.ts'
import type { Span } from '../protocol.ts'
import { shown, type ViewSource } from './source.ts'

type Open = { -readonly [K in keyof Span]: Span[K] }

interface ChainSpans {
  readonly spans: Open[]
  readonly open: Map<string, Open>
  /** When the chain last came forward. */
  movedAt: number
  readonly call?: { readonly chain: string; readonly step: string; readonly item?: string }
}

/** By chain of the run, in the order in which they began. What is open has no `to`. */
export function spansOf(
  source: ViewSource,
  events: readonly JournalEvent[],
): ReadonlyMap<string, readonly Span[]> {
  const chains = new Map<string, ChainSpans>()
  for (const event of events) {
    if (!('chain' in event)) continue
    let chain = chains.get(event.chain)
    if (chain === undefined) {
      const call = event.type === 'chain.started' ? event.call : undefined
      chains.set(
        event.chain,
        (chain = { spans: [], open: new Map(), movedAt: event.at, ...(call === undefined ? {} : { call }) }),
      )
    }
    apply(source, chain, event)
    if (event.type === 'chain.started' && event.call !== undefined) {
      const caller = chains.get(event.call.chain)
      if (caller !== undefined)
        begin(caller, keyOf(event.call.step, event.call.item), {
          ...placeOf(event.call.step, event.call.item),
          attempt: 1,
          phase: 'calling',
          from: event.at,
          detail: event.chain,
        })
    }
    if (event.type === 'chain.ended' && chain.call !== undefined) {
      const caller = chains.get(chain.call.chain)
      if (caller !== undefined)
        close(
          caller,
          keyOf(chain.call.step, chain.call.item),
          event.at,
          event.status === 'succeeded' ? 'succeeded' : 'failed',
        )
    }
    chain.movedAt = event.at
  }
  return new Map([...chains].map(([key, { spans }]) => [key, lighten(spans)]))
}

/** With more spans than this, the outputs of items are left to the events: nobody reads a thousand of them. */
const mostOutputs = 500

function lighten(spans: readonly Open[]): readonly Span[] {
  if (spans.length <= mostOutputs) return spans
  return spans.map(({ output, ...span }) =>
    span.item === undefined && output !== undefined ? { ...span, output } : span,
  )
}

type ChainEvent = Extract<JournalEvent, { readonly chain: string }>

function apply(source: ViewSource, chain: ChainSpans, event: ChainEvent): void {
  const { at } = event
  if (event.type === 'chain.ended') {
    for (const key of chain.open.keys()) close(chain, key, at, 'aborted')
    return
  }
  if (!('step' in event) || event.step === undefined) return
  const step = ownerOf(event.step)
  const part = event.step.slice(step.length + 1)
  const item = 'item' in event ? event.item : undefined
  const key = keyOf(event.step === `${step}:fallback` ? event.step : step, item)
  const place = placeOf(step, item)
  switch (event.type) {
    case 'attempt.queued':
      close(chain, key, at)
      begin(chain, key, {
        ...place,
        attempt: event.attempt,
        phase: 'queued',
        from: at,
        detail: event.waitsFor,
      })
      return
    case 'attempt.started': {
      const queued = chain.open.get(key)?.phase === 'queued'
      close(chain, key, at)
      if (!queued && event.queuedAt !== undefined && event.queuedAt < at)
        chain.spans.push({ ...place, attempt: event.attempt, phase: 'queued', from: event.queuedAt, to: at })
      const detail = part === '' ? {} : { detail: part }
      begin(chain, key, { ...place, attempt: event.attempt, phase: 'running', from: at, ...detail })
      return
    }
    case 'attempt.succeeded': {
      const memo = event.memo === undefined ? {} : { detail: `output of run ${event.memo.run}, used again` }
      const given = { ...memo, ...shown(source, 'output', event.payload, event) }
      if (!chain.open.has(key))
        begin(chain, key, { ...place, attempt: event.attempt, phase: 'running', from: at - event.took })
      close(chain, key, at, 'succeeded', given)
      return
    }
    case 'attempt.failed':
      close(chain, key, at, 'failed', { detail: event.failure.message })
      return
    case 'attempt.lost':
      close(chain, key, at, 'lost', { detail: 'its process died' })
      return
    case 'decision.made':
      decided(chain, event, part, key, place)
      return
    case 'timer.fired':
      if (part === '') close(chain, key, at, 'succeeded')
      else if (part === 'timeout' && chain.open.get(key)?.phase === 'sleeping')
        close(chain, key, at, 'failed', { phase: 'waiting', detail: 'no signal came in time' })
      else if (part === 'backoff') close(chain, key, at)
      return
    case 'signal.consumed':
      if (!chain.open.has(key))
        begin(chain, key, { ...place, attempt: 1, phase: 'waiting', from: chain.movedAt })
      close(chain, key, at, 'succeeded', {
        phase: 'waiting',
        detail: event.name,
        ...shown(source, 'output', event.payload, event),
      })
      return
    default:
  }
}

/** Whether a due time ends a sleep or a wait for a signal shows only in what ends it. */
function decided(
  chain: ChainSpans,
  event: ChainEvent & { readonly type: 'decision.made' },
  part: string,
  key: string,
  place: Pick<Span, 'step' | 'item'>,
): void {
  const value = event.payload === undefined ? undefined : decode(event.payload)
  if (part === 'due') {
    begin(chain, key, { ...place, attempt: 1, phase: 'sleeping', from: event.at })
  } else if (part === 'recovery') {
    const { next, due } = value as { readonly next: string; readonly due?: number }
    if (next !== 'retry' || due === undefined) return
    const last = chain.spans.findLast((span) => span.step === place.step && span.item === place.item)
    begin(chain, key, { ...place, attempt: last?.attempt ?? 1, phase: 'backing-off', from: event.at })
  }
}

function begin(chain: ChainSpans, key: string, span: Open): void {
  chain.spans.push(span)
  chain.open.set(key, span)
}

function close(
  chain: ChainSpans,
  key: string,
  to: number,
  outcome?: NonNullable<Span['outcome']>,
  given: Partial<Span> = {},
): void {
  const span = chain.open.get(key)
  if (span === undefined) return
  chain.open.delete(key)
  Object.assign(span, given, { to }, outcome === undefined ? {} : { outcome })
}

const keyOf = (step: string, item: string | undefined): string => `${step}\n${item ?? ''}`

const placeOf = (step: string, item: string | undefined): Pick<Span, 'step' | 'item'> => ({
  step,
  ...(item === undefined ? {} : { item }),
})
