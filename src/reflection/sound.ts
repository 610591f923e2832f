// Whether what claims to be a suggestion, or the plan of a trial, is one: it may come from a user's function, or from another version.

import { decode, encode } from '../kernel/codec.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { inWords } from '../kernel/failure.ts'
import type { TrialPlan } from './standing.ts'
import type { Suggestion } from './suggestion.ts'

type Fields = Readonly<Record<string, unknown>>

/** Most suggestions of one look that are taken: the first ones. */
const mostSuggestions = 200
/** Most problems that an error tells of. */
const mostTold = 10

const objectives: readonly unknown[] = ['run-duration', 'chain-duration', 'attempts', 'failures']
const metrics: readonly unknown[] = ['failures', 'p95', 'cost']
const operations: readonly unknown[] = ['test', 'replace', 'add', 'remove']

/**
 * What a user's function found, as plain data of its own: nothing that is done to it later matters.
 *
 * @throws CatenaryError BAD_OPTION, with all that is wrong
 */
export function soundSuggestions(given: unknown): readonly Suggestion[] {
  if (!Array.isArray(given))
    throw new CatenaryError(
      'BAD_OPTION',
      'suggest of reflect gave no list: return an array, or a promise of one',
    )
  const problems: string[] = []
  const found: Suggestion[] = []
  for (const [at, one] of given.slice(0, mostSuggestions).entries()) {
    const where = `suggestion ${at + 1} of suggest`
    try {
      const plain = decode(encode(one, where))
      const wrong = problemsOfSuggestion(plain)
      if (wrong.length === 0) found.push(plain as Suggestion)
      else problems.push(`${where}: ${wrong.join(', ')}`)
    } catch (error) {
      problems.push(CatenaryError.is(error) ? error.message : `${where}: ${inWords(error)}`)
    }
  }
  if (problems.length === 0) return found
  const more = problems.length > mostTold ? `; and ${problems.length - mostTold} more` : ''
  throw new CatenaryError('BAD_OPTION', `${problems.slice(0, mostTold).join('; ')}${more}`)
}

/** The plan of a trial as it was recorded; undefined where it says nothing that can be gone by. */
export function planIn(payload: string | undefined): TrialPlan | undefined {
  if (payload === undefined) return undefined
  let plan: unknown
  try {
    plan = decode(payload)
  } catch {
    return undefined
  }
  if (!isObject(plan) || problemsOfSuggestion(plan['suggestion']).length > 0) return undefined
  const { start, block, base } = plan
  if (!isObject(start) || !objectives.includes(start['objective']) || !areGuardrails(start['guardrails']))
    return undefined
  const { classes, p95 } = start
  const known = Array.isArray(classes) && (p95 === undefined || isNumber(p95))
  const isBased = base === undefined || typeof base === 'string'
  return known && isBased && (block === undefined || (isNumber(block) && block > 0))
    ? (plan as unknown as TrialPlan)
    : undefined
}

function problemsOfSuggestion(given: unknown): readonly string[] {
  if (!isObject(given)) return ['it is no object']
  const problems: string[] = []
  const need = (holds: boolean, what: string): void => {
    if (!holds) problems.push(what)
  }
  const { id, kind, class: of, place, sentence, gain, guardrails, patch, expiresAt } = given
  need(isText(id) && id.length <= 200, 'id is a text of at most 200 letters')
  need(isText(kind), 'kind is a text')
  need(of === 'A' || of === 'B' || of === 'C', "class is 'A', 'B' or 'C'")
  need(isObject(place) && typeof place['chain'] === 'string', 'place has a chain')
  need(typeof sentence === 'string', 'sentence is a text')
  need(isObject(given['evidence']), 'evidence is an object')
  need(
    isGain(gain),
    `gain has an objective (${objectives.join(', ')}), and estimate, low and high as numbers`,
  )
  need(areGuardrails(guardrails), `guardrails is a list of { metric: ${metrics.join(' | ')}, most: from 0 }`)
  need(
    patch === undefined || isPatch(patch),
    'patch is a list of operations of RFC 6902 that change something',
  )
  need(isNumber(expiresAt), 'expiresAt is a time (ms since the epoch)')
  return problems
}

function isGain(gain: unknown): boolean {
  return (
    isObject(gain) &&
    objectives.includes(gain['objective']) &&
    ['estimate', 'low', 'high'].every((name) => isNumber(gain[name]))
  )
}

function areGuardrails(given: unknown): boolean {
  const isOne = (one: unknown): boolean =>
    isObject(one) && metrics.includes(one['metric']) && isNumber(one['most']) && one['most'] >= 0
  return Array.isArray(given) && given.every(isOne)
}

function isPatch(given: unknown): boolean {
  if (!Array.isArray(given)) return false
  const isOne = (one: unknown): boolean =>
    isObject(one) && operations.includes(one['op']) && typeof one['path'] === 'string'
  return given.every(isOne) && given.some((one: Fields) => one['op'] !== 'test')
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
