// What people ask of a live run: to pause, to go on, to end, to go on where compensations have failed for good.

import type { Compensated } from '../../definition/compiled-chain.ts'
import type { RunState } from '../../journal/run-state.ts'
import { endOf } from '../chains/chain-facts.ts'
import type { ChainParent, LiveChain } from '../chains/chain-parent.ts'

export interface CommandedRun extends Pick<ChainParent, 'record' | 'turn' | 'pump'> {
  readonly state: RunState
  readonly chains: ReadonlyMap<string, LiveChain>
}

/**
 * What compensations have failed for good: tries them again, or leaves the rest undone. Where any were, the run is
 * no longer parked.
 * @returns whether any were.
 */
export function resolveStuck(run: CommandedRun, how: 'retry' | 'give-up'): boolean {
  let any = false
  run.turn(() => {
    if (run.state.ended !== undefined || run.state.parked?.reason !== 'needs-attention') return
    const chains = [...run.chains.values()]
    run.record({ type: 'run.unparked' })
    for (const chain of chains) any = chain.resolve?.(how) === true || any
  })
  return any
}

interface Cancel {
  readonly reason: string | undefined
  /** What the chains of a run that is parked leave undone. */
  readonly left: ReadonlyMap<string, Compensated> | undefined
}

export function cancelRun(
  run: CommandedRun,
  { reason, left }: Cancel,
  graph: { readonly advance: () => void },
): void {
  run.turn(() => {
    if (run.state.ended !== undefined) return
    // a cancel ends what waits for a person, as a person's decision
    resolveStuck(run, 'give-up')
    const { cancelRequested, parked } = run.state
    // what is parked on its way to an end that was asked for is given up
    if (cancelRequested && parked === undefined) return
    if (!cancelRequested)
      run.record({ type: 'run.cancel-requested', ...(reason === undefined ? {} : { reason }) })
    for (const chain of run.chains.values()) chain.cancel()
    run.pump(() => {
      // the chains of a parked run are not alive
      for (const { key, status } of run.state.nodes.values()) {
        if (status === 'running' && !run.chains.has(key))
          run.record(endOf(key, { status: 'cancelled', ...left?.get(key) }))
      }
      graph.advance()
    })
  })
}

export function pauseRun(run: CommandedRun): void {
  run.turn(() => {
    if (!run.state.paused) run.record({ type: 'run.paused' })
  })
}

export function resumeRun(run: CommandedRun): void {
  run.turn(() => {
    if (!run.state.paused) return
    run.record({ type: 'run.resumed' })
    for (const chain of run.chains.values()) chain.resume()
  })
}
