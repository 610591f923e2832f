// The part of a connection to the host's own rows that its code uses: node:sqlite's, and any like it, fits.

/** What a row holds. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** What a statement's parameter may be: a value, or values by the names of parameters. */
export type SqlParameter = SqlValue | ArrayBufferView | Readonly<Record<string, SqlValue | ArrayBufferView>>

/** A prepared statement. In a `transact` step it is good until the function returns. */
export interface HostStatement {
  run(...parameters: readonly SqlParameter[]): {
    readonly changes: number | bigint
    readonly lastInsertRowid: number | bigint
  }
  /** The first row, undefined where there is none. */
  get(...parameters: readonly SqlParameter[]): Record<string, SqlValue> | undefined
  all(...parameters: readonly SqlParameter[]): Record<string, SqlValue>[]
}

/** A database that code may write its own rows to. */
export interface HostDatabase {
  /** Runs every statement of `sql`. */
  exec(sql: string): void
  /** Prepares the first statement of `sql`. */
  prepare(sql: string): HostStatement
}

/** A transaction of the store that the host's rows and the journal's share. */
export interface HostTransaction {
  /**
   * Calls `body` with the store's database. Whatever makes it throw, its own code or what it wrote, is thrown on, and
   * nothing of what it wrote is left.
   */
  write<T>(body: (db: HostDatabase) => T): T
  /** Takes back all that `write` wrote. */
  undo(): void
}
