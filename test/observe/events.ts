// Events of one run, 100 ms apart, for tests of what is read off a journal.

import type { Fact, JournalEvent } from '../../src/journal/event.ts'
import type { PlanNode } from '../../src/journal/run-plan.ts'
import type { Failure } from '../../src/kernel/failure.ts'

/** The facts as events of the run `r`: the first at 0, each 100 ms after the last. */
export function events(...facts: readonly Fact[]): readonly JournalEvent[] {
  return facts.map((fact, index) => ({ ...fact, seq: index + 1, at: index * 100, run: 'r' }))
}

/** The acceptance of a run of these chains, each with what it needs. */
export function accepted(
  targets: readonly string[],
  chains: Readonly<Record<string, readonly string[]>>,
): Fact {
  const plan = Object.entries(chains).map(([key, needs]): PlanNode => {
    const edges = needs.map((need) => ({ name: need, key: need, kind: 'hard' as const }))
    return { key, chain: key, version: '1', needs: edges, rule: 'all_success' }
  })
  return { type: 'run.accepted', targets, plan, priority: 0, config: 0 }
}

export function failure(message: string): Failure {
  return { kind: 'thrown', message, retryable: true, name: 'Error' }
}
