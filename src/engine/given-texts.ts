// Checks the texts that callers give with what they ask of a run: anything else must not reach its journal.

import { CatenaryError } from '../kernel/errors.ts'

const longestName = 1_000
const longestReason = 16_384

export function isName(given: unknown): boolean {
  return typeof given === 'string' && given.length > 0 && given.length <= longestName
}

/** @param what such as `the id of a signal`. */
export function refuseBadName(given: unknown, what: string): void {
  if (isName(given)) return
  throw new CatenaryError('BAD_OPTION', `${what} is ${shown(given)}: give a text of 1 to 1,000 characters`)
}

/** Why a run is cancelled. */
export function refuseBadReason(given: unknown): void {
  if (given === undefined || (typeof given === 'string' && given.length <= longestReason)) return
  throw new CatenaryError(
    'BAD_OPTION',
    `the reason of a cancel is ${shown(given)}: give a text of up to 16,384 characters, or none`,
  )
}

/** What is sent to a user's own machine. */
export function refuseBadEvent(given: unknown): void {
  const type: unknown =
    typeof given === 'object' && given !== null && 'type' in given ? given.type : undefined
  if (type === undefined)
    throw new CatenaryError('INPUT_INVALID', 'the event has no type: send { type: ... }')
  refuseBadName(type, 'the type of the event')
}

function shown(given: unknown): string {
  if (typeof given === 'string') return `a text of ${given.length} characters`
  return given === null ? 'null' : typeof given
}
