// A run's head as a row of a list.

import type { RunHead } from '../../journal/store.ts'
import type { RunRow } from '../protocol.ts'

export function rowOf(head: RunHead): RunRow {
  return {
    run: head.run,
    chains: head.chain.split(','),
    status: head.status,
    acceptedAt: head.acceptedAt,
    endedAt: head.endedAt,
    wakeAt: head.wakeAt,
    signals: head.signals.split(',').filter((name) => name !== ''),
    attributes: JSON.parse(head.attributes) as RunRow['attributes'],
  }
}
