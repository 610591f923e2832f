// A JSON patch as a change of the config: paths are of the config, and `/version` is the overlay's, to be tested only.

import { applyJsonPatch, pointerTo } from '../reflection/json-patch.ts'
import type { JsonPatch } from '../reflection/suggestion.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type Config, createConfig } from './config.ts'

/**
 * @param version the overlay's, as it is when the patch is applied.
 * @returns a recipe for `change`.
 * @throws CatenaryError PATCH_REFUSED, from the recipe
 */
export function recipeOf(patch: readonly JsonPatch[], version: number): (draft: Config) => void {
  return (draft) => {
    const rest = patch.filter((operation) => {
      if (operation.path !== '/version') return true
      if (operation.op !== 'test') throw refused('the version is counted, not set: only test it')
      if (operation.value === version) return false
      throw refused(`the config is at version ${version}, and this was made for ${String(operation.value)}`)
    })
    applyJsonPatch(draft, rest)
  }
}

/** For a config that has gone on: what else it tests must still hold. */
export function withoutVersion(patch: readonly JsonPatch[]): readonly JsonPatch[] {
  return patch.filter(({ path }) => path !== '/version')
}

/** What a config says of the entries that a patch changes, as text: the same where nobody has touched them. */
export function touchedBy(config: Readonly<Config>, patch: readonly JsonPatch[]): string {
  const entries = patch.flatMap(({ op, path }) => {
    const [, table = '', name = ''] = path.split('/')
    if (op === 'test' || !Object.hasOwn(config, table)) return []
    const of = config[table as keyof Config] as unknown
    const entry = name.replaceAll('~1', '/').replaceAll('~0', '~')
    return [typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[entry] : of]
  })
  return JSON.stringify(entries.map((entry) => entry ?? null))
}

/** What a config says other than the code, for a review: whole entries, so that each can be taken into the code. */
export function overlayPatch(concurrency: number, config: Readonly<Config>): readonly JsonPatch[] {
  const code = createConfig({ concurrency, hibernateAfter: config.hibernateAfter, steps: {} }).current
  return Object.entries(config).flatMap(([name, value]): JsonPatch[] => {
    const said: unknown = code[name as keyof Config]
    if (typeof value !== 'object')
      return value === said ? [] : [{ op: 'replace', path: pointerTo(name), value }]
    return Object.entries(value as object).flatMap(([entry, now]): JsonPatch[] => {
      const is = Object.hasOwn(said as object, entry)
      if (is && (said as Readonly<Record<string, unknown>>)[entry] === now) return []
      return [{ op: is ? 'replace' : 'add', path: pointerTo(name, entry), value: now as unknown }]
    })
  })
}

/** Whether all that a patch changes holds for single runs, so that two of them may run under different values. */
export function isByRun(patch: readonly JsonPatch[]): boolean {
  const changes = patch.filter(({ op }) => op !== 'test')
  return (
    changes.length > 0 &&
    changes.every(({ path }) => path.startsWith('/steps/') || path.startsWith('/edges/'))
  )
}

function refused(why: string): CatenaryError {
  return new CatenaryError('PATCH_REFUSED', `${why}; ask for suggestions anew`)
}
