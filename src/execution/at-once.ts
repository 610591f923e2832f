// Takes what an author's function answers where only an answer at once will do.

import { CatenaryError } from '../kernel/errors.ts'
import { isThenable } from './validate.ts'

/**
 * A promise would be taken for a yes, and would end the process where it is rejected.
 *
 * @param what whose answer it is, such as `until of repeat "poll"`.
 * @throws `DECISION_ASYNC`
 */
export function atOnce<T>(answer: T, what: string): T {
  if (!isThenable(answer)) return answer
  // in a promise of our own, so that whatever becomes of it is caught
  new Promise((resolve) => resolve(answer)).catch(() => {})
  throw new CatenaryError(
    'DECISION_ASYNC',
    `${what} returned a promise: decide from recorded data at once, or do the asking in a step before it`,
  )
}
