// Whether a run rests: nothing in it is queued or in flight, and only time, a signal or a command moves it.

import type { RunState } from '../../journal/run-state.ts'
import type { LiveChain } from '../chains/chain-parent.ts'
import type { RunGraph } from './run-graph.ts'
import type { Services } from '../services.ts'

export interface Rest {
  /** When time moves it (ms since the epoch); null where only a signal or a command does. */
  readonly wakeAt: number | null
}

interface Restless {
  readonly state: RunState
  readonly chains: ReadonlyMap<string, LiveChain>
  readonly services: Pick<Services, 'clock' | 'config'>
}

/**
 * @param deadline when the next of its chains must have ended.
 * @returns what a run waits for in which no chain is at work; undefined where it has ended, or something soon moves it.
 */
export function restOf(
  { state, chains, services }: Restless,
  graph: RunGraph,
  deadline = Infinity,
): Rest | undefined {
  if (state.ended !== undefined || graph.waits) return undefined
  let soonest = deadline
  for (const chain of chains.values()) for (const due of chain.dues()) soonest = Math.min(soonest, due)
  // waits keep their deadlines while a run is paused, but the store wakes only those that wait
  if ((state.paused || state.parked !== undefined) && soonest !== Infinity) return undefined
  const { clock, config } = services
  if (soonest !== Infinity && soonest - clock.now() <= config.current.hibernateAfter) return undefined
  return { wakeAt: soonest === Infinity ? null : soonest }
}
