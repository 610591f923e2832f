// When the dependencies of a run's chains sufficed, by the trigger rules.

import { isTriggerRule, type UpstreamState, verdict } from '../../machines/trigger-rules.ts'
import { arrivalOf } from '../journal/arrival.ts'
import type { PlanEdge } from '../journal/run-plan.ts'
import type { ChainRecord } from './chain-record.ts'
import type { RunRecord } from './run-record.ts'

type Chains = Pick<RunRecord, 'chains' | 'dependents'>

/** The run has been accepted, or retried. */
export function begin({ chains }: Chains, at: number): void {
  for (const chain of chains.values()) {
    chain.going.awaits = chain.needs.filter((edge) => arrivalOf(chains.get(edge.key)) === 'pending').length
    judge(chains, chain, at)
  }
}

/** The chain `key` has ended. */
export function arrive({ chains, dependents }: Chains, key: string, at: number): void {
  for (const waiting of dependents.get(key) ?? []) {
    const chain = chains.get(waiting)
    if (chain === undefined) continue
    chain.going.awaits--
    judge(chains, chain, at)
  }
}

/** An author's own rule is known only by what follows: until then it counts as one that waits for all. */
function judge(chains: Chains['chains'], chain: ChainRecord, at: number): void {
  const { status, readyAt, call, rule, needs, going } = chain
  if (status !== 'pending' || readyAt !== undefined || call !== undefined) return
  if (going.awaits > 0 && !rule.startsWith('one_') && rule !== 'always') return
  const states = (wanted: boolean): readonly UpstreamState[] =>
    needs.flatMap((edge) => (isHard(edge) === wanted ? [arrivalOf(chains.get(edge.key))] : []))
  if (going.awaits > 0 && states(false).includes('pending')) return
  if (!isTriggerRule(rule) || verdict(rule, states(true)) === 'run') chain.readyAt = at
}

const isHard = ({ kind }: PlanEdge): boolean => kind === 'hard'
