// Looks at what is installed without reading it: whether this is the same as last time decides what a run does.

import { join } from 'node:path'
import { type Files, mayPass } from './files.ts'
import { documentsOf } from './packages/documents.ts'
import { walk } from './packages/walk.ts'
import { hashOf, type Workspace } from './workspace.ts'

export interface Survey {
  readonly packages: number
  /** Differs once a package came, went or changed. */
  readonly fingerprint: string
}

/** Say a new one when the example itself would index the same packages differently. */
const edition = '1'

export async function survey({ root, limit }: Workspace, files: Files): Promise<Survey> {
  const { packages, aliases, recoveries } = await walk(root, files)
  const stamp = async (path: string): Promise<string> => files.stamp(path).catch(() => 'none')
  const lines = packages.map(async (path) => {
    const folder = join(root, path)
    const documents = await documentsOf(folder, files).catch((error: unknown) => {
      if (mayPass(error)) throw error
      return { files: [] }
    })
    const stamps = ['package.json', ...documents.files].map(
      async (file) => `${file} ${await stamp(join(folder, file))}`,
    )
    return [path, ...(await Promise.all(stamps))].join('\n')
  })
  const content = [await files.real(root), limit, ...(await Promise.all(lines)), aliases, recoveries]
  return {
    packages: Math.min(packages.length, limit),
    fingerprint: hashOf(JSON.stringify([edition, content])),
  }
}
