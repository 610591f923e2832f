// The store's files as a process left them, read on a copy, so that the next process finds them untouched.

import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Row, RunHead } from '../../src/journal/store.ts'
import { servicesRun } from '../../src/engine/service-facts.ts'
import { openSqliteReader } from '../../src/sqlite/client.ts'

export interface Image {
  readonly rows: readonly Row[]
  readonly heads: readonly RunHead[]
  /** The entries of the inbox that are not carried out yet. */
  readonly inbox: ReadonlySet<number>
  /** What SQLite itself finds wrong with the files, or what is missing from the journal. */
  readonly problems: readonly string[]
}

/** Everything SQLite keeps of one database, but for what it makes anew. */
export const filesOf = (store: string): readonly string[] => [store, `${store}-wal`, `${store}-journal`]

const page = 10_000
const nothing: Image = { rows: [], heads: [], inbox: new Set(), problems: [] }

/** Looks at what else is in a store's file: what is wrong with it, by the journal there. */
export type Look = (store: string, rows: readonly Row[]) => readonly string[]

/** Copies the files, as they are, and reads the copy. */
export async function imageOf(store: string, look: Look = () => []): Promise<Image> {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-image-'))
  try {
    const copy = join(folder, 'app.db')
    for (const [place, file] of filesOf(store).entries())
      if (existsSync(file)) copyFileSync(file, filesOf(copy)[place] ?? '')
    const image = await readImage(copy)
    if (image === nothing) return image
    return { ...image, problems: [...image.problems, ...look(copy, image.rows)] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Reads a store that nobody else has open; changes it as any first opening does. */
export async function readImage(store: string): Promise<Image> {
  if (!existsSync(store)) return nothing
  const unsound = soundness(store)
  if (unsound === 'empty') return nothing
  await using reader = openSqliteReader(store)
  const rows: Row[] = []
  for (;;) {
    const more = await reader.journal({ after: rows.at(-1)?.seq ?? 0, limit: page })
    rows.push(...more)
    if (more.length < page) break
  }
  const heads = await reader.heads({ limit: 1_000_000 })
  const inbox = new Set((await reader.inbox(1_000_000)).map(({ id }) => id))
  const problems = [...unsound, ...gaps(rows), ...orphans(rows, heads), ...doubles(rows)]
  return { rows, heads, inbox, problems }
}

function soundness(store: string): readonly string[] | 'empty' {
  const database = new DatabaseSync(store)
  try {
    // it is only a copy
    database.exec('PRAGMA synchronous = OFF')
    const found = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]
    const tables = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get() as { n: number }
    if (tables.n === 0) return 'empty'
    return found.map((one) => one.integrity_check).filter((text) => text !== 'ok')
  } finally {
    database.close()
  }
}

function gaps(rows: readonly Row[]): readonly string[] {
  const at = rows.findIndex(({ seq }, place) => seq !== place + 1)
  return at < 0 ? [] : [`seq ${at + 1} of the journal is missing: it goes on with ${rows[at]?.seq}`]
}

function orphans(rows: readonly Row[], heads: readonly RunHead[]): readonly string[] {
  const known = new Set(heads.map(({ run }) => run))
  const runs = new Set(rows.map(({ run }) => run).filter((run) => run !== '' && run !== servicesRun))
  return [...runs].filter((run) => !known.has(run)).map((run) => `run ${run} has events and no head`)
}

function doubles(rows: readonly Row[]): readonly string[] {
  const seen = new Set<string>()
  return rows.flatMap(({ seq, type, run, body }) => {
    if (type !== 'signal.received') return []
    const { id } = JSON.parse(body) as { readonly id: string }
    if (seen.has(`${run} ${id}`))
      return [`signal ${id} of run ${run} was received a second time (seq ${seq})`]
    seen.add(`${run} ${id}`)
    return []
  })
}

/** Where `rows` is not what `before` was, with something added. */
export function notAPrefix(before: readonly Row[], rows: readonly Row[]): readonly string[] {
  for (const [place, row] of before.entries()) {
    if (rows[place] === undefined) return [`committed events from seq ${row.seq} on are gone`]
    if (JSON.stringify(row) !== JSON.stringify(rows[place]))
      return [
        `committed event ${row.seq} was changed: ${JSON.stringify(row)} -> ${JSON.stringify(rows[place])}`,
      ]
  }
  return []
}
