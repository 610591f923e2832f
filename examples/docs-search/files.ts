// The port through which everything under node_modules is read, so that tests can make any of it fail.

import { lstat, open, readdir, realpath, stat } from 'node:fs/promises'

export type EntryKind = 'file' | 'directory' | 'link' | 'other'

export interface FolderEntry {
  readonly name: string
  readonly kind: EntryKind
}

export interface Content {
  readonly bytes: Uint8Array
  /** The size of the whole file, which may be more than was read. */
  readonly size: number
}

export interface Files {
  /** What a folder holds, sorted by name, links not followed. */
  list(folder: string): Promise<readonly FolderEntry[]>
  /** The first `limit` bytes of a file. */
  read(file: string, limit: number): Promise<Content>
  /** What a path leads to, links followed; undefined where it leads nowhere. */
  kind(path: string): Promise<EntryKind | undefined>
  /** Size and time of change, as one word that differs once a file was written again. */
  stamp(path: string): Promise<string>
  /** The path without links. */
  real(path: string): Promise<string>
}

const nowhere = new Set(['ENOENT', 'ENOTDIR'])

export const diskFiles: Files = {
  async list(folder) {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  },

  async read(file, limit) {
    await using handle = await open(file)
    const { size } = await handle.stat()
    const buffer = new Uint8Array(Math.min(size, limit))
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return { bytes: buffer.subarray(0, length), size }
  },

  async kind(path) {
    try {
      return kindOf(await stat(path))
    } catch (error) {
      if (nowhere.has(codeOf(error))) return undefined
      throw error
    }
  },

  async stamp(path) {
    const { size, mtimeMs } = await lstat(path)
    return `${size}@${mtimeMs}`
  },

  real: async (path) => realpath(path),
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): EntryKind {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

const passing = new Set(['EAGAIN', 'EBUSY', 'EIO', 'EMFILE', 'ENFILE', 'EINTR', 'ESTALE', 'ETIMEDOUT'])

/** Whether reading again may help: the machine was busy, as opposed to a file that cannot be read. */
export function mayPass(error: unknown): boolean {
  return passing.has(codeOf(error))
}

/** The code of a system error, such as `ELOOP`; its message would carry absolute paths into the report. */
export function codeOf(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'unknown error'
}
