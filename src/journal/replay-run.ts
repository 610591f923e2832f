// Replays a whole run: the state of its graph, and the machine of every chain in it that began and has not ended.

import type { ChainInput, ChainOutcome, CompiledChain } from '../definition/compiled-chain.ts'
import { decode } from '../kernel/codec.ts'
import type { AttemptId, JournalEvent } from './event.ts'
import { guestFold } from './guest-fold.ts'
import { noteStarted } from './started.ts'
import { type ChainFold, type Divergence, applyToChain, beginFold, endCall, isKept } from './replay.ts'
import { discounted, isRewound } from './rewound.ts'
import { type NodeState, type RunState, acceptRun, applyToRun } from './run-state.ts'

export interface RunFold {
  readonly state: RunState
  readonly chains: Map<string, ChainFold>
  divergence: Divergence | undefined
  /** `seq` of the last attempt that succeeded. */
  progress: number
  /** `seq` of the last event that was copied as it was forked: what was lost before was lost by another run. */
  readonly copiedTo: number
  /** How often each attempt was lost since the run last got on, by chain, step and item. */
  readonly losses: Map<string, { readonly times: number; readonly seq: number }>
}

/** Finds the chain that a node runs; undefined where none of that id is registered. */
export type FindChain = (node: Pick<NodeState, 'chain' | 'version'>) => CompiledChain | undefined

/** The state right after acceptance. */
export function beginRun(event: JournalEvent & { readonly type: 'run.accepted' }): RunFold {
  return foldOver(acceptRun(event), new Map(), event.seq + (event.origin?.copied ?? 0))
}

/** The fold of a run whose state and chains are known. */
export function foldOver(state: RunState, chains: Map<string, ChainFold>, copiedTo = 0): RunFold {
  return { state, chains, divergence: undefined, progress: 0, losses: new Map(), copiedTo }
}

/**
 * Counts a lost attempt. A run that gets on between two losses is not held up by them: only what is lost again and
 * again with nothing done in between is likely to be what kills its host.
 * @returns how often it was lost in a row.
 */
export function countLoss(
  fold: RunFold,
  { chain, step, item }: Omit<AttemptId, 'attempt'>,
  seq: number,
): number {
  const key = JSON.stringify([chain, step, item])
  const before = fold.losses.get(key)
  const times = before === undefined || before.seq < fold.progress ? 1 : before.times + 1
  fold.losses.set(key, { times, seq })
  return times
}

/** Folds a run from its first event, retries included; undefined where that is not its acceptance. */
export function foldEvents(events: readonly JournalEvent[], find: FindChain): RunFold | undefined {
  const dead = isRewound(events) ? discounted(events) : []
  let fold: RunFold | undefined
  for (const [index, event] of events.entries()) {
    if (fold === undefined) {
      if (event.type !== 'run.accepted') return undefined
      fold = beginRun(event)
    } else if (dead[index] === true) applyToRun(fold.state, event)
    else applyEvent(fold, event, find)
  }
  return fold
}

/**
 * Applies the next event; after a divergence, events change the graph but no machine. A retry changes which of the
 * events before it count: the run must be folded anew, see `foldEvents`.
 */
export function applyEvent(fold: RunFold, event: JournalEvent, find: FindChain): void {
  const { state, chains } = fold
  applyToRun(state, event)
  if (event.type === 'run.retried') fold.losses.clear()
  if (event.type === 'attempt.succeeded') fold.progress = event.seq
  if (event.type === 'attempt.lost' && event.seq > fold.copiedTo) countLoss(fold, event, event.seq)
  if (fold.divergence !== undefined || !('chain' in event)) return
  noteStarted((key) => chains.get(key)?.started, state.nodes, event)
  if (event.type === 'chain.started') {
    const node = state.nodes.get(event.chain) as NodeState
    const chain = find(node)
    if (chain === undefined) {
      fold.divergence = { seq: event.seq, type: event.type, detail: `no chain "${node.chain}" is registered` }
      return
    }
    const begun =
      chain.spec.guest === undefined
        ? beginFold(chain, chainInput(state, node))
        : guestFold(chain.machine, undefined)
    chains.set(event.chain, begun)
    if (event.call !== undefined)
      diverged(fold, chainOf(fold, event.call.chain, find), event, event.call.chain)
    return
  }
  if (event.type === 'chain.ended') {
    const ended = chains.get(event.chain)
    if (ended !== undefined && !isKept(ended)) forget(fold, event.chain)
    const call = state.nodes.get(event.chain)?.call
    const caller = call === undefined ? undefined : chains.get(call.chain)
    if (call === undefined || caller === undefined) return
    const machine = chainOf(fold, call.chain, find)
    if (machine !== undefined) endCall(machine.machine, caller, call, outcomeOf(event))
    return
  }
  if (event.type === 'chain.undone') return forget(fold, event.chain)
  diverged(fold, chainOf(fold, event.chain, find), event, event.chain)
}

/** A chain that is over, with all that was kept for it alone. */
function forget({ chains, state }: RunFold, key: string): void {
  const started = chains.get(key)?.started
  chains.delete(key)
  if (started?.calls === true) for (const kept of keptFor(key, state, chains)) chains.delete(kept)
}

/** The chains that were called by a chain, or by one that it called, and are kept in case that is undone. */
export function keptFor(
  key: string,
  { nodes }: Pick<RunState, 'nodes'>,
  chains: { has(key: string): boolean },
): readonly string[] {
  const kept: string[] = []
  const callers = new Set([key])
  // a callee is in the run's nodes after its caller
  for (const node of nodes.values()) {
    if (node.call === undefined || !callers.has(node.call.chain)) continue
    callers.add(node.key)
    if (node.status === 'succeeded' && chains.has(node.key)) kept.push(node.key)
  }
  return kept
}

/** What a chain starts from: its input, and what its upstreams returned. */
export function chainInput(state: RunState, node: NodeState): ChainInput {
  const input = node.input === undefined ? undefined : decode(node.input)
  if (node.call !== undefined) return { input, called: true }
  if (node.needs.length === 0) return { input }
  const needs: Record<string, unknown> = {}
  for (const edge of node.needs) {
    if (edge.kind === 'order') continue
    const upstream = state.nodes.get(edge.key)
    if (upstream === undefined) continue
    needs[edge.name] =
      edge.kind === 'hard' && node.rule !== 'all_success' ? settledOf(upstream) : outputOf(upstream)
  }
  return { input, needs }
}

/** What a chain that ended returned. */
export function outputOf(node: NodeState): unknown {
  return node.status === 'succeeded' && node.output !== undefined ? decode(node.output) : undefined
}

function settledOf(node: NodeState): unknown {
  if (node.status === 'succeeded') return { status: 'succeeded', output: outputOf(node) }
  if (node.status === 'failed') return { status: 'failed', failure: node.failure }
  return { status: node.status }
}

/** How a chain ended, from its event. */
export function outcomeOf(event: JournalEvent & { readonly type: 'chain.ended' }): ChainOutcome {
  if (event.status === 'succeeded') {
    return { status: 'succeeded', output: event.payload === undefined ? undefined : decode(event.payload) }
  }
  if (event.status === 'failed' && event.failure !== undefined) {
    return { status: 'failed', failure: event.failure, step: event.step ?? '' }
  }
  return { status: 'cancelled' }
}

function chainOf({ state }: RunFold, key: string, find: FindChain): CompiledChain | undefined {
  const node = state.nodes.get(key)
  return node === undefined ? undefined : find(node)
}

function diverged(fold: RunFold, chain: CompiledChain | undefined, event: JournalEvent, key: string): void {
  const at = fold.chains.get(key)
  if (at === undefined || chain === undefined) return
  fold.divergence = applyToChain(chain.machine, at, event)
}
