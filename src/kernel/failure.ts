// A run's failure as data: what is journalled, shown and decided on; never thrown by the engine.

import { type Duration, toMs } from './duration.ts'

/** Why an attempt, a chain or a run did not succeed. */
export type FailureKind =
  | 'thrown' // author code threw
  | 'timeout' // the attempt, or a wait, took longer than it may
  | 'deadline' // the run's or chain's absolute deadline passed
  | 'cancelled' // someone cancelled the run
  | 'lost' // the process died with the attempt in flight, or the attempt missed a heartbeat
  | 'rejected' // input or output did not fit its schema, or cannot be stored
  | 'refused' // a breaker or a limiter did not let the attempt through: the function was not called
  | 'failed' // the chain said so itself, by fail()
  | 'exhausted' // a repeat reached its maximum

/** A failure as recorded in the journal. */
export interface Failure {
  readonly kind: FailureKind
  readonly message: string
  /** Whether another attempt may help. */
  readonly retryable: boolean
  /** The error's name, such as `TypeError`. */
  readonly name?: string
  /** The error's `code`, where it had one, such as `ECONNREFUSED`. */
  readonly code?: string
  readonly stack?: string
  readonly cause?: Failure
  /** Milliseconds to wait before the next attempt, as a server's Retry-After asked for. */
  readonly retryAfter?: number
  /** What the attempt's last heartbeat said, encoded: the next attempt gets it as `lastHeartbeat`. */
  readonly heartbeat?: string
}

const stackLines = 12
/** Most characters of a text that a failure keeps; every copy of it in the journal costs as many. */
const longestText = 16_384
/** No longer wait leads to a date that can be written down (ms). */
const longestWait = 1e15
const deepestCause = 4

/**
 * Thrown by a step to say that no other attempt will help.
 *
 * @example
 * ```ts
 * const pay = chain('pay').step('charge', () => {
 *   throw new NonRetryable('card expired')
 * }, { attempts: 5 })
 * ```
 */
export class NonRetryable extends Error {
  override readonly name: string = 'NonRetryable'
}

/**
 * Thrown by a step to ask for another attempt after `retryAfter`, in ms or as `'30s'`, whatever the backoff says. It
 * spends a try.
 *
 * @throws CatenaryError BAD_DURATION for a text that is none
 * @example
 * ```ts
 * const ask = chain('ask').step('call', ({ attempt }) => {
 *   if (attempt === 1) throw new RetryAfter('30s', 'the quota is spent')
 *   return 'answered'
 * }, { attempts: 5 })
 * ```
 */
export class RetryAfter extends Error {
  override readonly name: string = 'RetryAfter'
  readonly retryAfter: number

  constructor(
    retryAfter: Duration,
    message = `retry after ${typeof retryAfter === 'number' ? `${retryAfter} ms` : retryAfter}`,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    // a number that makes no sense is dropped with the failure, and the backoff decides
    this.retryAfter = typeof retryAfter === 'number' ? retryAfter : toMs(retryAfter, 'RetryAfter')
  }
}

/**
 * Thrown by a step that cannot know whether its effect happened, as when a connection broke after the request had been
 * sent. Another attempt may follow, as after any error; a step that ends like this is compensated as `unknown`.
 *
 * @example
 * ```ts
 * const pay = chain('pay').step('charge', () => {
 *   throw new OutcomeUnknown('the connection broke before the answer came')
 * }, { compensate: ({ outcome }) => console.log(outcome) })
 * ```
 */
export class OutcomeUnknown extends Error {
  override readonly name: string = 'OutcomeUnknown'
}

/**
 * Whether what failed so may have had its effect all the same: it was given up, lost or aborted, its result could not
 * be kept, or it said so itself. What threw has failed; what was refused was not called.
 */
export function leavesDoubt({ kind, name, cause }: Failure): boolean {
  if (kind === 'refused') return false
  if (kind !== 'thrown' && kind !== 'failed') return true
  return name === 'OutcomeUnknown' || (cause !== undefined && leavesDoubt(cause))
}

/** Thrown where an attempt is to fail as another one is recorded to have failed. */
export class RecordedFailure extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** Whether a failure is of a class: the error's code or its name, or the kind of the failure. */
export function isOfClass({ kind, name, code }: Failure, given: string): boolean {
  return given === code || given === name || given === kind
}

/** Turns whatever was thrown into a failure; never throws itself, whatever it is handed. */
export function failureOf(thrown: unknown, kind: FailureKind = 'thrown', depth = 0): Failure {
  try {
    if (thrown instanceof RecordedFailure) return thrown.failure
    if (!(thrown instanceof Error)) return { kind, message: textOf(describe(thrown)), retryable: true }
    const code: unknown = 'code' in thrown ? thrown.code : undefined
    const retryAfter: unknown = 'retryAfter' in thrown ? thrown.retryAfter : undefined
    return {
      kind,
      message: textOf(thrown.message),
      retryable: thrown.name !== 'NonRetryable',
      name: textOf(thrown.name),
      ...(typeof code === 'string' || typeof code === 'number' ? { code: textOf(code) } : {}),
      ...(typeof thrown.stack === 'string'
        ? { stack: textOf(thrown.stack.split('\n', stackLines).join('\n')) }
        : {}),
      ...(thrown.cause !== undefined && depth < deepestCause
        ? { cause: failureOf(thrown.cause, kind, depth + 1) }
        : {}),
      ...(typeof retryAfter === 'number' && retryAfter >= 0 && retryAfter <= longestWait
        ? { retryAfter }
        : {}),
    }
  } catch {
    return { kind, message: 'a value that cannot be read was thrown', retryable: true }
  }
}

/** Whatever was thrown, in a line for people, as `String` would say it; never throws itself. */
export function inWords(thrown: unknown): string {
  const { name, message } = failureOf(thrown)
  return name === undefined ? message : `${name}: ${message}`
}

/** Author code may put anything where a string belongs, and as much of it as it likes. */
function textOf(value: unknown): string {
  const text = String(value)
  return text.length <= longestText ? text : `${text.slice(0, longestText)} ... (${text.length} characters)`
}

function describe(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  if (typeof thrown === 'object' && thrown !== null) {
    const message: unknown = 'message' in thrown ? thrown.message : undefined
    return typeof message === 'string' ? message : (JSON.stringify(thrown) ?? 'an object was thrown')
  }
  return String(thrown)
}
