// Counts how often runs crashed in a row, so that one that cannot go on is parked instead of folded for ever.

import type { JournalEvent } from '../journal/event.ts'
import { failureOf } from '../kernel/failure.ts'
import type { Parking } from './runs/activate.ts'
import { crashed } from './refusals.ts'

/** So many times in a row a run may crash, with nothing done in between, before it is parked. */
const mostCrashes = 3

/** What shows that a run gets on, or that it is over. */
const progress: ReadonlySet<JournalEvent['type']> = new Set([
  'attempt.succeeded',
  'chain.ended',
  'signal.consumed',
  'machine.advanced',
  'run.parked',
  'run.ended',
])

interface Row {
  times: number
  error: unknown
}

/** Kept in memory only: a process that starts anew lets a run crash as often again, and no more. */
export class Crashes {
  readonly #rows = new Map<string, Row>()

  count(run: string, error: unknown): void {
    const row = this.#rows.get(run)
    if (row === undefined) this.#rows.set(run, { times: 1, error })
    else {
      row.times++
      row.error = error
    }
  }

  /** Throws where another try is worth nothing: even recording that it is parked has failed. */
  refuseHopeless(run: string): void {
    const row = this.#rows.get(run)
    if (row !== undefined && row.times > mostCrashes) throw crashed(run, row.error)
  }

  /** How a run that crashed too often is parked. */
  parkingOf(run: string): Parking | undefined {
    const row = this.#rows.get(run)
    if (row === undefined || row.times < mostCrashes) return undefined
    const { name, message } = failureOf(row.error)
    return {
      type: 'run.parked',
      reason: 'dead-letter',
      detail: `it crashed ${row.times} times in a row, at last with ${name === undefined ? '' : `${name}: `}${message}`,
      cure: 'find in the log what threw and mend it, then cancel this run and start another under a new id',
    }
  }

  /** Committed events: a run that got on between two crashes begins a new row. */
  committed(events: readonly JournalEvent[]): void {
    if (this.#rows.size === 0) return
    for (const { run, type } of events) if (progress.has(type)) this.#rows.delete(run)
  }
}
