// Preloaded by the jobs (`node --import`): the package's own name means its sources, so that no job waits for a build.

import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    const entry = /^catenary(?:\/(\w+))?$/.exec(specifier)
    if (entry === null) return next(specifier, context)
    const url = new URL(`../../../src/${entry[1] ?? 'index'}.ts`, import.meta.url).href
    return { url, shortCircuit: true }
  },
})
