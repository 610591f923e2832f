// Runs one attempt of a step: calls the author's function, more than once where it is hedged, and turns whatever
// happens into one outcome.

import type { FailureLike } from '../../machines/state.ts'
import type { StepBody, StepOptionsSpec } from '../definition/spec.ts'
import type { Window } from '../definition/schedule.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { type Failure, type FailureKind, failureOf } from '../kernel/failure.ts'
import { AttemptContext } from './attempt-context.ts'
import { Heartbeat } from './heartbeat.ts'
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
  /** It ends at this time at the latest (ms since the epoch). */
  readonly deadline?: number | undefined
  /** Its chain ends at this time at the latest, and aborts it then (ms since the epoch). */
  readonly chainDeadline?: number | undefined
  readonly window?: Window | undefined
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
  /** Calls the function in somebody's place, once; returns or throws what it does. Absent where nobody wants that. */
  readonly around?: ((place: AttemptPlace, call: () => unknown) => unknown) | undefined
  progress(place: AttemptPlace, fraction: number, note: string | undefined): void
  log(place: AttemptPlace, level: 'info' | 'warn' | 'error', message: string, data: unknown): void
}

/** Who hears of an attempt's end. */
export interface AttemptListener {
  /** Called once: with the outcome, which is `ended` where no call of the function goes on. */
  outcome(outcome: Outcome, ended: boolean): void
  /** Called once, when every call of the function has really ended. */
  settled(outcome: Outcome): void
  /** Wants to call the function once more; `go` does so. Absent where that may always be. */
  hedge?(go: () => void): void
}

/** One running attempt. A class, as its context, because both are made for every attempt. */
export class AttemptRun {
  readonly #body: StepBody
  readonly #options: StepOptionsSpec
  readonly #place: AttemptPlace
  readonly #data: AttemptData
  readonly #listener: AttemptListener
  readonly #host: AttemptHost
  /** Of the first call. */
  readonly #context: AttemptContext
  /** Of the calls beside it. */
  #hedges: AttemptContext[] | undefined
  #item: { readonly value: unknown } | undefined
  /** Calls that have not ended. */
  #running = 1
  #open = true
  #cancelTimeout: Cancel | undefined
  #cancelHedge: Cancel | undefined
  #heartbeat: Heartbeat | undefined

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
    this.#data = data
    this.#host = host
    this.#listener = listener
    this.#context = new AttemptContext(place, data, host, this)
  }

  /** Calls the function at once. @param item handed over before the context, for an item of an `each`. */
  start(item?: { readonly value: unknown }): void {
    const { timeout, input, hedge, heartbeat } = this.#options
    this.#item = item
    if (timeout !== undefined || this.#place.deadline !== undefined) this.#arm(timeout)
    if (hedge !== undefined) this.#armHedge()
    if (heartbeat !== undefined) this.#heartbeat = this.#watch(heartbeat)
    if (input === undefined) return this.#call(this.#context)
    validate(input, this.#data.input, `input of step "${this.#place.step}"`, (outcome) => {
      if (outcome.ok) this.#call(this.#context)
      else this.#end(outcome, this.#context)
    })
  }

  /** Aborts its signals; what the function does afterwards is a late outcome. */
  abort(kind: FailureKind, reason: string): void {
    this.#fail(kind, reason, false)
  }

  /** The author's function says that it is alive. */
  beat(detail: unknown): void {
    if (!this.#open) return
    this.#heartbeat ??= new Heartbeat(this.#host.clock, undefined, () => {})
    this.#heartbeat.beat(detail)
  }

  #watch(limit: number): Heartbeat {
    const missed = `step "${this.#place.step}" gave no sign of life for ${limit} ms`
    return new Heartbeat(this.#host.clock, limit, () => this.#fail('lost', missed, true))
  }

  #arm(timeout: number | undefined): void {
    const { clock } = this.#host
    const { step, deadline = Infinity } = this.#place
    const due = timeout === undefined ? Infinity : clock.now() + timeout
    this.#cancelTimeout = clock.at(Math.min(due, deadline), () => {
      if (due <= deadline) this.#fail('timeout', `step "${step}" took longer than ${timeout} ms`, true)
      else this.#fail('deadline', `step "${step}" was not done by its deadline`, false)
    })
  }

  #armHedge(): void {
    const { hedge } = this.#options
    if (hedge === undefined || (this.#hedges?.length ?? 0) >= hedge.max) return
    const { clock } = this.#host
    this.#cancelHedge = clock.at(clock.now() + hedge.after, () => {
      if (this.#listener.hedge === undefined) this.#callAgain()
      else this.#listener.hedge(() => this.#callAgain())
    })
  }

  #callAgain(): void {
    if (!this.#open) return
    const context = new AttemptContext(this.#place, this.#data, this.#host, this)
    this.#hedges ??= []
    this.#hedges.push(context)
    this.#running++
    this.#armHedge()
    this.#call(context)
  }

  #call(context: AttemptContext): void {
    let result: unknown
    let later: Promise<unknown> | undefined
    try {
      const { around } = this.#host
      result = around === undefined ? this.#ask(context) : around(this.#place, () => this.#ask(context))
      // a promise of the author's making may throw where it is listened to, or answer twice
      if (isThenable(result)) later = Promise.resolve(result)
    } catch (error) {
      return this.#end({ ok: false, failure: failureOf(error) }, context)
    }
    if (later === undefined) return this.#returned(result, context)
    later.then(
      (value) => this.#returned(value, context),
      (error: unknown) => this.#end({ ok: false, failure: failureOf(error) }, context),
    )
  }

  #ask(context: AttemptContext): unknown {
    const body = this.#body as (...args: readonly unknown[]) => unknown
    return this.#item === undefined ? body(context) : body(this.#item.value, context)
  }

  #returned(value: unknown, context: AttemptContext): void {
    const { output } = this.#options
    if (output === undefined) return this.#end({ ok: true, value }, context)
    validate(output, value, `output of step "${this.#place.step}"`, (outcome) => this.#end(outcome, context))
  }

  /** One call has ended: a success is the attempt's, a failure only where no other call goes on. */
  #end(outcome: Outcome, context: AttemptContext): void {
    const ended = --this.#running === 0
    if (outcome.ok || ended) this.#decide(outcome, ended)
    if (ended) this.#listener.settled(outcome)
    else if (outcome.ok) this.#stop('another call of the step was faster', context)
  }

  /** Fails it while its function goes on. */
  #fail(kind: FailureKind, message: string, retryable: boolean): void {
    this.#decide({ ok: false, failure: { kind, message, retryable } }, false)
    this.#stop(message)
  }

  #stop(reason: string, but?: AttemptContext): void {
    if (this.#context !== but) this.#context.abort(reason)
    for (const context of this.#hedges ?? []) if (context !== but) context.abort(reason)
  }

  #decide(outcome: Outcome, ended: boolean): void {
    if (!this.#open) return
    this.#open = false
    this.#cancelTimeout?.()
    this.#cancelHedge?.()
    this.#heartbeat?.stop()
    this.#listener.outcome(outcome.ok ? outcome : this.#withHeartbeat(outcome.failure), ended)
  }

  /** What was last heard of the step goes on with its failure, and so to the next attempt. */
  #withHeartbeat(failure: Failure): Outcome {
    const heartbeat = this.#heartbeat?.detail ?? this.#context.lastFailure?.heartbeat
    return { ok: false, failure: heartbeat === undefined ? failure : { ...failure, heartbeat } }
  }
}
