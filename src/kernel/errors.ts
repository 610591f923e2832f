// The one error class that a caller's mistake throws: a code, a sentence with its cure, and a cause.

const brand = Symbol.for('catenary.error')

/** What can go wrong in a caller's hands; each code is explained in docs/errors.md. */
export type ErrorCode =
  | 'ACTION_REFUSED'
  | 'ACTION_UNKNOWN'
  | 'ATTEMPT_ABSENT'
  | 'ATTEMPT_OVER'
  | 'BAD_DEFINITION'
  | 'BAD_DURATION'
  | 'BAD_OPTION'
  | 'BAD_MODULE'
  | 'BAD_TRACE'
  | 'COMMAND_DROPPED'
  | 'COMMAND_KEPT'
  | 'DECISION_ASYNC'
  | 'EXECUTOR_ABSENT'
  | 'EXECUTOR_ONLY'
  | 'INPUT_INVALID'
  | 'NODE_TOO_OLD'
  | 'OUTPUT_INVALID'
  | 'PAYLOAD_NOT_SERIALISABLE'
  | 'PAYLOAD_TOO_LARGE'
  | 'RUN_CRASHED'
  | 'REPLY_ABSENT'
  | 'REPLY_FAILED'
  | 'REPLY_LATE'
  | 'PATCH_REFUSED'
  | 'QUARANTINED'
  | 'RUN_FAILED'
  | 'RUN_NOT_RETRYABLE'
  | 'RUN_ENDED'
  | 'RUN_PARKED'
  | 'RUN_UNFINISHED'
  | 'RUN_UNKNOWN'
  | 'CHAIN_UNKNOWN'
  | 'SCHEDULE_UNKNOWN'
  | 'STEP_UNKNOWN'
  | 'SIGNAL_INVALID'
  | 'SIGNAL_UNKNOWN'
  | 'SUGGESTION_REFUSED'
  | 'SUGGESTION_UNKNOWN'
  | 'SUPERVISOR_STOPPED'
  | 'STORE_LOCKED'
  | 'STORE_NEWER'
  | 'STORE_OLDER'
  | 'STORE_TAKEN'
  | 'STORE_READONLY'
  | 'STORE_UNAVAILABLE'
  | 'STORE_CORRUPT'
  | 'TRACE_DIVERGED'
  | 'TRANSACT_ASYNC'
  | 'TRANSACT_ENDED'
  | 'TRANSACT_SQL'
  | 'VALIDATION_TIMEOUT'

/**
 * A mistake of the caller, or a store that cannot be used: never a run's failure, which is data.
 * `message` says what to do about it.
 *
 * @example
 * ```ts
 * try {
 *   await createSupervisor({ chains: [chain('no good id')] })
 * } catch (error) {
 *   if (CatenaryError.is(error)) console.log(error.code) // BAD_DEFINITION
 * }
 * ```
 */
export class CatenaryError extends Error {
  override readonly name = 'CatenaryError'
  readonly code: ErrorCode
  readonly [brand] = true

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  /** True for any CatenaryError, also one made by another copy of the package. */
  static is(value: unknown): value is CatenaryError {
    return typeof value === 'object' && value !== null && brand in value
  }
}
