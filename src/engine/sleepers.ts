// Wakes runs that left memory when their time comes: one timer for the soonest of them, however many sleep.

import type { StoreReader } from '../journal/store.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'

export interface Sleepers {
  /** A run has left memory until then (ms since the epoch). */
  wakeBy(at: number): void
  /** Wakes all that are due, and sets the timer for the next. */
  wakeDue(): Promise<void>
  stop(): void
}

export interface SleepersHost {
  readonly store: Pick<StoreReader, 'due' | 'nextDue'>
  readonly clock: Clock
  /** Brings a run back into memory; false where it cannot be read. */
  readonly reach: (run: string) => Promise<boolean>
  /** Resolves once all that was submitted before is durable. */
  readonly durable: () => Promise<void>
  readonly failed: (error: unknown) => void
}

const page = 512
/** So long a run that cannot be read is left before it is tried again (ms). */
const patience = 60_000

export function createSleepers({ store, clock, reach, durable, failed }: SleepersHost): Sleepers {
  let timer: { readonly at: number; readonly cancel: Cancel } | undefined
  let stopped = false

  const wakeBy = (at: number): void => {
    if (stopped || (timer !== undefined && timer.at <= at)) return
    timer?.cancel()
    timer = { at, cancel: clock.at(at, () => void wakeDue()) }
  }

  const wakeDue = async (): Promise<void> => {
    timer?.cancel()
    timer = undefined
    let unreadable = false
    try {
      for (let full = true; full && !stopped && !unreadable;) {
        const due = await store.due({ before: clock.now(), limit: page })
        for (const head of due) if (!(await reach(head.run))) unreadable = true
        // heads leave `waiting` only with the commit that their waking caused
        if (due.length > 0) await durable()
        full = due.length === page
      }
      const next = await store.nextDue()
      // one that cannot be read stays due: it is tried again, but not at once
      if (next !== undefined) wakeBy(unreadable ? Math.max(next, clock.now() + patience) : next)
    } catch (error) {
      if (!stopped) failed(error)
    }
  }

  return {
    wakeBy,
    wakeDue,
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}
