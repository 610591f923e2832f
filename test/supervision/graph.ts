// Small runs for the tests of `advance`: a graph by names, and the facts that move it.

import type { TriggerRule } from '../../machines/trigger-rules.ts'
import type { EdgeKind } from '../../src/definition/spec.ts'
import type { ChainStatus } from '../../src/journal/event.ts'
import { type RunState, acceptRun, applyToRun } from '../../src/journal/run-state.ts'

export type { ChainStatus, EdgeKind }

type Needs = readonly (string | readonly [string, EdgeKind])[]

/** A run of the graph: what each chain needs, by kind where it is not a hard need. */
export function acceptGraph(
  graph: Readonly<Record<string, Needs>>,
  targets: readonly string[],
  rules: Readonly<Record<string, TriggerRule | 'custom'>> = {},
): RunState {
  return acceptRun({
    type: 'run.accepted',
    seq: 1,
    at: 0,
    run: 'r',
    targets,
    priority: 0,
    config: 0,
    plan: Object.entries(graph).map(([key, needs]) => ({
      key,
      chain: key,
      version: '1',
      rule: rules[key] ?? 'all_success',
      needs: needs.map((need) => {
        const [of, kind] = typeof need === 'string' ? ([need, 'hard'] as const) : need
        return { name: of, key: of, kind }
      }),
    })),
  })
}

export function startNode(state: RunState, chain: string): void {
  applyToRun(state, { type: 'chain.started', chain, seq: 2, at: 0, run: 'r' })
}

export function endNode(state: RunState, chain: string, status: ChainStatus): void {
  const failure =
    status === 'failed' ? { failure: { kind: 'thrown', message: 'no', retryable: true } as const } : {}
  applyToRun(state, { type: 'chain.ended', chain, status, ...failure, seq: 3, at: 0, run: 'r' })
}
