// Keeps each prepared statement of a connection for its next use.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'

/** What a bound parameter may be here. */
export type Value = string | number | null

/** Runs SQL on one connection; each text is prepared once. */
export interface Statements {
  readonly run: (sql: string, ...values: readonly Value[]) => { readonly lastInsertRowid: number | bigint }
  /** The first row. `T` is what the caller knows the statement to give. */
  readonly one: <T>(sql: string, ...values: readonly Value[]) => T | undefined
  readonly all: <T>(sql: string, ...values: readonly Value[]) => readonly T[]
  readonly prepared: (sql: string) => StatementSync
}

/** Makes the statements of `database`; only texts from a bounded set may be used. */
export function createStatements(database: DatabaseSync): Statements {
  const known = new Map<string, StatementSync>()
  function prepared(sql: string): StatementSync {
    const found = known.get(sql)
    if (found) return found
    const made = database.prepare(sql)
    known.set(sql, made)
    return made
  }
  return {
    prepared,
    run: (sql, ...values: SQLInputValue[]) => prepared(sql).run(...values),
    one: <T>(sql: string, ...values: SQLInputValue[]) => prepared(sql).get(...values) as T | undefined,
    all: <T>(sql: string, ...values: SQLInputValue[]) =>
      prepared(sql).all(...values) as readonly unknown[] as readonly T[],
  }
}
