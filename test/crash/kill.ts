// Runs a job to its end through kills: each process dies at one of the aims, the next goes on with the same store.

import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { type Aim, createScope } from './aim.ts'
import { type Left, audit } from './audit.ts'
import { imageOf, type Look } from './image.ts'
import { type Lines, followLines } from './lines.ts'
import { type Command, type Ended, type JobProcess, startJob } from './process.ts'
import { createSafety } from './safety.ts'

/** A job in a folder of its own. */
export interface Job {
  readonly command: Command
  readonly store: string
  /** Where it counts what it does. */
  readonly counter: string
  /** Looks at what else is in the store's file, after every kill. */
  readonly look?: Look
  /** Works beside its processes, from the first to the last. */
  readonly beside?: (lines: Lines) => { stop(): Promise<readonly string[]> }
  /** What is wrong with what it made, once it has ended. */
  finish(): Promise<readonly string[]>
}

/** One kill: what it aimed at, and what it left. */
export interface Kill {
  readonly aim: Aim
  readonly left: Left
}

export interface Outcome {
  readonly kills: readonly Kill[]
  readonly lines: readonly string[]
  readonly problems: readonly string[]
}

/** What it has counted outlives the process; only a power cut needs it on disk. */
const unsynced = { CATENARY_COUNT_SYNC: 'off' }

/** Longer than any job takes on a slow machine: one that takes longer hangs. */
const longest = 180_000

/** @param aims those that a kill has fallen on are taken out. @param most kills of this job. */
export async function killAndGoOn(job: Job, aims: Set<Aim>, most: number): Promise<Outcome> {
  const kills: Kill[] = []
  const left: Left[] = []
  const problems: string[] = []
  const scope = createScope(aims)
  let reached: ((aim: Aim) => void) | undefined
  const lines = followLines(job.counter, (line) => {
    const aim = scope.line(line)
    if (aim !== undefined) reached?.(aim)
  })
  const beside = job.beside?.(lines)
  try {
    for (;;) {
      const child = startJob({ ...job.command, env: { ...job.command.env, ...unsynced } })
      const safety = createSafety(job.store, left.at(-1)?.image.rows ?? [])
      let struck: Aim | undefined
      const strike = (aim: Aim): void => {
        if (struck !== undefined || kills.length >= most || !safety.safe()) return
        struck = aim
        reached = undefined
        spin('delay' in aim && aim.at !== 'boot' ? aim.delay : 0)
        child.kill()
      }
      reached = strike
      const stop = otherAims(aims, job.store, strike)
      const { code, said } = await withLimit(child, problems)
      stop()
      safety.close()
      reached = undefined
      lines.read()
      left.push({ image: await imageOf(job.store, job.look), lines: lines.all.length })
      if (struck !== undefined && code === null) {
        aims.delete(struck)
        kills.push({ aim: struck, left: left.at(-1) as Left })
        continue
      }
      if (code !== 0) problems.push(`the job ended with ${code}: ${said}`)
      break
    }
    problems.push(...audit(lines.all, left))
    if (problems.length === 0) problems.push(...((await beside?.stop()) ?? []), ...(await job.finish()))
    return { kills, lines: lines.all, problems }
  } finally {
    await beside?.stop().catch(() => [])
    lines.close()
  }
}

/** Burns the time: a timer would be late by more than what is waited for. */
function spin(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** The aims that no line tells of. */
function otherAims(aims: ReadonlySet<Aim>, store: string, strike: (aim: Aim) => void): () => void {
  const find = (at: Aim['at']): Aim | undefined => [...aims].find((aim) => aim.at === at)
  const boot = find('boot')
  const timer = boot === undefined ? undefined : setTimeout(() => strike(boot), boot.delay)
  const commit = find('commit')
  let changes = 0
  const watcher = watch(dirname(store), (_, file) => {
    if (file?.endsWith('-wal') && commit?.at === 'commit' && ++changes >= commit.nth && existsSync(store))
      strike(commit)
  })
  return () => {
    clearTimeout(timer)
    watcher.close()
  }
}

async function withLimit(child: JobProcess, problems: string[]): Promise<Ended> {
  const timer = setTimeout(() => {
    problems.push(`a process of the job did not end within ${longest} ms`)
    child.kill()
  }, longest)
  try {
    return await child.ended
  } finally {
    clearTimeout(timer)
  }
}
