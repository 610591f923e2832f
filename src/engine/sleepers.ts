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
  /** Brings a run back into memory. */
  readonly reach: (run: string) => Promise<unknown>
  /** Resolves once all that was submitted before is durable. */
  readonly durable: () => Promise<void>
  readonly failed: (error: unknown) => void
}

const page = 512

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
    try {
      for (let full = true; full && !stopped;) {
        const due = await store.due({ before: clock.now(), limit: page })
        for (const head of due) await reach(head.run)
        // heads leave `waiting` only with the commit that their waking caused
        if (due.length > 0) await durable()
        full = due.length === page
      }
      const next = await store.nextDue()
      if (next !== undefined) wakeBy(next)
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
