// Refuses a store with unfinished runs of chains that a module does not have: executing it would park them.

import { existsSync } from 'node:fs'
import { collect } from '../chain/validate.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { openSqliteReader } from '../sqlite/client.ts'
import type { LoadedChain } from './load-module.ts'
import { unended } from './show.ts'

const looked = 1_000
const alive = unended.filter((status) => ['running', 'waiting', 'paused'].includes(status))

/** Looks at the newest unfinished runs in `file`, where it is there and of this release. */
export async function refuseForeignRuns(file: string, chains: readonly LoadedChain[]): Promise<void> {
  if (!existsSync(file)) return
  const known = new Set(collect(chains.map(({ spec }) => spec)).map(({ id }) => id))
  const foreign = new Set<string>()
  let runs = 0
  const reader = openReader(file)
  if (reader === undefined) return
  try {
    for (const head of await reader.heads({ status: alive, limit: looked })) {
      // `id~hash` is a second input of the same chain
      const unknown = head.chain
        .split(',')
        .map((key) => key.replace(/~.*$/, ''))
        .filter((id) => !known.has(id))
      if (unknown.length > 0) runs++
      for (const id of unknown) foreign.add(id)
    }
  } finally {
    await reader.close()
  }
  if (runs === 0) return
  const whose = [...foreign].slice(0, 5).join(', ')
  throw new CatenaryError(
    'STORE_UNAVAILABLE',
    `${file} has ${runs === 1 ? 'an unfinished run' : `${runs} unfinished runs`} of chains that this module does not export (${whose}), which could not go on: give --store another file, export those chains too, or cancel the runs`,
  )
}

/** A store that is empty, or older, is the executor's to make or migrate. */
function openReader(file: string): ReturnType<typeof openSqliteReader> | undefined {
  try {
    return openSqliteReader(file)
  } catch (error) {
    if (CatenaryError.is(error) && error.code === 'STORE_UNAVAILABLE') return undefined
    throw error
  }
}
