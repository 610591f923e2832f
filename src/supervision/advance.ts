// Decides what a run does next: which chains start, which are skipped or blocked, when the run has ended. Pure.

import {
  isTriggerRule,
  tallyOf,
  type TriggerPredicate,
  type UpstreamState,
  type Verdict,
  verdict,
  verdictOfAnswer,
} from '../../machines/trigger-rules.ts'
import type { ChainStatus, RootFailure, RunOutcome } from '../journal/event.ts'
import type { NodeState, RunState } from '../journal/run-state.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'

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

const states: Readonly<Record<NodeState['status'], UpstreamState>> = {
  pending: 'pending',
  running: 'pending',
  succeeded: 'success',
  failed: 'failed',
  cancelled: 'failed',
  skipped: 'skipped',
  upstream_failed: 'upstream_failed',
}

/** Finds the rule that a chain's author wrote; its answer is recorded as what then starts or ends. */
export type Rules = (chain: string) => TriggerPredicate | undefined

/**
 * What follows now that the chain `settled` has ended, or, without it, now that the run begins or is recovered.
 * Looks only at what that chain touches, so that a large graph costs no more per chain than a small one.
 */
export function advance(state: RunState, rules: Rules, settled?: string): readonly Command[] {
  if (state.ended !== undefined) return []
  const commands: Command[] = []
  if (settled === undefined) {
    for (const node of state.nodes.values()) judge(state, node, rules, commands)
  } else {
    for (const key of state.dependents.get(settled) ?? []) {
      const node = state.nodes.get(key)
      if (node !== undefined) judge(state, node, rules, commands)
    }
    releaseUpstreams(state, settled, commands)
  }
  if (commands.length === 0 && allSettled(state)) commands.push(conclude(state))
  return commands
}

function judge(state: RunState, node: NodeState, rules: Rules, commands: Command[]): void {
  if (node.status !== 'pending' || node.call !== undefined) return
  if (state.cancelRequested) {
    commands.push({ do: 'settle', key: node.key, status: 'cancelled' })
    return
  }
  const hard: [name: string, state: UpstreamState][] = []
  let softReady = true
  for (const edge of node.needs) {
    const upstream = state.nodes.get(edge.key)
    const at = upstream === undefined ? 'pending' : states[upstream.status]
    if (edge.kind === 'hard' || edge.kind === 'ready') hard.push([edge.name, at])
    else if (at === 'pending') softReady = false
  }
  try {
    const answer = verdictOn(node, hard, rules)
    if (answer === 'run' && softReady) commands.push({ do: 'start', key: node.key })
    if (answer === 'skip') commands.push({ do: 'settle', key: node.key, status: 'skipped' })
    if (answer === 'upstream_failed')
      commands.push({ do: 'settle', key: node.key, status: 'upstream_failed' })
  } catch (error) {
    commands.push({
      do: 'settle',
      key: node.key,
      status: 'failed',
      failure: { ...failureOf(error), retryable: false },
    })
  }
}

function verdictOn(
  { rule, chain }: NodeState,
  hard: readonly (readonly [name: string, state: UpstreamState])[],
  rules: Rules,
): Verdict {
  const upstreams = hard.map(([, at]) => at)
  if (isTriggerRule(rule)) return verdict(rule, upstreams)
  const predicate = rules(chain)
  if (predicate === undefined) throw new TypeError(`chain "${chain}" has no rule "${rule}"`)
  return verdictOfAnswer(predicate(Object.fromEntries(hard)), tallyOf(upstreams))
}

/** After an early verdict, an upstream that nobody waits for any more is not worth finishing. */
function releaseUpstreams(state: RunState, settled: string, commands: Command[]): void {
  const node = state.nodes.get(settled)
  if (node === undefined || node.status === 'succeeded') return
  for (const edge of node.needs) {
    const upstream = state.nodes.get(edge.key)
    if (upstream === undefined || (upstream.status !== 'pending' && upstream.status !== 'running')) continue
    if (state.targets.includes(upstream.key)) continue
    const wanted = (state.dependents.get(upstream.key) ?? []).some((key) => {
      const status = state.nodes.get(key)?.status
      return status === 'pending' || status === 'running'
    })
    if (wanted) continue
    commands.push(
      upstream.status === 'running'
        ? { do: 'cancel', key: upstream.key }
        : { do: 'settle', key: upstream.key, status: 'cancelled' },
    )
  }
}

function allSettled(state: RunState): boolean {
  for (const node of state.nodes.values()) {
    if (node.status === 'pending' || node.status === 'running') return false
  }
  return true
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
