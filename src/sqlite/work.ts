// What a writer is asked to do, as flat lists that cross to the writer's thread at the least cost.

import type { Batch, KeepsakeChange, RunHead } from '../journal/store.ts'
import type { NumberedRun, RunNumbers } from './run-numbers.ts'
import type { Value } from './statements.ts'

/** A batch with its runs numbered. Each list holds the columns of one record after those of another. */
export interface BatchWork {
  readonly kind: 'batch'
  readonly rows: Value[]
  /** Heads of runs new to the file. */
  readonly newHeads: Value[]
  readonly heads: Value[]
  readonly snapshots: Value[]
  /** The ids of inbox entries, each with its reply. */
  readonly replies: Value[]
  /** The ids of inbox entries that were carried out. */
  readonly carriedOut: number[]
  /** By how many more runs stand in a status. */
  readonly counts: Value[]
  /** What runs wait for no longer, and what they wait for from now on. */
  readonly waitsOver: Value[]
  readonly waits: Value[]
  /** The keys of what is kept no longer, or is written anew; then what is kept from now on. */
  readonly gone: string[]
  readonly keepsakes: Value[]
}

/** The columns of each list, as they are called in the file, where a newer release may have more of them. */
export const columns = {
  rows: ['seq', 'run', 'type', 'at', 'body', 'payload'],
  newHeads: [
    'id',
    'run',
    'chain',
    'status',
    'priority',
    'accepted_at',
    'ended_at',
    'wake_at',
    'signals',
    'attributes',
  ],
  heads: ['chain', 'status', 'priority', 'accepted_at', 'ended_at', 'wake_at', 'signals', 'attributes', 'id'],
  snapshots: ['run', 'seq', 'body'],
  replies: ['id', 'body'],
  counts: ['status', 'n'],
  waitsOver: ['signal', 'id'],
  waits: ['signal', 'id'],
  keepsakes: ['kind', 'key', 'at', 'expires_at', 'body', 'payload'],
} as const

export type Work =
  | BatchWork
  | { readonly kind: 'note'; readonly name: string; readonly value: string }
  | { readonly kind: 'post'; readonly body: string; readonly at: number }
  | { readonly kind: 'checkpoint' }

/** What came of a piece of work. */
export interface Done {
  /** The id of what was posted, the pages that a checkpoint found in the log; else 0. */
  readonly result: number
  /** Milliseconds of the commit alone, mostly the disk's. */
  readonly commit: number
}

/** Numbers the runs of a batch and lays it out. */
export function batchWork(batch: Batch, runs: RunNumbers): BatchWork {
  const work = emptyBatch()
  const counts = new Map<string, number>()
  // Of two heads of a run the later one counts; what is made from heads sees no other.
  const heads = new Map(batch.heads.map((head) => [head.run, head]))
  for (const head of heads.values()) {
    const found = runs.find(head.run)
    addHead(work, head, found ?? runs.add(head.run), found === undefined, counts)
  }
  const numberOf = (run: string): number => {
    if (run === '') return 0
    const found = runs.find(run)
    if (found) return found.id
    const { id } = runs.add(run)
    work.newHeads.push(id, run, null, null, null, null, null, null, null, null)
    return id
  }
  for (const { seq, run, type, at, body, payload } of batch.rows) {
    work.rows.push(seq, numberOf(run), type, at, body, payload)
  }
  for (const { run, seq, body } of batch.snapshots) work.snapshots.push(numberOf(run), seq, body)
  for (const { id, reply, kept } of batch.inbox) {
    work.replies.push(id, reply)
    if (kept !== true) work.carriedOut.push(id)
  }
  if (batch.keepsakes !== undefined) addKeepsakes(work, batch.keepsakes)
  for (const [status, by] of counts) if (by !== 0) work.counts.push(status, by)
  return work
}

function emptyBatch(): BatchWork {
  return {
    kind: 'batch',
    rows: [],
    newHeads: [],
    heads: [],
    snapshots: [],
    replies: [],
    carriedOut: [],
    counts: [],
    waitsOver: [],
    waits: [],
    gone: [],
    keepsakes: [],
  }
}

/** Of several changes of one key the last one counts. */
function addKeepsakes(work: BatchWork, changes: readonly KeepsakeChange[]): void {
  const last = new Map<string, KeepsakeChange>()
  for (const change of changes) {
    const key = 'gone' in change ? change.gone : change.key
    last.delete(key)
    last.set(key, change)
  }
  for (const [key, change] of last) {
    work.gone.push(key)
    if ('gone' in change) continue
    const { kind, at, expiresAt, body, payload } = change
    work.keepsakes.push(kind, key, at, expiresAt, body, payload)
  }
}

/** Lays out a head, and what changes with it in the tables that are made from heads. */
function addHead(
  work: BatchWork,
  { run, chain, status, priority, acceptedAt, endedAt, wakeAt, signals, attributes }: RunHead,
  known: NumberedRun,
  isNew: boolean,
  counts: Map<string, number>,
): void {
  const { id } = known
  if (isNew) {
    work.newHeads.push(id, run, chain, status, priority, acceptedAt, endedAt, wakeAt, signals, attributes)
  } else work.heads.push(chain, status, priority, acceptedAt, endedAt, wakeAt, signals, attributes, id)
  if (known.status !== status) {
    if (known.status !== null) counts.set(known.status, (counts.get(known.status) ?? 0) - 1)
    counts.set(status, (counts.get(status) ?? 0) + 1)
    known.status = status
  }
  if ((known.signals ?? '') !== signals) {
    for (const signal of namesOf(known.signals ?? '')) work.waitsOver.push(signal, id)
    for (const signal of namesOf(signals)) work.waits.push(signal, id)
    known.signals = signals
  }
}

const namesOf = (signals: string): readonly string[] => signals.split(',').slice(1, -1)

/** How many rows of the file a piece of work writes, about. */
export function sizeOf(work: Work): number {
  if (work.kind !== 'batch') return 1
  const rows = work.rows.length / columns.rows.length + work.snapshots.length / columns.snapshots.length
  return rows + (work.newHeads.length + work.heads.length) / columns.heads.length
}
