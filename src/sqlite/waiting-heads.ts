// Finds the runs that wait for any signal, newest first: the lists of all names merged, so that a page reads a page.

import { matchesHead } from '../journal/head-query.ts'
import type { HeadQuery, RunHead } from '../journal/store.ts'
import { headColumns } from './head-search.ts'
import type { Statements } from './statements.ts'

const firstName = 'SELECT min(signal) AS name FROM waits'
const nextName = 'SELECT min(signal) AS name FROM waits WHERE signal > ?'
const newest = 'SELECT max(id) AS id FROM waits WHERE signal = ?'
const below = 'SELECT max(id) AS id FROM waits WHERE signal = ? AND id < ?'

export function waitingHeads({ one }: Pick<Statements, 'one'>, query: HeadQuery): readonly RunHead[] {
  const found: RunHead[] = []
  const limit = query.limit ?? 100
  for (const id of waitingIds(one, query.before)) {
    if (found.length >= limit) break
    const head = one<RunHead>(`SELECT ${headColumns} FROM heads WHERE id = ?`, id)
    if (head !== undefined && matchesHead(head, query)) found.push(head)
  }
  return found
}

interface Top {
  readonly id: number | null
}

/** Each run once, however many signals it waits for. */
function* waitingIds(one: Statements['one'], before: string | undefined): Generator<number> {
  const from =
    before === undefined ? undefined : one<{ id: number }>('SELECT id FROM heads WHERE run = ?', before)
  if (before !== undefined && from === undefined) return
  const tops = new Map<string, number>()
  const lower = (name: string, id: number | undefined): void => {
    const found = id === undefined ? one<Top>(newest, name) : one<Top>(below, name, id)
    const top = found?.id
    if (typeof top === 'number') tops.set(name, top)
    else tops.delete(name)
  }
  let name = one<{ name: string | null }>(firstName)?.name
  while (typeof name === 'string') {
    lower(name, from?.id)
    name = one<{ name: string | null }>(nextName, name)?.name
  }
  while (tops.size > 0) {
    const top = Math.max(...tops.values())
    yield top
    for (const [of, id] of tops) if (id === top) lower(of, top)
  }
}
