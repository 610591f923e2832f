// `npm run bench -- [--only NAME,...] [--full | --quick] [--json]`: measures Catenary against floors on this machine.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Line } from './line.ts'
import { machineNow, machineText } from './machine-now.ts'
import { measureApart } from './measure.ts'
import { writePage } from './page.ts'
import type { MeasuredRow, Results } from './results.ts'
import type { Row, Size } from './row.ts'
import { rows } from './rows.ts'
import { tableOf } from './table.ts'

const { values: given } = parseArgs({
  options: {
    /** Names of rows, by commas; default all. */
    only: { type: 'string' },
    /** At the scale of the bars: a million sleeping runs. */
    full: { type: 'boolean', default: false },
    /** Only shows that every row runs. */
    quick: { type: 'boolean', default: false },
    /** One JSON document on standard output; progress goes to standard error. */
    json: { type: 'boolean', default: false },
    /** How often each side has its turn. */
    turns: { type: 'string' },
    /** Measures nothing: writes the figures of this JSON document into docs/performance.md. */
    page: { type: 'string' },
    /** Where the files are made; a RAM disk has no fsync to measure. */
    folder: { type: 'string', default: join(import.meta.dirname, '../../node_modules/.cache') },
    /** A folder for a CPU profile of every case. */
    profile: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const size: Size = given.quick ? 'quick' : given.full ? 'full' : 'usual'
const turns = Number(given.turns ?? (given.quick ? 1 : 5))

const help = `npm run bench -- [options]: measures Catenary against floors on this machine

  --only NAME,...  only these rows: ${rows.map(({ name }) => name).join(', ')}
  --quick          only shows that every row runs
  --full           at the scale of the bars: a million sleeping runs
  --turns N        how often each side has its turn (default 5, with --quick 1)
  --json           one JSON document on standard output; progress goes to standard error
  --page FILE      measures nothing: writes the figures of this JSON document into docs/performance.md
  --folder PATH    where the files are made (default node_modules/.cache); a RAM disk has no fsync to measure
  --profile PATH   a folder for a CPU profile of every case
`

async function measureRow(row: Row, folder: string): Promise<MeasuredRow> {
  const lines: Line[] = []
  const problems: string[] = []
  for (const [at, one] of row.cases(size).entries()) {
    // what a first case shows to run, the others do too, but for the last, which is the least like it
    if (size === 'quick' && at > 0 && at < row.cases(size).length - 1) continue
    process.stderr.write(`${row.name}: ${one.name}\n`)
    const options = { terms: { size, turns }, folder, profiles: given.profile }
    const outcome = await measureApart(row, one, options)
    if ('lines' in outcome) lines.push(...outcome.lines)
    else problems.push(`${one.name}: ${outcome.problem}`)
  }
  const { name, title, method } = row
  return { name, title, method, lines, problems }
}

function print({ name, title, lines, problems }: MeasuredRow): void {
  console.log(`\n${name}: ${title}`)
  if (lines.length > 0) console.log(tableOf(lines, size !== 'quick'))
  for (const problem of problems) console.log(`  FAILED ${problem}`)
}

async function main(): Promise<void> {
  const names = given.only?.split(',')
  const unknown = names?.filter((name) => !rows.some((row) => row.name === name)) ?? []
  if (unknown.length > 0 || !(turns >= 1)) {
    const wrong =
      unknown.length > 0 ? `there is no row ${unknown.join(', ')}` : '--turns takes a number from 1'
    console.error(`${wrong}\n\n${help}`)
    process.exitCode = 2
    return
  }
  mkdirSync(given.folder, { recursive: true })
  const folder = mkdtempSync(join(given.folder, 'bench-'))
  const clear = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('SIGINT', () => {
    clear()
    process.exit(130)
  })
  try {
    const machine = machineNow(folder)
    if (!given.json) console.log(machineText(machine))
    const measured: MeasuredRow[] = []
    for (const row of rows) {
      if (names !== undefined && !names.includes(row.name)) continue
      const one = await measureRow(row, folder)
      if (!given.json) print(one)
      measured.push(one)
    }
    const results: Results = { bench: 1, size, turns, machine, rows: measured }
    if (given.json) console.log(JSON.stringify(results, null, 2))
    if (measured.some(({ problems }) => problems.length > 0)) process.exitCode = 1
  } finally {
    clear()
  }
}

if (given.help) process.stdout.write(help)
else if (given.page === undefined) await main()
else writePage(JSON.parse(readFileSync(given.page, 'utf8')) as Results)
