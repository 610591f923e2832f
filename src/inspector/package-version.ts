// The version of this package, from its package.json: as far above the built code as above these sources.

import { readFileSync } from 'node:fs'

let version: string | undefined

export function packageVersion(): string {
  if (version !== undefined) return version
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  version = String((JSON.parse(text) as { readonly version?: unknown }).version)
  return version
}
