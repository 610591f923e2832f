// The options of a step that stand before its attempts or watch over them: checked as they are given.

import type { BreakerSpec, BreakerUse, LimitUse, LimiterSpec } from '../definition/guards.ts'
import type { StepOptionsSpec } from '../definition/spec.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, refuseUnknownOptions } from '../kernel/known-options.ts'

/** A value, or what tells it from recorded data. `S` is what it is told from. */
type By<V, S> = V | ((scope: S) => V)

/** What limits, watches and doubles the attempts of a step. `S` is what keys and costs are told from. */
export interface GuardOptions<S = never> {
  /**
   * A limiter that each attempt passes before it may start, alone or with what this step costs it. `cost` counts
   * against its slots and its tokens; default 1. `key` and `fairBy` say more than the limiter's own do.
   */
  readonly limit?:
    | LimiterSpec
    | {
        /** Tells the two apart, for the types of the functions below. */
        readonly kind?: never
        readonly by: LimiterSpec
        readonly cost?: By<number, S>
        readonly key?: By<string | number, S>
        readonly fairBy?: By<string | number, S>
      }
  /** A breaker that refuses attempts, without calling the function, while too many fail. */
  readonly breaker?:
    | BreakerSpec
    | { readonly kind?: never; readonly by: BreakerSpec; readonly key?: By<string | number, S> }
  /**
   * Calls the function once more within the attempt when it has not answered after so long; the first success wins,
   * and the other calls are aborted. `max` more calls at most, default 1. Only where `idempotent: true`.
   */
  readonly hedge?: { readonly after: Duration; readonly max?: number }
  /** Longest time between two calls of the context's `heartbeat()`; a missed one fails the attempt as `lost`. */
  readonly heartbeat?: Duration
  /** Longest time of all attempts together, waits included, from when the step began. Default none. */
  readonly deadline?: Duration
}

const limitUse: KnownOptions<LimitUse> = { by: true, cost: true, key: true, fairBy: true }
const breakerUse: KnownOptions<BreakerUse> = { by: true, key: true }
const hedgeTerms: KnownOptions<NonNullable<GuardOptions['hedge']>> = { after: true, max: true }

type Checked = Pick<StepOptionsSpec, 'limit' | 'breaker' | 'hedge' | 'heartbeat' | 'deadline'>

export function guardOptions(
  name: string,
  options: GuardOptions & { readonly idempotent?: boolean },
): Checked {
  const { limit, breaker, hedge, heartbeat, deadline } = options
  const of = `of step "${name}"`
  return {
    ...(limit === undefined ? {} : { limit: limitOf(limit, of) }),
    ...(breaker === undefined ? {} : { breaker: breakerOf(breaker, of) }),
    ...(hedge === undefined ? {} : { hedge: hedgeOf(hedge, of, options.idempotent ?? false) }),
    ...(heartbeat === undefined ? {} : { heartbeat: above0(heartbeat, `heartbeat ${of}`) }),
    ...(deadline === undefined ? {} : { deadline: above0(deadline, `deadline ${of}`) }),
  }
}

function limitOf(given: unknown, of: string): LimitUse {
  const use = usedAs<LimitUse>(given, 'limiter', `limit ${of}`)
  refuseUnknownOptions(use, limitUse, `limit ${of}`)
  const cost: unknown = (use as Partial<LimitUse>).cost ?? 1
  if (typeof cost !== 'function' && !(typeof cost === 'number' && cost >= 0 && cost < Infinity))
    throw bad(`cost of limit ${of} is ${String(cost)}: give a number from 0, or a function that tells one`)
  refuseBadKeys({ key: use.key, fairBy: use.fairBy }, `limit ${of}`)
  return { ...use, cost: cost as LimitUse['cost'] }
}

function breakerOf(given: unknown, of: string): BreakerUse {
  const use = usedAs<BreakerUse>(given, 'breaker', `breaker ${of}`)
  refuseUnknownOptions(use, breakerUse, `breaker ${of}`)
  refuseBadKeys({ key: use.key }, `breaker ${of}`)
  return use
}

function hedgeOf(given: unknown, of: string, idempotent: boolean): { after: number; max: number } {
  if (typeof given !== 'object' || given === null)
    throw bad(
      `hedge ${of} is no object: give { after: '2s' }, and max where it may be more than one call more`,
    )
  refuseUnknownOptions(given, hedgeTerms, `hedge ${of}`)
  const { after, max = 1 } = given as { readonly after: Duration; readonly max?: number }
  if (!idempotent)
    throw bad(
      `hedge ${of} may call its function twice at once: say idempotent: true if that has the effect of one call, or leave hedge out`,
    )
  if (!Number.isInteger(max) || max < 1)
    throw bad(`max of hedge ${of} is ${String(max)}: give a whole number from 1`)
  return { after: above0(after, `after of hedge ${of}`), max }
}

function above0(duration: Duration, where: string): number {
  const ms = toMs(duration, where)
  if (ms > 0) return ms
  throw new CatenaryError('BAD_DURATION', `${where} is 0: give milliseconds above 0, or leave it out`)
}

/** A limiter or breaker by itself, or as `by` beside how it is used. */
function usedAs<U extends LimitUse | BreakerUse>(given: unknown, kind: string, where: string): U {
  if (isKind(given, kind)) return { by: given } as U
  if (typeof given === 'object' && given !== null && isKind((given as { by?: unknown }).by, kind))
    return given as U
  throw bad(`${where} names no ${kind}: give one made with ${kind}(id, { ... }), or { by: one, ... }`)
}

function isKind(value: unknown, kind: string): value is LimiterSpec | BreakerSpec {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === kind
}

/** Refuses keys that are neither texts, numbers nor functions. */
export function refuseBadKeys(keys: Readonly<Record<string, unknown>>, where: string): void {
  for (const [name, key] of Object.entries(keys)) {
    if (key === undefined || ['string', 'number', 'function'].includes(typeof key)) continue
    throw bad(`${name} of ${where} is ${typeof key}: give a text, a number, or a function that tells one`)
  }
}

function bad(problem: string): CatenaryError {
  return new CatenaryError('BAD_OPTION', problem)
}
