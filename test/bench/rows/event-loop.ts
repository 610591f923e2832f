// How long the host's event loop is held up while the engine is at full load, on this disk and on a slow one.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Line, lineOf } from '../line.ts'
import { type Row, type Size, type Terms, sized } from '../row.ts'
import { chainOf, drive, durabilityOf, freshStore, milliseconds, nothing, supervise } from '../workload.ts'

const steps = 10
const inFlight = 1_000
const slowDisk = new URL('../slow-disk.ts', import.meta.url).href

export const eventLoop: Row = {
  name: 'event-loop',
  title: "Delay of the host's event loop under full load",
  method:
    'perf_hooks.monitorEventLoopDelay at 1 ms (which it includes), ten steps that do nothing, 1,000 in flight; beside it ' +
    'an idle host. The slow disk: a preloaded module makes each COMMIT of node:sqlite block its thread 10 ms longer, on ' +
    "the host's thread as on the writer's.",
  cases: (size) => [
    { name: 'this disk', measure: async (terms) => measure('this disk', terms, size) },
    {
      name: 'fsyncs of 10 ms',
      env: { NODE_OPTIONS: `--import ${slowDisk}`, CATENARY_BENCH_FSYNC_MS: '10' },
      measure: async (terms) => measure('fsyncs 10 ms longer', terms, size),
    },
  ],
}

async function measure(name: string, { folder, turns }: Terms, size: Size): Promise<readonly Line[]> {
  const flow = chainOf(steps, nothing)
  const times = sized(size, { quick: 60, usual: 5_000 })
  const supervisor = await supervise([flow], freshStore(folder, 'full'))
  const load = async (): Promise<number> => drive(async () => supervisor.run(flow), { times, inFlight })
  await load()
  const busy: { p99: number[]; max: number[]; rate: number[] } = { p99: [], max: [], rate: [] }
  const idle: number[] = []
  for (let turn = 0; turn < turns; turn++) {
    const loaded = await delayDuring(load)
    busy.p99.push(loaded.p99)
    busy.max.push(loaded.max)
    busy.rate.push((times * steps) / loaded.result)
    idle.push((await delayDuring(async () => milliseconds(sized(size, { quick: 50, usual: 500 })))).p99)
  }
  await supervisor.stop()
  const of = { case: name, durability: durabilityOf.full }
  return [
    lineOf({
      ...of,
      figure: 'ms, p99',
      samples: busy.p99,
      floor: { is: 'idle', samples: idle },
      bar: { of: 'value', most: 20 },
    }),
    lineOf({ ...of, figure: 'ms, longest', samples: busy.max }),
    lineOf({ ...of, figure: 'steps/s then', samples: busy.rate }),
  ]
}

async function delayDuring<T>(
  work: () => Promise<T>,
): Promise<{ readonly p99: number; readonly max: number; readonly result: T }> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const result = await work()
  delay.disable()
  return { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6, result }
}
