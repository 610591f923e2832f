// `node --import ./.ci/source.ts`: what a script imports as `catenary` is then this repository's own sources.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    const entry = /^catenary(?:\/(?:testing\/(?=.))?([\w-]+))?$/.exec(specifier)
    if (entry === null) return next(specifier, context)
    return { url: new URL(`../src/${entry[1] ?? 'index'}.ts`, import.meta.url).href, shortCircuit: true }
  },
})
