// `npm run crash -- [--kills N] [--cuts N] [--seed S] [--job NAME] [--lanes N] [--keep]`: kills, cuts, audits.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '../../src/kernel/random.ts'
import { shuffled } from './aim.ts'
import { campaign } from './campaign.ts'
import { type CampaignName, type Given, shares } from './campaigns.ts'
import { undisturbed } from './docs-search.ts'
import { faults, noSmallDisk } from './faults.ts'
import type { Task } from './lane.ts'
import { type Lanes, openLanes } from './lanes.ts'
import { makePackages } from './packages.ts'
import { noRecorder } from './power/recorder.ts'
import { table } from './tally.ts'

const campaigns = Object.keys(shares) as CampaignName[]
const names = [...campaigns, 'poison', 'clock', 'tail', 'faults', 'power'] as const
type Name = (typeof names)[number]

const usage = `npm run crash -- [--kills 150] [--cuts 100] [--seed 1] [--job ${names.join('|')}] [--lanes N] [--keep]`
/** Of all kills, those of steps that kill their own process, three in each such job; and as many under clocks that jump. */
const poisoned = 0.02
const packages = 40
const root = resolve(import.meta.dirname, '../../node_modules')

interface Asked {
  readonly kills: number
  readonly cuts: number
  readonly seed: number
  readonly keep: boolean
  readonly folder: string
  readonly lanes: Lanes
}

interface Count {
  readonly passed: number
  readonly failed: number
}

const begun = performance.now()
const seconds = (): string => ((performance.now() - begun) / 1000).toFixed(0)
const say = (line: string): void => console.log(line)
const tellAs =
  (name: string) =>
  (line: string): void =>
    say(`${seconds().padStart(5)} s  ${name}: ${line}`)

async function kill(name: CampaignName, { lanes, kills, seed, keep, folder }: Asked): Promise<Count> {
  const given = name === 'docs-search' ? await references(folder) : { references: [] }
  const below = join(folder, name)
  const { tally, jobs, failed, missing } = await campaign(name, given, lanes, {
    kills,
    seed,
    folder: below,
    keep,
    tell: tellAs(name),
  })
  for (const line of [`\n${name}: ${kills} kills`, '', ...table(tally), `${jobs} jobs`]) say(line)
  for (const what of missing) say(`no kill fell on ${what}`)
  return { passed: jobs - failed, failed: failed + missing.length }
}

async function references(folder: string): Promise<Given> {
  const made = await undisturbed(makePackages(folder, packages), join(folder, 'reference-made'))
  const real = await undisturbed(root, join(folder, 'reference-real'))
  return { references: [made, real] }
}

/** A step that kills its process three times is put aside, over and over. */
async function poison({ lanes, kills, folder }: Asked): Promise<Count> {
  const jobs = Math.max(1, Math.round(kills / 3))
  const found = await Promise.all(
    Array.from({ length: jobs }, async (_, n) => {
      const { problems } = await lanes.perform({ do: 'poison', folder: join(folder, `poison-${n}`) })
      for (const problem of problems) tellAs('poison')(problem)
      return problems.length
    }),
  )
  const failed = found.filter((n) => n > 0).length
  tellAs('poison')(`a step that kills its process three times: put aside ${jobs - failed} times of ${jobs}`)
  return { passed: jobs - failed, failed }
}

/** Some processes each under a clock that jumps; the last sees by itself that it was set forward. */
async function clock({ lanes, kills, seed, folder }: Asked): Promise<Count> {
  const processes = 5
  const jobs = Math.max(1, Math.round(kills / processes))
  const found = await Promise.all(
    Array.from({ length: jobs }, async (_, n) => {
      const at = join(folder, `clock-${n}`)
      const { problems } = await lanes.perform({ do: 'jump', folder: at, processes, seed: seed * 1_009 + n })
      for (const problem of problems) tellAs('clock')(`${at}: ${problem}`)
      return problems.length
    }),
  )
  const failed = found.filter((n) => n > 0).length
  tellAs('clock')(`${jobs} jobs under a clock that jumps, ${failed} with problems`)
  return { passed: jobs - failed, failed }
}

/** Disks that are full or read-only, programs that hold the store, and kills between, in an order that is drawn. */
async function suffering({ lanes, seed, folder }: Asked): Promise<Count> {
  const why = noSmallDisk()
  if (why !== undefined) {
    say(`\nfaults: none, as ${why}`)
    return { passed: 0, failed: 0 }
  }
  return sum(
    Array.from({ length: 6 }, async (_, n) => {
      const drawn = shuffled([...faults, ...faults], createRandom(seed * 31 + n))
      const at = join(folder, `faults-${n}`)
      const { problems } = await lanes.perform({ do: 'suffer', folder: at, faults: drawn, seed: seed + n })
      for (const problem of problems.slice(0, 20)) tellAs('faults')(problem)
      tellAs('faults')(`${drawn.length} of a job: ${problems.length} problems`)
      return { passed: problems.length === 0 ? 1 : 0, failed: problems.length === 0 ? 0 : 1 }
    }),
  )
}

/** The log of two killed jobs, cut at every byte of its last frames, and with bits flipped there. */
async function tail({ lanes, seed, folder }: Asked): Promise<Count> {
  // thousands of stores are opened: what counts is what is in them
  const below = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/catenary-tail-') : join(folder, 'tail')
  try {
    return await sum(
      [0, 1].map(async (n) => {
        const { problems, torn } = await lanes.perform({
          do: 'tear',
          folder: join(below, String(n)),
          seed: seed + n,
        })
        for (const problem of problems.slice(0, 20)) tellAs('tail')(problem)
        tellAs('tail')(
          `cut at ${torn?.cuts} bytes, ${torn?.flips} bits flipped, ${torn?.wentOn} went on: ${problems.length} problems`,
        )
        return { passed: problems.length === 0 ? 1 : 0, failed: problems.length === 0 ? 0 : 1 }
      }),
    )
  } finally {
    rmSync(below, { recursive: true, force: true })
  }
}

/** Cuts the power of one recorded job, and says what came of it. At `normal` it must lose something. */
async function cut(lanes: Lanes, task: Task & { readonly do: 'cut' }): Promise<Count> {
  const isFull = task.durability === 'full'
  const often = task.points === 'every commit' ? 'after every commit' : `${task.points} times`
  const tell = tellAs('power')
  const { report } = await lanes.perform(task)
  if (report === undefined) throw new Error('a lane gave no report of its cuts')
  const { lost, broken, losing, mercies, ...counts } = report
  const figures = Object.entries({ ...counts, ...mercies }).map(([name, n]) => `${name} ${n}`)
  tell(
    `${task.job}, cut ${often}, durability ${task.durability}${isFull ? '' : ', which must lose something'}`,
  )
  tell(`  ${figures.join(', ')}`)
  tell(
    `  ${losing} of ${report.points} cuts lost something that was promised; ${broken.length} other problems`,
  )
  for (const problem of [...(isFull ? lost : []), ...broken].slice(0, 20)) tell(`  ${problem}`)
  const isWell = broken.length === 0 && losing > 0 !== isFull
  return { passed: isWell ? 1 : 0, failed: isWell ? 0 : 1 }
}

async function power({ lanes, cuts, seed }: Asked): Promise<Count> {
  const why = noRecorder()
  if (why !== undefined) {
    say(`\npower: not cut, as ${why}`)
    return { passed: 0, failed: 0 }
  }
  const full = { do: 'cut', job: 'mixed', orders: 60, durability: 'full', goOnEvery: 10, seed } as const
  const fewer = Math.max(10, Math.round(cuts / 10))
  return sum([
    cut(lanes, { ...full, points: cuts }),
    cut(lanes, { ...full, orders: 20, points: 'every commit', goOnEvery: 50 }),
    cut(lanes, { ...full, job: 'transact', orders: 30, points: cuts, goOnEvery: 20 }),
    cut(lanes, { ...full, points: fewer, durability: 'normal', goOnEvery: 0 }),
  ])
}

async function sum(counts: readonly Promise<Count>[]): Promise<Count> {
  const all = await Promise.all(counts)
  const of = (key: keyof Count): number => all.reduce((total, count) => total + count[key], 0)
  return { passed: of('passed'), failed: of('failed') }
}

/** All at once: the lanes take what comes. */
async function perform(chosen: readonly Name[], asked: Asked): Promise<Count> {
  const alone = chosen.length === 1
  const part = (share: number): Asked =>
    alone ? asked : { ...asked, kills: Math.max(1, Math.round(asked.kills * share)) }
  return sum(
    chosen.map(async (name) => {
      if (name === 'power') return power(asked)
      if (name === 'poison') return poison(part(poisoned))
      if (name === 'faults') return suffering(asked)
      if (name === 'tail') return tail(asked)
      if (name === 'clock') return clock(part(poisoned))
      return kill(name, part(shares[name] * (1 - 2 * poisoned)))
    }),
  )
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '150' },
      cuts: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      lanes: { type: 'string', default: String(availableParallelism()) },
      job: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  })
  const [kills = 0, cuts = 0, seed = 0, count = 0] = [
    values.kills,
    values.cuts,
    values.seed,
    values.lanes,
  ].map(Number)
  const chosen = names.filter((name) => values.job === undefined || values.job === name)
  if (
    ![kills, cuts, seed, count].every(Number.isInteger) ||
    Math.min(kills, cuts, count, chosen.length) < 1
  ) {
    console.error(usage)
    process.exitCode = 2
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'catenary-crash-'))
  const lanes = openLanes(count)
  try {
    const { passed, failed } = await perform(chosen, { kills, cuts, seed, keep: values.keep, folder, lanes })
    if (failed === 0 && !values.keep) rmSync(folder, { recursive: true, force: true })
    else say(`\nthe folders are in ${folder}`)
    say(`\nseed ${seed}, ${count} at a time, ${seconds()} s on Node ${process.versions.node}`)
    say(`${passed} passed, ${failed} failed`)
    if (failed > 0) process.exitCode = 1
  } finally {
    lanes.close()
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
await main()
