// What the analyzer keeps of the journal: measured runs, and the little that belongs to none of them.

import type { JournalEvent, ParkReason } from '../journal/event.ts'
import { ActionStanding } from './action-standing.ts'
import { type RunRecords, type RunRecordsOptions, createRunRecords } from '../observe/run-records.ts'
import { Trials } from './trials.ts'

export interface EvidenceOptions extends RunRecordsOptions {
  /** Events up to this one are left out. Default 0. */
  readonly after?: number
}

export interface Evidence {
  readonly records: RunRecords
  /** The events taken in. */
  readonly journal: Readonly<JournalWindow>
  /** Runs that began before the first of those events, so far as they were counted: at most 10,000. */
  readonly strays: number
  /** Where each breaker went last, by its id and key. */
  readonly breakers: ReadonlyMap<string, string>
  /** Signals that were consumed, by chain and name. */
  readonly signals: ReadonlyMap<string, { readonly chain: string; readonly name: string; readonly n: number }>
  /** From where on the journal tells what was read of needs; undefined where it never does. */
  readonly readsSince: number | undefined
  /** Runs that stand still until a person acts. */
  readonly parked: ReadonlyMap<string, Parked>
  /** The actions that were taken, and what came of them. */
  readonly actions: ActionStanding
  /** Trials of suggestions. */
  readonly trials: Trials
  /** Takes in an event from before those that are measured: what was declared and configured. */
  recall(event: JournalEvent): void
  apply(event: JournalEvent): void
}

export interface Parked {
  readonly run: string
  readonly chains: readonly string[]
  readonly reason: ParkReason
  readonly detail: string
  readonly cure: string
  readonly at: number
  readonly seq: number
}

interface JournalWindow {
  events: number
  /** Of authors' data, as it is recorded (characters). */
  bytes: number
  from: number
  to: number
  seq: number
}

const mostNames = 10_000

/** A fold: whatever the portions in which events come, the same events leave the same evidence. */
export function createEvidence({ after = 0, ...options }: EvidenceOptions = {}): Evidence {
  const records = createRunRecords(options)
  const journal: JournalWindow = { events: 0, bytes: 0, from: 0, to: 0, seq: after }
  const strays = new Set<string>()
  const breakers = new Map<string, string>()
  const signals = new Map<string, { chain: string; name: string; n: number }>()

  const parked = new Map<string, Parked>()
  const actions = new ActionStanding()
  const trials = new Trials()
  let readsSince: number | undefined

  const park = (event: JournalEvent): void => {
    const { run } = event
    if (event.type === 'run.parked') {
      const chains = (records.open.get(run) ?? records.ended.get(run))?.targets ?? []
      const { reason, detail, cure, at, seq } = event
      if (parked.size < mostNames) parked.set(run, { run, chains, reason, detail, cure, at, seq })
    } else if (event.type === 'run.unparked' || event.type === 'run.retried' || event.type === 'run.ended')
      parked.delete(run)
  }
  const declare = (event: JournalEvent): void => {
    actions.apply(event)
    trials.apply(event)
    if (event.type === 'engine.declared') readsSince ??= event.seq
  }
  const chainOf = (run: string, key: string): string =>
    (records.open.get(run) ?? records.ended.get(run))?.chains.get(key)?.chain ?? key

  return {
    records,
    journal,
    get strays() {
      return strays.size
    },
    breakers,
    signals,
    parked,
    actions,
    trials,
    get readsSince() {
      return readsSince
    },
    recall(event) {
      declare(event)
      if (event.seq <= journal.seq) records.apply(event)
    },
    apply(event) {
      if (event.seq <= journal.seq) return
      if (journal.events === 0) journal.from = event.at
      journal.events++
      journal.seq = event.seq
      journal.to = event.at
      if ('payload' in event && event.payload !== undefined) journal.bytes += event.payload.length
      records.apply(event)
      const { run } = event
      if (run === '') declare(event)
      else park(event)
      if (run !== '' && !run.startsWith('~') && strays.size < mostNames)
        if (!records.open.has(run) && !records.ended.has(run)) strays.add(run)
      if (event.type === 'signal.consumed') {
        const chain = chainOf(run, event.chain)
        const key = `${chain}\n${event.name}`
        const before = signals.get(key)
        if (before !== undefined) before.n++
        else if (signals.size < mostNames) signals.set(key, { chain, name: event.name, n: 1 })
      }
      if ('breaker' in event && (breakers.has(event.breaker) || breakers.size < mostNames))
        breakers.set(event.breaker, event.type.slice('breaker.'.length))
    },
  }
}
