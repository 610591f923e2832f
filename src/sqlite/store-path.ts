// Finds the one true path of a store's file, and refuses places where its locks would not hold.

import { lstatSync, readlinkSync, realpathSync, statfsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

import { CatenaryError } from '../kernel/errors.ts'
import { networkFileSystem } from './network-file-system.ts'

const mostLinks = 40

/**
 * The absolute path of `file` with every symbolic link followed, whether or not the file exists yet: the lock
 * lies beside it, so all names of one file must lead to one lock.
 */
export function storePath(file: string): string {
  if (file === '' || file === ':memory:' || file.startsWith('file:')) {
    const message = `A SQLite store needs the path of a file, not ${JSON.stringify(file)}.`
    throw new CatenaryError('BAD_OPTION', `${message} For one in memory give createSupervisor no store.`)
  }
  const path = followLinks(resolve(file), mostLinks)
  refuseNetwork(path)
  return path
}

function followLinks(path: string, left: number): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (left === 0 || !isMissing(error)) {
      throw new CatenaryError('STORE_UNAVAILABLE', `${path} cannot be reached: see the cause.`, {
        cause: error,
      })
    }
  }
  const link = linkAt(path)
  if (link !== undefined) return followLinks(resolve(dirname(path), link), left - 1)
  if (dirname(path) === path) return path
  return join(followLinks(dirname(path), left - 1), basename(path))
}

/** Where a link whose target does not exist yet points to. */
function linkAt(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

function refuseNetwork(path: string): void {
  if (process.platform !== 'linux') return
  const found = networkFileSystem(dirname(path), fileSystemType(dirname(path)), () =>
    readFileSync('/proc/self/mountinfo', 'utf8'),
  )
  if (found === undefined) return
  const message = `${path} lies on ${found}, a network file system, where locks do not hold: use a local disk.`
  throw new CatenaryError('STORE_UNAVAILABLE', message)
}

function fileSystemType(folder: string): number {
  try {
    return statfsSync(folder).type
  } catch {
    return 0 // a folder that is not there is reported when the file is opened
  }
}
