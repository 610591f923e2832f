// Whether memory stays flat under all observers: a million events, each told to all of them.

import { createSqliteStore } from '../../../src/sqlite.ts'
import { createRunRecords } from '../../../src/observe/run-records.ts'
import { type Line, lineOf } from '../line.ts'
import { type Row, type Terms, sized } from '../row.ts'
import { chainOf, drive, freshFile, nothing, supervise } from '../workload.ts'

const steps = 3

export const watched: Row = {
  name: 'watched',
  title: 'Memory under observers',
  method:
    `Runs of ${steps} steps under events$, events({ after: 0 }), actors$ and a measure of the last 1,000 runs; the heap ` +
    'after a collection, once a fifth of the events was told and at the end. A store that waits for its disk at checkpoints only.',
  cases: () => [{ name: 'watched', flags: ['--expose-gc'], measure }],
}

async function measure({ folder, size }: Terms): Promise<readonly Line[]> {
  const events = sized(size, { quick: 3_000, usual: 300_000, full: 1_000_000 })
  const flow = chainOf(steps, nothing)
  const store = createSqliteStore(freshFile(folder), { durability: 'normal' })
  const supervisor = await supervise([flow], store)
  const records = createRunRecords({ mostEnded: 1_000, mostAttempts: 5_000 })
  const told = { events: 0, after: 0, actors: 0, dropped: 0 }
  supervisor.events$.subscribe((event) => {
    told.events++
    records.apply(event)
  })
  supervisor.events({ after: 0 }).subscribe(() => void told.after++)
  supervisor.actors$.subscribe((one) => {
    told.actors++
    if (one.type === 'dropped') told.dropped += one.count
  })
  const until = async (count: number): Promise<number> => {
    while (told.events < count) await drive(async () => supervisor.run(flow), { times: 500, inFlight: 100 })
    globalThis.gc?.()
    return process.memoryUsage().heapUsed / 1024 ** 2
  }
  const warm = await until(events / 5)
  const end = await until(events)
  await supervisor.stop()
  const of = { case: `${told.events.toLocaleString('en-US')} events`, durability: store.durability }
  const grown = ((end - warm) / warm) * 100
  return [
    lineOf({ ...of, figure: 'MB of heap, a fifth told', samples: [warm] }),
    lineOf({ ...of, figure: 'MB of heap, all told', samples: [end] }),
    lineOf({
      ...of,
      figure: '% grown',
      samples: [grown],
      ...(size === 'quick' ? {} : { bar: { of: 'value', most: 5 } as const }),
      note: `${told.after.toLocaleString('en-US')} replayed, ${told.actors.toLocaleString('en-US')} of actors, ${told.dropped.toLocaleString('en-US')} of them dropped, ${records.dropped.ended.toLocaleString('en-US')} runs forgotten`,
    }),
  ]
}
