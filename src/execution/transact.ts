// Calls the function of a `transact` step: at once, with all that may refuse what it returns before that is kept.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { HostDatabase } from '../definition/host-database.ts'
import type { StepBody, StepOptionsSpec } from '../definition/spec.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'
import { AttemptContext } from './attempt-context.ts'
import type { AttemptData, AttemptHost, AttemptPlace, Outcome } from './attempt.ts'
import { isThenable, validate } from './validate.ts'

export interface TransactWork {
  readonly body: StepBody
  readonly options: StepOptionsSpec
  readonly place: AttemptPlace
  readonly data: AttemptData
  readonly host: AttemptHost
}

/** It is over before anybody could miss a beat. */
const unheard = { beat() {} }

/** Thrown so that whoever holds the transaction takes back what was written. */
export class Refusal extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** What the function returned, as its schema gives it; throws what it throws, or a `Refusal`. */
export function callTransact({ body, options, place, data, host }: TransactWork, db: HostDatabase): unknown {
  const { step } = place
  if (options.input !== undefined) judgeNow(options.input, data.input, `input of step "${step}"`)
  const call = body as unknown as (db: HostDatabase, context: AttemptContext) => unknown
  const context = new AttemptContext(place, data, host, unheard)
  const value = host.around === undefined ? call(db, context) : host.around(place, () => call(db, context))
  if (isThenable(value)) {
    value.then(undefined, () => {})
    throw later(
      `step "${step}" returned a promise, so what it wrote was taken back: write at once, and do the waiting in a step before it`,
    )
  }
  return options.output === undefined ? value : judgeNow(options.output, value, `output of step "${step}"`)
}

/** What the attempt failed with, by what was thrown. */
export function transactFailure(thrown: unknown): Failure {
  if (thrown instanceof Refusal) return thrown.failure
  const failure = failureOf(thrown)
  // the same text would be refused again
  return CatenaryError.is(thrown) ? { ...failure, retryable: false } : failure
}

/** The same in a machine that runs alone, on the database that it was given: rows stay only where it succeeds. */
export function transactAlone(work: TransactWork, db: HostDatabase | undefined): Outcome {
  if (db === undefined) {
    const message = `step "${work.place.step}" writes rows, and the machine runs alone without a database: give createActor the input { input, db }`
    return { ok: false, failure: { kind: 'rejected', message, retryable: false } }
  }
  try {
    db.exec('SAVEPOINT host')
    try {
      const value = callTransact(work, db)
      db.exec('RELEASE host')
      return { ok: true, value }
    } catch (error) {
      db.exec('ROLLBACK TO host; RELEASE host')
      throw error
    }
  } catch (error) {
    return { ok: false, failure: transactFailure(error) }
  }
}

function judgeNow(schema: StandardSchemaV1, value: unknown, what: string): unknown {
  let outcome: Outcome | undefined
  validate(schema, value, what, (judged) => {
    outcome = judged
  })
  if (outcome === undefined)
    throw later(`the schema for the ${what} is asynchronous: check it in a step of its own`)
  if (!outcome.ok) throw new Refusal(outcome.failure)
  return outcome.value
}

function later(message: string): Refusal {
  return new Refusal({ kind: 'thrown', message, retryable: false, code: 'TRANSACT_ASYNC' })
}
