// The facts of a chain's beginning and end in a run, and how a called one is named and found.

import type { ChainOutcome } from '../definition/compiled-chain.ts'
import type { Fact } from '../journal/event.ts'
import type { NodeState, RunState } from '../journal/run-state.ts'
import type { Caller } from './chain-parent.ts'
import { toPayload } from './payloads.ts'

/** How a chain ended, as it is recorded. */
export function endOf(key: string, outcome: ChainOutcome): Fact {
  if (outcome.status === 'failed') {
    return { type: 'chain.ended', chain: key, status: 'failed', failure: outcome.failure, step: outcome.step }
  }
  if (outcome.status === 'cancelled') return { type: 'chain.ended', chain: key, status: 'cancelled' }
  const stored = toPayload(outcome.output, Infinity, `output of chain "${key}"`)
  if (!stored.ok)
    return { type: 'chain.ended', chain: key, status: 'failed', failure: stored.failure, step: '' }
  const { payload } = stored
  return {
    type: 'chain.ended',
    chain: key,
    status: 'succeeded',
    ...(payload === undefined ? {} : { payload }),
  }
}

/** Why a call of a chain that nobody registered fails. */
export function unregistered(chain: string): Extract<ChainOutcome, { status: 'failed' }>['failure'] {
  const message = `no chain "${chain}" is registered: give it to createSupervisor({ chains })`
  return { kind: 'rejected', message, retryable: false }
}

/** A called chain's key: unique in its run, also where one step calls again. */
export function freshKey(state: RunState, { chain, step, item }: Caller): string {
  const base = item === undefined ? `${chain}/${step}` : `${chain}/${step}/${item}`
  let key = base
  for (let n = 2; state.nodes.has(key); n++) key = `${base}~${n}`
  return key
}

export function calledBy({ call }: NodeState, { chain, step, item }: Caller): boolean {
  return call !== undefined && call.chain === chain && call.step === step && call.item === item
}
