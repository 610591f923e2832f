// One run alone: from asking for it to its output, against raw node:sqlite with the same commits, rows and bytes.

import { type Line, lineOf, percentile } from '../line.ts'
import { openRaw, recording } from '../raw.ts'
import { type Row, type Terms, sized } from '../row.ts'
import { chainOf, durabilityOf, freshFile, freshStore, nothing, supervise } from '../workload.ts'

const steps = 3

export const alone: Row = {
  name: 'alone',
  title: 'One run of three steps, alone',
  method:
    'Blocks of runs, one after the other, in turn with blocks of raw commits of the very same rows; the median ' +
    'time of a run in each block.',
  cases: () =>
    (['full', 'normal'] as const).map((keeping) => ({
      name: durabilityOf[keeping],
      measure: async (terms: Terms) => measure(keeping, terms),
    })),
}

async function measure(keeping: 'full' | 'normal', { folder, turns, size }: Terms): Promise<readonly Line[]> {
  const flow = chainOf(steps, nothing)
  const runs = sized(size, { quick: 3, usual: 150 })
  const store = recording(freshStore(folder, keeping))
  const supervisor = await supervise([flow], store)
  const raw = openRaw(freshFile(folder), keeping)
  const medianOf = async (one: () => unknown): Promise<number> => {
    const times: number[] = []
    for (let run = 0; run < runs; run++) {
      const before = performance.now()
      await one()
      times.push(performance.now() - before)
      await new Promise((resolve) => void setImmediate(resolve))
    }
    return percentile(times, 0.5)
  }
  const ours = async (): Promise<number> => medianOf(async () => supervisor.run(flow))
  const commitsOfARun = async (): Promise<number> => {
    const before = store.batches.length
    await supervisor.run(flow)
    return store.batches.length - before
  }

  for (let warm = 0; warm < 3; warm++) await ours()
  const commits = await commitsOfARun()
  const mine: number[] = []
  const floors: number[] = []
  for (let turn = 0; turn < turns * 2; turn++) {
    store.batches.length = 0
    mine.push(await ours())
    // the floor writes what this block wrote
    const left = store.batches.slice()
    floors.push(
      await medianOf(() => {
        for (const batch of left.splice(0, commits)) raw.write(batch)
      }),
    )
  }
  await supervisor.stop()
  raw.close()
  return [
    lineOf({
      case: `${steps} steps`,
      durability: durabilityOf[keeping],
      figure: 'ms a run',
      samples: mine,
      floor: { is: 'raw commits', samples: floors },
      ...(keeping === 'full' ? { bar: { of: 'ratio', most: 1.5 } } : {}),
      note: `${commits} commits a run`,
    }),
  ]
}
