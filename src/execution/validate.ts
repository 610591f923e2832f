// Validates by a Standard Schema: what the author's schema answers, or throws, becomes an outcome.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { failureOf } from '../kernel/failure.ts'
import type { Outcome } from './attempt.ts'

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Validates by a Standard Schema and reports the parsed value, or a failure that no retry mends. */
export function validate(
  schema: StandardSchemaV1,
  value: unknown,
  what: string,
  done: (outcome: Outcome) => void,
): void {
  const judge = (result: StandardSchemaV1.Result<unknown>): Outcome => {
    if (result.issues === undefined) return { ok: true, value: result.value }
    const issues = result.issues.map((issue) => {
      const path = (issue.path ?? [])
        .map((part) => String(typeof part === 'object' ? part.key : part))
        .join('.')
      return path === '' ? issue.message : `${path}: ${issue.message}`
    })
    return {
      ok: false,
      failure: {
        kind: 'rejected',
        message: `${what} does not fit its schema: ${issues.join('; ')}`,
        retryable: false,
      },
    }
  }
  const refused = (error: unknown): Outcome => ({ ok: false, failure: failureOf(error) })
  let outcome: Outcome
  try {
    const result = schema['~standard'].validate(value)
    if (isThenable(result)) {
      // its answer may be no result at all, which is the schema's failure, too
      void Promise.resolve(result).then(judge).catch(refused).then(done)
      return
    }
    outcome = judge(result)
  } catch (error) {
    outcome = refused(error)
  }
  done(outcome)
}
