// The options of steps and `each`, with their defaults, checked as they are given.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type Backoff, checkedBackoff } from '../definition/backoff.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, refuseUnknownOptions } from '../kernel/known-options.ts'
import type { Failure } from '../kernel/failure.ts'
import type { CompensationSpec, DecisionScope, EachSpec, StepOptionsSpec } from '../definition/spec.ts'
import { type GuardOptions, guardOptions } from './guard-options.ts'
import { type StepMemo, stepMemo } from './memo-options.ts'

/** The recorded data that a step's context has. */
type ScopeOf<C> = [C] extends [never] ? never : Pick<C, keyof C & ('input' | 'needs' | 'steps')>

/** How an attempt is tried again, timed and described. `S` is what keys and costs are told from. */
export interface AttemptOptions<S = never> extends GuardOptions<S> {
  /** Tries in all, the first included. Default 1. */
  readonly attempts?: number
  /** Time between tries; default exponential from 1 s by 2 up to 60 s with full jitter. */
  readonly backoff?: Partial<Backoff> & {
    /** Says whether another try may help; default: unless the error was NonRetryable. */
    readonly when?: (failure: Failure) => boolean
  }
  /** Longest time of one attempt, in ms or as `'30s'`. Default none. */
  readonly timeout?: Duration
  /** Its output is used again by attempts of the same work, in this run and others. Default never. */
  readonly memo?: StepMemo<S>
  /** For people, and shown in the machine. Default none. */
  readonly description?: string
  /** Running it twice has the effect of running it once. Default false. */
  readonly idempotent?: boolean
  /** It has no effect outside of what it returns. Default false. */
  readonly pure?: boolean
  /** Declared, but not written yet. Default false. */
  readonly stub?: boolean
  /** Names of what it reads outside, for tools. Default none. */
  readonly reads?: readonly string[]
  /** Names of what it writes outside, for tools. Default none. */
  readonly writes?: readonly string[]
  /** External ports it talks to, for tools. Default none. */
  readonly uses?: readonly string[]
}

/** How a step is undone: a function, or one with how it is tried. */
export type Compensate<F> = F | CompensateOptions<F>

/** How often a compensation is tried, and for how long. */
export interface CompensateOptions<F> {
  /** Undoes the step; may run more than once. */
  readonly run: F
  /** Tries in all, the first included. Default 5. */
  readonly attempts?: number
  /** Time between tries; default as for steps: exponential from 1 s by 2 up to 60 s with full jitter. */
  readonly backoff?: Partial<Backoff> & {
    /** Says whether another try may help; default: unless the error was NonRetryable. */
    readonly when?: (failure: Failure) => boolean
  }
  /** Longest time of one attempt, in ms or as `'30s'`. Default none. */
  readonly timeout?: Duration
}

/** How a step is tried, timed and recovered. `C` is its context, `F` what its fallback returns. */
export interface StepOptions<
  C = never,
  F = unknown,
  Schema extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined,
  U = never,
> extends AttemptOptions<ScopeOf<C>> {
  /** Run instead, once, when all attempts are spent; its output becomes the step's. `timeout` holds for it as well. */
  readonly fallback?: (context: C) => F
  /** What the chain's input must fit for this step (any Standard Schema). */
  readonly input?: StandardSchemaV1
  /** What the output must fit; what the schema returns is recorded. */
  readonly output?: Schema
  /**
   * Undoes the step where its chain fails or is cancelled after it began: where it succeeded, and where that is
   * unknown. Give it after `fallback`, so that its types are inferred.
   */
  readonly compensate?: Compensate<(context: U) => unknown>
}

/** What a step with such an output schema may return. */
export type Accepted<Schema> = Schema extends StandardSchemaV1<infer In, unknown> ? In | Promise<In> : unknown

/** How an `each` works through its items. */
export interface EachOptions<
  T = never,
  F extends 'fail' | 'collect' = 'fail' | 'collect',
  U = never,
> extends AttemptOptions<DecisionScope & { readonly item: T }> {
  /** Names an item, uniquely; default its index. */
  readonly key?: (item: T, index: number) => string
  /** Most items in flight at once. Default 16. */
  readonly inFlight?: number
  /** `fail` (default): the first failed item fails the step. `collect`: every item gets its outcome. */
  readonly onFailure?: F
  /** What each item's output must fit; what the schema returns is recorded. */
  readonly output?: StandardSchemaV1
  /** Undoes an item, where the chain fails or is cancelled after the item began; see `StepOptions`. */
  readonly compensate?: Compensate<(item: T, context: U) => unknown>
}

const knownOfAttempts: KnownOptions<AttemptOptions> = {
  attempts: true,
  backoff: true,
  timeout: true,
  deadline: true,
  heartbeat: true,
  hedge: true,
  limit: true,
  breaker: true,
  memo: true,
  description: true,
  idempotent: true,
  pure: true,
  stub: true,
  reads: true,
  writes: true,
  uses: true,
}

const knownOfSteps: KnownOptions<StepOptions> = {
  ...knownOfAttempts,
  fallback: true,
  input: true,
  output: true,
  compensate: true,
}

const knownOfEach: KnownOptions<EachOptions> = {
  ...knownOfAttempts,
  key: true,
  inFlight: true,
  onFailure: true,
  output: true,
  compensate: true,
}

const knownOfCompensations: KnownOptions<CompensateOptions<never>> = {
  run: true,
  attempts: true,
  backoff: true,
  timeout: true,
}

/** Options of a step, or of the items of an `each`. */
interface AnyStepOptions extends Omit<StepOptions, 'compensate'> {
  readonly compensate?: Compensate<(...args: never) => unknown>
}

/** A duration in milliseconds; refused with its cure where it is none. */
export function milliseconds(duration: Duration, where: string): number {
  return toMs(duration, where)
}

/** How a step is undone, with the defaults. */
function compensation(name: string, given: Compensate<(...args: never) => unknown>): CompensationSpec {
  const { run, attempts = 5, ...rest } = typeof given === 'function' ? { run: given } : given
  if (typeof run !== 'function') {
    throw new CatenaryError(
      'BAD_OPTION',
      `compensate of step "${name}" is no function: give one, or { run, attempts, backoff, timeout }`,
    )
  }
  if (typeof given !== 'function')
    refuseUnknownOptions(given, knownOfCompensations, `compensate of step "${name}"`)
  return { body: run, options: checked(`${name}:compensation`, { attempts, ...rest }) }
}

export function stepOptions(name: string, options: AnyStepOptions): StepOptionsSpec {
  refuseUnknownOptions(options, knownOfSteps, `step "${name}"`)
  return checked(name, options)
}

function checked(name: string, options: AnyStepOptions): StepOptionsSpec {
  const attempts = options.attempts ?? 1
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw new CatenaryError(
      'BAD_OPTION',
      `attempts of step "${name}" is ${String(attempts)}: give a whole number from 1, the first try included`,
    )
  }
  const policy = backoffOf(options.backoff, `backoff of step "${name}"`)
  refuseNoFunctions({ fallback: options.fallback, 'backoff.when': policy.when }, name)
  const { when, ...backoff } = policy
  return {
    attempts,
    backoff: checkedBackoff(backoff, `backoff of step "${name}"`),
    ...(when === undefined ? {} : { retryWhen: when }),
    ...(options.timeout === undefined
      ? {}
      : { timeout: milliseconds(options.timeout, `timeout of step "${name}"`) }),
    ...guardOptions(name, options),
    ...(options.memo === undefined ? {} : { memo: stepMemo(name, options.memo) }),
    ...(options.fallback === undefined ? {} : { fallback: options.fallback }),
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.output === undefined ? {} : { output: options.output }),
    ...(options.compensate === undefined ? {} : { compensate: compensation(name, options.compensate) }),
    ...(options.description === undefined ? {} : { description: options.description }),
    idempotent: options.idempotent ?? false,
    pure: options.pure ?? false,
    stub: options.stub ?? false,
    reads: options.reads ?? [],
    writes: options.writes ?? [],
    uses: options.uses ?? [],
  }
}

function backoffOf(given: AnyStepOptions['backoff'], where: string): NonNullable<AnyStepOptions['backoff']> {
  if (given === undefined) return {}
  if (typeof given === 'object' && given !== null) return given
  throw new CatenaryError(
    'BAD_OPTION',
    `${where} is ${JSON.stringify(given)}: give an object such as { initial: '1s', factor: 2, max: '60s' }`,
  )
}

function refuseNoFunctions(given: Readonly<Record<string, unknown>>, name: string): void {
  for (const [option, value] of Object.entries(given))
    if (value !== undefined && typeof value !== 'function')
      throw new CatenaryError('BAD_OPTION', `${option} of step "${name}" is no function: give one`)
}

export function eachOptions(
  name: string,
  options: EachOptions,
): Pick<EachSpec, 'key' | 'inFlight' | 'onFailure' | 'options'> {
  refuseUnknownOptions(options, knownOfEach, `each "${name}"`)
  const { key, inFlight = 16, onFailure, ...rest } = options
  if (onFailure !== undefined && onFailure !== 'fail' && onFailure !== 'collect')
    throw new CatenaryError(
      'BAD_OPTION',
      `onFailure of each "${name}" is ${JSON.stringify(onFailure)}: give 'fail' or 'collect'`,
    )
  refuseNoFunctions({ key }, name)
  if (!Number.isInteger(inFlight) || inFlight < 1) {
    throw new CatenaryError(
      'BAD_OPTION',
      `inFlight of each "${name}" is ${String(inFlight)}: give a whole number from 1`,
    )
  }
  const keyOf = key ?? ((_: unknown, index: number) => String(index))
  return {
    key: keyOf as (item: unknown, index: number) => string,
    inFlight,
    onFailure: onFailure ?? 'fail',
    options: checked(name, rest),
  }
}
