// Finds the run that a person means: by its id, or by a part of it that only one recent run has.

import type { RunHead, StoreReader } from '../journal/store.ts'
import { CatenaryError } from '../kernel/errors.ts'

const searched = 1_000
const shortest = 4

/** The run of this id, or the one recent run whose id begins or ends so. */
export async function findRun(reader: StoreReader, given: string): Promise<RunHead> {
  const exact = await reader.head(given)
  if (exact !== undefined) return exact
  const recent = given.length < shortest ? [] : await reader.heads({ limit: searched })
  const part = given.toLowerCase()
  const found = recent.filter(({ run }) => {
    const id = run.toLowerCase()
    return id.startsWith(part) || id.endsWith(part)
  })
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  throw new CatenaryError(
    'RUN_UNKNOWN',
    found.length === 0
      ? `there is no run ${given} in this store: \`catenary list\` shows those there are`
      : `the ids of ${found.length} runs begin or end with ${given}: give more of the one you mean`,
  )
}
