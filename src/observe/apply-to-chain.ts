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
import { dropOutput, inputOf, itemHashes, keepOutput, scopeOf } from './chain-scope.ts'
import { type Holding, room } from './room.ts'

/** What a chain's run knows for it. */
export interface OfRun {
  readonly run: Holding & { readonly chains: ReadonlyMap<string, ChainRecord> }
  /** Attempts, waits and called chains that it may hold. */
  readonly most: number
  /** Whether the event is a copy of what happened in another run. */
  readonly copied: boolean
}

type AttemptEvent = Extract<JournalEvent, { readonly attempt: number; readonly chain: string }>

/** Applies what happened inside the chain. */
export function applyToChain(
  chain: ChainRecord,
  event: JournalEvent & { readonly chain: string },
  of: OfRun,
): void {
  const { going } = chain
  switch (event.type) {
    case 'attempt.started':
    case 'attempt.queued':
      begun(chain, event, of)
      break
    case 'attempt.succeeded':
    case 'attempt.failed':
    case 'attempt.lost':
      if (event.type !== 'attempt.lost') read(chain, event.read)
      ended(chain, event)
      break
    case 'attempt.hedged': {
      const attempt = goingOn(chain, event)
      if (attempt !== undefined) attempt.hedged++
      break
    }
    case 'attempt.settled-late':
      settledLate(chain, event)
      break
    case 'decision.made':
      read(chain, event.read)
      decided(chain, event, of)
      break
    case 'decision.failed': {
      const failed = going.failed?.get(keyOf(ownerOf(event.step), event.item))
      if (failed !== undefined && event.step.endsWith(':recovery')) failed.next = 'fail'
      break
    }
    case 'timer.fired':
      fired(chain, event)
      break
    case 'signal.consumed': {
      // those of rounds are told without their item
      const wait = going.waits?.values().find(({ step }) => step === event.step)
      const key = keyOf(event.step, wait?.item)
      if (wait !== undefined) wait.for = 'signal'
      else if (going.movedAt < event.at && room(of.run, of.most))
        // nothing tells that a wait without a limit begins: it began when the chain came to it
        beginWait(chain, { seq: going.movedSeq, at: going.movedAt }, event.step, 'signal')
      endWait(chain, key, event.at)
      keepOutput(chain, event.step, hashOf(event.payload))
      break
    }
    case 'settling.ended':
      // nobody waits any more for what was aborted
      if (event.step === 'compensating:settling') abortOpen(chain, event)
      break
    case 'machine.advanced':
      for (const item of event.dropped ?? []) abortItem(chain, item, event)
      break
    default:
  }
  going.movedAt = event.at
  going.movedSeq = event.seq
}

function read(chain: ChainRecord, names: readonly string[] | undefined): void {
  for (const name of names ?? []) if (!chain.reads.includes(name)) chain.reads.push(name)
}

/** The attempt that an event is about, where nothing has ended it. */
function goingOn({ going }: ChainRecord, event: AttemptEvent): AttemptRecord | undefined {
  const key = keyOf(event.step, event.item)
  const attempt = going.attempts?.get(key)
  if (attempt === undefined || attempt.attempt === event.attempt) return attempt
  // its machine had gone on without it
  endAttempt(attempt, 'aborted', event)
  going.attempts?.delete(key)
  return undefined
}

function begun(
  chain: ChainRecord,
  event: AttemptEvent & { readonly type: 'attempt.queued' | 'attempt.started' },
  { run, most, copied }: OfRun,
): void {
  const { going } = chain
  const { at } = event
  let attempt = goingOn(chain, event)
  if (attempt?.startedAt !== undefined) {
    endAttempt(attempt, 'aborted', event)
    attempt = undefined
  }
  if (attempt === undefined) {
    const key = keyOf(event.step, event.item)
    const expanded = event.item === undefined ? undefined : going.expanded?.get(event.step)
    const enqueuedAt = Math.min(at, going.due?.get(key) ?? expanded?.at ?? at)
    going.due?.delete(key)
    attempt = beginAttempt(event, { enqueuedAt, copied, ofEach: expanded !== undefined })
    const attempts = (going.attempts ??= new Map())
    attempts.set(key, attempt)
    if (room(run, most)) chain.attempts.push(attempt)
  }
  if (event.type === 'attempt.queued') queueAttempt(attempt, event)
  else startAttempt(attempt, event, inputOf(chain, event, run.chains))
}

function settledLate(
  chain: ChainRecord,
  event: AttemptEvent & { readonly type: 'attempt.settled-late' },
): void {
  const { outcome, at } = event
  const key = keyOf(event.step, event.item)
  const one = chain.attempts.findLast(
    (each) => keyOf(idOf(each), each.item) === key && each.attempt === event.attempt && !each.rewound,
  )
  if (one === undefined) return
  one.late = { outcome, at }
  if (one.outcome !== undefined) return
  endAttempt(one, 'aborted', event)
  chain.going.attempts?.delete(key)
}

function ended(
  chain: ChainRecord,
  event: AttemptEvent & { readonly type: 'attempt.succeeded' | 'attempt.failed' | 'attempt.lost' },
): void {
  const { going } = chain
  const attempt = goingOn(chain, event)
  if (attempt === undefined) return
  const key = keyOf(event.step, event.item)
  going.attempts?.delete(key)
  if (event.type === 'attempt.lost') {
    endAttempt(attempt, 'lost', event)
    const due = (going.due ??= new Map())
    due.set(key, event.at)
    return
  }
  attempt.took = event.took
  if (event.type === 'attempt.failed') {
    endAttempt(attempt, 'failed', event)
    attempt.failure = failureRecord(event.failure)
    const failed = (going.failed ??= new Map())
    failed.set(key, attempt)
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
  { run, most }: OfRun,
): void {
  const { step: id, item, payload, at } = event
  const { going } = chain
  const name = ownerOf(id)
  const part = id.slice(name.length + 1)
  const key = keyOf(name, item)
  if (part === 'items') {
    const items = payload === undefined ? '' : itemHashes(payload)
    dropOutput(going, name)
    const expanded = (going.expanded ??= new Map())
    expanded.set(name, { at, round: item, scope: scopeOf(chain, run.chains), items })
  } else if (part === 'due') {
    if (room(run, most)) beginWait(chain, event, name, 'timer')
  } else if (part === 'recovery') {
    const { next, due } = (payload === undefined ? {} : decode(payload)) as {
      readonly next?: AttemptRecord['next']
      readonly due?: number
    }
    const failed = going.failed?.get(key)
    going.failed?.delete(key)
    if (failed !== undefined) {
      failed.next = next
      if (next === 'retry' && due !== undefined) failed.backoff = Math.max(0, due - at)
    }
    if (next === 'retry' && room(run, most)) beginWait(chain, event, name, 'backoff')
  }
}

function fired({ going }: ChainRecord, event: JournalEvent & { readonly type: 'timer.fired' }): void {
  const name = ownerOf(event.step)
  const part = event.step.slice(name.length + 1)
  // those of rounds, and of what is undone, are told without their item
  const wait =
    going.waits?.get(keyOf(name, event.item)) ?? going.waits?.values().find(({ step }) => step === name)
  const key = keyOf(name, wait?.item ?? event.item)
  if (part === 'backoff') {
    const due = (going.due ??= new Map())
    due.set(key, event.at)
  }
  if (wait === undefined) return
  if (part === 'timeout') wait.for = 'signal'
  wait.to = event.at
  going.waits?.delete(key)
}
