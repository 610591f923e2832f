// catenary/sqlite: the store in one SQLite file, and how other processes use it.

export { openSqliteClient, openSqliteReader } from './sqlite/client.ts'
export type { SqliteClientOptions } from './sqlite/client.ts'
export { enqueue, enqueueSignal } from './sqlite/enqueue.ts'
export type { EnqueueOptions, EnqueueSignalOptions } from './sqlite/enqueue.ts'
export { createSqliteStore } from './sqlite/store.ts'
export type { SqliteStoreOptions } from './sqlite/store.ts'
