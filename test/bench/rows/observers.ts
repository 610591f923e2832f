// What it costs that somebody watches: throughput with a subscriber to events$ and without.

import { lineOf } from '../line.ts'
import { type Row, sized } from '../row.ts'
import { chainOf, drive, durabilityOf, freshStore, nothing, supervise } from '../workload.ts'

const steps = 3
const inFlight = 1_000

export const observers: Row = {
  name: 'observers',
  title: 'Throughput with an observer, against without',
  method: `${steps} steps, 1,000 in flight; the observer subscribes to events$ and counts them.`,
  cases: (size) =>
    (['full', 'memory'] as const).map((keeping) => ({
      name: durabilityOf[keeping],
      async measure({ folder, turns }) {
        const times = sized(size, { quick: 60, usual: 10_000 })
        const flow = chainOf(steps, nothing)
        let seen = 0
        const runsPerSecond = async (observed: boolean): Promise<number> => {
          const supervisor = await supervise([flow], freshStore(folder, keeping))
          if (observed) supervisor.events$.subscribe(() => void seen++)
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
            case: `${steps} steps, 1,000 in flight`,
            durability: durabilityOf[keeping],
            figure: 'runs/s observed',
            samples: on,
            floor: { is: 'unobserved', samples: off },
            bar: { of: 'ratio', least: 0.95 },
            note: `${seen.toLocaleString('en-US')} events seen`,
          }),
        ]
      },
    })),
}
