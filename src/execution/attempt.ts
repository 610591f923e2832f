// Runs one attempt of a step: hands the author's function its context, and turns whatever happens into an outcome.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { StepContext, StepLog } from '../definition/context.ts'
import type { StepBody, StepOptionsSpec } from '../definition/spec.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { type Failure, type FailureKind, failureOf } from '../kernel/failure.ts'

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: Failure }

/** What an attempt knows of where it stands. */
export interface AttemptPlace {
  readonly runId: string
  readonly chain: string
  readonly step: string
  readonly item?: string | undefined
  readonly attempt: number
  readonly scheduledAt: number
}

export interface AttemptData {
  readonly input: unknown
  readonly needs: unknown
  readonly steps: unknown
}

export interface AttemptHost {
  readonly clock: Clock
  readonly app: unknown
  progress(place: AttemptPlace, fraction: number, note: string | undefined): void
  log(place: AttemptPlace, level: 'info' | 'warn' | 'error', message: string, data: unknown): void
}

/** A running attempt. It reports exactly one outcome, and `settled` once its function has really ended. */
export interface RunningAttempt {
  /** Aborts its signal; what the function does afterwards is a late outcome. */
  abort(kind: FailureKind, reason: string): void
}

/**
 * Starts the function at once. `onOutcome` is called once: with the function's own outcome, or with a timeout
 * while it may still go on (`ended` is then false). `onSettled` is called once, when the function has really ended; the slot is its
 * until then.
 */
export function startAttempt(
  work: { readonly body: StepBody; readonly options: StepOptionsSpec; readonly args?: readonly unknown[] },
  place: AttemptPlace,
  data: AttemptData,
  host: AttemptHost,
  on: { outcome(outcome: Outcome, ended: boolean): void; settled(outcome: Outcome): void },
): RunningAttempt {
  const { options } = work
  const context = new Context(place, data, host)
  let open = true
  let cancelTimeout: Cancel | undefined

  const decide = (outcome: Outcome, ended = false): void => {
    if (!open) return
    open = false
    cancelTimeout?.()
    on.outcome(outcome, ended)
  }
  const end = (outcome: Outcome): void => {
    decide(outcome, true)
    on.settled(outcome)
  }
  const thrown = (error: unknown): void => end({ ok: false, failure: failureOf(error) })
  const returned = (value: unknown): void => {
    if (options.output === undefined) return end({ ok: true, value })
    validate(options.output, value, `output of step "${place.step}"`, end)
  }

  if (options.timeout !== undefined) {
    const limit = options.timeout
    cancelTimeout = host.clock.at(host.clock.now() + limit, () => {
      const reason = `step "${place.step}" took longer than ${limit} ms`
      context.abort(reason)
      decide({ ok: false, failure: { kind: 'timeout', message: reason, retryable: true } })
    })
  }
  const call = (): void => {
    let result: unknown
    try {
      const body = work.body as (context: unknown, ...args: readonly unknown[]) => unknown
      result = work.args === undefined ? body(context) : body(...([work.args[0], context] as const))
    } catch (error) {
      return thrown(error)
    }
    if (isThenable(result)) result.then(returned, thrown)
    else returned(result)
  }
  if (options.input === undefined) call()
  else {
    validate(options.input, data.input, `input of step "${place.step}"`, (outcome) =>
      outcome.ok ? call() : end(outcome),
    )
  }
  return {
    abort(kind, reason) {
      context.abort(reason)
      decide({ ok: false, failure: { kind, message: reason, retryable: false } })
    },
  }
}

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
  const judge = (result: StandardSchemaV1.Result<unknown>): void => {
    if (result.issues === undefined) return done({ ok: true, value: result.value })
    const issues = result.issues.map((issue) => {
      const path = (issue.path ?? [])
        .map((part) => String(typeof part === 'object' ? part.key : part))
        .join('.')
      return path === '' ? issue.message : `${path}: ${issue.message}`
    })
    done({
      ok: false,
      failure: {
        kind: 'rejected',
        message: `${what} does not fit its schema: ${issues.join('; ')}`,
        retryable: false,
      },
    })
  }
  try {
    const result = schema['~standard'].validate(value)
    if (isThenable(result))
      result.then(
        (late) => judge(late),
        (error: unknown) => done({ ok: false, failure: failureOf(error) }),
      )
    else judge(result)
  } catch (error) {
    done({ ok: false, failure: failureOf(error) })
  }
}

/** A class, because a signal made for every attempt would cost more than the attempt. */
class Context implements StepContext {
  readonly #place: AttemptPlace
  readonly #data: AttemptData
  readonly #host: AttemptHost
  #controller: AbortController | undefined
  #aborted: Error | undefined

  constructor(place: AttemptPlace, data: AttemptData, host: AttemptHost) {
    this.#place = place
    this.#data = data
    this.#host = host
    this.now = this.now.bind(this)
    this.random = this.random.bind(this)
    this.progress = this.progress.bind(this)
  }

  abort(reason: string): void {
    this.#aborted ??= new DOMException(reason, 'AbortError')
    this.#controller?.abort(this.#aborted)
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted)
    }
    return this.#controller.signal
  }

  get input(): unknown {
    return this.#data.input
  }

  get needs(): unknown {
    return this.#data.needs
  }

  get steps(): StepContext['steps'] {
    return this.#data.steps as StepContext['steps']
  }

  get app(): StepContext['app'] {
    return this.#host.app
  }

  get attempt(): number {
    return this.#place.attempt
  }

  get runId(): string {
    return this.#place.runId
  }

  get scheduledAt(): number {
    return this.#place.scheduledAt
  }

  get idempotencyKey(): string {
    const { runId, chain, step, item } = this.#place
    return item === undefined ? `${runId}/${chain}/${step}` : `${runId}/${chain}/${step}/${item}`
  }

  get log(): StepLog {
    const write = (level: 'info' | 'warn' | 'error') => (message: string, data?: unknown) =>
      this.#host.log(this.#place, level, message, data)
    return { info: write('info'), warn: write('warn'), error: write('error') }
  }

  now(): number {
    return this.#host.clock.now()
  }

  random(): number {
    return this.#host.clock.random()
  }

  progress(fraction: number, note?: string): void {
    this.#host.progress(this.#place, fraction, note)
  }
}
