// Decides what a run does next: which chains start, which are skipped or blocked, when the run has ended. Pure.

import {
  isTriggerRule,
  type Tally,
  type TriggerPredicate,
  type Verdict,
  verdictOf,
  verdictOfAnswer,
} from '../../machines/trigger-rules.ts'
import { arrivalOf } from '../journal/arrival.ts'
import type { ChainStatus, RootFailure, RunOutcome } from '../journal/event.ts'
import type { NodeState, RunState } from '../journal/run-state.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'
import { Arrivals, isSettled } from './arrivals.ts'
import { atOnce } from '../execution/at-once.ts'

/** What the engine is to do; each becomes facts in the same turn. */
export type Command =
  /** To be done only if the chain is still pending: an earlier command of the same list may have settled it. */
  | { readonly do: 'start'; readonly key: string }
  /** The chain never begins. */
  | {
      readonly do: 'settle'
      readonly key: string
      readonly status: 'skipped' | 'upstream_failed' | 'cancelled' | 'failed'
      /** Where the author's own rule threw. */
      readonly failure?: Failure
    }
  /** Nobody needs the running chain any more. */
  | { readonly do: 'cancel'; readonly key: string }
  | { readonly do: 'end'; readonly status: RunOutcome; readonly failures: readonly RootFailure[] }

/** Finds the rule that a chain's author wrote; its answer is recorded as what then starts or ends. */
export type Rules = (chain: string) => TriggerPredicate | undefined

/**
 * What follows now that the chain `settled` has ended, or, without it, now that the run begins or is recovered.
 * Looks only at what that chain touches, so that a large graph costs no more per chain than a small one.
 *
 * @param arrivals kept up by whoever changes the state. Default derived from it.
 */
export function advance(
  state: RunState,
  rules: Rules,
  settled?: string,
  arrivals: Arrivals = new Arrivals(state.nodes),
): readonly Command[] {
  if (state.ended !== undefined) return []
  const commands: Command[] = []
  const graph = { state, rules, arrivals }
  if (settled === undefined) {
    for (const node of state.nodes.values()) judge(graph, node, commands)
  } else {
    for (const key of state.dependents.get(settled) ?? []) {
      const node = state.nodes.get(key)
      if (node !== undefined) judge(graph, node, commands)
    }
    releaseUpstreams(graph, settled, commands)
  }
  if (commands.length === 0 && arrivals.settled) commands.push(conclude(state))
  return commands
}

interface Graph {
  readonly state: RunState
  readonly rules: Rules
  readonly arrivals: Arrivals
}

function judge(graph: Graph, node: NodeState, commands: Command[]): void {
  if (node.status !== 'pending' || node.call !== undefined) return
  const { key } = node
  if (graph.state.cancelRequested) {
    commands.push({ do: 'settle', key, status: 'cancelled' })
    return
  }
  try {
    const answer = verdictOn(graph, node)
    if (answer === 'run' && (graph.arrivals.of(key)?.soft ?? 0) === 0) commands.push({ do: 'start', key })
    if (answer === 'skip') commands.push({ do: 'settle', key, status: 'skipped' })
    if (answer === 'upstream_failed') commands.push({ do: 'settle', key, status: 'upstream_failed' })
  } catch (error) {
    const failure = { ...failureOf(error), retryable: false }
    commands.push({ do: 'settle', key, status: 'failed', failure })
  }
}

function verdictOn({ state, rules, arrivals }: Graph, { key, rule, chain, needs }: NodeState): Verdict {
  const tally = arrivals.of(key)?.hard ?? nobody
  if (isTriggerRule(rule)) return verdictOf(rule, tally)
  const predicate = rules(chain)
  if (predicate === undefined) throw new TypeError(`chain "${chain}" has no rule "${rule}"`)
  const hard = needs.filter(({ kind }) => kind === 'hard')
  const upstreams = hard.map((edge) => [edge.name, arrivalOf(state.nodes.get(edge.key))] as const)
  return verdictOfAnswer(atOnce(predicate(Object.fromEntries(upstreams)), `when of chain "${chain}"`), tally)
}

const nobody: Tally = { pending: 0, success: 0, failed: 0, skipped: 0, upstream_failed: 0 }

/** After an early verdict, an upstream that nobody waits for any more is not worth finishing. */
function releaseUpstreams({ state, arrivals }: Graph, settled: string, commands: Command[]): void {
  const node = state.nodes.get(settled)
  if (node === undefined || node.status === 'succeeded') return
  for (const { key } of node.needs) {
    const upstream = state.nodes.get(key)
    if (upstream === undefined || isSettled(upstream)) continue
    if (arrivals.wanted(key) || state.targets.includes(key)) continue
    commands.push(
      upstream.status === 'running' ? { do: 'cancel', key } : { do: 'settle', key, status: 'cancelled' },
    )
  }
}

function conclude(state: RunState): Command {
  const targets = state.targets.map((key) => state.nodes.get(key)?.status as ChainStatus)
  const broken = targets.some((status) => status === 'failed' || status === 'upstream_failed')
  const status = state.cancelRequested
    ? 'cancelled'
    : broken
      ? 'failed'
      : targets.includes('cancelled')
        ? 'cancelled'
        : 'succeeded'
  return { do: 'end', status, failures: rootFailures(state) }
}

/** Every failure that began in the run rather than followed from another, with what each blocked. */
export function rootFailures(state: RunState): readonly RootFailure[] {
  const roots: RootFailure[] = []
  for (const node of state.nodes.values()) {
    if (node.status !== 'failed' || node.failure === undefined || node.call !== undefined) continue
    roots.push({
      chain: node.key,
      ...(node.step === undefined ? {} : { step: node.step }),
      failure: node.failure,
      blocked: blockedBy(state, node.key),
    })
  }
  return roots
}

function blockedBy(state: RunState, root: string): readonly string[] {
  const blocked = new Set<string>()
  const open = [root]
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    for (const next of state.dependents.get(key) ?? []) {
      if (blocked.has(next) || state.nodes.get(next)?.status !== 'upstream_failed') continue
      blocked.add(next)
      open.push(next)
    }
  }
  return [...blocked]
}
