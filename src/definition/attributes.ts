// The searchable attributes of runs: what a chain declares of them, and what becomes of values that do not fit.

import { shown } from '../kernel/shown.ts'

/** What an attribute may be. */
export type AttributeKind = 'string' | 'number' | 'boolean'

/** What a chain declares: each attribute's kind by its name. */
export type AttributeKinds = Readonly<Record<string, AttributeKind>>

export type AttributeValue = string | number | boolean

/** Attributes of a run whose chain declares none. */
export type Attributes = Readonly<Record<string, AttributeValue>>

interface Values {
  readonly string: string
  readonly number: number
  readonly boolean: boolean
}

/** The attributes that a declaration allows; all of them may be left out. */
export type AttributesOf<D> = D extends AttributeKinds
  ? string extends keyof D
    ? Attributes
    : { readonly [K in keyof D]?: Values[D[K]] }
  : Attributes

const kinds: readonly unknown[] = ['string', 'number', 'boolean'] satisfies AttributeKind[]
const longestName = 100
const longestText = 1_000
const most = 100

/** What is wrong with a declaration, each with its cure. */
export function problemsOfKinds(declared: AttributeKinds): readonly string[] {
  return Object.entries(declared).flatMap(([name, kind]) => [
    ...problemsOfName(name),
    ...(kinds.includes(kind)
      ? []
      : [`attribute "${name}" is declared as ${shown(kind)}: it is one of ${kinds.join(', ')}`]),
  ])
}

/**
 * What is wrong with the attributes of a run, each with its cure.
 *
 * @param declared what its chains declare; undefined where any is welcome.
 */
export function problemsOfAttributes(
  given: Readonly<Record<string, unknown>>,
  declared: AttributeKinds | undefined,
): readonly string[] {
  const names = Object.keys(given)
  const problems = names.length > most ? [`there are ${names.length} attributes: give at most ${most}`] : []
  for (const [name, value] of Object.entries(given)) {
    problems.push(...problemsOfName(name))
    const fits = typeof value === 'number' ? Number.isFinite(value) : kinds.includes(typeof value)
    const kind = declared !== undefined && Object.hasOwn(declared, name) ? declared[name] : undefined
    if (!fits)
      problems.push(
        `attribute "${name}" is not a text, a finite number or a boolean: keep other data in the input`,
      )
    else if (typeof value === 'string' && value.length > longestText)
      problems.push(`attribute "${name}" has ${value.length} characters: give at most ${longestText}`)
    else if (kind !== undefined && typeof value !== kind)
      problems.push(`attribute "${name}" is a ${typeof value}, and declared as ${kind}`)
    if (declared !== undefined && kind === undefined && !name.startsWith(ours))
      problems.push(
        `attribute "${name}" is not declared: there are ${Object.keys(declared).join(', ') || 'none'}`,
      )
  }
  return problems
}

/** Attributes that tools of ours give a run have names that begin so. */
const ours = 'catenary.'

function problemsOfName(name: string): readonly string[] {
  if (name.length > 0 && name.length <= longestName && name.isWellFormed() && !name.includes('\0')) return []
  return [`an attribute's name has 1 to ${longestName} characters, without NUL or half characters`]
}
