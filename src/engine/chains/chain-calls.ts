// The steps of a live chain that call other chains: how they are named, and how they are answered.

import type { ChainOutcome } from '../../definition/compiled-chain.ts'
import type { Effect } from '../../execution/effect.ts'
import type { Caller, ChainParent } from './chain-parent.ts'

export function callerOf(chain: string, { id, input: { item } }: Effect): Caller {
  return item === undefined ? { chain, step: id } : { chain, step: id, item }
}

/** Whose call the effect undoes. */
export function callerUndone(chain: string, { spec, input: { item } }: Effect): Caller {
  const step = spec.kind === 'undo-call' ? spec.step : ''
  return item === undefined ? { chain, step } : { chain, step, item }
}

export function answerCall(effect: Effect, outcome: ChainOutcome): void {
  if (outcome.status === 'succeeded') return effect.succeed(outcome.output)
  if (outcome.status === 'failed') return effect.fail(outcome.failure)
  const message = `the chain that step "${effect.id}" called was cancelled`
  effect.fail({ kind: 'cancelled', message, retryable: false })
}

export function answerUndone(parent: Pick<ChainParent, 'record'>, chain: string, effect: Effect): void {
  parent.record({ type: 'call.undone', ...callerOf(chain, effect) })
  effect.succeed(undefined)
}
