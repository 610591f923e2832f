// Thousands of chains alive at once in one run: what each costs to start, and how long all take to stop.

import { chain } from '../../../src/index.ts'
import { lineOf } from '../line.ts'
import { type Row, sized } from '../row.ts'
import { durabilityOf, freshStore, supervise } from '../workload.ts'

export const live: Row = {
  name: 'live',
  title: 'Ten thousand chains alive at once',
  method:
    'One run of chains without needs, whose steps wait until they are aborted; then the run is cancelled.',
  cases: (size) =>
    (['memory', 'full'] as const).map((keeping) => ({
      name: durabilityOf[keeping],
      async measure({ folder, turns }) {
        const count = sized(size, { quick: 50, usual: 10_000 })
        let begun = 0
        let allBegun = (): void => {}
        const chains = Array.from({ length: count }, (_, at) =>
          chain(`chain-${at}`).step('wait', async ({ signal }) => {
            begun++
            if (begun === count) allBegun()
            await new Promise((resolve) => signal.addEventListener('abort', resolve))
          }),
        )
        const supervisor = await supervise(chains, freshStore(folder, keeping))
        const spawned: number[] = []
        const stopped: number[] = []
        for (let turn = -1; turn < turns; turn++) {
          begun = 0
          const all = new Promise<void>((resolve) => void (allBegun = resolve))
          const before = performance.now()
          const run = await supervisor.start(chains)
          await all
          const between = performance.now()
          await run.cancel()
          await run.settled()
          if (turn < 0) continue
          spawned.push(((between - before) * 1000) / count)
          stopped.push((performance.now() - between) / 1000)
        }
        await supervisor.stop()
        const of = { case: `${count.toLocaleString('en-US')} chains`, durability: durabilityOf[keeping] }
        return [
          lineOf({ ...of, figure: 'us to start one', samples: spawned, bar: { of: 'value', most: 60 } }),
          lineOf({ ...of, figure: 's to stop all', samples: stopped, bar: { of: 'value', most: 0.5 } }),
        ]
      },
    })),
}
