// A planted bug: one small replacement in the sources, and what is to find it.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProofName } from './proofs.ts'

export interface Bug {
  readonly name: string
  /** What is wrong, as one sentence. */
  readonly is: string
  /** From the root of the sources. */
  readonly file: string
  /** Occurs in the file exactly once. */
  readonly before: string
  readonly after: string
  /** What is tried, one after the other, until it is found. */
  readonly proofs: readonly [ProofName, ...ProofName[]]
}

/** What keeps a bug from being planted into the sources in `root`; undefined where nothing does. */
export function problemOf({ name, file, before, after }: Bug, root: string): string | undefined {
  let text: string
  try {
    text = readFileSync(join(root, file), 'utf8')
  } catch {
    return `${name}: there is no file ${file}: say where its code is now, in test/planted/bugs`
  }
  const times = text.split(before).length - 1
  if (times !== 1)
    return `${name}: its text occurs ${times} times in ${file}, not once: write it anew in test/planted/bugs, as the code is now`
  return before === after ? `${name}: changes nothing` : undefined
}

/** Plants a bug; call what it returns to take it out again. Throws where it cannot be planted. */
export function plant(bug: Bug, root: string): () => void {
  const problem = problemOf(bug, root)
  if (problem !== undefined) throw new Error(problem)
  const at = join(root, bug.file)
  const text = readFileSync(at, 'utf8')
  writeFileSync(
    at,
    text.replace(bug.before, () => bug.after),
  )
  return () => writeFileSync(at, text)
}
