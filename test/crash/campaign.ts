// Kills one kind of job until there were enough kills, spread over all its steps, and sums up what came of it.

import { rmSync } from 'node:fs'
import { createRandom } from '../../src/kernel/random.ts'
import { type Aim, shuffled, told } from './aim.ts'
import { type CampaignName, campaignOf, type Given } from './campaigns.ts'
import type { Job } from './kill.ts'
import type { Lanes } from './lanes.ts'
import { add, emptyTally, type Tally } from './tally.ts'

/** A kind of job. */
export interface Campaign {
  readonly name: string
  /** A new job, in a folder that is not there yet. */
  job(folder: string, place: number): Job
  /** Where to kill it. */
  aims(place: number): readonly Aim[]
  /** What no kill has fallen on yet. */
  missing(tally: Tally): readonly string[]
}

export interface Campaigned {
  readonly tally: Tally
  readonly jobs: number
  /** Jobs in which something was found. */
  readonly failed: number
  readonly missing: readonly string[]
}

export interface Asked {
  readonly kills: number
  readonly seed: number
  /** Below it every job gets a folder. */
  readonly folder: string
  /** Whether folders stay. Those of a job that went wrong stay anyway. */
  readonly keep: boolean
  readonly tell: (line: string) => void
}

/** So many kills fall on one job; more, and it would hardly get anywhere in between. */
const mostPerJob = 14
/** Not every aim is reached. */
const leastAims = 8

export async function campaign(
  name: CampaignName,
  given: Given,
  lanes: Lanes,
  { kills, seed, folder, keep, tell }: Asked,
): Promise<Campaigned> {
  const chance = createRandom(seed)
  const { aims, missing } = campaignOf(name, given, chance)
  const tally = emptyTally()
  const hits = new Map<string, number>()
  let jobs = 0
  let failed = 0
  let asked = 0
  let working = 0
  // what is hard to hit gets as many jobs again
  const mostJobs = 2 * Math.ceil(kills / mostPerJob) + 2

  /** How many kills the next job is for; 0 none. */
  const due = (): number => {
    const left = kills - tally.kills - asked
    if (left > 0) return Math.min(mostPerJob, left)
    // what is under way may yet hit it
    return working === 0 && missing(tally).length > 0 ? mostPerJob : 0
  }

  async function work(): Promise<void> {
    for (let most = due(); most > 0 && jobs < mostJobs && failed < mostFailed; most = due()) {
      const place = jobs++
      const at = `${folder}/job-${place}`
      asked += most
      working++
      // what was hit least comes first
      const chosen = shuffled(aims(place), chance)
        .toSorted((a, b) => (hits.get(told(a)) ?? 0) - (hits.get(told(b)) ?? 0))
        .slice(0, Math.max(most, leastAims))
      const begun = performance.now()
      const done = await lanes.perform({
        do: 'kill',
        campaign: name,
        given,
        folder: at,
        place,
        aims: chosen,
        most,
        seed: seed * 100_003 + place,
      })
      asked -= most
      working--
      add(tally, done.tally)
      for (const aim of done.tally.aimed) hits.set(aim, (hits.get(aim) ?? 0) + 1)
      if (done.problems.length > 0) failed++
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      const found = done.problems.length === 0 ? '' : `, ${done.problems.length} PROBLEMS in ${at}`
      tell(`job ${place + 1}: ${done.tally.kills} kills in ${seconds} s, ${tally.kills} of ${kills}${found}`)
      for (const problem of done.problems.slice(0, 10)) tell(`  ${problem}`)
      if (!keep && done.problems.length === 0) rmSync(at, { recursive: true, force: true })
    }
  }

  await Promise.all(Array.from({ length: lanes.count }, work))
  return { tally, jobs, failed, missing: missing(tally) }
}

/** After so many jobs gone wrong the rest would say no more. */
const mostFailed = 5
