// The reading side over one connection: every question of the port as one prepared statement.

import type { DatabaseSync } from 'node:sqlite'

import { storeFailure } from './failure.ts'
import type {
  InboxEntry,
  Keepsake,
  KeepsakeHead,
  Row,
  RunHead,
  RunStatus,
  Snapshot,
  StoreReader,
} from '../journal/store.ts'
import { headColumns, headSearch } from './head-search.ts'
import { createStatements } from './statements.ts'
import { waitingHeads } from './waiting-heads.ts'

type Questions = { readonly [Name in keyof Omit<StoreReader, 'close'>]: Answer<StoreReader[Name]> }
type Answer<Ask> = Ask extends (...args: infer Args) => Promise<infer Answered>
  ? (...args: Args) => Answered
  : never

/** What a store can be asked, answered at once. */
export type SqliteReader = Questions

// Without statistics SQLite would take the index of statuses for all of these, and read and sort every such run.
const runningPage = `SELECT ${headColumns} FROM heads INDEXED BY heads_running WHERE status = 'running'`
const waking = `FROM heads INDEXED BY heads_due WHERE status = 'waiting' AND wake_at IS NOT NULL`

const keepsakeColumns = 'kind, key, at, expires_at AS expiresAt, body'

/** The reading side as the port wants it: `current` is asked each time, as a store may be closed and reopened. */
export function answerLater(current: () => SqliteReader, path: string): Omit<StoreReader, 'close'> {
  const answer = async <T>(ask: (reader: SqliteReader) => T): Promise<T> => {
    try {
      return ask(current())
    } catch (error) {
      throw storeFailure(error, path)
    }
  }
  return {
    head: (run) => answer((reader) => reader.head(run)),
    heads: (query) => answer((reader) => reader.heads(query)),
    counts: () => answer((reader) => reader.counts()),
    unfinished: (page) => answer((reader) => reader.unfinished(page)),
    due: (query) => answer((reader) => reader.due(query)),
    nextDue: () => answer((reader) => reader.nextDue()),
    rows: (run, after) => answer((reader) => reader.rows(run, after)),
    lastSeq: () => answer((reader) => reader.lastSeq()),
    journal: (query) => answer((reader) => reader.journal(query)),
    snapshot: (run) => answer((reader) => reader.snapshot(run)),
    note: (name) => answer((reader) => reader.note(name)),
    keepsake: (key) => answer((reader) => reader.keepsake(key)),
    keepsakes: (kind) => answer((reader) => reader.keepsakes(kind)),
    inbox: (limit, after) => answer((reader) => reader.inbox(limit, after)),
    reply: (id) => answer((reader) => reader.reply(id)),
  }
}

/** Makes the reading side of `database`. */
export function createSqliteReader(database: DatabaseSync): SqliteReader {
  const { one, all } = createStatements(database)

  let asked = { run: '', id: 0 }

  /** The number that stands for a run in the file; -1 where there is no such run. */
  function numberOf(run: string): number {
    if (run === '') return 0
    // a run keeps its number, and whoever asks for its snapshot asks for its rows next
    if (run === asked.run) return asked.id
    const found = one<{ id: number }>('SELECT id FROM heads WHERE run = ?', run)
    if (found === undefined) return -1
    asked = { run, id: found.id }
    return found.id
  }

  /** The page that begins behind a run, which need not be running any more: first the rest of its priority. */
  function unfinishedAfter(run: string, limit: number): readonly RunHead[] {
    const from = one<{ id: number; priority: number }>('SELECT id, priority FROM heads WHERE run = ?', run)
    if (!from) return []
    const same = all<RunHead>(
      `${runningPage} AND priority = ? AND id > ? ORDER BY id LIMIT ?`,
      from.priority,
      from.id,
      limit,
    )
    if (same.length >= limit) return same
    const lower = all<RunHead>(
      `${runningPage} AND priority < ? ORDER BY priority DESC, id LIMIT ?`,
      from.priority,
      limit - same.length,
    )
    return [...same, ...lower]
  }

  return {
    head: (run) => one<RunHead>(`SELECT ${headColumns} FROM heads WHERE run = ? AND status IS NOT NULL`, run),
    heads(query) {
      if (query.status?.length === 0) return []
      if (query.signal === true) return waitingHeads({ one }, query)
      const { sql, values } = headSearch(query)
      return all<RunHead>(sql, ...values)
    },
    counts() {
      const found = all<{ status: RunStatus; n: number }>('SELECT status, n FROM counts WHERE n > 0')
      return Object.fromEntries(found.map(({ status, n }) => [status, n]))
    },
    unfinished({ offset = 0, after, limit }) {
      if (after !== undefined) return unfinishedAfter(after, offset + limit).slice(offset)
      return all<RunHead>(`${runningPage} ORDER BY priority DESC, id LIMIT ? OFFSET ?`, limit, offset)
    },
    due: ({ before, limit }) =>
      all<RunHead>(
        `SELECT ${headColumns} ${waking} AND wake_at <= ? ORDER BY wake_at, id LIMIT ?`,
        before,
        limit,
      ),
    nextDue: () => one<{ at: number }>(`SELECT wake_at AS at ${waking} ORDER BY wake_at LIMIT 1`)?.at,
    rows: (run, after) =>
      all<Row>(
        `SELECT seq, ? AS run, type, at, body, payload FROM journal WHERE run = ? AND seq > ? ORDER BY seq`,
        run,
        numberOf(run),
        after,
      ),
    lastSeq: () => one<{ seq: number | null }>('SELECT max(seq) AS seq FROM journal')?.seq ?? 0,
    journal: ({ after, limit }) =>
      all<Row>(
        `SELECT seq, coalesce(heads.run, '') AS run, type, at, body, payload
         FROM journal LEFT JOIN heads ON heads.id = journal.run WHERE seq > ? ORDER BY seq LIMIT ?`,
        after,
        limit,
      ),
    snapshot: (run) =>
      one<Snapshot>('SELECT ? AS run, seq, body FROM snapshots WHERE run = ?', run, numberOf(run)),
    note: (name) => one<{ value: string }>('SELECT value FROM notes WHERE name = ?', name)?.value,
    keepsake: (key) => one<Keepsake>(`SELECT ${keepsakeColumns}, payload FROM keepsakes WHERE key = ?`, key),
    keepsakes: (kind) =>
      all<KeepsakeHead>(`SELECT ${keepsakeColumns} FROM keepsakes WHERE kind = ? ORDER BY id`, kind),
    inbox: (limit, after = 0) =>
      all<InboxEntry>('SELECT id, body, at FROM inbox WHERE id > ? ORDER BY id LIMIT ?', after, limit),
    reply: (id) => one<{ body: string }>('SELECT body FROM replies WHERE id = ?', id)?.body,
  }
}
