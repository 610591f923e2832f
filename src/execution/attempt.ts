// Runs one attempt of a step: hands the author's function its context, and turns whatever happens into an outcome.

import type { FailureLike } from '../../machines/state.ts'
import type { StepBody, StepOptionsSpec } from '../definition/spec.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { type Failure, type FailureKind, failureOf } from '../kernel/failure.ts'
import { AttemptContext } from './attempt-context.ts'
import { isThenable, validate } from './validate.ts'

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
  readonly #context: AttemptContext
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
    this.#context = new AttemptContext(place, data, host)
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
