// What it costs that somebody watches: throughput with one subscriber to events$, with all there is to watch, and without.

import type { Supervisor } from '../../../src/index.ts'
import { createRunRecords } from '../../../src/observe/run-records.ts'
import { lineOf } from '../line.ts'
import { type Row, sized } from '../row.ts'
import { chainOf, drive, durabilityOf, freshStore, nothing, supervise } from '../workload.ts'

const steps = 3
const inFlight = 1_000

/** Each begins to watch, and counts what it is told. */
const watchers: Readonly<Record<string, (supervisor: Supervisor, seen: () => void) => void>> = {
  'one of events$': (supervisor, seen) => void supervisor.events$.subscribe(seen),
  'one of events$, runs measured': (supervisor, seen) => {
    const records = createRunRecords()
    supervisor.events$.subscribe((event) => {
      records.apply(event)
      seen()
    })
  },
  'one of actors$': (supervisor, seen) => void supervisor.actors$.subscribe(seen),
  'events$, events({ after }), actors$, runs measured': (supervisor, seen) => {
    watchers['one of events$, runs measured']?.(supervisor, seen)
    supervisor.events({ after: 0 }).subscribe(seen)
    supervisor.actors$.subscribe(seen)
  },
}

export const observers: Row = {
  name: 'observers',
  title: 'Throughput with observers, against without',
  method:
    `${steps} steps, 1,000 in flight; observers count what they are told. The bar is for whoever watches what is ` +
    'committed; `actors$` is a look at every transition, and has none.',
  cases: (size) =>
    (['full', 'memory'] as const).flatMap((keeping) =>
      Object.entries(watchers).map(([name, watch]) => ({
        name: `${durabilityOf[keeping]}, ${name}`,
        async measure({ folder, turns }) {
          const times = sized(size, { quick: 60, usual: 10_000 })
          const flow = chainOf(steps, nothing)
          let seen = 0
          const runsPerSecond = async (observed: boolean): Promise<number> => {
            const supervisor = await supervise([flow], freshStore(folder, keeping))
            if (observed) watch(supervisor, () => void seen++)
            const seconds = await drive(async () => supervisor.run(flow), { times, inFlight })
            await supervisor.stop()
            return times / seconds
          }
          await runsPerSecond(false)
          await runsPerSecond(true)
          const on: number[] = []
          const off: number[] = []
          for (let turn = 0; turn < turns * 2; turn++) {
            // whoever comes second finds a warmer machine, so they change places
            for (const observed of turn % 2 === 0 ? [true, false] : [false, true]) {
              const samples = observed ? on : off
              samples.push(await runsPerSecond(observed))
            }
          }
          return [
            lineOf({
              case: `${steps} steps, 1,000 in flight: ${name}`,
              durability: durabilityOf[keeping],
              figure: 'runs/s observed',
              samples: on,
              floor: { is: 'unobserved', samples: off },
              ...(name.includes('actors$') ? {} : { bar: { of: 'ratio', least: 0.95 } as const }),
              note: `${seen.toLocaleString('en-US')} told`,
            }),
          ]
        },
      })),
    ),
}
