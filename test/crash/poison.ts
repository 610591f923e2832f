// A step that kills its host must not loop: after three lost attempts its run is a dead letter, and others go on.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { imageOf } from './image.ts'
import { followLines, readLine } from './lines.ts'
import { startJob } from './process.ts'

const file = new URL('jobs/poison.ts', import.meta.url)
const mostDeaths = 3

/** @returns what is wrong. */
export async function takePoison(folder: string): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true })
  const counter = join(folder, 'counter')
  const lines = followLines(counter, () => {})
  const deaths: string[] = []
  try {
    for (;;) {
      const { code, said } = await startJob({ line: [file, folder], env: { CATENARY_COUNT_FILE: counter } })
        .ended
      if (code === null && deaths.length <= mostDeaths) {
        deaths.push(said)
        continue
      }
      lines.read()
      const drinks = lines.all
        .map(readLine)
        .filter(({ kind, of }) => kind === 'start' && of.startsWith('poison/'))
      const { rows, heads, problems } = await imageOf(join(folder, 'app.db'))
      const lost = rows.filter(({ type, run }) => type === 'attempt.lost' && run === 'poison').length
      const is = (what: string, found: unknown, wanted: unknown): readonly string[] =>
        found === wanted ? [] : [`${what}: ${String(found)}, not ${String(wanted)}`]
      return [
        ...problems,
        ...is('processes that died', deaths.length, mostDeaths),
        ...is('times that the step ran', drinks.length, mostDeaths),
        ...is('attempts that were lost', lost, mostDeaths),
        ...is('what the last process said', `${code}: ${said}`, '0: dead-letter'),
        ...is('the poisoned run', heads.find(({ run }) => run === 'poison')?.status, 'dead-letter'),
        ...is('the sound run', heads.find(({ run }) => run === 'sound')?.status, 'succeeded'),
      ]
    }
  } finally {
    lines.close()
  }
}
