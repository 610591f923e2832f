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

  const park = (event: JournalEvent & { readonly type: 'run.parked' }): void => {
    const { run, reason, detail, cure, at, seq } = event
    const chains = records.find(run)?.targets ?? []
    if (parked.size < mostNames) parked.set(run, { run, chains, reason, detail, cure, at, seq })
  }
  const consume = (event: JournalEvent & { readonly type: 'signal.consumed' }): void => {
    const { name } = event
    const chain = records.find(event.run)?.chains.get(event.chain)?.chain ?? event.chain
    const key = `${chain}\n${name}`
    const before = signals.get(key)
    if (before !== undefined) before.n++
    else if (signals.size < mostNames) signals.set(key, { chain, name, n: 1 })
  }
  const declare = (event: JournalEvent): void => {
    actions.apply(event)
    trials.apply(event)
    if (event.type === 'engine.declared') readsSince ??= event.seq
  }
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
      const { payload } = event as { readonly payload?: string }
      if (payload !== undefined) journal.bytes += payload.length
      records.apply(event)
      const { run } = event
      if (run === '') declare(event)
      else if (strays.size < mostNames && !run.startsWith('~') && records.find(run) === undefined)
        strays.add(run)
      switch (event.type) {
        case 'run.parked':
          return park(event)
        case 'run.unparked':
        case 'run.retried':
        case 'run.ended':
          parked.delete(run)
          return
        case 'signal.consumed':
          return consume(event)
        case 'breaker.opened':
        case 'breaker.half-opened':
        case 'breaker.closed':
          if (breakers.has(event.breaker) || breakers.size < mostNames)
            breakers.set(event.breaker, event.type.slice('breaker.'.length))
          return
        default:
      }
    },
  }
}
