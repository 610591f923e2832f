// Says what went wrong with the file in the words of Catenary: a code, a sentence with the cure, the cause.

import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

import { CatenaryError } from '../kernel/errors.ts'
import type { ErrorCode } from '../kernel/errors.ts'

const busy = 5
const readOnly = 8
const halfWritten = readOnly | (3 << 8)
const ioError = 10
const corrupt = 11
const full = 13
const cannotOpen = 14
const notADatabase = 26

/** SQLite's primary result code, where the error is SQLite's. */
function resultOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

/** True where a process died in the middle of a write, and only one that may write can take the half back. */
export const isHalfWritten = (error: unknown): boolean =>
  resultOf(error) === readOnly && (error as { errcode: number }).errcode === halfWritten

/** True where another connection holds what this one needs; nothing was written. */
export const isBusy = (error: unknown): boolean => resultOf(error) === busy

/** Turns whatever SQLite threw about the store at `path` into a CatenaryError. */
export function storeFailure(error: unknown, path: string): CatenaryError {
  if (CatenaryError.is(error)) return error
  const [code, message] = explain(error, path)
  return new CatenaryError(code, message, { cause: error })
}

function explain(error: unknown, path: string): readonly [ErrorCode, string] {
  if (isFolder(path)) return ['STORE_UNAVAILABLE', `${path} is a folder: give the path of a file in it.`]
  switch (resultOf(error)) {
    case busy:
      return ['STORE_UNAVAILABLE', writesTooLong(path)]
    case readOnly:
      return ['STORE_READONLY', unwritable(path)]
    case full:
      return ['STORE_UNAVAILABLE', `The disk of ${path} is full: free some space, then open the store again.`]
    case ioError:
      return ['STORE_UNAVAILABLE', `The disk of ${path} failed: check it, then open the store again.`]
    case corrupt:
      return ['STORE_CORRUPT', `${path} is damaged: restore a backup, or try SQLite's .recover on a copy.`]
    case notADatabase:
      return ['STORE_CORRUPT', `${path} is not a SQLite database, so it was left alone: choose another file.`]
    case cannotOpen:
      return whyNotOpened(path)
    default:
      return ['STORE_UNAVAILABLE', `The store ${path} failed: see the cause, then open it again.`]
  }
}

const writesTooLong = (path: string): string =>
  `Another process writes to ${path} for too long: stop it, or raise busyTimeout.`

/** What is told where the lock was asked for again and again, and never was free. */
export const stillBusy = (path: string): CatenaryError =>
  new CatenaryError('STORE_UNAVAILABLE', writesTooLong(path))

function whyNotOpened(path: string): readonly [ErrorCode, string] {
  const folder = dirname(path)
  if (!existsSync(folder)) return ['STORE_UNAVAILABLE', `The folder ${folder} does not exist: create it.`]
  if (!writable(folder) || (existsSync(path) && !writable(path))) return ['STORE_READONLY', unwritable(path)]
  return [
    'STORE_UNAVAILABLE',
    `${path} cannot be opened: see that it is a file and that this process may use it.`,
  ]
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

const unwritable = (path: string): string =>
  `${path} or its folder cannot be written to: give this process the right to write both, or only read the store.`
