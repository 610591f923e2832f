// What is left to do for a package that could not be read: it stays findable by its name, and says why.

import { join } from 'node:path'
import type { Files } from '../files.ts'
import type { Workspace } from '../workspace.ts'
import { keepChunk, manifestSection, type Parsed } from './chunk.ts'
import { largestManifest, type Manifest, nameFrom, readManifest } from './manifest.ts'

/** @param reason why reading it failed, as often as it was tried. */
export async function rescuePackage(
  { path, reason }: { readonly path: string; readonly reason: string },
  workspace: Workspace,
  files: Files,
): Promise<Parsed> {
  const file = join(workspace.root, path, 'package.json')
  const byFolder: Manifest = {
    name: nameFrom(path),
    version: '',
    description: '',
    keywords: [],
    license: null,
    problem: 'nothing of it can be read',
  }
  const manifest = await readManifest(path, async () => files.read(file, largestManifest)).catch(
    () => byFolder,
  )
  const outcome =
    manifest.problem === undefined ? 'indexed by package.json alone' : 'indexed by its name alone'
  const { name, version, description } = manifest
  const chunk = { name, version, description, sections: [manifestSection(manifest)], links: [] }
  return keepChunk(workspace, path, chunk, {
    documents: 0,
    recoveries: [{ package: path, reason, action: 'fallback', outcome }],
  })
}
