// How soon a hundred thousand unfinished runs go on after their process was killed.

import { copyFileSync, existsSync } from 'node:fs'
import { type Line, lineOf } from '../line.ts'
import { type Row, type Terms, sized } from '../row.ts'
import { durabilityOf, freshFile } from '../workload.ts'
import { inHost } from '../host.ts'

/** How many attempts a process may have in flight. */
const ways = [
  { name: 'all in flight', slots: 1_000_000 },
  { name: '100 in flight, the rest queued', slots: 100 },
]

export const recovery: Row = {
  name: 'recovery',
  title: 'Recovery of unfinished runs',
  method:
    'A process starts runs whose step never ends, and is killed with SIGKILL. Another opens a copy of its file: from ' +
    'createSupervisor() until the first step is called again, until every run is back in memory, and until every attempt ' +
    'that was in flight is in flight again.',
  cases: (size) =>
    ways.map(({ name, slots }) => ({
      name,
      async measure({ folder, turns }: Terms): Promise<readonly Line[]> {
        const runs = sized(size, { quick: 100, usual: 100_000 })
        const file = freshFile(folder)
        await inHost('hang', { file, runs, slots })
        const firsts: number[] = []
        const alls: number[] = []
        const longest: number[] = []
        for (let turn = 0; turn < turns; turn++) {
          const copy = freshFile(folder)
          for (const part of ['', '-wal']) if (existsSync(file + part)) copyFileSync(file + part, copy + part)
          const { first = NaN, all = NaN, delay = NaN } = await inHost('recover', { file: copy, runs, slots })
          firsts.push(first)
          alls.push(all)
          longest.push(delay)
        }
        const of = { case: `${runs.toLocaleString('en-US')}, ${name}`, durability: durabilityOf.full }
        return [
          lineOf({ ...of, figure: 's to the first', samples: firsts, bar: { of: 'value', most: 1 } }),
          lineOf({ ...of, figure: 's to all', samples: alls, bar: { of: 'value', most: 10 } }),
          lineOf({ ...of, figure: 'ms loop p99', samples: longest }),
        ]
      },
    })),
}
