// What a writer is asked to do, as flat lists that cross to the writer's thread at the least cost.

import type { Batch } from '../journal/store.ts'
import type { RunNumbers } from './run-numbers.ts'
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
  /** By how many more runs stand in a status. */
  readonly counts: Value[]
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
  const work: BatchWork = {
    kind: 'batch',
    rows: [],
    newHeads: [],
    heads: [],
    snapshots: [],
    replies: [],
    counts: [],
  }
  const changes = new Map<string, number>()
  const count = (status: string | null, by: number): void => {
    if (status !== null) changes.set(status, (changes.get(status) ?? 0) + by)
  }
  const numberOf = (run: string): number => {
    if (run === '') return 0
    const found = runs.find(run)
    if (found) return found.id
    const { id } = runs.add(run, null)
    work.newHeads.push(id, run, null, null, null, null, null, null, null, null)
    return id
  }

  for (const {
    run,
    chain,
    status,
    priority,
    acceptedAt,
    endedAt,
    wakeAt,
    signals,
    attributes,
  } of batch.heads) {
    const found = runs.find(run)
    if (!found) {
      const { id } = runs.add(run, status)
      count(status, 1)
      work.newHeads.push(id, run, chain, status, priority, acceptedAt, endedAt, wakeAt, signals, attributes)
      continue
    }
    if (found.status !== status) {
      count(found.status, -1)
      count(status, 1)
      found.status = status
    }
    work.heads.push(chain, status, priority, acceptedAt, endedAt, wakeAt, signals, attributes, found.id)
  }
  for (const { seq, run, type, at, body, payload } of batch.rows) {
    work.rows.push(seq, numberOf(run), type, at, body, payload)
  }
  for (const { run, seq, body } of batch.snapshots) work.snapshots.push(numberOf(run), seq, body)
  for (const { id, reply } of batch.inbox) work.replies.push(id, reply)
  for (const [status, by] of changes) if (by !== 0) work.counts.push(status, by)
  return work
}

/** How many rows of the file a piece of work writes, about. */
export function sizeOf(work: Work): number {
  if (work.kind !== 'batch') return 1
  const rows = work.rows.length / columns.rows.length + work.snapshots.length / columns.snapshots.length
  return rows + (work.newHeads.length + work.heads.length) / columns.heads.length
}
