// Notices that a store's file, its log or its index was deleted or replaced while it was open: what is written then would be lost.

import { statSync } from 'node:fs'
import { systemClock } from '../kernel/clock.ts'
import { CatenaryError } from '../kernel/errors.ts'

/** SQLite keeps them beside the file for as long as anybody has it open. */
const companions = ['-wal', '-shm'] as const

interface Watching {
  /** Looks at the file only, for a connection that uses neither log nor index. */
  readonly alone?: boolean
  /**
   * Looks at the log and the index at most so often (ms; default 0, at each call). On Linux, a file whose times were
   * just read costs its next write a third more; and what the loss of the log takes away is no less for having been
   * acknowledged a moment before it.
   */
  readonly every?: number
}

/**
 * @returns throws where `path`, or what lies beside it, no longer leads to the file that it leads to now. Some
 * microseconds a call.
 */
export function watchFile(path: string, { alone = false, every = 0 }: Watching = {}): () => void {
  const check = watchOne(path)
  if (alone) return check
  const besides = companions.map((end) => watchOne(`${path}${end}`))
  let looked = -Infinity
  return () => {
    check()
    const now = systemClock.monotonic()
    if (now - looked < every) return
    for (const one of besides) one()
    looked = now
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
