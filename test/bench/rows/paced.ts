// Runs a second when each step takes 5 ms, as real ones wait for something: what the engine adds to that.

import { type Line, lineOf } from '../line.ts'
import { type Case, type Row, type Size, type Terms, sized } from '../row.ts'
import {
  type Keeping,
  chainOf,
  drive,
  durabilityOf,
  freshStore,
  keepings,
  milliseconds,
  supervise,
} from '../workload.ts'

const steps = 3
const work = async (): Promise<number> => {
  await milliseconds(5)
  return 1
}

export const paced: Row = {
  name: 'paced',
  title: 'Runs and steps a second, steps of 5 ms',
  method:
    'Against the same three waits of 5 ms in an async function, as many at once, with no engine at all.',
  cases: (size) =>
    keepings.flatMap((keeping) => [1, 50, 1000].map((inFlight) => caseOf(keeping, inFlight, size))),
}

function caseOf(keeping: Keeping, inFlight: number, size: Size): Case {
  const usual = { 1: 60, 50: 2_000, 1000: 10_000 }[inFlight] ?? 1
  const times = sized(size, { quick: Math.min(40, inFlight * 2), usual })
  const name = `${steps} steps, ${inFlight.toLocaleString('en-US')} in flight`
  return {
    name: `${name}, ${durabilityOf[keeping]}`,
    async measure({ folder, turns }: Terms): Promise<readonly Line[]> {
      const flow = chainOf(steps, work)
      const ours = async (): Promise<number> => {
        const supervisor = await supervise([flow], freshStore(folder, keeping))
        const seconds = await drive(async () => supervisor.run(flow), { times, inFlight })
        await supervisor.stop()
        return seconds
      }
      const alone = async (): Promise<void> => {
        for (let at = 0; at < steps; at++) await work()
      }
      await ours()
      const seconds: number[] = []
      const floors: number[] = []
      for (let turn = 0; turn < turns; turn++) {
        seconds.push(await ours())
        floors.push(await drive(alone, { times, inFlight }))
      }
      const of = { case: name, durability: durabilityOf[keeping] }
      return [
        lineOf({ ...of, figure: 'runs/s', samples: seconds.map((one) => times / one) }),
        lineOf({
          ...of,
          figure: 'steps/s',
          samples: seconds.map((one) => (times * steps) / one),
          floor: { is: 'the steps alone', samples: floors.map((one) => (times * steps) / one) },
        }),
      ]
    },
  }
}
