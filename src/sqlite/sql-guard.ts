// Says of a statement, before it runs, what it may not do in a transaction that it shares with the journal.

import type { DatabaseSync } from 'node:sqlite'

import { CatenaryError } from '../kernel/errors.ts'
import { ownTables } from './schema.ts'

/** What is known of a statement that may run. */
export interface Allowed {
  /** It writes under a foreign key that SQLite checks only at the commit. */
  readonly defersKeys: boolean
}

/** Judges statements of one connection by the programs that SQLite makes of them; each text is judged once. */
export type SqlGuard = (statement: string) => Allowed

/** Some pragmas act while they are only compiled, so that these are known by their first word. */
const firstWord = /^[a-z]+/i
const blank = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))*/
const refusedWords = new Map([
  ['BEGIN', 'the store has begun the transaction already'],
  ['COMMIT', 'the store commits when the step has returned'],
  ['END', 'the store commits when the step has returned'],
  ['ROLLBACK', 'throw, and what the step wrote is taken back'],
  ['SAVEPOINT', 'the step has a savepoint of its own: throw, and what it wrote is taken back'],
  ['RELEASE', 'the step has a savepoint of its own: throw, and what it wrote is taken back'],
  ['PRAGMA', 'settings belong to the store: use a connection of your own'],
  ['ATTACH', 'only the one file can be written exactly once'],
  ['DETACH', 'only the one file can be written exactly once'],
  ['VACUUM', 'use a connection of your own'],
  ['EXPLAIN', 'use a connection of your own'],
])
const remembered = 1_000

interface Instruction {
  readonly opcode: string
  readonly p1: number
  readonly p2: number
  readonly p3: number
}

/** A text from its first statement on; empty where it has none. */
export const fromStatement = (sql: string): string => sql.replace(blank, '')

export function createSqlGuard(database: DatabaseSync): SqlGuard {
  const known = new Map<string, Allowed>()
  const owned = database.prepare(
    'SELECT rootpage, tbl_name AS name FROM sqlite_schema WHERE rootpage > 0 AND tbl_name IN (SELECT value FROM json_each(?))',
  )

  function judge(sql: string): Allowed {
    const word = firstWord.exec(sql)?.[0].toUpperCase() ?? ''
    const cure = refusedWords.get(word)
    if (cure !== undefined) throw refused(`${word} is not for a transact step`, cure)
    if (word === '') return { defersKeys: false } // no statement: SQLite will say so
    const roots = new Map(
      owned.all(JSON.stringify(ownTables())).map(({ rootpage, name }) => [rootpage, String(name)]),
    )
    let defersKeys = false
    for (const { opcode, p1, p2, p3 } of programOf(database, sql)) {
      // only of the file itself: what is temporary is the connection's own
      const written = writes(opcode, p1, p2, p3)
      if (written === 1) {
        throw refused(
          'a transact step changes no schema',
          'create tables once, before the supervisor is created',
        )
      }
      const own = written === undefined ? undefined : roots.get(written)
      if (own !== undefined)
        throw refused(`the table "${own}" is Catenary's`, 'write to tables of your own only')
      if (opcode === 'FkCounter' && p1 === 1) defersKeys = true
    }
    return { defersKeys }
  }

  return (sql) => {
    const found = known.get(sql)
    if (found !== undefined) return found
    const judged = judge(sql)
    if (known.size >= remembered) known.clear()
    known.set(sql, judged)
    return judged
  }
}

/** The root page that an instruction writes; page 1 is the schema's. */
function writes(opcode: string, p1: number, p2: number, p3: number): number | undefined {
  switch (opcode) {
    case 'OpenWrite':
      return p3 === 0 ? p2 : undefined
    case 'Clear':
      return p2 === 0 ? p1 : undefined
    case 'Destroy':
      return p3 === 0 ? p1 : undefined
    default:
      return undefined
  }
}

function programOf(database: DatabaseSync, sql: string): readonly Instruction[] {
  return database.prepare(`EXPLAIN ${sql}`).all() as readonly unknown[] as readonly Instruction[]
}

function refused(what: string, cure: string): CatenaryError {
  return new CatenaryError('TRANSACT_SQL', `${what}: ${cure}.`)
}
