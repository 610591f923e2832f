// What an author says by a value or a function: keys and costs, told from recorded data.

import type { GuardScope, Told } from '../definition/guards.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'
import { isThenable } from './validate.ts'

/** The key as a text; '' where there is none. */
export function keyToldBy(told: Told<string | number> | undefined, scope: GuardScope, what: string): string {
  if (told === undefined) return ''
  const key = ask(told, scope, what)
  if (typeof key === 'string' || (typeof key === 'number' && Number.isFinite(key))) return String(key)
  throw nonsense(what, key, 'a text or a number')
}

export function costToldBy(told: Told<number>, scope: GuardScope, what: string): number {
  const cost = ask(told, scope, what)
  if (typeof cost === 'number' && cost >= 0 && cost < Infinity) return cost
  throw nonsense(what, cost, 'a number from 0')
}

/** No other attempt helps: it would be told the same. */
export function failureOfTeller(error: unknown): Failure {
  return { ...failureOf(error, CatenaryError.is(error) ? 'refused' : 'thrown'), retryable: false }
}

function ask(told: Told<string | number>, scope: GuardScope, what: string): unknown {
  if (typeof told !== 'function') return told
  const value: unknown = told(scope)
  if (!isThenable(value)) return value
  value.then(undefined, () => {})
  throw new CatenaryError(
    'DECISION_ASYNC',
    `${what} is told by a promise: tell it from recorded data at once`,
  )
}

function nonsense(what: string, given: unknown, wanted: string): CatenaryError {
  const shown = typeof given === 'object' && given !== null ? 'an object' : String(given)
  return new CatenaryError('BAD_OPTION', `${what} was told as ${shown}: return ${wanted}`)
}
