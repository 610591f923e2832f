// Holds the rows that steps wrote for the host against their outcomes in the journal: one to one, at every moment.

import type { JournalEvent } from '../../journal/event.ts'
import { attemptPath } from './attempt-watch.ts'
import type { HostRows } from './host-rows.ts'
import type { Proof } from './proof.ts'
import { type ChainShape, walkShapes } from './shape.ts'

export interface RowWatch {
  /** @param chain what the event's chain is; @param copied whether it happened to another run. */
  see(event: JournalEvent, chain: string, copied: boolean): void
  /** Compares all, as of now. */
  judge(): void
}

export function createRowWatch(
  proof: Proof,
  shapes: ReadonlyMap<string, ChainShape>,
  rows: HostRows,
): RowWatch {
  const writers = new Set(
    [...shapes.values()].flatMap(({ id, entries }) =>
      [...walkShapes(entries)].flatMap((entry) => ('transacts' in entry ? [`${id}/${entry.name}`] : [])),
    ),
  )
  const outcomes = new Map<string, number>()
  return {
    see(event, chain, copied) {
      if (event.type !== 'attempt.succeeded' || copied || !writers.has(`${chain}/${event.step}`)) return
      const key = attemptPath(event.run, event)
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
    },
    judge() {
      if (writers.size === 0 || (rows.size === 0 && outcomes.size === 0)) return
      for (const key of new Set([...rows.keys(), ...outcomes.keys()])) {
        const [there, said] = [rows.get(key) ?? 0, outcomes.get(key) ?? 0]
        proof.check('rows', there === said, () => `${key} has ${there} rows, and succeeded ${said} times`)
      }
    },
  }
}
