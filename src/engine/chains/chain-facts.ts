// The facts of a chain's beginning and end in a run, and how a called one is named and found.

import type { FailureLike, Undo } from '../../../machines/state.ts'
import type { ChainOutcome, Compensated } from '../../definition/compiled-chain.ts'
import type { Fact } from '../../journal/event.ts'
import type { NodeState, RunState } from '../../journal/run-state.ts'
import type { Caller } from './chain-parent.ts'
import { toPayload } from '../payloads.ts'

/** How a chain ended, as it is recorded. */
export function endOf(key: string, outcome: ChainOutcome): Fact {
  if (outcome.status === 'failed') {
    const { failure, step } = outcome
    return { type: 'chain.ended', chain: key, status: 'failed', failure, step, ...undoneOf(outcome) }
  }
  if (outcome.status === 'cancelled')
    return { type: 'chain.ended', chain: key, status: 'cancelled', ...undoneOf(outcome) }
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

/** What was undone, as its facts tell it. */
export function undoneOf({ compensated, uncompensated }: Compensated): Compensated {
  return {
    ...(compensated === undefined ? {} : { compensated }),
    ...(uncompensated === undefined ? {} : { uncompensated }),
  }
}

/** The chains that a step has called, in the order in which it did. */
export function* calledFrom(state: RunState, { chain, step, item }: Caller): Generator<NodeState> {
  const base = item === undefined ? `${chain}/${step}` : `${chain}/${step}/${item}`
  let node = state.nodes.get(base)
  for (let n = 2; node !== undefined; n++) {
    yield node
    node = state.nodes.get(`${base}~${n}`)
  }
}

/** A run that stands still because a compensation has failed for good. */
export function parkingBy(
  { parked }: Pick<RunState, 'parked'>,
  chain: string,
  { undo, failure }: { readonly undo: Undo | undefined; readonly failure: FailureLike | undefined },
): Fact {
  const item = undo?.item === undefined ? '' : `, item "${undo.item}",`
  const why = failure === undefined ? '' : `: ${failure.message}`
  const detail = `step "${undo?.step ?? ''}"${item} of chain "${chain}" could not be undone${why}`
  return {
    type: 'run.parked',
    reason: 'needs-attention',
    detail: parked?.reason === 'needs-attention' ? `${parked.detail}; ${detail}` : detail,
    cure: 'mend what keeps it from being undone and retry the run, or undo it by hand and cancel the run, which leaves it as it is',
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
