// A million runs asleep: what they take of memory, how fast they were put to sleep, and how late one wakes up.

import { setTimeout as pause } from 'node:timers/promises'
import { chain } from '../../../src/index.ts'
import { digits, lineOf, percentile } from '../line.ts'
import { type Row, type Size, sized } from '../row.ts'
import { drive, durabilityOf, freshStore, supervise } from '../workload.ts'

const million = 1_000_000
const megabyte = 1024 * 1024

export const sleeping: Row = {
  name: 'sleeping',
  title: 'Runs asleep',
  method:
    "Runs of chain('nap').sleep('nap', '1h'), started 1,000 at a time; the process's resident set once all have left " +
    'memory. Then runs that are due at known times, spread over some seconds: from the due time to the call of the ' +
    'next step.',
  cases: (size) => [
    {
      name: 'asleep',
      flags: ['--expose-gc'],
      async measure({ folder }) {
        const runs = sized(size, { quick: 200, usual: 100_000, full: million })
        const nap = chain('nap').sleep('nap', '1h')
        const late: number[] = []
        const wake = chain<number>('wake')
          .sleep('until', ({ input }) => input)
          .step('note', ({ input }) => void late.push(Date.now() - input))
        const supervisor = await supervise([nap, wake], freshStore(folder, 'full'))
        const begin = residentSet()
        const seconds = await drive(async () => supervisor.start(nap), { times: runs, inFlight: 1_000 })
        while ((await supervisor.list({ status: ['running'], limit: 1 })).length > 0) await pause(10)
        const asItIs = residentSet()
        globalThis.gc?.()
        const collected = residentSet()

        const samples = sized(size, { quick: 10, usual: 1_000 })
        const spread = sized(size, { quick: 200, usual: 10_000 })
        const first = Date.now() + 4_000
        await drive(
          (() => {
            let at = 0
            return async () => supervisor.start(wake, Math.round(first + (at++ * spread) / samples))
          })(),
          { times: samples, inFlight: 100 },
        )
        while (late.length < samples) await pause(50)
        await supervisor.stop()

        const of = { case: `${runs.toLocaleString('en-US')} runs`, durability: durabilityOf.full }
        const scaled = scaledNote(size, runs)
        const perMillion = (rss: number): number => begin + ((rss - begin) * million) / runs
        return [
          lineOf({ ...of, figure: 'runs/s started', samples: [runs / seconds] }),
          lineOf({ ...of, figure: 'MB in all', samples: [asItIs] }),
          lineOf({ ...of, figure: 'MB, collected', samples: [collected] }),
          lineOf({
            ...of,
            figure: 'MB a million',
            samples: [perMillion(collected)],
            bar: { of: 'value', most: 300 },
            note: `${scaled}the process alone has ${digits(begin)} MB`,
          }),
          lineOf({ ...of, case: 'wake-up', figure: 'ms late, p50', samples: [percentile(late, 0.5)] }),
          lineOf({
            ...of,
            case: 'wake-up',
            figure: 'ms late, p99',
            samples: [percentile(late, 0.99)],
            bar: { of: 'value', most: 250 },
          }),
        ]
      },
    },
  ],
}

const residentSet = (): number => process.memoryUsage.rss() / megabyte

const scaledNote = (size: Size, runs: number): string =>
  size === 'full' ? '' : `scaled from ${runs.toLocaleString('en-US')}; --full has a million; `
