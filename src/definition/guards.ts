// What stands before an attempt, once its author has said it: limiters and breakers, and how a step uses them.

import type { AnyStateMachine } from 'xstate'
import type { BreakerTerms } from '../../machines/breaker.ts'
import type { LimiterTerms } from '../../machines/limiter.ts'
import type { Failure } from '../kernel/failure.ts'
import type { DecisionScope } from './spec.ts'

/** What keys and costs are told by: recorded data only; `item` for an item of an `each`. */
export interface GuardScope extends DecisionScope {
  readonly item?: unknown
}

/** A value, or what tells it. What it throws, or a value that makes no sense, fails the attempt. */
export type Told<V> = V | ((scope: GuardScope) => V)

/** Shared by every step that names it; one line, one count of slots and one bucket for each key. */
export interface LimiterSpec {
  readonly kind: 'limiter'
  readonly id: string
  readonly terms: LimiterTerms
  readonly key?: Told<string | number>
  readonly fairBy?: Told<string | number>
  /** The machine that each key of it is. */
  readonly machine: AnyStateMachine
}

/** Shared by every step that names it; one window of outcomes for each key. */
export interface BreakerSpec {
  readonly kind: 'breaker'
  readonly id: string
  readonly terms: BreakerTerms
  readonly key?: Told<string | number>
  readonly counts?: (failure: Failure) => boolean
  /** The machine that each key of it is. */
  readonly machine: AnyStateMachine
}

export interface LimitUse {
  readonly by: LimiterSpec
  readonly cost: Told<number>
  readonly key?: Told<string | number>
  readonly fairBy?: Told<string | number>
}

export interface BreakerUse {
  readonly by: BreakerSpec
  readonly key?: Told<string | number>
}
