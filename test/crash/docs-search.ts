// The main job under kills: docs-search over packages made for it, or over real ones, against an undisturbed run.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Aim, anywhere, type Chance, fanOut, oneStep } from './aim.ts'
import type { Campaign } from './campaign.ts'
import type { Job } from './kill.ts'
import { runJob } from './process.ts'

const main = new URL('../../examples/docs-search/main.ts', import.meta.url)

/** What an undisturbed run makes of the same packages. */
export interface Reference {
  readonly root: string
  readonly files: ReadonlyMap<string, string>
  /** How many items each fan-out has, by stratum. */
  readonly items: ReadonlyMap<string, number>
}

/** The texts that a run publishes. */
const published = ['report.json', 'report.html', 'alert.txt']

export async function undisturbed(root: string, folder: string): Promise<Reference> {
  mkdirSync(folder, { recursive: true })
  const counter = join(folder, 'counter')
  await runJob({ line: [main, '--root', root, '--dir', folder], env: { CATENARY_COUNT_FILE: counter } })
  const items = new Map<string, number>()
  for (const line of readFileSync(counter, 'utf8').split('\n')) {
    const [, chain, step, ...rest] = line.split('/')
    // the last part is the attempt
    if (line.startsWith('done ') && rest.length > 1)
      items.set(`${chain} ${step}`, (items.get(`${chain} ${step}`) ?? 0) + 1)
  }
  return { root, files: textsIn(folder), items }
}

function textsIn(folder: string): ReadonlyMap<string, string> {
  return new Map(
    published.flatMap((name) => {
      const file = join(folder, name)
      return existsSync(file) ? [[name, readFileSync(file, 'utf8')] as const] : []
    }),
  )
}

/** The job in a folder that is not there yet. */
export function docsSearch(reference: Reference, folder: string): Job {
  mkdirSync(folder, { recursive: true })
  const counter = join(folder, 'counter')
  const command: Job['command'] = {
    line: [main, '--root', reference.root, '--dir', folder],
    env: { CATENARY_COUNT_FILE: counter },
  }
  return {
    command,
    store: join(folder, 'app.db'),
    counter,
    async finish() {
      const before = statSync(counter).size
      const texts = textsIn(folder)
      const problems = published.flatMap((name) =>
        texts.get(name) === reference.files.get(name)
          ? []
          : [`${name} is not what an undisturbed run writes`],
      )
      const runs = readdirSync(join(folder, 'runs'))
      if (runs.length !== 1) problems.push(`there are ${runs.length} runs: ${runs.join(', ')}`)
      await runJob(command)
      if (statSync(counter).size !== before)
        problems.push('typed again, steps ran although all was up to date')
      return problems
    },
  }
}

const single = [
  'discover walk',
  'discover compare',
  'parse gather',
  'licenses table',
  'index build',
  'verify questions',
  'verify names',
  'verify judge',
  'report compose',
  'report render',
  'report publish',
  'alert write',
]
const pointsOfFanOut = 5

/** @param references to what the job makes of several folders of packages, which take turns. */
export function docsSearchCampaign(references: readonly Reference[], chance: Chance): Campaign {
  const at = (place: number): Reference => references[place % references.length] as Reference
  return {
    name: 'docs-search',
    job: (folder, place) => docsSearch(at(place), folder),
    aims: (place) => docsSearchAims(at(place), chance),
    missing: (tally) => [
      ...[...new Set(single.map((stratum) => stratum.split(' ')[0] ?? ''))]
        .filter((chain) => !tally.chains.has(chain))
        .map((chain) => `chain ${chain}`),
      // the items of a small one are all in flight at once
      ...[...at(0).items]
        .flatMap(([stratum, items]) => (items > 16 ? [stratum] : []))
        .filter((stratum) => (tally.steps.get(stratum)?.midFanOut ?? 0) === 0)
        .map((stratum) => `the middle of ${stratum}`),
    ],
  }
}

/** Every step of every chain at its start and end, every fan-out at several points of it, and anywhere. */
function docsSearchAims({ items }: Reference, chance: Chance): readonly Aim[] {
  return [
    ...single.flatMap((stratum) => oneStep(stratum, chance)),
    ...[...items].flatMap(([stratum, n]) => fanOut(stratum, n, Math.min(n, pointsOfFanOut), chance)),
    ...anywhere(chance),
  ]
}
