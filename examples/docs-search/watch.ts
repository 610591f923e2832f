// Tells every event of a run in order, each once: what the journal has, then what comes in live.

import type { JournalEvent, Run } from 'catenary'
import { openSqliteReader } from 'catenary/sqlite'
import type { Fact } from './progress.ts'

/** @returns stops watching. */
export async function watch(run: Run, store: string, on: (fact: Fact) => void): Promise<() => void> {
  let told = -1
  let reading = true
  const early: JournalEvent[] = []
  const live = run.events$.subscribe((event) => {
    if (reading) early.push(event)
    else if (event.seq > told) on(event)
  })
  // listening before reading: what is committed in between is in both, and `seq` tells it apart
  await using reader = openSqliteReader(store)
  for (const { seq, type, at, body } of await reader.rows(run.id, 0)) {
    told = seq
    on({ ...(JSON.parse(body) as object), type, at })
  }
  for (const event of early) if (event.seq > told) on(event)
  reading = false
  return () => live.unsubscribe()
}
