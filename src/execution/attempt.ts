// Runs one attempt of a step: hands the author's function its context, and turns whatever happens into an outcome.

import type { FailureLike } from '../../machines/state.ts'
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
  /** The last failure of each step. */
  readonly failures?: Readonly<Record<string, FailureLike>>
}

/** What an item of an `each` knows: its own last failure in the place of the step's. */
export function withItemFailure(
  data: AttemptData,
  step: string,
  failure: FailureLike | undefined,
): AttemptData {
  if (failure === undefined) return data
  const { input, needs, steps } = data
  return { input, needs, steps, failures: { [step]: failure } }
}

export interface AttemptHost {
  readonly clock: Clock
  readonly app: unknown
  progress(place: AttemptPlace, fraction: number, note: string | undefined): void
  log(place: AttemptPlace, level: 'info' | 'warn' | 'error', message: string, data: unknown): void
}

/** Who hears of an attempt's end. */
export interface AttemptListener {
  /** Called once: with the function's own outcome (`ended`), or with a timeout while it may still go on. */
  outcome(outcome: Outcome, ended: boolean): void
  /** Called once, when the function has really ended. */
  settled(outcome: Outcome): void
}

/** One running attempt. A class, as the context below, because both are made for every attempt. */
export class AttemptRun {
  readonly #body: StepBody
  readonly #options: StepOptionsSpec
  readonly #place: AttemptPlace
  readonly #listener: AttemptListener
  readonly #host: AttemptHost
  readonly #context: Context
  readonly #input: unknown
  #open = true
  #cancelTimeout: Cancel | undefined

  constructor(
    body: StepBody,
    options: StepOptionsSpec,
    place: AttemptPlace,
    data: AttemptData,
    host: AttemptHost,
    listener: AttemptListener,
  ) {
    this.#body = body
    this.#options = options
    this.#place = place
    this.#host = host
    this.#listener = listener
    this.#input = data.input
    this.#context = new Context(place, data, host)
  }

  /** Calls the function at once. @param item handed over before the context, for an item of an `each`. */
  start(item?: { readonly value: unknown }): void {
    const { timeout, input } = this.#options
    if (timeout !== undefined) this.#arm(timeout)
    if (input === undefined) return this.#call(item)
    validate(input, this.#input, `input of step "${this.#place.step}"`, (outcome) => {
      if (outcome.ok) this.#call(item)
      else this.#end(outcome)
    })
  }

  /** Aborts its signal; what the function does afterwards is a late outcome. */
  abort(kind: FailureKind, reason: string): void {
    this.#decide({ ok: false, failure: { kind, message: reason, retryable: false } }, false)
    this.#context.abort(reason)
  }

  #arm(limit: number): void {
    const { clock } = this.#host
    this.#cancelTimeout = clock.at(clock.now() + limit, () => {
      const reason = `step "${this.#place.step}" took longer than ${limit} ms`
      this.#decide({ ok: false, failure: { kind: 'timeout', message: reason, retryable: true } }, false)
      this.#context.abort(reason)
    })
  }

  #call(item: { readonly value: unknown } | undefined): void {
    let result: unknown
    let later: Promise<unknown> | undefined
    try {
      const body = this.#body as (...args: readonly unknown[]) => unknown
      result = item === undefined ? body(this.#context) : body(item.value, this.#context)
      // a promise of the author's making may throw where it is listened to, or answer twice
      if (isThenable(result)) later = Promise.resolve(result)
    } catch (error) {
      return this.#end({ ok: false, failure: failureOf(error) })
    }
    if (later === undefined) return this.#returned(result)
    later.then(
      (value) => this.#returned(value),
      (error: unknown) => this.#end({ ok: false, failure: failureOf(error) }),
    )
  }

  #returned(value: unknown): void {
    const { output } = this.#options
    if (output === undefined) return this.#end({ ok: true, value })
    validate(output, value, `output of step "${this.#place.step}"`, (outcome) => this.#end(outcome))
  }

  #end(outcome: Outcome): void {
    this.#decide(outcome, true)
    this.#listener.settled(outcome)
  }

  #decide(outcome: Outcome, ended: boolean): void {
    if (!this.#open) return
    this.#open = false
    this.#cancelTimeout?.()
    this.#listener.outcome(outcome, ended)
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

/** Makes a signal only where one is asked for: that would cost more than a small attempt. */
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

  get lastFailure(): Failure | undefined {
    const { step } = this.#place
    // a fallback's own id is `step:fallback`
    const of = step.includes(':') ? step.slice(0, step.indexOf(':')) : step
    return this.#data.failures?.[of] as Failure | undefined
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
    const write = (level: 'info' | 'warn' | 'error') => (message: string, data?: unknown) => {
      try {
        this.#host.log(this.#place, level, message, data)
      } catch {
        // a logger that is broken must not fail the step that speaks to it
      }
    }
    return { info: write('info'), warn: write('warn'), error: write('error') }
  }

  // functions made when read, so that they can be taken out of the context
  get now(): StepContext['now'] {
    return () => this.#host.clock.now()
  }

  get random(): StepContext['random'] {
    return () => this.#host.clock.random()
  }

  get progress(): StepContext['progress'] {
    return (fraction, note) => this.#host.progress(this.#place, fraction, note)
  }
}
