// Asks a schema about what a caller gave, and does not wait for its answer for ever.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { validate } from '../../execution/validate.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import { formatMs } from '../../kernel/duration.ts'
import { CatenaryError } from '../../kernel/errors.ts'

export interface Judging {
  /** What the value is, for people, such as `input of chain "order"`. */
  readonly what: string
  /** What a refusal is called. */
  readonly code: 'INPUT_INVALID' | 'SIGNAL_INVALID'
  readonly clock: Clock
  /** How long the schema may take (ms). */
  readonly within: number
}

/**
 * The value as its schema gives it. Boxed, because a promise would look into what it is resolved with, and that is
 * the caller's.
 */
export async function judge(
  schema: StandardSchemaV1,
  given: unknown,
  { what, code, clock, within }: Judging,
): Promise<{ readonly value: unknown }> {
  return new Promise((resolve, reject) => {
    let answered = false
    let cancel: Cancel | undefined
    validate(schema, given, what, (outcome) => {
      answered = true
      cancel?.()
      if (outcome.ok) resolve({ value: outcome.value })
      else reject(new CatenaryError(code, outcome.failure.message))
    })
    if (answered) return
    cancel = clock.at(clock.now() + within, () => {
      const message = `the schema for the ${what} has not answered within ${formatMs(within)}: make it answer, or do the asking in a step`
      reject(new CatenaryError('VALIDATION_TIMEOUT', message))
    })
  })
}
