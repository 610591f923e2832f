// What a step costs in memory: the engine against the same machine alone in plain XState, and one written by hand.

import { lineOf } from '../line.ts'
import { plainMachine, runMachine } from '../plain.ts'
import { type Row, sized } from '../row.ts'
import { chainOf, drive, freshStore, nothing, processorTime, supervise } from '../workload.ts'

const steps = 10

export const machine: Row = {
  name: 'machine',
  title: 'A step in memory, against plain XState',
  method:
    "Chains of ten steps that do nothing: under a supervisor with a memory store, the chain's own machine under " +
    'createActor, and a machine of invoked promises written by hand; processor time of all threads.',
  cases: (size) =>
    [1, 1000].map((inFlight) => ({
      name: `${inFlight.toLocaleString('en-US')} in flight`,
      async measure({ folder, turns }) {
        const times = sized(size, { quick: 20, usual: inFlight === 1 ? 1_000 : 4_000 })
        const flow = chainOf(steps, nothing)
        const byHand = plainMachine(steps, nothing)
        const load = { times, inFlight }
        const perStep = (seconds: number): number => (seconds * 1e6) / times / steps
        const ways = {
          async engine() {
            const supervisor = await supervise([flow], freshStore(folder, 'memory'))
            const seconds = await processorTime(async () => drive(async () => supervisor.run(flow), load))
            await supervisor.stop()
            return seconds
          },
          same: async () => processorTime(async () => drive(async () => runMachine(flow.machine, {}), load)),
          hand: async () => processorTime(async () => drive(async () => runMachine(byHand), load)),
        }
        for (const way of Object.values(ways)) await way()
        const engine: number[] = []
        const same: number[] = []
        const hand: number[] = []
        for (let turn = 0; turn < turns; turn++) {
          engine.push(perStep(await ways.engine()))
          same.push(perStep(await ways.same()))
          hand.push(perStep(await ways.hand()))
        }
        const of = {
          case: `${steps} steps, ${inFlight.toLocaleString('en-US')} in flight`,
          durability: 'memory',
        }
        const figure = 'us CPU a step'
        return [
          lineOf({
            ...of,
            figure,
            samples: engine,
            floor: { is: 'the same machine', samples: same },
            bar: { of: 'ratio', most: 2 },
          }),
          lineOf({ ...of, figure, samples: engine, floor: { is: 'by hand', samples: hand } }),
        ]
      },
    })),
}
