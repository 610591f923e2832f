// The host's rows in a transaction of the store: a face of the connection that can write them, and nothing else.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'

import type {
  HostDatabase,
  HostStatement,
  HostTransaction,
  SqlParameter,
} from '../definition/host-database.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type SqlGuard, createSqlGuard, fromStatement } from './sql-guard.ts'

export interface HostRows extends HostTransaction {
  /** A new transaction has begun. */
  begun(): void
}

/** How a command is left in the inbox by way of a face, which cannot write there itself. */
type Post = (body: string, at: number) => number
const posts = new WeakMap<HostDatabase, Post>()

/** What posts a command in the transaction of a `transact` step; undefined where `db` is no face of one. */
export const postThrough = (db: HostDatabase): Post | undefined => posts.get(db)

/** @param again begins the transaction anew, where a statement of the host has ended it. */
export function createHostRows(database: DatabaseSync, again: () => void): HostRows {
  let guard: SqlGuard | undefined
  let written = false
  const undo = (): void => {
    if (written && database.isTransaction) database.exec('ROLLBACK TO host')
  }
  return {
    undo,
    begun() {
      written = false
    },
    write(body) {
      guard ??= createSqlGuard(database)
      const face = new Face(database, guard)
      database.exec('SAVEPOINT host')
      written = true
      try {
        const value = body(face.database)
        face.close()
        return value
      } catch (error) {
        undo()
        throw error
      } finally {
        face.over = true
        if (!database.isTransaction) {
          written = false
          again()
        }
      }
    },
  }
}

/** What the function of one attempt holds; dead once that has returned. */
class Face {
  over = false
  readonly database: HostDatabase
  readonly #real: DatabaseSync
  readonly #guard: SqlGuard
  #defersKeys = false

  constructor(real: DatabaseSync, guard: SqlGuard) {
    this.#real = real
    this.#guard = guard
    this.database = {
      exec: (sql) => this.#exec(sql),
      prepare: (sql) => this.#prepare(sql),
    }
    posts.set(this.database, (body, at) => {
      this.#check()
      const insert = real.prepare('INSERT INTO inbox (at, body) VALUES (?, ?)')
      return Number(insert.run(at, body).lastInsertRowid)
    })
  }

  /** Refuses what could not be committed. */
  close(): void {
    this.#check()
    // what SQLite would only find at the commit, where it would be the journal's failure
    if (this.#defersKeys && this.#real.prepare('PRAGMA foreign_key_check').get() !== undefined)
      throw new Error('FOREIGN KEY constraint failed')
  }

  /** A conflict resolved by ROLLBACK ends the transaction; without it every statement would commit by itself. */
  #check(): void {
    if (this.over) {
      const message =
        'the database of a transact step is used after its function has returned: use it at once.'
      throw new CatenaryError('TRANSACT_ENDED', message)
    }
    if (this.#real.isTransaction) return
    const message =
      'a statement rolled the whole transaction back: use no OR ROLLBACK, ON CONFLICT ROLLBACK or RAISE(ROLLBACK) where a transact step writes.'
    throw new CatenaryError('TRANSACT_ENDED', message)
  }

  #exec(sql: string): void {
    for (let rest = fromStatement(sql); rest !== '';) {
      const { statement, text } = this.#compile(rest)
      statement.run()
      rest = fromStatement(rest.slice(text.length))
    }
  }

  #prepare(sql: string): HostStatement {
    const { statement } = this.#compile(fromStatement(sql))
    const guarded =
      <T>(call: (values: SQLInputValue[]) => T) =>
      (...values: readonly SqlParameter[]): T => {
        this.#check()
        return call(values as SQLInputValue[])
      }
    return {
      run: guarded((values) => statement.run(...values)),
      get: guarded((values) => statement.get(...values)),
      all: guarded((values) => statement.all(...values)),
    }
  }

  /** The first statement of `sql`, and its text: where one ends is SQLite's to say. */
  #compile(sql: string): { readonly statement: StatementSync; readonly text: string } {
    this.#check()
    const { defersKeys } = this.#guard(sql)
    this.#defersKeys ||= defersKeys
    const statement = this.#real.prepare(sql)
    return { statement, text: statement.sourceSQL }
  }
}
