// Hands a compensation what it undoes: the context of an attempt, with the step's outcome in it.

import { undoing } from '../../machines/compensating.ts'
import type { CompensationContext, StepContext } from '../definition/context.ts'
import type { StepBody } from '../definition/spec.ts'
import type { Effect } from './effect.ts'

/** What is known of what has begun; see `Started`. */
export interface Known {
  outputOf(step: string, item: string | undefined): unknown
  itemOf(step: string, item: string | undefined): unknown
}

/** What one attempt to undo a step runs. */
export interface CompensationWork {
  readonly body: StepBody
  /** Handed over before the context, for an item of an `each`. */
  readonly item?: { readonly value: unknown }
}

/** The work of a `compensation` effect: what its author wrote, with the step's outcome and key. */
export function compensationWork(effect: Effect, known: Known): CompensationWork {
  const { spec, id } = effect
  if (spec.kind !== 'compensation') throw new TypeError('not a compensation')
  const { step, items, body } = spec
  const { failures, failedStep, ...context } = effect.context()
  const undo = undoing({ ...context, failures, failedStep })
  const item = undo?.item
  const told = {
    outcome: undo?.outcome ?? 'unknown',
    output: known.outputOf(step, item),
    failure: failedStep === null ? undefined : (failures[failedStep] as CompensationContext['failure']),
    lastFailure: failures[id],
  }
  const run = body as (...args: readonly unknown[]) => unknown
  return items
    ? {
        body: (value: unknown, inner: StepContext) => run(value, withTold(inner, step, told)),
        item: { value: known.itemOf(step, item) },
      }
    : { body: (inner: StepContext) => run(withTold(inner, step, told)) }
}

/** The attempt's own context, and what is told besides; its key is that of the step which is undone. */
function withTold(inner: StepContext, step: string, told: Readonly<Record<string, unknown>>): StepContext {
  const extra: Readonly<Record<string, unknown>> = {
    ...told,
    idempotencyKey: inner.idempotencyKey.replace(`/${step}:compensation`, `/${step}`),
    deadline: undefined,
  }
  return new Proxy(inner, {
    get: (target, name) =>
      typeof name === 'string' && Object.hasOwn(extra, name)
        ? extra[name]
        : (Reflect.get(target, name, target) as unknown),
    has: (target, name) => name in extra || name in target,
  })
}
