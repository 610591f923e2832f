// Reads one package: its package.json and documents, whatever is wrong with them, into a chunk.

import { join } from 'node:path'
import { codeOf, type Files, mayPass } from '../files.ts'
import type { Recovery } from '../recovery.ts'
import { decode } from '../text/decode.ts'
import { relativeLinks } from '../text/links.ts'
import { split } from '../text/split.ts'
import type { Workspace } from '../workspace.ts'
import { type Chunk, keepChunk, manifestSection, type Parsed } from './chunk.ts'
import { type Documents, documentsOf, isReadme, mostDocuments } from './documents.ts'
import { largestManifest, readManifest } from './manifest.ts'

/** So many bytes of one document are read; longer ones are changelogs, whose newest part comes first. */
export const mostBytes = 256 * 1024

const onlyManifest = 'indexed by package.json alone'

/**
 * Throws what may pass, to be tried again, and what makes the whole folder unreadable. All else ends in a
 * recovery.
 */
export async function readPackage(
  path: string,
  at: { readonly workspace: Workspace; readonly files: Files; readonly signal: AbortSignal },
): Promise<Parsed> {
  const { workspace, files, signal } = at
  const folder = join(workspace.root, path)
  const recoveries: Recovery[] = []
  const recover = (action: Recovery['action'], reason: string, outcome: string): void => {
    recoveries.push({ package: path, reason, action, outcome })
  }

  const documents = await documentsOf(folder, files)
  const manifest = await readManifest(path, async () =>
    files.read(join(folder, 'package.json'), largestManifest),
  )
  if (manifest.problem !== undefined) recover('fallback', manifest.problem, 'named after its folder')

  const sections: Chunk['sections'][number][] = [manifestSection(manifest)]
  const links: Chunk['links'][number][] = []
  let readable = 0
  let described = false
  for (const file of documents.files) {
    signal.throwIfAborted()
    const text = await readDocument(join(folder, file), file, files, recover)
    if (text === undefined) continue
    readable++
    described ||= isReadme(file)
    sections.push(...split(text).map((section) => ({ ...section, file })))
    links.push(...relativeLinks(text).map((target) => ({ file, target })))
  }
  explain(documents, described, recover)
  const { name, version, description } = manifest
  const chunk: Chunk = { name, version, description, sections, links }
  return keepChunk(workspace, path, chunk, { documents: readable, recoveries })
}

type Recover = (action: Recovery['action'], reason: string, outcome: string) => void

/** A document's text; undefined where there is none, which `recover` then says. */
async function readDocument(
  path: string,
  file: string,
  files: Files,
  recover: Recover,
): Promise<string | undefined> {
  let content
  try {
    content = await files.read(path, mostBytes)
  } catch (error) {
    if (mayPass(error)) throw error
    recover('skip', `${file} cannot be read (${codeOf(error)})`, 'not indexed')
    return undefined
  }
  const { bytes, size } = content
  const cut = size > bytes.length
  const decoded = decode(bytes, cut)
  if (decoded.kind === 'binary') {
    recover('skip', `${file} is not text`, 'not indexed')
    return undefined
  }
  if (decoded.text.trim() === '') {
    recover('skip', `${file} is empty`, 'not indexed')
    return undefined
  }
  if (cut)
    recover('cap', `${file} has ${kilobytes(size)}`, `the first ${kilobytes(bytes.length)} are indexed`)
  if (decoded.note !== undefined)
    recover('fallback', `${file} ${decoded.note}`, `read as ${decoded.encoding}`)
  return decoded.text
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`
}

function explain({ files, refused, left }: Documents, described: boolean, recover: Recover): void {
  for (const { reason } of refused) recover('skip', reason, 'not indexed')
  if (left > 0) recover('cap', `more than ${mostDocuments} documents`, `${left} are not indexed`)
  if (described) return
  const reason = files.some(isReadme) || refused.length > 0 ? 'no README that can be read' : 'no README'
  const others = files.filter((file) => !isReadme(file)).length
  recover('fallback', reason, others === 0 ? onlyManifest : 'indexed by package.json and its other documents')
}
