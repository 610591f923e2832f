// Preloaded by the jobs (`node --import`): the package's own name means its sources, so that no job waits for a build.

import { registerHooks } from 'node:module'

const root = new URL('../../../src/', import.meta.url)
const entries: Readonly<Record<string, string>> = { catenary: 'index.ts', 'catenary/sqlite': 'sqlite.ts' }

registerHooks({
  resolve(specifier, context, next) {
    const entry = entries[specifier]
    return entry === undefined
      ? next(specifier, context)
      : { url: new URL(entry, root).href, shortCircuit: true }
  },
})
