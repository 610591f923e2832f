// Says how far an observer has been told of the journal, in the file of counted lines.

import { openSync, writeSync } from 'node:fs'
import type { JournalEvent, Supervisor } from 'catenary'

/** Lines `seen <seq>`; on disk with the next line that is, as that is the same file. */
export function tellSeen(events: Supervisor['events$']): void {
  const file = process.env['CATENARY_COUNT_FILE']
  if (file === undefined) return
  const descriptor = openSync(file, 'a')
  events.subscribe(({ seq }: JournalEvent) => void writeSync(descriptor, `seen ${seq}\n`))
}
