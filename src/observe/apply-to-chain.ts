// Applies the events of a chain's machine to the chain as measured: attempts, decisions, timers, signals.

import type { JournalEvent } from '../journal/event.ts'
import { ownerOf } from '../journal/rewound.ts'
import { decode } from '../kernel/codec.ts'
import {
  type AttemptRecord,
  beginAttempt,
  endAttempt,
  failureRecord,
  hashOf,
  queueAttempt,
  startAttempt,
} from './attempt-record.ts'
import { abortItem, abortOpen, beginWait, type ChainRecord, endWait, keyOf } from './chain-record.ts'
import { inputOf, itemHashes, keepOutput, scopeOf } from './chain-scope.ts'

/** Says of an attempt or a wait whether there is room for it. */
type Room = () => boolean

/** What a chain's run knows for it. */
export interface OfRun {
  readonly room: Room
  /** Whether the event is a copy of what happened in another run. */
  readonly copied: boolean
  /** What it needs, as a text. */
  readonly needs: () => string
}

type AttemptEvent = Extract<JournalEvent, { readonly attempt: number; readonly chain: string }>

/** Applies what happened inside the chain. */
export function applyToChain(
  chain: ChainRecord,
  event: JournalEvent & { readonly chain: string },
  of: OfRun,
): void {
  const { going } = chain
  if ('read' in event)
    for (const name of event.read ?? []) if (!chain.reads.includes(name)) chain.reads.push(name)
  if ('attempt' in event) applyToAttempt(chain, event, of)
  else if (event.type === 'decision.made') decided(chain, event, of)
  else if (event.type === 'timer.fired') fired(chain, event)
  else if (event.type === 'signal.consumed') {
    const key = keyOf(event.step, undefined)
    const wait = going.waits.get(key)
    if (wait !== undefined) wait.for = 'signal'
    else if (going.movedAt < event.at && of.room())
      // nothing tells that a wait without a limit begins: it began when the chain came to it
      beginWait(chain, { ...event, seq: going.movedSeq, at: going.movedAt }, event.step, 'signal')
    endWait(chain, key, event.at)
    keepOutput(chain, event.step, hashOf(event.payload))
  } else if (event.type === 'settling.ended') {
    // nobody waits any more for what was aborted
    if (event.step === 'compensating:settling') abortOpen(chain, event)
  } else if (event.type === 'machine.advanced') {
    for (const item of event.dropped ?? []) abortItem(chain, item, event)
  } else if (event.type === 'decision.failed') {
    const failed = going.failed.get(keyOf(ownerOf(event.step), event.item))
    if (failed !== undefined && event.step.endsWith(':recovery')) failed.next = 'fail'
  }
  going.movedAt = event.at
  going.movedSeq = event.seq
}

function applyToAttempt(chain: ChainRecord, event: AttemptEvent, { room, copied, needs }: OfRun): void {
  const { going } = chain
  const { at } = event
  const key = keyOf(event.step, event.item)
  let attempt = going.attempts.get(key)
  if (attempt !== undefined && attempt.attempt !== event.attempt && event.type !== 'attempt.settled-late') {
    // its machine had gone on without it
    endAttempt(attempt, 'aborted', event)
    going.attempts.delete(key)
    attempt = undefined
  }
  if (event.type === 'attempt.queued' || event.type === 'attempt.started') {
    if (attempt?.startedAt !== undefined) {
      endAttempt(attempt, 'aborted', event)
      attempt = undefined
    }
    if (attempt === undefined) {
      const expanded = event.item === undefined ? undefined : going.expanded.get(event.step)
      const enqueuedAt = Math.min(at, going.due.get(key) ?? expanded?.at ?? at)
      going.due.delete(key)
      attempt = beginAttempt(event, { enqueuedAt, copied, ofEach: expanded !== undefined })
      going.attempts.set(key, attempt)
      if (room()) chain.attempts.push(attempt)
    }
    if (event.type === 'attempt.queued') queueAttempt(attempt, event)
    else startAttempt(attempt, event, inputOf(chain, event, needs))
    return
  }
  if (event.type === 'attempt.settled-late') {
    const { outcome } = event
    const one = chain.attempts.findLast(
      (each) => keyOf(idOf(each), each.item) === key && each.attempt === event.attempt && !each.rewound,
    )
    if (one === undefined) return
    one.late = { outcome, at }
    if (one.outcome !== undefined) return
    endAttempt(one, 'aborted', event)
    going.attempts.delete(key)
    return
  }
  if (attempt === undefined) return
  if (event.type === 'attempt.hedged') {
    attempt.hedged++
    return
  }
  going.attempts.delete(key)
  if (event.type === 'attempt.lost') {
    endAttempt(attempt, 'lost', event)
    going.due.set(key, at)
    return
  }
  attempt.took = event.took
  if (event.type === 'attempt.failed') {
    endAttempt(attempt, 'failed', event)
    attempt.failure = failureRecord(event.failure)
    going.failed.set(key, attempt)
    return
  }
  endAttempt(attempt, 'succeeded', event)
  attempt.memo = event.memo !== undefined
  attempt.outputHash = hashOf(event.payload)
  attempt.outputSize = event.payload?.length ?? 0
  if (attempt.part === 'compensation') return
  keepOutput(chain, attempt.step, attempt.outputHash, event.item)
}

/** What an attempt's id was: its step's name, with its part. */
function idOf({ step, part }: AttemptRecord): string {
  return part === undefined ? step : `${step}:${part}`
}

function decided(
  chain: ChainRecord,
  event: JournalEvent & { readonly type: 'decision.made' },
  { room, needs }: OfRun,
): void {
  const { step: id, item, payload, at } = event
  const { going } = chain
  const name = ownerOf(id)
  const part = id.slice(name.length + 1)
  const key = keyOf(name, item)
  if (part === 'items') {
    const items = payload === undefined ? '' : itemHashes(payload)
    going.outputs.delete(name)
    going.scope = undefined
    going.expanded.set(name, { at, round: item, scope: scopeOf(chain, needs), items })
  } else if (part === 'due') {
    if (room()) beginWait(chain, event, name, 'timer')
  } else if (part === 'recovery') {
    const { next, due } = (payload === undefined ? {} : decode(payload)) as {
      readonly next?: AttemptRecord['next']
      readonly due?: number
    }
    const failed = going.failed.get(key)
    going.failed.delete(key)
    if (failed !== undefined) {
      failed.next = next
      if (next === 'retry' && due !== undefined) failed.backoff = Math.max(0, due - at)
    }
    if (next === 'retry' && room()) beginWait(chain, event, name, 'backoff')
  }
}

function fired({ going }: ChainRecord, event: JournalEvent & { readonly type: 'timer.fired' }): void {
  const name = ownerOf(event.step)
  const part = event.step.slice(name.length + 1)
  // those of rounds, and of what is undone, are told without their item
  const wait =
    going.waits.get(keyOf(name, event.item)) ?? going.waits.values().find(({ step }) => step === name)
  const key = keyOf(name, wait?.item ?? event.item)
  if (part === 'backoff') going.due.set(key, event.at)
  if (wait === undefined) return
  if (part === 'timeout') wait.for = 'signal'
  wait.to = event.at
  going.waits.delete(key)
}
