// Tries the relative links of a package: does each lead to something that was installed with it?

import { join } from 'node:path'
import { codeOf, type Files, mayPass } from '../files.ts'
import { targetOf } from '../text/links.ts'

export interface BrokenLink {
  readonly file: string
  readonly target: string
  readonly why: string
}

/** Those that lead nowhere, in the documents' order. Throws what may pass. */
export async function brokenLinks(
  folder: string,
  links: readonly { readonly file: string; readonly target: string }[],
  files: Files,
): Promise<readonly BrokenLink[]> {
  const broken: BrokenLink[] = []
  for (const { file, target } of links) {
    const to = targetOf(file, target)
    const why = 'why' in to ? to.why : await reach(join(folder, to.path), files)
    if (why !== undefined) broken.push({ file, target: target.slice(0, 200), why })
  }
  return broken
}

async function reach(path: string, files: Files): Promise<string | undefined> {
  try {
    return (await files.kind(path)) === undefined ? 'not in the package' : undefined
  } catch (error) {
    if (mayPass(error)) throw error
    return `cannot be reached (${codeOf(error)})`
  }
}
