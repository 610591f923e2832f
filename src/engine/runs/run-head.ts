// The head of a run: the row by which it is found without reading its events.

import type { RunState } from '../../journal/run-state.ts'
import type { RunHead, RunStatus } from '../../journal/store.ts'

/**
 * @param waits what moves the run from outside: the time it wakes at, where it rests, and signals.
 * @param before the last one: its targets are the same, and may be thousands.
 */
export function headOf(
  state: RunState,
  status: RunStatus,
  waits: { readonly wakeAt: number | null; readonly signals: string },
  before: RunHead | undefined,
): RunHead {
  const { ended } = state
  return {
    run: state.run,
    chain: before?.chain ?? state.targets.join(','),
    status,
    priority: state.priority,
    acceptedAt: state.acceptedAt,
    endedAt: ended?.at ?? null,
    wakeAt: ended === undefined ? waits.wakeAt : null,
    signals: ended === undefined ? waits.signals : '',
    attributes: JSON.stringify(state.attributes),
  }
}

export function sameHead(a: RunHead, b: RunHead): boolean {
  return a.status === b.status && a.wakeAt === b.wakeAt && a.signals === b.signals
}

/** @param idle nothing in it is queued or in flight. */
export function statusOf(state: RunState, idle: boolean): RunStatus {
  if (state.ended !== undefined) return state.ended.status
  if (state.parked !== undefined) return state.parked.reason
  if (state.paused) return 'paused'
  return idle ? 'waiting' : 'running'
}
