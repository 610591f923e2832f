// Keeps how the services stand in the store, where other processes look: one note, written anew at most once a second.

import type { EndCause, Phase } from '../../machines/supervision/state.ts'
import type { Store } from '../journal/store.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import type { NodeHealth } from '../supervision/health.ts'

/** How all services stood, as the process that runs them last wrote it. */
export interface ServiceStatus {
  /** When it was written (ms since the epoch). */
  readonly at: number
  /** Where the root of the tree is; `failed` where all have ended because nothing above could restart them. */
  readonly state: Phase
  readonly cause?: EndCause
  readonly services: readonly NodeHealth[]
}

export const statusNote = 'services'
const spacing = 1_000

export interface StatusWriter {
  changed(): void
  /** Writes what is not written yet, and nothing afterwards. */
  close(): Promise<void>
}

export function createStatusWriter(
  { store, clock }: { readonly store: Pick<Store, 'setNote'>; readonly clock: Clock },
  look: () => ServiceStatus,
  failed: (error: unknown) => void,
): StatusWriter {
  let cancel: Cancel | undefined
  let stale = false
  let last = -Infinity
  let writing: Promise<void> = Promise.resolve()

  const write = (): void => {
    cancel = undefined
    if (!stale) return
    stale = false
    last = clock.now()
    const text = JSON.stringify(look())
    writing = writing.then(async () => store.setNote(statusNote, text)).catch(failed)
  }
  return {
    changed() {
      stale = true
      cancel ??= clock.at(Math.max(clock.now(), last + spacing), write)
    },
    async close() {
      cancel?.()
      write()
      await writing
    },
  }
}

/** Reads the note back; undefined where there is none. */
export function readStatus(text: string | undefined): ServiceStatus | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as ServiceStatus)
}
