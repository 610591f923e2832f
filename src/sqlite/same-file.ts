// Notices that a store's file, its log or its index was deleted or replaced while it was open: what is written then would be lost.

import { statSync } from 'node:fs'
import { CatenaryError } from '../kernel/errors.ts'

/** SQLite keeps them beside the file for as long as anybody has it open. */
const companions = ['-wal', '-shm'] as const

/**
 * @param alone looks at the file only, for a connection that uses neither log nor index.
 * @returns throws where `path`, or what lies beside it, no longer leads to the file that it leads to now. Some
 * microseconds a call.
 */
export function watchFile(path: string, { alone = false } = {}): () => void {
  const check = watchOne(path)
  if (alone) return check
  const checks = [check, ...companions.map((end) => watchOne(`${path}${end}`))]
  return () => {
    for (const one of checks) one()
  }
}

function watchOne(path: string): () => void {
  // what is not there yet is made by the first that reads
  let known = identityOf(path)
  return () => {
    const found = identityOf(path)
    known ??= found
    if (found?.ino === known?.ino && found?.dev === known?.dev) return
    const what = found === undefined ? 'deleted or moved' : 'replaced by another file'
    throw new CatenaryError(
      'STORE_UNAVAILABLE',
      `${path} was ${what} while this process had it open: put the file back with no process running, or restart to begin with what is there.`,
    )
  }
}

function identityOf(path: string): { readonly ino: bigint; readonly dev: bigint } | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })
}
