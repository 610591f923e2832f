// Kills one kind of job until there were enough kills, spread over all its steps, and sums up what came of it.

import { rmSync } from 'node:fs'
import { type Aim, type Chance, shuffled, told } from './aim.ts'
import { type Job, killAndGoOn } from './kill.ts'
import { count, emptyTally, type Tally } from './tally.ts'

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
  readonly missing: readonly string[]
  readonly problems: readonly string[]
}

/** So many kills fall on one job; more, and it would hardly get anywhere in between. */
const mostPerJob = 14
/** Not every aim is reached. */
const leastAims = 8

export async function campaign(
  { job, aims, missing }: Campaign,
  options: {
    readonly kills: number
    /** Below it every job gets a folder. */
    readonly folder: string
    readonly chance: Chance
    /** Whether folders stay. Those of a job that went wrong stay anyway. */
    readonly keep: boolean
    readonly tell: (line: string) => void
  },
): Promise<Campaigned> {
  const { kills, folder, chance, keep, tell } = options
  const tally = emptyTally()
  const problems: string[] = []
  const hits = new Map<string, number>()
  let jobs = 0
  // what is hard to hit gets as many jobs again
  const mostJobs = 2 * Math.ceil(kills / mostPerJob) + 2
  while (jobs < mostJobs && (tally.kills < kills || missing(tally).length > 0)) {
    const most = tally.kills < kills ? Math.min(mostPerJob, kills - tally.kills) : mostPerJob
    // what was hit least comes first
    const chosen = shuffled(aims(jobs), chance)
      .toSorted((a, b) => (hits.get(told(a)) ?? 0) - (hits.get(told(b)) ?? 0))
      .slice(0, Math.max(most, leastAims))
    const at = `${folder}/job-${jobs}`
    const begun = performance.now()
    const outcome = await killAndGoOn(job(at, jobs), new Set(chosen), most)
    jobs++
    count(tally, outcome)
    for (const { aim } of outcome.kills) hits.set(told(aim), (hits.get(told(aim)) ?? 0) + 1)
    problems.push(...outcome.problems.map((problem) => `${at}: ${problem}`))
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    tell(`job ${jobs}: ${outcome.kills.length} kills in ${seconds} s, ${outcome.problems.length} problems`)
    for (const problem of outcome.problems.slice(0, 10)) tell(`  ${problem}`)
    if (!keep && outcome.problems.length === 0) rmSync(at, { recursive: true, force: true })
  }
  return { tally, jobs, missing: missing(tally), problems }
}
