// One attempt as measured: what it waited for and how long, how it ended, what it was given and what it gave.

import type { JournalEvent, Payload } from '../journal/event.ts'
import { fingerprint } from './fingerprint.ts'
import type { Failure, FailureKind } from '../kernel/failure.ts'

/**
 * What an attempt waited for, and how long (ms): `slot`, `pause`, `limiter:<id>`, `retry-budget`, `memo:<run>` as
 * recorded; `in-flight` where its `each` worked through other items; `process` where nobody could start it.
 */
export interface AttemptWait {
  readonly for: string
  ms: number
}

/** When something was recorded, and where. */
export type Moment = Pick<JournalEvent, 'seq' | 'at'>

/** Payloads are known by hash and size only. All times are in ms since the epoch. */
export interface AttemptRecord {
  /** Where it first comes up in the journal. */
  readonly seq: number
  /** The step's name. */
  readonly step: string
  /** It stands in for its step, or undoes it. */
  readonly part: 'fallback' | 'compensation' | undefined
  readonly item: string | undefined
  readonly attempt: number
  /** When it could have begun: what comes before it had ended, its backoff was over. */
  readonly enqueuedAt: number
  /** What filled the time from `enqueuedAt` to `startedAt`: their sum is that time. */
  readonly waits: AttemptWait[]
  startedAt: number | undefined
  /** Of one that was aborted: when that was known at the latest. Of one that was lost: when its loss was found. */
  endedAt: number | undefined
  /** The event by which it ended. */
  endSeq: number | undefined
  /** How long its function worked, without the commits around it. */
  took: number | undefined
  outcome: 'succeeded' | 'failed' | 'lost' | 'aborted' | undefined
  failure: AttemptFailure | undefined
  /** What followed its failure, where that was decided. */
  next: 'retry' | 'fallback' | 'fail' | undefined
  /** How long the next one was put off (ms). */
  backoff: number | undefined
  /** Its function went on after that outcome, and ended so at that time. */
  late: { readonly outcome: 'succeeded' | 'failed'; readonly at: number } | undefined
  /** Its function was not called: its output had been made before. */
  memo: boolean
  /** Calls beside the first. */
  hedged: number
  /** Attempts in flight in its process as it began, itself included; 0 until then. */
  inFlight: number
  /** The version of the config that it ran under. */
  config: number
  /** Of all that its function could read: the input, what was needed, what steps before it returned, the item. */
  inputHash: string | undefined
  outputHash: string | undefined
  /** In characters, as recorded. */
  outputSize: number
  /** A retry of its run has taken it back: it happened, and counts no more for where the run is. */
  rewound: boolean
  /** It comes from the run that this one was forked from: its times are those of the copy. */
  readonly copied: boolean
}

export interface AttemptFailure {
  readonly kind: FailureKind
  /** The error's code, else its name, else the kind: what failures are counted by. */
  readonly class: string
  /** Its beginning. */
  readonly message: string
  readonly retryable: boolean
}

const longestMessage = 200

export function failureRecord({ kind, code, name, message, retryable }: Failure): AttemptFailure {
  return { kind, class: code ?? name ?? kind, message: message.slice(0, longestMessage), retryable }
}

export function hashOf(payload: Payload | undefined): string | undefined {
  return payload === undefined ? undefined : fingerprint(payload)
}

type Beginning = JournalEvent & { readonly type: 'attempt.queued' | 'attempt.started' }

export function beginAttempt(
  event: Beginning,
  {
    enqueuedAt,
    copied,
    ofEach,
  }: { readonly enqueuedAt: number; readonly copied: boolean; readonly ofEach: boolean },
): AttemptRecord {
  const [step, part] = partsOf(event.step)
  const waited = event.at - enqueuedAt
  const before = { for: ofEach ? 'in-flight' : 'process', ms: waited }
  return {
    seq: event.seq,
    step,
    part,
    item: event.item,
    attempt: event.attempt,
    enqueuedAt,
    waits: waited > 0 ? [before] : [],
    startedAt: undefined,
    endedAt: undefined,
    endSeq: undefined,
    took: undefined,
    outcome: undefined,
    failure: undefined,
    next: undefined,
    backoff: undefined,
    late: undefined,
    memo: false,
    hedged: 0,
    inFlight: 0,
    config: 0,
    inputHash: undefined,
    outputHash: undefined,
    outputSize: 0,
    rewound: false,
    copied,
  }
}

function partsOf(id: string): readonly [step: string, part: AttemptRecord['part']] {
  const at = id.indexOf(':')
  if (at < 0) return [id, undefined]
  const [step = '', part] = id.split(':', 2)
  return [step, part === 'fallback' || part === 'compensation' ? part : undefined]
}

/** Ends the wait that began last, at `at`. */
function endWait(attempt: AttemptRecord, at: number): void {
  const last = attempt.waits.at(-1)
  if (last === undefined) return
  let before = attempt.enqueuedAt
  for (const { ms } of attempt.waits) before += ms
  last.ms += Math.max(0, at - before)
}

/** It waits, or waits for something else than before. */
export function queueAttempt(
  attempt: AttemptRecord,
  { at, waitsFor }: JournalEvent & { readonly type: 'attempt.queued' },
): void {
  endWait(attempt, at)
  attempt.waits.push({ for: waitsFor, ms: 0 })
}

export function startAttempt(
  attempt: AttemptRecord,
  { at, inFlight, config }: JournalEvent & { readonly type: 'attempt.started' },
  inputHash: string | undefined,
): void {
  endWait(attempt, at)
  attempt.startedAt = at
  attempt.inFlight = inFlight
  attempt.config = config
  attempt.inputHash = inputHash
}

export function endAttempt(
  attempt: AttemptRecord,
  outcome: Exclude<AttemptRecord['outcome'], undefined>,
  { at, seq }: Moment,
): void {
  attempt.outcome = outcome
  attempt.endedAt = at
  attempt.endSeq = seq
  if (attempt.startedAt === undefined) endWait(attempt, at)
}
