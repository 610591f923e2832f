// Refuses options under names that nothing reads: a misspelt one that is ignored changes what its author meant.

import { CatenaryError } from './errors.ts'
import { inWords } from './failure.ts'

/** Every name of a type of options, so that the compiler asks for those that are added. */
export type KnownOptions<T> = { readonly [K in keyof Required<T>]: true }

/** What is wrong with the names of such options, with the cure; undefined where nothing is. */
export function unknownOptions(
  given: unknown,
  known: Readonly<Record<string, true>>,
  where: string,
): string | undefined {
  if (given === undefined) return undefined
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return `options of ${where} are no object: give { ${Object.keys(known).slice(0, 3).join(', ')}, ... }, or leave them out`
  const names = Object.keys(known)
  const strange = Object.entries(given).filter(
    ([name, value]) => value !== undefined && !Object.hasOwn(known, name),
  )
  if (strange.length === 0) return undefined
  const cures = strange.map(([name]) => {
    const meant = nearest(name, names)
    return meant === undefined ? `"${name}"` : `"${name}" (did you mean ${meant}?)`
  })
  const takes = strange.some(([name]) => nearest(name, names) === undefined)
    ? `: it takes ${names.join(', ')}`
    : ''
  return `${where} has no option ${cures.join(', ')}${takes}`
}

/** Reads options; what getters or proxies among them throw is told as something wrong with them. */
export function readOptions(read: () => void, where: string): void {
  try {
    read()
  } catch (error) {
    if (CatenaryError.is(error)) throw error
    const message = `options of ${where} cannot be read (${inWords(error)}): give plain objects`
    throw new CatenaryError('BAD_OPTION', message, { cause: error })
  }
}

/** Throws what `unknownOptions` finds. */
export function refuseUnknownOptions(
  given: unknown,
  known: Readonly<Record<string, true>>,
  where: string,
): void {
  const problem = unknownOptions(given, known, where)
  if (problem !== undefined) throw new CatenaryError('BAD_OPTION', problem)
}

/** The name that was probably meant: at most half of its letters are otherwise. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((one) => ({ one, far: distance(name.toLowerCase(), one.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far)
  return best !== undefined && best.far * 2 <= best.one.length ? best.one : undefined
}

/** Letters to add, drop or change to make one of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries())
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      )
    row = next
  }
  return row[b.length] ?? 0
}
