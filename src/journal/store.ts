// The store port: what any place that keeps the journal must promise. The conformance suite proves it.

import type { HostTransaction } from '../definition/host-database.ts'
import type { ParkReason, RunOutcome } from './event.ts'

/** A journal event as it is kept: small fields in `body` (JSON), the author's data in `payload` (codec text). */
export interface Row {
  readonly seq: number
  readonly run: string
  readonly type: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly body: string
  readonly payload: string | null
}

/** `running`: attempts in flight or startable. `waiting`: only time, a signal or a command moves it. */
export type RunStatus = 'running' | 'waiting' | 'paused' | ParkReason | RunOutcome

/** The row by which a run is found without reading its events. */
export interface RunHead {
  readonly run: string
  /** The run's targets, in order, joined by a comma. */
  readonly chain: string
  readonly status: RunStatus
  readonly priority: number
  readonly acceptedAt: number
  readonly endedAt: number | null
  /** When time itself moves a waiting run on (ms since the epoch); null where only a signal or command does. */
  readonly wakeAt: number | null
  /** Names of the signals it waits for, each between commas (`,approval,`); empty where none. */
  readonly signals: string
  /** JSON object of the author's searchable attributes. */
  readonly attributes: string
}

/** A cache of the fold of a run's events up to `seq`; may be absent or thrown away at any time. */
export interface Snapshot {
  readonly run: string
  readonly seq: number
  readonly body: string
}

/** A command that another process left for the executor. */
export interface InboxEntry {
  readonly id: number
  /** JSON. */
  readonly body: string
  readonly at: number
}

/** What is said of an entry. */
export interface InboxReply {
  readonly id: number
  readonly reply: string
  /** It stays in the inbox: this executor cannot carry it out, and `reply` says why. A later reply replaces it. */
  readonly kept?: true
}

/** How many replies, the newest, are kept for whoever posted the commands; besides those to entries that stay. */
export const keptReplies = 10_000

/** Something kept by its key for as long as it is worth it: no part of the journal, and nothing is folded from it. */
export interface Keepsake {
  /** What kind of thing: `memo` an output to be used again, `poison` an input that failed. */
  readonly kind: 'memo' | 'poison'
  /** Unique over all kinds. */
  readonly key: string
  /** When it was written (ms since the epoch). */
  readonly at: number
  /** From when on it is worth nothing (ms since the epoch); null where it does not expire. */
  readonly expiresAt: number | null
  /** JSON: whose it is. */
  readonly body: string
  /** The author's data. */
  readonly payload: string | null
}

/** A keepsake without what is large of it. */
export type KeepsakeHead = Omit<Keepsake, 'payload'>

/** Keeps it, in the place of what had its key, or lets go of what has the key. */
export type KeepsakeChange = Keepsake | { readonly gone: string }

/** What is written together or not at all. */
export interface Batch {
  /** Consecutive `seq`, going on where the last batch ended. */
  readonly rows: readonly Row[]
  /** Upserts by run id. */
  readonly heads: readonly RunHead[]
  /** Upserts by run id. */
  readonly snapshots: readonly Snapshot[]
  /** Inbox entries that this batch has carried out, deleted with it; `reply` is kept, see `keptReplies`. */
  readonly inbox: readonly InboxReply[]
  /** In order. Default none. */
  readonly keepsakes?: readonly KeepsakeChange[]
}

/** What an attribute must be. */
export type AttributeQuery = string | number | boolean | NumberRange

/** Numbers from `min` to `max`, both included; without one of them, all on that side. */
export interface NumberRange {
  /** Included. Default no end. */
  readonly min?: number
  /** Included. Default no end. */
  readonly max?: number
}

/** Which runs to list; all that is given must hold. Newest first, by when their head was first written. */
export interface HeadQuery {
  /** One of these. Default any. */
  readonly status?: readonly RunStatus[]
  /** One of the run's targets. */
  readonly chain?: string
  /** Each must have this value; of a number also one between `min` and `max`, both included. */
  readonly attributes?: Readonly<Record<string, AttributeQuery>>
  /** Runs that wait for this signal, or, if `true`, for any. */
  readonly signal?: string | true
  /** Runs whose head was first written before this one's: the next page. None where it is unknown. */
  readonly before?: string
  /** Default 100. */
  readonly limit?: number
}

/** What a store says when an executor takes it. */
export interface Opened {
  /** One more than the last executor's; every append checks that it is still the newest. */
  readonly epoch: number
  /** The last committed `seq`, 0 where the journal is empty. */
  readonly lastSeq: number
}

/** The reading side: any number of processes, at any time, also beside a live executor. */
export interface StoreReader {
  head(run: string): Promise<RunHead | undefined>
  heads(query: HeadQuery): Promise<readonly RunHead[]>
  /** How many runs stand in each status. */
  counts(): Promise<Readonly<Partial<Record<RunStatus, number>>>>
  /**
   * Heads in status `running`, highest priority first, then oldest: a page of at most `limit` after `offset`.
   * `after`, the last run of the page before, stays exact where runs end between two pages; `offset` does not.
   */
  unfinished(page: {
    readonly offset?: number
    readonly after?: string
    readonly limit: number
  }): Promise<readonly RunHead[]>
  /** Waiting heads whose `wakeAt` is at or before `before`, soonest first. */
  due(query: { readonly before: number; readonly limit: number }): Promise<readonly RunHead[]>
  /** The soonest `wakeAt` of any waiting run. */
  nextDue(): Promise<number | undefined>
  /** A run's events after `seq`, in order, all of them. */
  rows(run: string, after: number): Promise<readonly Row[]>
  /** The last committed `seq`, 0 where the journal is empty. */
  lastSeq(): Promise<number>
  /** The whole journal after `seq`, in order, at most `limit`. */
  journal(query: { readonly after: number; readonly limit: number }): Promise<readonly Row[]>
  snapshot(run: string): Promise<Snapshot | undefined>
  /** Small named values: learned durations, the config overlay. */
  note(name: string): Promise<string | undefined>
  keepsake(key: string): Promise<Keepsake | undefined>
  /** All of a kind, in the order in which they were last written. */
  keepsakes(kind: Keepsake['kind']): Promise<readonly KeepsakeHead[]>
  /** Entries not carried out yet, oldest first, behind the entry `after` (default all). Ids grow, and none comes twice. */
  inbox(limit: number, after?: number): Promise<readonly InboxEntry[]>
  /** The reply to an entry once it was carried out. */
  reply(id: number): Promise<string | undefined>
  close(): Promise<void>
}

/** A client's side: it reads, and leaves commands for the executor. */
export interface StoreClient extends StoreReader {
  /** Durable once it resolves. */
  post(body: string, at: number): Promise<number>
}

/** The executor's side: one at a time, over all processes. */
export interface Store extends StoreClient {
  /** What an acknowledged append survives, for people: such as `full fsync` or `none (memory)`. */
  readonly durability: string
  /** Whether other processes can leave commands in its inbox. Default false. */
  readonly shared?: boolean
  /** Whether another executor has it now, at a glance. To be asked only while it is not open here. */
  taken?(): boolean
  /** Opens its client's side, beside whoever executes. Absent where only an executor can use it. */
  client?(): StoreClient
  /** Takes the executor's lock, migrates, raises the epoch. Rejects with STORE_LOCKED, STORE_NEWER, STORE_READONLY, ... */
  open(): Promise<Opened>
  /**
   * Writes a batch atomically and, at full durability, outlasting a power cut, before it returns or resolves.
   * One at a time: the next call comes only after the last has ended. Any failure leaves the store unusable
   * until it is opened again, and says nothing about whether the batch was written.
   */
  append(batch: Batch): void | Promise<void>
  /**
   * Absent where the store keeps no rows of the host. Takes the write lock, calls `work`, which may write such rows
   * and gives the batch to be written with them, and commits both before it returns: all of it or nothing. One at a
   * time with `append`, and a failure is as one of it. False where another process writes at this moment: `work` was
   * not called, and the caller asks again a little later.
   */
  transact?(work: (transaction: HostTransaction) => Batch): boolean
  /** Writes one note, durably. */
  setNote(name: string, value: string): Promise<void>
}
