// `npm run crash -- [--kills N] [--cuts N] [--seed S] [--job docs-search|mixed|transact|power] [--keep]`: kills, cuts, audits.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '../../src/kernel/random.ts'
import { type Campaign, campaign } from './campaign.ts'
import { docsSearchCampaign, undisturbed } from './docs-search.ts'
import { mixedCampaign } from './mixed.ts'
import { makePackages } from './packages.ts'
import { takePoison } from './poison.ts'
import { cutPower, type PowerOptions } from './power/cut-power.ts'
import { noRecorder } from './power/recorder.ts'
import { table } from './tally.ts'
import { rowsAndOutcomes, transact, transactCampaign } from './transact.ts'

const usage =
  'npm run crash -- [--kills 40] [--cuts 100] [--seed 1] [--job docs-search|mixed|transact|power] [--keep]'
const packages = 40
const orders = 100
const payments = 60
const root = resolve(import.meta.dirname, '../../node_modules')

interface Asked {
  readonly kills: number
  readonly cuts: number
  readonly seed: number
  readonly keep: boolean
  readonly folder: string
}

const say = (line: string): void => console.log(line)

async function kill(given: Campaign, { kills, seed, keep, folder }: Asked): Promise<boolean> {
  say(`\n${given.name}: ${kills} kills`)
  const chance = createRandom(seed)
  const below = join(folder, given.name)
  const { tally, jobs, missing, problems } = await campaign(given, {
    kills,
    folder: below,
    chance,
    keep,
    tell: say,
  })
  for (const line of ['', ...table(tally), `${jobs} jobs`]) say(line)
  for (const what of missing) say(`no kill fell on ${what}`)
  return problems.length === 0 && missing.length === 0
}

async function killDocsSearch(asked: Asked): Promise<boolean> {
  const made = await undisturbed(makePackages(asked.folder, packages), join(asked.folder, 'reference-made'))
  const real = await undisturbed(root, join(asked.folder, 'reference-real'))
  return kill(docsSearchCampaign([made, real], createRandom(asked.seed)), asked)
}

async function poison({ folder }: Asked): Promise<boolean> {
  const problems = await takePoison(join(folder, 'poison'))
  say(
    `\npoison: a step that kills its process three times ${problems.length === 0 ? 'is' : 'is not'} put aside`,
  )
  for (const problem of problems) say(`  ${problem}`)
  return problems.length === 0
}

/** Cuts the power of one recorded job, and says what came of it. At `normal` it must lose something. */
async function cut(seed: number, options: Omit<PowerOptions, 'chance'>): Promise<boolean> {
  const isFull = options.durability === 'full'
  const often = options.points === 'every commit' ? 'after every commit' : `${options.points} times`
  say(`\npower: cut ${often}, durability ${options.durability}${isFull ? '' : ', which must lose something'}`)
  const report = await cutPower({ ...options, chance: createRandom(seed) })
  const { lost, broken, losing, mercies, ...counts } = report
  say(
    Object.entries({ ...counts, ...mercies })
      .map(([name, n]) => `${name} ${n}`)
      .join(', '),
  )
  say(`${losing} of ${report.points} cuts lost something that was promised; ${broken.length} other problems`)
  for (const problem of [...(isFull ? lost : []), ...broken].slice(0, 20)) say(`  ${problem}`)
  return broken.length === 0 && losing > 0 !== isFull
}

async function cutAll({ cuts, seed }: Asked): Promise<boolean> {
  const why = noRecorder()
  if (why !== undefined) {
    say(`\npower: not cut, as ${why}`)
    return true
  }
  const well = [
    await cut(seed, { orders: 60, points: cuts, durability: 'full', goOnEvery: 10 }),
    await cut(seed, { orders: 20, points: 'every commit', durability: 'full', goOnEvery: 50 }),
    await cut(seed, {
      orders: 60,
      points: Math.max(10, Math.round(cuts / 10)),
      durability: 'normal',
      goOnEvery: 0,
    }),
  ]
  return well.every(Boolean)
}

async function cutTransact({ cuts, seed }: Asked): Promise<boolean> {
  if (noRecorder() !== undefined) return true
  const rows = { job: transact, look: rowsAndOutcomes } as const
  return cut(seed, { orders: 30, points: cuts, durability: 'full', goOnEvery: 20, ...rows })
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '40' },
      cuts: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      job: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  })
  const [kills = 0, cuts = 0, seed = 0] = [values.kills, values.cuts, values.seed].map(Number)
  const jobs: Readonly<Record<string, (asked: Asked) => Promise<boolean>>> = {
    'docs-search': killDocsSearch,
    mixed: async (asked) =>
      (await kill(mixedCampaign(orders, createRandom(asked.seed)), asked)) && (await poison(asked)),
    transact: async (asked) =>
      (await kill(transactCampaign(payments, createRandom(asked.seed)), asked)) && (await cutTransact(asked)),
    power: cutAll,
  }
  const chosen = values.job === undefined ? Object.values(jobs) : [jobs[values.job]]
  if (![kills, cuts, seed].every(Number.isInteger) || kills < 1 || cuts < 1 || chosen.includes(undefined)) {
    console.error(usage)
    process.exitCode = 2
    return
  }
  const begun = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'catenary-crash-'))
  let passed = 0
  for (const run of chosen) if (await run?.({ kills, cuts, seed, keep: values.keep, folder })) passed++
  const isWell = passed === chosen.length
  if (isWell && !values.keep) rmSync(folder, { recursive: true, force: true })
  else say(`\nthe folders are in ${folder}`)
  say(`\nseed ${seed}, ${((performance.now() - begun) / 1000).toFixed(0)} s on Node ${process.versions.node}`)
  say(`${passed} passed, ${chosen.length - passed} failed`)
  if (!isWell) process.exitCode = 1
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
await main()
