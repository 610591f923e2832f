// Which files of a package are its documentation.

import { join } from 'node:path'
import { codeOf, type FolderEntry, type Files, mayPass } from '../files.ts'

export interface Documents {
  /** Paths in the package, README first. */
  readonly files: readonly string[]
  /** What looked like a document and is none, with the reason. */
  readonly refused: readonly { readonly file: string; readonly reason: string }[]
  /** How many more there were than are read. */
  readonly left: number
}

/** So many documents of one package are read. */
export const mostDocuments = 60

const readme = /^readme(?:(?:[.-][\w-]+)?\.(?:md|markdown|mdown|mkd|txt|rst))?$/i
const document = /\.(?:md|markdown|mdown|mkd)$/i
const license = /^(?:licen[cs]e|copying)/i
const folders = /^(?:docs?|documentation|guides?)$/i
const deepest = 3

/** The documents of a package: README, other Markdown beside it, and what is in a folder of documentation. */
export async function documentsOf(folder: string, files: Files): Promise<Documents> {
  const entries = await files.list(folder)
  const refused = entries
    .filter(({ name, kind }) => readme.test(name) && kind !== 'file' && kind !== 'link')
    .map(({ name, kind }) => ({
      file: name,
      reason: kind === 'directory' ? `${name} is a directory` : `${name} is no file`,
    }))
  const here = entries.filter(isDocument).map(({ name }) => name)
  const deep: string[] = []
  for (const { name, kind } of entries) {
    if (kind !== 'directory' || !folders.test(name)) continue
    try {
      deep.push(...(await inside(folder, name, files, 1)))
    } catch (error) {
      if (mayPass(error)) throw error
      refused.push({ file: name, reason: `${name} cannot be read (${codeOf(error)})` })
    }
  }
  const all = [...here.toSorted(byWorth), ...deep.toSorted()]
  return { files: all.slice(0, mostDocuments), refused, left: Math.max(0, all.length - mostDocuments) }
}

async function inside(folder: string, path: string, files: Files, depth: number): Promise<string[]> {
  const found: string[] = []
  for (const entry of await files.list(join(folder, path))) {
    const at = `${path}/${entry.name}`
    if (entry.kind === 'file' && document.test(entry.name)) found.push(at)
    else if (entry.kind === 'directory' && depth < deepest && entry.name !== 'node_modules') {
      found.push(...(await inside(folder, at, files, depth + 1)))
    }
  }
  return found
}

function isDocument({ name, kind }: FolderEntry): boolean {
  if (kind !== 'file' && kind !== 'link') return false
  return readme.test(name) || (document.test(name) && !license.test(name))
}

/** A README comes first, and `README.md` before its translations. */
function byWorth(a: string, b: string): number {
  const rank = (name: string): number => (readme.test(name) ? (name.split('.').length > 2 ? 1 : 0) : 2)
  return rank(a) - rank(b) || (a < b ? -1 : 1)
}

export function isReadme(file: string): boolean {
  return readme.test(file)
}
