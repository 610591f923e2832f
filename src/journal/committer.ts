// Group commit: gathers what turns of runs produced while the last batch was being written, one batch in flight.

import type { HostTransaction } from '../definition/host-database.ts'
import type { Clock } from '../kernel/clock.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { toRow } from './encoding.ts'
import type { Fact, JournalEvent } from './event.ts'
import type { Batch, InboxReply, KeepsakeChange, Row, RunHead, Snapshot, Store } from './store.ts'

/** What one turn of a run wants written together. */
export interface Turn {
  readonly run: string
  readonly facts: readonly Fact[]
  readonly head?: RunHead | undefined
  /**
   * Called with the last `seq` of the turn when the turn is written, and only if the run has submitted no other since:
   * the state is then still that of this turn, and a state that is already past is not worth encoding.
   */
  readonly snapshot?: ((seq: number) => Snapshot | undefined) | undefined
  readonly inbox?: InboxReply | undefined
  /** What is kept from now on, or no longer. */
  readonly keepsakes?: readonly KeepsakeChange[] | undefined
  /** Called once the turn is durable. */
  readonly committed?: ((events: readonly JournalEvent[]) => void) | undefined
}

/** Something that writes the host's own rows, and submits the turn that is to commit with them. */
export interface HostWork {
  /** Whether it is still to be done. */
  readonly wanted: boolean
  /** Does it, now: every turn that it submits is in the transaction. Throws only what is a failure of the store. */
  act(transaction: HostTransaction): void
}

export interface Committer {
  /** Takes a turn; its place in the journal is its place in the order of calls. */
  submit(turn: Turn): void
  /** Has it done in a transaction of its own, in the order of calls, behind what was submitted before. */
  transact(work: HostWork): void
  /** Resolves when all that was submitted so far is durable, or the store has failed. */
  drained(): Promise<void>
  /** The last submitted `seq`. */
  readonly seq: number
}

interface Pending {
  readonly turn: Turn
  readonly events: readonly JournalEvent[]
  readonly seq: number
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Measured: with 256, a slice and a collection of garbage together hold the loop for 28 ms at the 99th percentile; with 64, 15. */
const sliceSize = 64
const largestBatch = 4096
/** How long until a store is asked again that another process is writing to (ms). */
const busyPause = 2

/**
 * @param failed called once, when a batch could not be written: what is in memory is then ahead of the journal,
 * so the engine must drop it. Nothing is written afterwards.
 */
export function createCommitter(
  store: Store,
  clock: Clock,
  options: {
    readonly lastSeq: number
    readonly failed: (error: CatenaryError) => void
    readonly published?: (events: readonly JournalEvent[]) => void
    /** Told of what is durable before anything follows from it; never throws. */
    readonly watch?: ((events: readonly JournalEvent[]) => void) | undefined
  },
): Committer {
  let seq = options.lastSeq
  let waiting: Pending[] = []
  /** Runs whose last turn has a snapshot to give. */
  const resting = new Map<string, Turn>()
  const acknowledged: Pending[] = []
  let resuming = false
  let writing = false
  let broken = false
  const hostWork: HostWork[] = []
  /** A large batch has gone ahead of the work of a host that is next. */
  let wentAhead = false
  let scheduled = false
  const drains: (() => void)[] = []

  const write = (): void => {
    scheduled = false
    if (writing || broken) return
    if (hostWork.length > 0 && writeWithHost()) return
    if (waiting.length === 0) {
      if (!resuming) settle()
      return
    }
    const batch = take()
    writing = true
    try {
      const written = store.append(toBatch(batch))
      if (written === undefined) acknowledge(batch)
      else written.then(() => acknowledge(batch), fail)
    } catch (error) {
      fail(error)
    }
  }

  const toBatch = (batch: readonly Pending[]): Batch => {
    const rows: Row[] = []
    const heads: RunHead[] = []
    const snapshots: Snapshot[] = []
    const inbox: InboxReply[] = []
    let keepsakes: KeepsakeChange[] | undefined
    for (const { turn, events, seq: last } of batch) {
      for (const event of events) rows.push(toRow(event))
      if (turn.head !== undefined) heads.push(turn.head)
      if (resting.get(turn.run) === turn) {
        resting.delete(turn.run)
        const snapshot = turn.snapshot?.(last)
        if (snapshot !== undefined) snapshots.push(snapshot)
      }
      if (turn.inbox !== undefined) inbox.push(turn.inbox)
      if (turn.keepsakes !== undefined) (keepsakes ??= []).push(...turn.keepsakes)
    }
    if (keepsakes === undefined) return { rows, heads, snapshots, inbox }
    return { rows, heads, snapshots, inbox, keepsakes }
  }

  /** One transaction holds all that was submitted before, what the host writes, and the turn that this leads to. */
  const writeWithHost = (): boolean => {
    while (hostWork[0]?.wanted === false) hostWork.shift()
    const next = hostWork[0]
    // it is written on the caller's thread, which is too good for a large batch
    const ahead = waiting.length > sliceSize && !wentAhead
    wentAhead = ahead
    if (next === undefined || ahead) return false
    let batch: readonly Pending[] = []
    writing = true
    try {
      const done = store.transact?.((transaction) => {
        hostWork.shift()
        next.act(transaction)
        batch = waiting
        waiting = []
        return toBatch(batch)
      })
      if (done === true) acknowledge(batch)
      else {
        writing = false
        clock.at(clock.now() + busyPause, schedule)
        return waiting.length === 0
      }
    } catch (error) {
      fail(error)
    }
    return true
  }

  const take = (): Pending[] => {
    if (waiting.length <= largestBatch) {
      const all = waiting
      waiting = []
      return all
    }
    return waiting.splice(0, largestBatch)
  }

  const fail = (error: unknown): void => {
    if (broken) return
    broken = true
    options.failed(
      CatenaryError.is(error)
        ? error
        : new CatenaryError(
            'STORE_UNAVAILABLE',
            'the store failed to write; restart the supervisor to recover from what is durable',
            { cause: error },
          ),
    )
    settle()
  }

  const acknowledge = (batch: readonly Pending[]): void => {
    writing = false
    acknowledged.push(...batch)
    if (waiting.length > 0 || hostWork.length > 0) schedule()
    if (!resuming) resume()
  }

  // waiters go on in slices, in journal order, so that a large group never holds the host's loop
  const resume = (): void => {
    const slice = acknowledged.splice(0, sliceSize)
    for (const { turn, events } of slice) {
      if (broken) return
      options.watch?.(events)
      turn.committed?.(events)
      options.published?.(events)
    }
    resuming = acknowledged.length > 0
    if (resuming) clock.soon(resume)
    else if (waiting.length === 0 && !writing) settle()
  }

  const settle = (): void => {
    for (const resolve of drains.splice(0)) resolve()
  }

  const schedule = (): void => {
    if (scheduled || writing || broken) return
    scheduled = true
    // all that this turn of the loop submits goes into one batch
    clock.soon(write)
  }

  return {
    submit(turn) {
      const at = clock.now()
      const { run } = turn
      // a fact becomes its event in place: nobody else holds it, and a copy of each would cost as much as all the rest
      const events = turn.facts as readonly Writable<JournalEvent>[]
      for (const event of events) {
        event.seq = ++seq
        event.at = at
        event.run = run
      }
      if (turn.snapshot !== undefined) resting.set(turn.run, turn)
      else resting.delete(turn.run)
      waiting.push({ turn, events, seq })
      schedule()
    },
    transact(work) {
      hostWork.push(work)
      schedule()
    },
    drained: () =>
      new Promise((resolve) => {
        if (broken) return resolve()
        drains.push(resolve)
        schedule()
      }),
    get seq() {
      return seq
    },
  }
}
