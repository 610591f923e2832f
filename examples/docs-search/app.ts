// The live resources that steps are handed as `app`: here only the port to the disk, which tests replace.

import { diskFiles, type Files } from './files.ts'

export interface DocsApp {
  readonly files: Files
}

export const app: DocsApp = { files: diskFiles }

/** A step's `app`, typed; the disk where the supervisor was given none. */
export function appOf(context: { readonly app: unknown }): DocsApp {
  return (context.app as DocsApp | undefined) ?? app
}
