// `npm run soak -- [--runs N] [--sleeping N] [--full]`: the package as built, for very long; fails where memory does not stay flat.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import type { Package } from './load.ts'
import { type Slept, type Soaked, soak, soakAsleep } from './soak.ts'

const million = 1_000_000
const mostAsleep = 300

const { values: given } = parseArgs({
  options: {
    /** Short runs; 0 for none. Default 100,000. */
    runs: { type: 'string' },
    /** Runs that only sleep; 0 for none. Default 100,000. */
    sleeping: { type: 'string' },
    /** A million of both. */
    full: { type: 'boolean', default: false },
    /** The sources as Node strips their types, not the package as built. */
    source: { type: 'boolean', default: false },
    /** Where the file is made; a RAM disk has no fsync to wait for. */
    folder: { type: 'string', default: join(import.meta.dirname, '../../node_modules/.cache') },
    /** Each part has a process of its own. */
    part: { type: 'string' },
  },
})
const usual = given.full ? million : 100_000
const counts = { runs: Number(given.runs ?? usual), sleeping: Number(given.sleeping ?? usual) }
const digits = (value: number, places = 0): string => value.toFixed(places)

async function work(part: string): Promise<boolean> {
  const entry = given.source ? '../../src/index.ts' : '../../dist/src/index.js'
  const catenary = (await import(entry)) as Package
  mkdirSync(given.folder, { recursive: true })
  const folder = mkdtempSync(join(given.folder, 'soak-'))
  try {
    if (part === 'runs') return printRuns(await shortRuns(catenary, folder))
    return printAsleep(await asleep(catenary, folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const columns = [
  'runs',
  'runs/s',
  'RSS MB',
  'heap',
  'writer',
  'loop p99 ms',
  'longest',
  'files',
  'timers',
  'listeners',
  'store MB',
]

const row = (cells: readonly string[]): string =>
  cells.map((cell, at) => cell.padStart(Math.max(9, columns[at]?.length ?? 0))).join('  ')

async function shortRuns(catenary: Package, folder: string): Promise<Soaked> {
  console.log(`\n${counts.runs} short runs at full fsync\n${row(columns)}`)
  let before = 0
  return soak(catenary, {
    folder,
    runs: counts.runs,
    tell({ runs, seconds, rss, heap, writer, loop, files, timers, listeners, store }) {
      const numbers = [digits((runs - before) / seconds), digits(rss, 1), digits(heap, 1), digits(writer, 1)]
      const delays = [digits(loop.p99, 1), digits(loop.longest, 1)]
      console.log(
        row([
          digits(runs),
          ...numbers,
          ...delays,
          ...[files, timers, listeners, store].map((one) => digits(one)),
        ]),
      )
      before = runs
    },
    tellRest: ({ runs, rss }) =>
      console.log(`${digits(runs).padStart(9)} runs, and then at rest: ${digits(rss, 1)} MB resident`),
  })
}

function printRuns({ rests, drifts, ends, problems }: Soaked): boolean {
  console.log(drifts === undefined ? '\ntoo few runs to say whether memory is flat' : '\nonce warm')
  console.log(
    `at rest: ${rests.map(({ runs, rss }) => `${digits(rss, 1)} MB after ${runs} runs`).join(', ')}`,
  )
  for (const [what, { mean, rise, spread }] of Object.entries(drifts ?? {})) {
    const line = `rises by ${digits(rise, 1)} %, highest ${digits(spread, 1)} % above lowest`
    console.log(
      `${what === 'rss' ? 'rss under load (told only)' : what}: mean ${digits(mean, 1)} MB, ${line}`,
    )
  }
  console.log(`ended: ${JSON.stringify(ends)}`)
  for (const problem of problems) console.log(`FAILED: ${problem}`)
  return problems.length === 0
}

async function asleep(catenary: Package, folder: string): Promise<Slept> {
  console.log(`\n${counts.sleeping} runs put to sleep at full fsync`)
  return soakAsleep(catenary, {
    folder,
    runs: counts.sleeping,
    tell: ({ runs, seconds, rss }) =>
      console.log(`${digits(runs).padStart(9)} asleep  ${digits(rss, 1)} MB resident  ${digits(seconds)} s`),
    tellRest: (gone, rss) =>
      console.log(`${String(gone).padStart(7)} s later  ${digits(rss, 1)} MB resident`),
  })
}

function printAsleep({ runs, rss, rested }: Slept): boolean {
  const met = rested <= mostAsleep
  const said = `${digits(rested, 1)} MB resident at rest, at most ${mostAsleep}`
  console.log(
    `${met ? 'met' : 'FAILED'}: ${runs} runs asleep, ${said} (${digits(rss, 1)} as the last fell asleep)`,
  )
  return met
}

function apart(part: string): boolean {
  const args = [...process.argv.slice(1), `--part=${part}`]
  return spawnSync(process.execPath, [...process.execArgv, ...args], { stdio: 'inherit' }).status === 0
}

const wrong = Object.values(counts).some(
  (count) => !Number.isInteger(count) || count < 0 || (count > 0 && count < 100),
)
if (wrong) {
  console.error('--runs and --sleeping take 0 or a number from 100')
  process.exitCode = 2
} else if (given.part !== undefined) {
  process.exitCode = (await work(given.part)) ? 0 : 1
} else {
  const asked = (['runs', 'sleeping'] as const).filter((part) => counts[part] > 0)
  const failed = asked.filter((part) => !apart(part))
  console.log(`\n${asked.length - failed.length} passed, ${failed.length} failed`)
  process.exitCode = failed.length === 0 ? 0 : 1
}
