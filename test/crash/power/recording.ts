// Runs the mixed job once under the recorder, with a kill in the middle, so that a recovery is recorded too.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Image, imageOf } from '../image.ts'
import type { Job } from '../kill.ts'
import { followLines } from '../lines.ts'
import { mixedAlone } from '../mixed.ts'
import { startJob } from '../process.ts'
import { compileRecorder, type Deed, deedsIn } from './recorder.ts'

export interface Recording {
  readonly store: string
  readonly counter: string
  readonly deeds: readonly Deed[]
  /** What the store held in the end. */
  readonly final: Image
}

/** Makes a job that runs alone, in a folder. */
export type JobOf = (orders: number, folder: string, durability: 'full' | 'normal') => Job

/** @param killAt how many lines the first process may count. */
export async function record(
  folder: string,
  {
    orders,
    durability,
    killAt,
    job: jobIn = mixedAlone,
  }: {
    readonly orders: number
    readonly durability: 'full' | 'normal'
    readonly killAt: number
    readonly job?: JobOf | undefined
  },
): Promise<Recording> {
  const root = join(folder, 'recorded')
  mkdirSync(root)
  const job = jobIn(orders, root, durability)
  const log = join(folder, 'deeds')
  const env = { ...job.command.env, ...compileRecorder(folder)(root, job.counter, log) }
  let kill: (() => void) | undefined
  const lines = followLines(job.counter, () => {
    if (lines.all.length === killAt) kill?.()
  })
  try {
    for (const isLast of [false, true]) {
      const child = startJob({ ...job.command, env })
      kill = isLast ? undefined : child.kill
      const { code, said } = await child.ended
      if (isLast ? code !== 0 : code !== null) throw new Error(`the recorded job ended with ${code}: ${said}`)
    }
  } finally {
    lines.close()
  }
  const problems = await job.finish()
  if (problems.length > 0) throw new Error(`the recorded job went wrong: ${problems.join('; ')}`)
  return {
    store: job.store,
    counter: job.counter,
    deeds: [...deedsIn(log)],
    final: await imageOf(job.store, job.look),
  }
}
