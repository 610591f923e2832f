// What a writer is asked to do, as flat lists that cross to the writer's thread at the least cost.

import type { Batch } from '../journal/store.ts'
import type { RunNumbers } from './run-numbers.ts'
import type { Value } from './statements.ts'

/** A batch with its runs numbered. Each list holds the columns of one record after those of another. */
export interface BatchWork {
  readonly kind: 'batch'
  /** seq, run, type, at, body, payload */
  readonly rows: Value[]
  /** Heads of runs new to the file: id, run, chain, status, ... as in the table. */
  readonly newHeads: Value[]
  /** The columns behind the run, then its id. */
  readonly heads: Value[]
  /** run, seq, body */
  readonly snapshots: Value[]
  /** id, reply */
  readonly replies: Value[]
  /** status, by how many more runs have it */
  readonly counts: Value[]
}

export type Work =
  | BatchWork
  | { readonly kind: 'note'; readonly name: string; readonly value: string }
  | { readonly kind: 'post'; readonly body: string; readonly at: number }
  | { readonly kind: 'checkpoint' }

/** What came of a piece of work. */
export interface Done {
  /** The id of what was posted; else 0. */
  readonly id: number
  /** Milliseconds of the commit alone, mostly the disk's. */
  readonly commit: number
}

/** How many columns each list of a batch has. */
export const widths = { rows: 6, newHeads: 10, heads: 9, snapshots: 3, replies: 2, counts: 2 } as const

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

/** How many rows of the file a piece of work writes. */
export function sizeOf(work: Work): number {
  if (work.kind !== 'batch') return 1
  return (
    work.rows.length / widths.rows +
    (work.newHeads.length / widths.newHeads + work.heads.length / widths.heads + work.snapshots.length / 3)
  )
}
