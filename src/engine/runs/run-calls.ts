// The chains of a run that its other chains call: begun, answered for, and cancelled with their callers.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import type { NodeState, RunState } from '../../journal/run-state.ts'
import { calledBy, calledFrom, freshKey, unregistered } from '../chains/chain-facts.ts'
import type { Called, Caller, ChainParent, LiveChain } from '../chains/chain-parent.ts'
import { calledBy as deadlineOfCall } from './deadlines.ts'
import { toPayload } from '../payloads.ts'

export interface CallHost extends Pick<ChainParent, 'services' | 'record' | 'pump'> {
  readonly state: RunState
  readonly chains: ReadonlyMap<string, LiveChain>
  launch(node: NodeState, chain: CompiledChain): void
}

/** Begins the chain that a step calls, at the end of the turn. */
export function callChain(run: CallHost, caller: Caller, { of, input, restored }: Called): void {
  const { services, chains, state } = run
  const chain = services.chain(of)
  const stored = toPayload(input, services.limits.maxPayload, `input of called chain "${of}"`)
  run.pump(() => {
    // cancelled since, with all that it asked for
    if (!chains.has(caller.chain)) return
    if (restored && isCalled(state, caller)) return
    if (chain === undefined || !stored.ok) {
      const failure = stored.ok ? unregistered(of) : stored.failure
      chains.get(caller.chain)?.callEnded(caller.step, caller.item, { status: 'failed', step: '', failure })
      return
    }
    const key = freshKey(state, caller)
    const { payload } = stored
    const deadline = deadlineOfCall(chain.spec, state.nodes.get(caller.chain)?.deadline, services.clock.now())
    run.record({
      type: 'chain.started',
      chain: key,
      call: caller,
      of,
      version: chain.version,
      ...(deadline === undefined ? {} : { deadline }),
      ...(payload === undefined ? {} : { payload }),
    })
    run.launch(state.nodes.get(key) as NodeState, chain)
  })
}

/** Has what a step called undo itself. @returns whether all of it is undone, or had not to be. */
export function undoCalled({ state, chains }: CallHost, caller: Caller): boolean {
  let over = true
  for (const { key, status } of calledFrom(state, caller)) {
    const chain = chains.get(key)
    if (chain === undefined) continue
    // cancelled with its caller, it undoes itself before it ends
    if (status === 'succeeded') chain.undo?.()
    over = false
  }
  return over
}

function isCalled(state: RunState, caller: Caller): boolean {
  for (const node of state.nodes.values())
    if (node.status === 'running' && calledBy(node, caller)) return true
  return false
}

/** The caller has gone on without what it called. */
export function cancelCalled(run: CallHost, caller: Caller): void {
  run.pump(() => {
    for (const node of run.state.nodes.values()) {
      if (node.status === 'running' && calledBy(node, caller)) run.chains.get(node.key)?.cancel()
    }
  })
}
