// Where a run keeps its files: big texts lie here, and the journal carries only references and hashes to them.

import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { NonRetryable } from 'catenary'
import { canonical } from './canonical.ts'

/** The input of every chain of this example. */
export interface DocsInput {
  /** The node_modules folder. Default `node_modules` in the current folder. */
  readonly root?: string
  /** Where the index, the report and the journal go. Default `.catenary/docs-search` in the current folder. */
  readonly dir?: string
  /** Index only so many packages, the first by path. Default all. */
  readonly limit?: number
}

export const defaultRoot = 'node_modules'
export const defaultDir = '.catenary/docs-search'

export interface Workspace {
  readonly root: string
  readonly dir: string
  readonly limit: number
  /** A path in this run's own folder. */
  at(...names: readonly string[]): string
}

/** Files of the finished work, in `dir`. */
export const published = {
  index: 'index.db',
  json: 'report.json',
  page: 'report.html',
  alert: 'alert.txt',
} as const

/** Each run works in a folder of its own: an abandoned run can never disturb the next one. */
export function workspaceOf(place: {
  readonly input: DocsInput | undefined
  readonly runId: string
}): Workspace {
  const { root = defaultRoot, dir = defaultDir, limit = Infinity } = place.input ?? {}
  const own = join(resolve(dir), 'runs', place.runId.replaceAll(/[^\w.-]/g, '_'))
  return { root: resolve(root), dir: resolve(dir), limit, at: (...names) => join(own, ...names) }
}

/**
 * Writes a file whole or not at all: a process killed in between leaves what was there before. Doing it twice is
 * doing it once, which is what lets the step that does it run again.
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const unfinished = `${file}.${process.pid}.tmp`
  await writeFile(unfinished, content, { flush: true })
  await rename(unfinished, file)
}

/** A reference to a file of the run's folder: all that the journal keeps of it. */
export interface Reference {
  readonly file: string
  readonly bytes: number
  readonly hash: string
}

export async function keep(workspace: Workspace, file: string, value: unknown): Promise<Reference> {
  const text = canonical(value)
  await writeWhole(workspace.at(file), text)
  return { file, bytes: Buffer.byteLength(text), hash: hashOf(text) }
}

/** Reads back what `keep` wrote; refuses a file that is no longer what the journal says. */
export async function recall<T>(workspace: Workspace, reference: Reference): Promise<T> {
  const text = await readFile(workspace.at(reference.file), 'utf8').catch(() => undefined)
  if (text === undefined || hashOf(text) !== reference.hash) {
    const what = text === undefined ? 'is gone' : 'has changed'
    throw new NonRetryable(`${reference.file} of this run ${what}: begin anew with --fresh`)
  }
  return JSON.parse(text) as T
}

export async function forget(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
