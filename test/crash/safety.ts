// Says when a kill may fall: an attempt that is lost a third time makes its run a dead letter, which is another test.

import type { Row, StoreReader } from '../../src/journal/store.ts'
import { openSqliteReader } from '../../src/sqlite/client.ts'
import { attemptsIn, keyOf, type Place } from './attempts.ts'

/** Lost so often, a step must be let through. */
const mostLost = 2
const lookEvery = 5

export interface Safety {
  safe(): boolean
  close(): void
}

/** @param rows what the last process left. */
export function createSafety(store: string, rows: readonly Row[]): Safety {
  const endangered = inDanger(rows)
  let reader: (StoreReader & AsyncDisposable) | undefined
  let after = rows.at(-1)?.seq ?? 0
  let closed = false
  const look = async (): Promise<void> => {
    try {
      reader ??= openSqliteReader(store)
      const more = await reader.journal({ after, limit: 100_000 })
      after = more.at(-1)?.seq ?? after
      for (const row of more) release(endangered, row)
    } catch {
      // the store is only being made: look again
    }
    if (closed || endangered.size === 0) await reader?.close()
    else setTimeout(() => void look(), lookEvery)
  }
  if (endangered.size > 0) void look()
  return { safe: () => endangered.size === 0, close: () => void (closed = true) }
}

/** The keys of what was lost, or will be once the store is opened again, as often as may be, and still has to run. */
function inDanger(rows: readonly Row[]): Set<string> {
  const { open, lost } = attemptsIn(rows)
  const losses = new Map(lost)
  for (const name of open) {
    const key = name.slice(0, name.lastIndexOf('/'))
    losses.set(key, (losses.get(key) ?? 0) + 1)
  }
  const endangered = new Set([...losses].flatMap(([key, times]) => (times < mostLost ? [] : [key])))
  for (const row of rows) if (endangered.size > 0) release(endangered, row)
  return endangered
}

function release(endangered: Set<string>, { type, run, body }: Row): void {
  if (type === 'attempt.succeeded') {
    endangered.delete(keyOf({ ...(JSON.parse(body) as Omit<Place, 'run'>), run }))
    return
  }
  if (type !== 'run.ended' && type !== 'chain.ended') return
  const { chain } = JSON.parse(body) as { readonly chain?: string }
  const over = chain === undefined ? `${run}/` : `${run}/${chain}/`
  for (const key of endangered) if (key.startsWith(over)) endangered.delete(key)
}
