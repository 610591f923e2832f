// What comes over a live chain before its own end, or after it: cancelled, undone, or decided by a person where it is stuck.

import type { AnyActorRef, AnyMachineSnapshot } from 'xstate'
import type { Started } from '../../journal/started.ts'
import type { Failure } from '../../kernel/failure.ts'
import type { ChainParent } from './chain-parent.ts'

interface Chain {
  readonly key: string
  readonly actor: AnyActorRef
  /** Only where something of it can be undone. */
  readonly started: Started | undefined
}

type Parent = Pick<ChainParent, 'record'>

export function cutShort(parent: Parent, chain: Chain, failure: Failure | undefined): void {
  // what undoes itself already goes on with that, and what is kept waits for its caller
  if (isIn(chain, 'compensating') || isIn(chain, 'kept')) return
  const why = failure === undefined ? {} : { failure }
  // who just ends as cancelled says so by its end
  if (chain.started !== undefined || failure !== undefined)
    parent.record({ type: 'chain.cut-short', chain: chain.key, ...why })
  chain.actor.send({ type: 'cancel', ...why })
}

/** A called chain that has succeeded is undone, as its caller is. */
export function undoKept(parent: Parent, chain: Chain): void {
  if (!isIn(chain, 'kept')) return
  parent.record({ type: 'chain.undo-requested', chain: chain.key })
  chain.actor.send({ type: 'compensate' })
}

/** @returns whether it was stuck. */
export function resolveStuck(parent: Parent, chain: Chain, how: 'retry' | 'give-up'): boolean {
  if (!isIn(chain, { compensating: 'stuck' })) return false
  const type = how === 'retry' ? 'compensation.retried' : 'compensation.given-up'
  parent.record({ type, chain: chain.key })
  chain.actor.send({ type: how })
  return true
}

function isIn({ started, actor }: Chain, value: string | Readonly<Record<string, string>>): boolean {
  return started !== undefined && (actor.getSnapshot() as AnyMachineSnapshot).matches(value)
}
