// A million runs asleep: what they take of memory, how fast they were put to sleep, and how late one wakes up.

import { setTimeout as pause } from 'node:timers/promises'
import { type Supervisor, chain } from '../../../src/index.ts'
import { createSqliteStore } from '../../../src/sqlite.ts'
import { inHost } from '../host.ts'
import { type Line, lineOf, percentile } from '../line.ts'
import { type Row, type Terms, sized } from '../row.ts'
import { drive, durabilityOf, freshFile, supervise } from '../workload.ts'

const million = 1_000_000

export const sleeping: Row = {
  name: 'sleeping',
  title: 'Runs asleep',
  method:
    "Runs of chain('nap').sleep('nap', '1h'), started 100 at a time; the process's resident set once all have left memory. " +
    'Below a million, what each of the second half added is taken for those that are missing. Then runs that are due at ' +
    'known times, spread over some seconds: from the due time to the call of the next step. Last, a process that opens the ' +
    'same file.',
  cases: () => [{ name: 'asleep', measure }],
}

async function measure({ folder, size }: Terms): Promise<readonly Line[]> {
  const runs = sized(size, { quick: 200, usual: 100_000, full: million })
  const nap = chain('nap').sleep('nap', '1h')
  const late: number[] = []
  const wake = chain<number>('wake')
    .sleep('until', ({ input }) => input)
    .step('note', ({ input }) => void late.push(Date.now() - input))
  const file = freshFile(folder)
  const supervisor = await supervise([nap, wake], createSqliteStore(file))
  const half = async (): Promise<number> => {
    const seconds = await drive(async () => supervisor.start(nap), { times: runs / 2, inFlight: 100 })
    await allAsleep(supervisor)
    return seconds
  }
  const first = await half()
  const afterHalf = megabytes()
  const seconds = first + (await half())
  const after = megabytes()

  const samples = sized(size, { quick: 10, usual: 1_000 })
  const spread = sized(size, { quick: 200, usual: 10_000 })
  const dueFrom = Date.now() + 4_000
  let begun = 0
  await drive(async () => supervisor.start(wake, Math.round(dueFrom + (begun++ * spread) / samples)), {
    times: samples,
    inFlight: 100,
  })
  while (late.length < samples) await pause(50)
  await supervisor.stop()
  const { megabytes: anew = NaN, seconds: toOpen = NaN } = await inHost('sleep', { file, runs, slots: 100 })

  const of = { case: `${runs.toLocaleString('en-US')} runs`, durability: durabilityOf.full }
  const missing = ((after - afterHalf) * (million - runs)) / (runs / 2)
  const woken = { ...of, case: 'wake-up' }
  const most = { of: 'value', most: 300 } as const
  return [
    lineOf({ ...of, figure: 'runs/s started', samples: [runs / seconds] }),
    lineOf({ ...of, figure: 'MB, half of them', samples: [afterHalf] }),
    lineOf({ ...of, figure: 'MB, all', samples: [after], ...(size === 'full' ? { bar: most } : {}) }),
    ...(size === 'full'
      ? []
      : [lineOf({ ...of, case: 'a million, scaled', figure: 'MB', samples: [after + missing], bar: most })]),
    lineOf({ ...woken, figure: 'ms late, p50', samples: [percentile(late, 0.5)] }),
    lineOf({
      ...woken,
      figure: 'ms late, p99',
      samples: [percentile(late, 0.99)],
      bar: { of: 'value', most: 250 },
    }),
    lineOf({ ...of, case: 'opened anew', figure: 'MB', samples: [anew] }),
    lineOf({ ...of, case: 'opened anew', figure: 's to open', samples: [toOpen] }),
  ]
}

const megabytes = (): number => process.memoryUsage.rss() / 1024 ** 2

async function allAsleep(supervisor: Supervisor): Promise<void> {
  while ((await supervisor.list({ status: ['running'], limit: 1 })).length > 0) await pause(10)
}
