// How a chain counts for those that wait for it.

import type { UpstreamState } from '../../machines/trigger-rules.ts'
import type { NodeState } from './run-state.ts'

const states: Readonly<Record<NodeState['status'], UpstreamState>> = {
  pending: 'pending',
  running: 'pending',
  succeeded: 'success',
  failed: 'failed',
  cancelled: 'failed',
  skipped: 'skipped',
  upstream_failed: 'upstream_failed',
}

/** How an upstream stands, for whoever waits for it. One that is not there never arrives. */
export function arrivalOf(upstream: Pick<NodeState, 'status'> | undefined): UpstreamState {
  return upstream === undefined ? 'pending' : states[upstream.status]
}
