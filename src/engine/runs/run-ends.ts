// What becomes of a live run when one of its chains is over: recorded, let go, and told to whoever called it or needs it.

import type { ChainOutcome, Compensated } from '../../definition/compiled-chain.ts'
import { keptFor } from '../../journal/replay-run.ts'
import type { NodeState, RunState } from '../../journal/run-state.ts'
import { endOf, undoneOf } from '../chains/chain-facts.ts'
import type { ChainParent, LiveChain } from '../chains/chain-parent.ts'

export interface EndingRun extends Pick<
  ChainParent,
  'services' | 'record' | 'turn' | 'pump' | 'waitsChanged'
> {
  readonly state: RunState
  readonly chains: Map<string, LiveChain>
}

export function endChain(
  run: EndingRun,
  key: string,
  outcome: ChainOutcome,
  graph: { readonly advance: (ended: string) => void; readonly release: (node: NodeState) => void },
): void {
  const node = run.state.nodes.get(key)
  if (node === undefined || node.status !== 'running') return
  const worked = run.chains.get(key)?.worked
  forget(run, key)
  if (worked !== undefined && outcome.status === 'succeeded') run.services.learn(node.chain, worked)
  run.turn(() => {
    run.record(endOf(key, outcome))
    graph.release(node)
    const { call } = node
    const caller = call === undefined ? undefined : run.chains.get(call.chain)
    // the run may have waited for nothing but a called chain whose caller has gone
    if (call === undefined || caller === undefined) run.pump(() => graph.advance(key))
    // at once, as in the fold: what else the turn has in store for the caller finds it where the journal says that it is
    else caller.callEnded(call.step, call.item, outcome)
  })
}

/** A called chain has ended, and stays until its caller needs not undo it any more. */
export function keepChain(run: EndingRun, key: string, outcome: ChainOutcome): void {
  const node = run.state.nodes.get(key)
  if (node === undefined || node.status !== 'running') return
  run.turn(() => {
    run.record(endOf(key, outcome))
    if (node.call === undefined) return
    const { chain, step, item } = node.call
    run.chains.get(chain)?.callEnded(step, item, outcome)
  })
}

export function chainUndone(run: EndingRun, key: string, outcome: Compensated): void {
  forget(run, key)
  run.turn(() => {
    run.record({ type: 'chain.undone', chain: key, ...undoneOf(outcome) })
    const call = run.state.nodes.get(key)?.call
    if (call === undefined) return
    run.pump(() => run.chains.get(call.chain)?.callEnded(call.step, call.item, { status: 'cancelled' }))
  })
}

/** A chain that is over, and those that were kept for it alone. */
function forget(run: EndingRun, key: string): void {
  const chain = run.chains.get(key)
  const calls = chain?.started?.calls === true
  run.chains.delete(key)
  if (chain !== undefined && chain.waiting.size > 0) run.waitsChanged()
  if (!calls) return
  for (const kept of keptFor(key, run.state, run.chains)) {
    run.chains.get(kept)?.detach()
    run.chains.delete(kept)
  }
}
