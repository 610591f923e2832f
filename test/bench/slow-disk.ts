// Preloaded with --import: makes every commit of node:sqlite take CATENARY_BENCH_FSYNC_MS longer, on whichever thread.

import { DatabaseSync } from 'node:sqlite'

const ms = Number(process.env['CATENARY_BENCH_FSYNC_MS'] ?? 0)
const still = new Int32Array(new SharedArrayBuffer(4))
/** Blocks its thread, as fsync does. */
const stall = (): void => void Atomics.wait(still, 0, 0, ms)

const { prepare } = DatabaseSync.prototype
DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql, ...rest) {
  const statement = prepare.call(this, sql, ...rest)
  if (sql !== 'COMMIT') return statement
  const run = statement.run.bind(statement)
  statement.run = () => {
    stall()
    return run()
  }
  return statement
}
