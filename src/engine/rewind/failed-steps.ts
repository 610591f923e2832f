// Reads from a chain's events which of its steps have failed for good, and where each of them last began.

import type { EntrySpec } from '../../definition/spec.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { ownerOf } from '../../journal/rewound.ts'
import { decode } from '../../kernel/codec.ts'

/** A step, or one item of an `each`. */
export interface FailedStep {
  readonly step: string
  readonly item?: string
}

/**
 * @param entries the chain's entries by name.
 * @param culprit the step whose failure ended the chain.
 * @returns the failed steps of a chain that did not succeed, and those that only settled because of them.
 */
export function failedSteps(
  events: readonly JournalEvent[],
  entries: ReadonlyMap<string, EntrySpec>,
  culprit: string | undefined,
): readonly FailedStep[] {
  const failed = new Map<string, FailedStep>()
  for (const event of events) {
    if (!('step' in event) || event.type === 'chain.ended' || event.type === 'attempt.settled-late') continue
    const step = ownerOf(event.step ?? '')
    const entry = entries.get(step)
    const part = event.step?.slice(step.length + 1)
    const items = entry?.kind === 'each'
    const item = items && 'item' in event && part !== 'items' ? event.item : undefined
    const key = JSON.stringify([step, item])
    if (fails(event, part, entry)) {
      if (items && item !== undefined && entry.onFailure === 'collect') continue
      failed.set(key, item === undefined ? { step } : { step, item })
    } else failed.delete(key)
  }
  if (failed.size > 0) return [...failed.values()]
  // a decision that came out so: whoever made it is asked again
  if (culprit === undefined || entries.get(culprit)?.kind !== 'repeat') return []
  return events.some((event) => isOf(event, culprit, undefined)) ? [{ step: culprit }] : []
}

function fails(event: JournalEvent, part: string | undefined, entry: EntrySpec | undefined): boolean {
  switch (event.type) {
    case 'attempt.failed':
    case 'decision.failed':
    case 'settling.ended':
      return true
    case 'decision.made':
      // a recovery follows a failed attempt, and only one that goes on takes its failure back
      return part === 'reason' || (part === 'recovery' && !goesOn(event.payload))
    case 'timer.fired':
      return part === 'timeout' && entry?.kind === 'wait' && entry.onTimeout === 'fail'
    default:
      return false
  }
}

function goesOn(verdict: string | undefined): boolean {
  return verdict !== undefined && (decode(verdict) as { readonly next?: string }).next !== 'fail'
}

const beginnings = new Set(['items', 'choice', 'input', 'due', 'deadline', 'reason'])

/** The `seq` of the event with which a step, or an item of it, last began; 0 where it never did. */
export function beginningOf(events: readonly JournalEvent[], step: string, item?: string): number {
  const own = events.filter((event) => isOf(event, step, item))
  if (item === undefined) {
    const decided = own.findLast(
      (event) =>
        event.type.startsWith('decision.') &&
        'step' in event &&
        beginnings.has((event.step ?? '').slice(step.length + 1)),
    )
    if (decided !== undefined) return decided.seq
  }
  const first = own.findLastIndex((event) => isFirstAttempt(event, step))
  if (first === -1) return own.at(-1)?.seq ?? 0
  const before = own[first - 1]
  const queued = before !== undefined && before.type === 'attempt.queued' && isFirstAttempt(before, step)
  return (queued ? before : (own[first] as JournalEvent)).seq
}

function isFirstAttempt(event: JournalEvent, step: string): boolean {
  const begins = event.type === 'attempt.queued' || event.type === 'attempt.started'
  return begins && event.step === step && event.attempt === 1
}

function isOf(event: JournalEvent, step: string, item: string | undefined): boolean {
  if (!('step' in event) || event.type === 'chain.ended' || ownerOf(event.step ?? '') !== step) return false
  return item === undefined || ('item' in event && event.item === item)
}
