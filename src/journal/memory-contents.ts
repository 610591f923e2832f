// What a memory store holds: the journal and every order in which it is asked for, kept up as it is written.

import { createSortedSet } from './sorted-set.ts'
import type { SortedSet } from './sorted-set.ts'
import { keptReplies } from './store.ts'
import type { InboxEntry, Keepsake, Row, RunHead, RunStatus, Snapshot } from './store.ts'

interface Run {
  readonly rows: Row[]
  /** Its place among all runs, in the order in which their heads were first written; -1 without a head. */
  place: number
  head: RunHead | undefined
}

/** The contents of a memory store; hand them to a second store to share them. */
export interface MemoryContents {
  /** Whoever has it open. */
  executor: object | undefined
  epoch: number
  readonly journal: Row[]
  readonly byStatus: ReadonlyMap<RunStatus, { readonly size: number }>
  readonly snapshots: Map<string, Snapshot>
  readonly notes: Map<string, string>
  /** In the order in which they were last written. */
  readonly keepsakes: Map<string, Keepsake>
  readonly inbox: ReadonlyMap<number, InboxEntry>
  readonly replies: ReadonlyMap<number, string>
  addRow(row: Row): void
  setHead(head: RunHead): void
  post(body: string, at: number): number
  /** Takes an entry out, unless it is kept, and keeps what is said of it. */
  answer(id: number, reply: string, kept?: true): void
  head(run: string): RunHead | undefined
  rows(run: string): readonly Row[]
  /** Heads from the newest down, or from below the run `before`; sorted by one status where only one is asked for. */
  newest(before: string | undefined, status: readonly RunStatus[] | undefined): Generator<RunHead>
  /** Running heads, highest priority first, then oldest; from behind the run `after` where it is given. */
  running(after: string | undefined): Generator<RunHead>
  /** Waiting heads that time itself moves on, soonest first. */
  due(): Generator<RunHead>
}

const byPlace = (a: Run, b: Run): number => a.place - b.place
const byPriority = (a: Run, b: Run): number =>
  (b.head?.priority ?? 0) - (a.head?.priority ?? 0) || a.place - b.place
const byWake = (a: Run, b: Run): number => (a.head?.wakeAt ?? 0) - (b.head?.wakeAt ?? 0) || a.place - b.place

const sameOrders = (a: RunHead, b: RunHead): boolean =>
  a.status === b.status && a.priority === b.priority && a.wakeAt === b.wakeAt

/**
 * Makes empty contents for one or more memory stores.
 *
 * @example
 * ```ts
 * const contents = createMemoryContents()
 * const greet = chain('greet').wait('who')
 * const before = await createSupervisor({ chains: [greet], store: createMemoryStore(contents) })
 * await before.start(greet, undefined, { id: 'one' })
 * await before.stop()
 * const after = await createSupervisor({ chains: [greet], store: createMemoryStore(contents) })
 * console.log((await after.list()).length) // 1
 * await after.stop()
 * ```
 */
export function createMemoryContents(): MemoryContents {
  const journal: Row[] = []
  const runs = new Map<string, Run>()
  const all: Run[] = []
  const byStatus = new Map<RunStatus, SortedSet<Run>>()
  const running = createSortedSet<Run>(byPriority)
  const waking = createSortedSet<Run>(byWake)
  const inbox = new Map<number, InboxEntry>()
  const replies = new Map<number, string>()
  /** Entries that stay, and what is said of them. */
  const kept = new Set<number>()
  let lastEntry = 0

  function known(run: string): Run {
    const found = runs.get(run)
    if (found) return found
    const made: Run = { rows: [], place: -1, head: undefined }
    runs.set(run, made)
    return made
  }

  function ofStatus(status: RunStatus): SortedSet<Run> {
    const found = byStatus.get(status)
    if (found) return found
    const made = createSortedSet<Run>(byPlace)
    byStatus.set(status, made)
    return made
  }

  /** Every order that a run stands in because of its head. */
  function orders(run: Run): SortedSet<Run>[] {
    if (!run.head) return []
    const found = [ofStatus(run.head.status)]
    if (run.head.status === 'running') found.push(running)
    if (run.head.status === 'waiting' && run.head.wakeAt !== null) found.push(waking)
    return found
  }

  function* heads(of: Iterable<Run>): Generator<RunHead> {
    for (const run of of) if (run.head) yield run.head
  }

  function* downFrom(place: number): Generator<Run> {
    for (let at = place - 1; at >= 0; at--) yield all[at] as Run
  }

  return {
    executor: undefined,
    epoch: 0,
    journal,
    byStatus,
    snapshots: new Map(),
    notes: new Map(),
    keepsakes: new Map(),
    inbox,
    replies,
    addRow(row) {
      journal.push(row)
      known(row.run).rows.push(row)
    },
    setHead(head) {
      const run = known(head.run)
      if (run.head && sameOrders(run.head, head)) {
        run.head = head
        return
      }
      for (const order of orders(run)) order.delete(run)
      run.head = head
      if (run.place === -1) run.place = all.push(run) - 1
      for (const order of orders(run)) order.add(run)
    },
    post(body, at) {
      lastEntry++
      inbox.set(lastEntry, { id: lastEntry, body, at })
      return lastEntry
    },
    answer(id, reply, isKept) {
      if (isKept === true) kept.add(id)
      else {
        inbox.delete(id)
        kept.delete(id)
      }
      replies.set(id, reply)
      for (const old of replies.keys()) {
        if (replies.size - kept.size <= keptReplies) break
        if (!kept.has(old)) replies.delete(old)
      }
    },
    head: (run) => runs.get(run)?.head,
    rows: (run) => runs.get(run)?.rows ?? [],
    newest(before, status) {
      const from = before === undefined ? undefined : runs.get(before)
      if (before !== undefined && !from?.head) return heads([])
      const [only] = status ?? []
      if (status?.length === 1 && only) return heads(ofStatus(only).descending(from))
      return heads(downFrom(from?.place ?? all.length))
    },
    *running(after) {
      const from = after === undefined ? undefined : runs.get(after)
      if (after !== undefined && !from?.head) return
      for (const run of running.ascending(from)) if (run !== from && run.head) yield run.head
    },
    due: () => heads(waking.ascending()),
  }
}
