// A run's timeline as short, stable text, for inline snapshots: times from its acceptance on, and no ids.

import { formatMs } from '../../kernel/duration.ts'
import { decode } from '../../kernel/codec.ts'
import type { JournalEvent } from '../../journal/event.ts'

/** A line for each thing that happened and that a reader of the chain knows by name. @param home is not named. */
export function timelineText(events: readonly JournalEvent[], home: string): string {
  const begun = events[0]?.at ?? 0
  const lines = events.flatMap((event): readonly (readonly [string, string])[] => {
    const said = sentenceOf(event, home)
    return said === undefined ? [] : [[formatMs(event.at - begun), said]]
  })
  const width = Math.max(0, ...lines.map(([at]) => at.length))
  return lines.map(([at, said]) => `${at.padStart(width)}  ${said}`).join('\n')
}

/** What happened, for people; undefined for what a reader of the chain does not know by name. */
export function sentenceOf(event: JournalEvent, home: string): string | undefined {
  switch (event.type) {
    case 'attempt.queued':
      return `${subject(event, home)} waits for ${event.waitsFor}`
    case 'attempt.started':
      return `${subject(event, home)} starts`
    case 'attempt.succeeded':
      return `${subject(event, home)} succeeds${event.memo === undefined ? '' : ', as memoised'}`
    case 'attempt.failed':
      return `${subject(event, home)} fails: ${event.failure.message}`
    case 'attempt.lost':
      return `${subject(event, home)} is lost with its process`
    case 'attempt.hedged':
      return `${subject(event, home)} is hedged`
    case 'attempt.settled-late':
      return `${subject(event, home)} ${event.outcome} too late`
    case 'decision.made':
      return decided(event, home)
    case 'decision.failed':
      return `${subject(event, home)} cannot be decided: ${event.failure.message}`
    case 'timer.fired':
      return `${subject(event, home)} is due`
    case 'signal.received':
      return `signal ${event.name} comes`
    case 'signal.consumed':
      return `${subject(event, home)} takes it`
    case 'chain.started':
      return event.chain === home ? undefined : `chain ${event.chain} starts`
    case 'chain.queued':
      return `chain ${event.chain} waits for ${event.waitsFor.replace(/:.*/, '')}`
    case 'chain.cut-short':
      return `chain ${event.chain} is cut short`
    case 'chain.ended': {
      const compensated = event.compensated?.map(({ step }) => step) ?? []
      return `chain ${event.chain} ${event.status}${compensated.length > 0 ? `, undone: ${compensated.join(', ')}` : ''}`
    }
    case 'run.paused':
    case 'run.resumed':
    case 'run.retried':
      return event.type.replace('.', ' is ')
    case 'run.cancel-requested':
      return `cancelled${event.reason === undefined ? '' : `: ${event.reason}`}`
    case 'run.parked':
      return `run is parked: ${event.reason}`
    default:
      return undefined
  }
}

function decided(event: JournalEvent & { readonly type: 'decision.made' }, home: string): string | undefined {
  const value: unknown = event.payload === undefined ? undefined : decode(event.payload)
  const part = event.step.slice(event.step.indexOf(':') + 1)
  const { next, due } = (value ?? {}) as { readonly next?: string; readonly due?: number }
  if (part === 'choice') return `${owner(event, home)} goes by branch ${Number(value) + 1}`
  if (part === 'until') return `${owner(event, home)}: ${String(value)}`
  if (!part.endsWith('recovery')) return undefined
  if (next === 'retry') return `${owner(event, home)} backs off for ${formatMs((due ?? event.at) - event.at)}`
  return next === 'fallback' ? `${owner(event, home)} falls back` : undefined
}

interface Placed {
  readonly chain: string
  readonly step: string
  readonly item?: string
  readonly attempt?: number
}

function owner({ chain, step, item }: Placed, home: string): string {
  return subject(
    { chain, step: step.slice(0, step.indexOf(':')), ...(item === undefined ? {} : { item }) },
    home,
  )
}

function subject({ chain, step, item, attempt }: Placed, home: string): string {
  const name = `${chain === home ? '' : `${chain}/`}${step}${item === undefined ? '' : `[${item}]`}`
  return attempt === undefined || attempt === 1 ? name : `${name} #${attempt}`
}
