// An event of the journal as a row that may be shown, with what made it happen.

import type { JournalEvent } from '../../journal/event.ts'
import type { EventRow } from '../protocol.ts'
import { shown, type ViewSource } from './source.ts'

/** @param cause the `seq` of what made it happen, where that is known. */
export function eventRow(source: ViewSource, event: JournalEvent, cause?: number): EventRow {
  const { seq, at, run, type, chain, step, item, attempt, payload, ...fields } = event as JournalEvent & Named
  return {
    seq,
    at,
    run,
    type,
    ...(chain === undefined ? {} : { chain }),
    ...(step === undefined ? {} : { step }),
    ...(item === undefined ? {} : { item }),
    ...(attempt === undefined ? {} : { attempt }),
    body: {
      ...(source.show(fields, { run, what: 'event' }) as object),
      ...shown(source, 'payload', payload, event as JournalEvent & Named),
    },
    ...(cause === undefined ? {} : { cause }),
  }
}

interface Named {
  readonly chain?: string
  readonly step?: string
  readonly item?: string
  readonly attempt?: number
  readonly payload?: string
}

/**
 * Tells of each event of one run, taken in order, which earlier one made it happen: an outcome follows from its
 * attempt's start, a start from what the chain did before, a chain from the last that it needs.
 */
export function createCauses(): (event: JournalEvent) => number | undefined {
  const attempts = new Map<string, number>()
  const moved = new Map<string, number>()
  const signals = new Map<string, number>()
  const needs = new Map<string, readonly string[]>()
  let accepted: number | undefined
  let asked: number | undefined
  let latest: number | undefined

  const causeOf = (event: JournalEvent): number | undefined => {
    const { type } = event
    if (type === 'run.accepted') {
      for (const node of event.plan)
        needs.set(
          node.key,
          node.needs.map(({ key }) => key),
        )
      accepted = event.seq
      return undefined
    }
    if (
      type === 'run.cancel-requested' ||
      type === 'run.paused' ||
      type === 'run.resumed' ||
      type === 'run.retried'
    ) {
      asked = event.seq
      return undefined
    }
    if (type === 'signal.received') {
      signals.set(event.id, event.seq)
      return undefined
    }
    if (type === 'run.ended' || type === 'run.parked') return latest
    if (!('chain' in event)) return undefined
    const key = event.chain
    if (type === 'chain.started' || type === 'chain.queued') {
      const before =
        'call' in event && event.call !== undefined
          ? moved.get(event.call.chain)
          : Math.max(...(needs.get(key) ?? []).map((need) => moved.get(need) ?? 0), moved.get(key) ?? 0)
      return before === 0 || before === -Infinity ? (asked ?? accepted) : before
    }
    if (type === 'signal.consumed' || type === 'signal.answered') return signals.get(event.id)
    if (type === 'attempt.started' || type === 'attempt.queued')
      return attempts.get(attemptOf(event)) ?? moved.get(key)
    if ('attempt' in event) return attempts.get(attemptOf(event))
    if (type === 'chain.ended') return moved.get(key) ?? blockedBy(key) ?? asked
    return moved.get(key)
  }
  const blockedBy = (key: string): number | undefined => {
    const seqs = (needs.get(key) ?? []).flatMap((need) => moved.get(need) ?? [])
    return seqs.length === 0 ? undefined : Math.max(...seqs)
  }
  const remember = (event: JournalEvent): void => {
    if (!('chain' in event)) return
    if (event.type === 'attempt.started' || event.type === 'attempt.queued') {
      attempts.set(attemptOf(event), event.seq)
      return
    }
    if (event.type === 'attempt.hedged' || event.type === 'attempt.settled-late') return
    moved.set(event.chain, event.seq)
    if (event.type === 'chain.ended') latest = event.seq
    const { call } = event as { readonly call?: { readonly chain: string } }
    if (call !== undefined) moved.set(call.chain, event.seq)
  }
  return (event) => {
    const cause = causeOf(event)
    remember(event)
    return cause
  }
}

function attemptOf(event: Extract<JournalEvent, { readonly attempt: number }>): string {
  const { chain, step, item = '', attempt } = event
  return [chain, step, item, attempt].join('\n')
}
