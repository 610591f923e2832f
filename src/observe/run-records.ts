// The runs of a journal as measured, as far as there is room: those that go on, and the last that ended.

import { Declared } from '../journal/declared.ts'
import type { JournalEvent } from '../journal/event.ts'
import { type RunRecord, applyToRecord, beginRecord } from './run-record.ts'

export interface RunRecordsOptions {
  /** Runs that have ended to keep, the last ones. Default 2,000. */
  readonly mostEnded?: number
  /** Runs that go on to keep, those of which something was last heard. Default 10,000. */
  readonly mostOpen?: number
  /** Attempts, waits and called chains over all of them. Default 100,000; of one run a fifth of it at most. */
  readonly mostAttempts?: number
}

/** What there was no room for. */
export interface Dropped {
  /** Runs that were forgotten after they had ended: the oldest ones. */
  readonly ended: number
  /** Runs that were forgotten before they had: those of which nothing had been heard the longest. */
  readonly open: number
  /** Attempts, waits and called chains that runs were measured without. */
  readonly attempts: number
}

/** A change of the config, as recorded. */
export interface ConfigRecord {
  readonly version: number
  readonly at: number
  readonly seq: number
  /** The patch and its inverse, encoded. */
  readonly payload: string | undefined
}

export interface RunRecords {
  /** Takes the next event of the journal in; one that it has seen is left out. */
  apply(event: JournalEvent): void
  /** The run, open or ended, where it is kept. */
  find(run: string): RunRecord | undefined
  /** By run; the one of which nothing was heard the longest first. */
  readonly open: ReadonlyMap<string, RunRecord>
  /** By run, in the order in which they ended. */
  readonly ended: ReadonlyMap<string, RunRecord>
  /** The last change of the config is the last one; at most 100. */
  readonly configs: readonly ConfigRecord[]
  /** The version of the config. */
  readonly config: number
  readonly dropped: Dropped
  /** What supervisors declared. */
  readonly declared: Pick<Declared, 'declaration' | 'chain' | 'hash' | 'reading'>
  /** The last event taken in. */
  readonly lastSeq: number
}

const mostConfigs = 100

/**
 * Measures runs from the events of a journal, in order.
 *
 * @example
 * ```ts
 * const records = createRunRecords()
 * supervisor.events$.subscribe(records.apply)
 * ```
 */
export function createRunRecords(options: RunRecordsOptions = {}): RunRecords {
  const { mostEnded = 2_000, mostOpen = 10_000, mostAttempts = 100_000 } = options
  const mostOfRun = Math.max(1, Math.floor(mostAttempts / 5))
  const open = new Map<string, RunRecord>()
  const ended = new Map<string, RunRecord>()
  const configs: ConfigRecord[] = []
  const dropped = { ended: 0, open: 0, attempts: 0 }
  const declared = new Declared()
  let config = 0
  let lastSeq = 0
  let size = 0
  /** The last one of `open`: the next event is often of the same run. */
  let newest: RunRecord | undefined

  const forget = (from: Map<string, RunRecord>, counted: 'ended' | 'open'): void => {
    const [first] = from.values()
    if (first === undefined) return
    from.delete(first.run)
    if (first === newest) newest = undefined
    size -= first.size
    dropped[counted]++
  }
  const makeRoom = (): void => {
    while (ended.size > mostEnded) forget(ended, 'ended')
    while (open.size > mostOpen) forget(open, 'open')
    while (size > mostAttempts && ended.size > 0) forget(ended, 'ended')
    while (size > mostAttempts && open.size > 1) forget(open, 'open')
  }
  const find = (run: string): RunRecord | undefined =>
    newest?.run === run ? newest : (open.get(run) ?? ended.get(run))
  const keep = (record: RunRecord, event: JournalEvent): void => {
    const { run, endedAt } = record
    if (endedAt === undefined) {
      if (record === newest) return
      if (!open.delete(run)) ended.delete(run)
      open.set(run, record)
      newest = record
      return
    }
    // what comes after an end leaves its place among those that ended
    if (event.type !== 'run.ended') return
    if (record === newest) newest = undefined
    if (!open.delete(run)) ended.delete(run)
    ended.set(run, record)
  }

  return {
    find,
    apply(event) {
      if (event.seq <= lastSeq) return
      lastSeq = event.seq
      const { run } = event
      if (run === '') {
        declared.apply(event)
        if (event.type !== 'config.changed') return
        const { version, at, seq, payload } = event
        config = version
        configs.push({ version, at, seq, payload })
        if (configs.length > mostConfigs) configs.shift()
        return
      }
      if (event.type === 'run.accepted') {
        keep(beginRecord(event), event)
        return makeRoom()
      }
      const record = find(run)
      if (record === undefined) return
      const before = record.size
      const droppedBefore = record.dropped
      applyToRecord(record, event, mostOfRun)
      size += record.size - before
      dropped.attempts += record.dropped - droppedBefore
      keep(record, event)
      makeRoom()
    },
    open,
    ended,
    configs,
    get config() {
      return config
    },
    dropped,
    declared,
    get lastSeq() {
      return lastSeq
    },
  }
}
