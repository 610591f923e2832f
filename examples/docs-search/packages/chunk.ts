// One package as it goes into the index: its sections and relative links, in a file of the run's folder.

import { readFile } from 'node:fs/promises'
import type { Recovery } from '../recovery.ts'
import type { Section } from '../text/split.ts'
import { hashOf, keep, type Reference, type Workspace } from '../workspace.ts'
import type { Manifest } from './manifest.ts'

/** Without the package's path: two copies of one package are then the same bytes. */
export interface Chunk {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly sections: readonly (Section & { readonly file: string })[]
  readonly links: readonly { readonly file: string; readonly target: string }[]
}

/** What the journal keeps of a package: small, however long its documents are. */
export interface Parsed {
  readonly path: string
  readonly name: string
  readonly version: string
  readonly documents: number
  readonly sections: number
  readonly characters: number
  readonly chunk: Reference
  readonly recoveries: readonly Recovery[]
}

const fileOf = (path: string): string => `chunks/${hashOf(path)}.json`

/** Writes the chunk and gives back what the journal keeps. */
export async function keepChunk(
  workspace: Workspace,
  path: string,
  chunk: Chunk,
  found: { readonly documents: number; readonly recoveries: readonly Recovery[] },
): Promise<Parsed> {
  return {
    path,
    name: chunk.name,
    version: chunk.version,
    documents: found.documents,
    sections: chunk.sections.length,
    characters: chunk.sections.reduce((sum, { text }) => sum + text.length, 0),
    chunk: await keep(workspace, fileOf(path), chunk),
    recoveries: found.recoveries,
  }
}

/** The chunk of a package; undefined where the package could not be read at all. */
export async function chunkOf(workspace: Workspace, path: string): Promise<Chunk | undefined> {
  try {
    return JSON.parse(await readFile(workspace.at(fileOf(path)), 'utf8')) as Chunk
  } catch {
    return undefined
  }
}

/** What package.json says, as a section: every package can be found by its name and description. */
export function manifestSection({ name, description, keywords }: Manifest): Chunk['sections'][number] {
  const text = [description, keywords.join(', ')].filter((line) => line !== '').join('\n')
  return { heading: name, level: 0, anchor: '', text, file: 'package.json' }
}
