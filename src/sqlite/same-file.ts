// Notices that a store's file was deleted or replaced under a process that has it open: what it writes would be lost.

import { statSync } from 'node:fs'
import { CatenaryError } from '../kernel/errors.ts'

/** @returns throws where `path` no longer leads to the file that it leads to now. A few microseconds a call. */
export function watchFile(path: string): () => void {
  const opened = identityOf(path)
  return () => {
    const found = identityOf(path)
    if (found?.ino === opened?.ino && found?.dev === opened?.dev) return
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
