// One step of a chain as its events tell it: what is in progress in it, how often it was tried, how it ended.

import { decode } from '../kernel/codec.ts'
import type { Failure } from '../kernel/failure.ts'
import type { JournalEvent, MemoOrigin } from '../journal/event.ts'

/** What a step, or one item of it, is doing. */
export interface Progressing {
  readonly phase: 'queued' | 'running' | 'backing-off' | 'until-due' | 'calling'
  readonly since: number
  /** The attempt that runs, waits, or failed last; 0 where there is none. */
  readonly attempt: number
  /** When it goes on by itself (ms since the epoch). */
  readonly due?: number
  /**
   * What it queues for: as recorded, or `recovery` after an attempt that was lost with its process; after a backoff
   * `turn` among the items, or `nothing`.
   */
  readonly waitsFor?: string
}

/** The items of an `each`. */
export interface ItemCounts {
  total: number
  succeeded: number
  failed: number
}

export interface StepTimeline {
  readonly name: string
  readonly startedAt: number
  endedAt: number | undefined
  outcome: 'succeeded' | 'failed' | undefined
  /** Attempts that started, over all items and rounds; the fallback is none. */
  attempts: number
  /** Attempts that died with their process. */
  lost: number
  /** Calls beside a slow one, over all attempts. */
  hedged: number
  /** Whether a fallback stepped in. */
  fallback: boolean
  /** The run that had made its output; of an `each`, that of the last item for which there was one. */
  memo: MemoOrigin | undefined
  /** The last failure, also where the step went on after it. */
  failure: Failure | undefined
  items: ItemCounts | undefined
  /** The attempt that failed last, of whatever item. */
  failedAttempt: number
  /** By item; `''` where there are none. */
  readonly open: Map<string, Progressing>
}

export function beginStep(name: string, at: number): StepTimeline {
  return {
    name,
    startedAt: at,
    endedAt: undefined,
    outcome: undefined,
    attempts: 0,
    lost: 0,
    hedged: 0,
    fallback: false,
    memo: undefined,
    failure: undefined,
    items: undefined,
    failedAttempt: 0,
    open: new Map(),
  }
}

/** Applies an event that names the step or a part of it. */
export function applyToStep(step: StepTimeline, event: JournalEvent): void {
  // rounds of a repeat follow each other, so only items need telling apart
  const item = step.items !== undefined && 'item' in event ? (event.item ?? '') : ''
  const { at } = event
  switch (event.type) {
    case 'attempt.queued':
      step.open.set(item, { phase: 'queued', since: at, attempt: event.attempt, waitsFor: event.waitsFor })
      return
    case 'attempt.started':
      reopen(step)
      if (event.step === step.name) step.attempts++
      else step.fallback = true
      step.open.set(item, { phase: 'running', since: at, attempt: event.attempt })
      return
    case 'attempt.succeeded':
      if (event.memo !== undefined) step.memo = event.memo
      else if (step.items === undefined) step.memo = undefined
      return succeed(step, item, at)
    case 'attempt.failed':
      step.failure = event.failure
      step.failedAttempt = event.attempt
      // an item is given up only by its recovery
      if (step.items === undefined) return fail(step, item, at)
      step.open.delete(item)
      return
    case 'attempt.hedged':
      step.hedged++
      return
    case 'attempt.lost':
      step.lost++
      step.open.set(item, { phase: 'queued', since: at, attempt: event.attempt, waitsFor: 'recovery' })
      return
    case 'decision.failed':
      step.failure = event.failure
      return fail(step, item, at)
    case 'decision.made':
      return decided(step, event, item)
    case 'timer.fired':
      if (event.step === `${step.name}:timeout`) return fail(step, item, at)
      if (event.step === step.name) return succeed(step, item, at)
      if (event.step === `${step.name}:backoff`) comeForward(step, item, at)
      else step.open.delete(item)
      return
    case 'signal.consumed':
    case 'call.undone':
      return succeed(step, '', at)
    default:
  }
}

/** The chain that the step called has begun, or ended. */
export function applyCall(
  step: StepTimeline,
  item: string | undefined,
  event: JournalEvent & { readonly type: 'chain.started' | 'chain.ended' },
): void {
  const key = step.items === undefined ? '' : (item ?? '')
  if (event.type === 'chain.started') {
    reopen(step)
    step.open.set(key, { phase: 'calling', since: event.at, attempt: 0 })
    return
  }
  if (event.status === 'succeeded') return succeed(step, key, event.at)
  step.failure = event.failure
  if (step.items === undefined) fail(step, key, event.at)
  else step.open.delete(key)
}

function decided(
  step: StepTimeline,
  { step: id, payload, at }: JournalEvent & { readonly type: 'decision.made' },
  item: string,
): void {
  const part = id.slice(step.name.length + 1)
  const value = payload === undefined ? undefined : decode(payload)
  if (part === 'items') {
    const { keys } = value as { readonly keys: readonly unknown[] }
    reopen(step)
    step.items = { total: keys.length, succeeded: 0, failed: 0 }
    if (keys.length === 0) end(step, 'succeeded', at)
  } else if (part === 'due') {
    reopen(step)
    step.open.set(item, { phase: 'until-due', since: at, attempt: 0, due: Number(value) })
  } else if (part === 'recovery') {
    const { next, due } = value as { readonly next: string; readonly due?: number }
    if (next === 'retry' && due !== undefined) {
      reopen(step)
      step.open.set(item, { phase: 'backing-off', since: at, attempt: step.failedAttempt, due })
    } else if (next === 'fail' && step.items !== undefined) fail(step, item, at)
  } else if (part === 'reason') fail(step, item, at)
}

/** It has backed off; an item may have to wait until another ends. */
function comeForward(step: StepTimeline, item: string, since: number): void {
  const waitsFor = step.items === undefined ? 'nothing' : 'turn'
  step.open.set(item, { phase: 'queued', since, attempt: step.failedAttempt, waitsFor })
}

/** A round of a `repeat`, or an attempt after one that failed, begins what seemed to have ended. */
function reopen(step: StepTimeline): void {
  step.endedAt = undefined
  step.outcome = undefined
}

function succeed(step: StepTimeline, item: string, at: number): void {
  step.open.delete(item)
  const { items } = step
  if (items === undefined) return end(step, 'succeeded', at)
  items.succeeded++
  if (items.succeeded + items.failed >= items.total) end(step, 'succeeded', at)
}

function fail(step: StepTimeline, item: string, at: number): void {
  step.open.delete(item)
  const { items } = step
  if (items === undefined) return end(step, 'failed', at)
  items.failed++
  if (items.succeeded + items.failed >= items.total) end(step, 'succeeded', at)
}

function end(step: StepTimeline, outcome: 'succeeded' | 'failed', at: number): void {
  step.outcome = outcome
  step.endedAt = at
}
