// A process that carries out what `npm run crash` hands out: one job through its kills, poison, or cuts of its power.

import { mkdirSync } from 'node:fs'
import { createRandom } from '../../src/kernel/random.ts'
import type { Aim } from './aim.ts'
import { type CampaignName, type Given, campaignOf } from './campaigns.ts'
import { type Fault, suffer } from './faults.ts'
import { jumpClock } from './jumps.ts'
import { killAndGoOn } from './kill.ts'
import { takePoison } from './poison.ts'
import { cutPower, type PowerReport } from './power/cut-power.ts'
import { tearTail, type Torn } from './tail.ts'
import { count, emptyTally, type Tally } from './tally.ts'
import { rowsAndOutcomes, transact } from './transact.ts'

/** What a lane is asked for; plain data, as it goes from process to process. */
export type Task =
  | {
      readonly do: 'kill'
      readonly campaign: CampaignName
      readonly given: Given
      readonly folder: string
      readonly place: number
      readonly aims: readonly Aim[]
      readonly most: number
      readonly seed: number
    }
  | { readonly do: 'poison'; readonly folder: string }
  | { readonly do: 'jump'; readonly folder: string; readonly processes: number; readonly seed: number }
  | { readonly do: 'tear'; readonly folder: string; readonly seed: number }
  | {
      readonly do: 'suffer'
      readonly folder: string
      readonly faults: readonly Fault[]
      readonly seed: number
    }
  | {
      readonly do: 'cut'
      readonly job: 'mixed' | 'transact'
      readonly orders: number
      readonly points: number | 'every commit'
      readonly durability: 'full' | 'normal'
      readonly goOnEvery: number
      readonly seed: number
    }

export interface Done {
  readonly tally: Tally
  readonly problems: readonly string[]
  /** Of cuts of the power. */
  readonly report?: PowerReport
  /** Of a log that is torn. */
  readonly torn?: Torn
}

export type Reply = { readonly done: Done } | { readonly failed: string }

async function perform(task: Task): Promise<Done> {
  const tally = emptyTally()
  switch (task.do) {
    case 'kill': {
      const { job } = campaignOf(task.campaign, task.given, createRandom(task.seed))
      const outcome = await killAndGoOn(job(task.folder, task.place), new Set(task.aims), task.most)
      count(tally, outcome)
      return { tally, problems: outcome.problems }
    }
    case 'poison':
      return { tally, problems: await takePoison(task.folder) }
    case 'jump': {
      const chance = createRandom(task.seed)
      const { problems } = await jumpClock(task.folder, { ...task, naps: 6, wakes: true, chance })
      return { tally, problems }
    }
    case 'tear': {
      const chance = createRandom(task.seed)
      mkdirSync(task.folder, { recursive: true })
      const torn = await tearTail(task.folder, { frames: 3, every: 1, bits: 1_000, goesOn: 10, chance })
      return { tally, problems: torn.problems, torn }
    }
    case 'suffer': {
      const options = { orders: 40, chance: createRandom(task.seed) }
      return { tally, problems: (await suffer(task.folder, task.faults, options)).problems }
    }
    case 'cut': {
      const { job, seed, ...options } = task
      const rows = job === 'transact' ? { job: transact, look: rowsAndOutcomes } : {}
      const report = await cutPower({ ...options, ...rows, chance: createRandom(seed) })
      return { tally, problems: report.broken, report }
    }
  }
}

process.on('message', (task: Task) => {
  void perform(task)
    .then(
      (done): Reply => ({ done }),
      (error: unknown): Reply => ({ failed: String((error as Error).stack ?? error) }),
    )
    .then((reply) => process.send?.(reply))
})
// whoever asked is gone: what runs here ends with it
process.once('disconnect', () => process.exit())
