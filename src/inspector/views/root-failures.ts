// Where a run's failures began, and which of its chains each of them blocks.

import type { RunTimeline } from '../../observe/timeline.ts'
import type { RootFailureView } from '../protocol.ts'

/** Of an ended run as it was recorded; of one that stands still, from its chains. */
export function rootFailuresOf(timeline: RunTimeline): readonly RootFailureView[] {
  const { state, chains } = timeline
  const at = (chain: string): number => chains.get(chain)?.endedAt ?? timeline.at
  if (state.ended !== undefined)
    return state.ended.failures.map(({ chain, step, failure, blocked }) => ({
      run: state.run,
      chain,
      ...(step === undefined || step === '' ? {} : { step }),
      message: failure.message,
      at: at(chain),
      blocked,
    }))
  return [...state.nodes.values()].flatMap(({ key, status, failure, step, call }): RootFailureView[] => {
    if (status !== 'failed' || failure === undefined || call !== undefined) return []
    return [
      {
        run: state.run,
        chain: key,
        ...(step === undefined || step === '' ? {} : { step }),
        message: failure.message,
        at: at(key),
        blocked: blockedBy(timeline, key),
      },
    ]
  })
}

function blockedBy({ state }: RunTimeline, root: string): readonly string[] {
  const found = new Set<string>()
  const waiting = [root]
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop())
    for (const next of state.dependents.get(key) ?? []) {
      const status = state.nodes.get(next)?.status
      if (found.has(next) || (status !== 'upstream_failed' && status !== 'pending')) continue
      found.add(next)
      waiting.push(next)
    }
  return [...found]
}
