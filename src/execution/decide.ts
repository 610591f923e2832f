// Makes a decision: author code over recorded data, at once, with whatever it throws as a failure.

import { CatenaryError } from '../kernel/errors.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'
import { isThenable } from './validate.ts'
import type { Decision, EffectSpec } from './effect.ts'

type DecisionSpec = Extract<EffectSpec, { kind: 'decision' }>

/** A decision is synchronous, because it shares the commit of what caused it. */
export function decideNow(
  spec: DecisionSpec,
  decision: Decision,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly failure: Failure } {
  try {
    const value = spec.decide(decision)
    if (!isThenable(value)) return { ok: true, value }
    value.then(undefined, () => {})
    const message = `the decision "${spec.id}" returned a promise: decide from recorded data at once, or do the asking in a step before it`
    return { ok: false, failure: { kind: 'thrown', message, retryable: false, code: 'DECISION_ASYNC' } }
  } catch (error) {
    const kind = CatenaryError.is(error) && error.code === 'OUTPUT_INVALID' ? 'rejected' : 'thrown'
    return { ok: false, failure: { ...failureOf(error, kind), retryable: false } }
  }
}
