// Judges what a power cut has left: nothing that was promised may be missing, and the job must go on from it.

import { attemptsIn } from '../attempts.ts'
import { audit, promises } from '../audit.ts'
import { type Image, imageOf, type Look, notAPrefix } from '../image.ts'
import { followLines, type Said } from '../lines.ts'
import { startJob } from '../process.ts'
import type { JobOf } from './recording.ts'
import { createSqliteStore } from '../../../src/sqlite/store.ts'

export interface Verdict {
  /** What was promised and is gone. */
  readonly lost: readonly string[]
  /** What must hold at any durability: the file is sound, and what it holds is how the journal began. */
  readonly broken: readonly string[]
}

/** @param said up to the cut. @param final the journal that the job went on to write. */
export async function judge(
  store: string,
  said: readonly Said[],
  final: Image,
  look?: Look,
): Promise<Verdict> {
  const image = await imageOf(store, look)
  return {
    lost: [...promises(said, image), ...unfounded(said, image)],
    broken: [...image.problems, ...notAPrefix(image.rows, final.rows)],
  }
}

/** Bodies that had begun although their start is not recorded. */
function unfounded(said: readonly Said[], { rows }: Image): readonly string[] {
  const { started } = attemptsIn(rows)
  return said.flatMap(({ kind, of }) =>
    kind === 'start' && !started.has(of) ? [`the start of ${of} is lost, and its body had begun`] : [],
  )
}

/** Opens the store as its next executor does. */
export async function open(store: string): Promise<readonly string[]> {
  const { rows } = await imageOf(store)
  await using opening = createSqliteStore(store)
  const { lastSeq } = await opening.open()
  return lastSeq === rows.length ? [] : [`the store opens at seq ${lastSeq}, and holds ${rows.length} events`]
}

/** Lets the job go on to its end, in a process of its own. */
export async function goOn(folder: string, orders: number, jobIn: JobOf): Promise<readonly string[]> {
  const job = jobIn(orders, folder, 'full')
  const before = await imageOf(job.store)
  const lines = followLines(job.counter, () => {})
  const { code, said } = await startJob(job.command).ended
  lines.read()
  lines.close()
  if (code !== 0) return [`the job ended with ${code}: ${said}`]
  const after = { image: await imageOf(job.store, job.look), lines: lines.all.length }
  return [...audit(lines.all, [after], before), ...(await job.finish())]
}
