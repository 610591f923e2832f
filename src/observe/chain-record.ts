// One chain of a run as measured: when it could begin, began and ended, its attempts, and its waits that are no attempts.

import type { ChainStatus, JournalEvent } from '../journal/event.ts'
import type { PlanEdge } from '../journal/run-plan.ts'
import { type AttemptFailure, type AttemptRecord, type Moment, endAttempt } from './attempt-record.ts'
import type { Expanded, Outputs } from './chain-scope.ts'

/** Time of a chain that is no attempt's (ms since the epoch). */
export interface ChainWait {
  /** Where it first comes up in the journal. */
  readonly seq: number
  /** The step that waits; '' before the chain began. */
  readonly step: string
  readonly item: string | undefined
  /**
   * `gate` is what lies between its dependencies and its start: a concurrency group, services that are not ready, a
   * process that is down.
   */
  for: 'signal' | 'timer' | 'backoff' | 'call' | 'memo' | 'gate' | 'held'
  readonly from: number
  to: number | undefined
}

export interface ChainRecord {
  /** Unique in the run. */
  readonly key: string
  readonly chain: string
  readonly version: string
  readonly needs: readonly PlanEdge[]
  readonly rule: string
  /** Services that had to be ready. */
  readonly ready: readonly string[]
  readonly call: { readonly chain: string; readonly step: string; readonly item?: string } | undefined
  /** When its dependencies sufficed, or its run was accepted (ms since the epoch). */
  readyAt: number | undefined
  startedAt: number | undefined
  endedAt: number | undefined
  status: 'pending' | 'running' | ChainStatus
  failure: AttemptFailure | undefined
  /** The step whose failure ended it. */
  step: string | undefined
  /** Its output had been made by another run. */
  memo: boolean
  /** What was copied, where its run was forked: its beginning, or all of it, so that it did nothing in this run. */
  copied: 'begun' | 'ended' | undefined
  readonly waits: ChainWait[]
  /** In the order in which they came forward. */
  readonly attempts: AttemptRecord[]
  inputHash: string | undefined
  outputHash: string | undefined
  outputSize: number
  /** Names of its needs that its code has read; of a user's own machine that cannot be seen. */
  readonly reads: string[]
  /** What the fold needs to go on. */
  readonly going: Going
}

/** Keys are a step's id, or `id/item`. Maps are made when they are needed: most chains need two of them. */
export interface Going {
  attempts: Map<string, AttemptRecord> | undefined
  waits: Map<string, ChainWait> | undefined
  /** The attempt that failed last. */
  failed: Map<string, AttemptRecord> | undefined
  /** Since when what has not come forward could have. */
  due: Map<string, number> | undefined
  /** The items of each `each`, as last decided. */
  expanded: Map<string, Expanded> | undefined
  outputs: Outputs | undefined
  /** Of the input, what is needed and `outputs`; undefined where it must be made anew. */
  scope: string | undefined
  /** Upstreams that have not ended. */
  awaits: number
  movedAt: number
  movedSeq: number
}

export function keyOf(step: string, item: string | undefined): string {
  return item === undefined ? step : `${step}/${item}`
}

export function beginChain(
  base: Pick<ChainRecord, 'key' | 'chain' | 'version' | 'needs' | 'rule' | 'ready' | 'call' | 'inputHash'>,
): ChainRecord {
  return {
    ...base,
    readyAt: undefined,
    startedAt: undefined,
    endedAt: undefined,
    status: 'pending',
    failure: undefined,
    step: undefined,
    memo: false,
    copied: undefined,
    waits: [],
    attempts: [],
    outputHash: undefined,
    outputSize: 0,
    reads: [],
    going: freshGoing(),
  }
}

export function freshGoing(): Going {
  return {
    attempts: undefined,
    waits: undefined,
    failed: undefined,
    due: undefined,
    expanded: undefined,
    outputs: undefined,
    scope: undefined,
    awaits: 0,
    movedAt: 0,
    movedSeq: 0,
  }
}

export function beginWait(
  chain: ChainRecord,
  { seq, at, item }: Pick<JournalEvent, 'seq' | 'at'> & { readonly item?: string | undefined },
  step: string,
  what: ChainWait['for'],
): void {
  const wait: ChainWait = { seq, step, item, for: what, from: at, to: undefined }
  chain.waits.push(wait)
  const waits = (chain.going.waits ??= new Map())
  waits.set(keyOf(step, item), wait)
}

export function endWait(chain: ChainRecord, key: string, at: number): void {
  const { waits } = chain.going
  const wait = waits?.get(key)
  if (waits === undefined || wait === undefined) return
  wait.to = at
  waits.delete(key)
}

/** Whatever is open is so no more. */
export function closeChain(chain: ChainRecord, at: Moment): void {
  abortOpen(chain, at)
  const { waits } = chain.going
  if (waits === undefined || waits.size === 0) return
  for (const wait of waits.values()) wait.to = at.at
  waits.clear()
}

export function abortOpen({ going }: ChainRecord, at: Moment): void {
  const { attempts } = going
  if (attempts === undefined || attempts.size === 0) return
  for (const attempt of attempts.values()) endAttempt(attempt, 'aborted', at)
  attempts.clear()
}

/** The machine has gone on without an item. */
export function abortItem({ going }: ChainRecord, item: string, at: Moment): void {
  const { attempts } = going
  if (attempts === undefined) return
  for (const [key, attempt] of attempts) {
    if (attempt.item !== item) continue
    endAttempt(attempt, 'aborted', at)
    attempts.delete(key)
  }
}
