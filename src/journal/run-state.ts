// The fold of a run's events into what its chains are at: which run, which ended and how, what was signalled.

import { decode } from '../kernel/codec.ts'
import type { Failure } from '../kernel/failure.ts'
import type {
  ChainStatus,
  JournalEvent,
  ParkReason,
  PastFailure,
  Payload,
  RootFailure,
  RunOutcome,
  RunTick,
} from './event.ts'
import type { PlanEdge, PlanNode } from './run-plan.ts'
import type { TrialArm } from './watch-fact.ts'

/** One chain of the run. `pending` waits for its upstreams or its turn. */
export interface NodeState {
  readonly key: string
  /** The chain's id. */
  readonly chain: string
  readonly version: string
  readonly needs: readonly PlanEdge[]
  readonly rule: string
  /** Ids of the services that must be ready when it starts. */
  readonly ready?: readonly string[]
  /** Whose step waits for it, where it was called rather than planned. */
  readonly call?: { readonly chain: string; readonly step: string; readonly item?: string }
  status: 'pending' | 'running' | ChainStatus
  input: Payload | undefined
  output: Payload | undefined
  /** When it must have ended (ms since the epoch). */
  readonly deadline?: number
  failure?: Failure
  step?: string
  /** The key under which its output is kept. */
  memo?: string
}

export interface Signal {
  readonly name: string
  readonly id: string
  readonly payload: Payload | undefined
  /** The one chain that it is for. */
  readonly to?: string
}

/** A run as its events tell it. Changed in place by `applyToRun`, which is its only writer. */
export interface RunState {
  readonly run: string
  readonly targets: readonly string[]
  /** Its output is by target. */
  readonly several: boolean
  readonly acceptedAt: number
  readonly priority: number
  readonly deadline: number | undefined
  readonly tick: RunTick | undefined
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly input: Payload | undefined
  /** What it runs under beside the config. */
  readonly arm?: TrialArm
  /** The run that it was forked from. */
  readonly origin?: { readonly run: string; readonly seq: number }
  readonly nodes: Map<string, NodeState>
  /** Who waits for a node: derived from the plan. */
  readonly dependents: Map<string, string[]>
  paused: boolean
  cancelRequested: boolean
  parked:
    | {
        readonly reason: ParkReason
        readonly detail: string
        readonly cure: string
        /** Earlier runs of the same input. */
        readonly failed?: readonly PastFailure[]
      }
    | undefined
  /** Received and not yet consumed, oldest first. */
  signals: Signal[]
  readonly signalIds: Set<string>
  ended:
    | { readonly status: RunOutcome; readonly failures: readonly RootFailure[]; readonly at: number }
    | undefined
  lastSeq: number
  /** Somebody wants it done anew: outputs that were made until then do not count (ms since the epoch). */
  freshAfter?: number
}

type Accepted = JournalEvent & { readonly type: 'run.accepted' }

/** The state right after acceptance. */
export function acceptRun(event: Accepted): RunState {
  const nodes = new Map<string, NodeState>()
  const dependents = new Map<string, string[]>()
  for (const node of event.plan) {
    nodes.set(node.key, nodeOf(node, event.payload))
    for (const edge of node.needs) {
      const list = dependents.get(edge.key)
      if (list === undefined) dependents.set(edge.key, [node.key])
      else list.push(node.key)
    }
  }
  return {
    run: event.run,
    targets: event.targets,
    several: event.several ?? event.targets.length > 1,
    acceptedAt: event.at,
    priority: event.priority,
    deadline: event.deadline,
    tick: event.tick,
    attributes: event.attributes ?? {},
    input: event.payload,
    ...(event.arm === undefined ? {} : { arm: event.arm }),
    ...(event.origin === undefined ? {} : { origin: event.origin, freshAfter: event.at }),
    nodes,
    dependents,
    paused: false,
    cancelRequested: false,
    parked: undefined,
    signals: [],
    signalIds: new Set(),
    ended: undefined,
    lastSeq: event.seq,
  }
}

/** Applies the next event; the events of chains' machines leave it as it is. */
export function applyToRun(state: RunState, event: JournalEvent): void {
  state.lastSeq = event.seq
  switch (event.type) {
    case 'chain.started':
      startNode(state, event)
      return
    case 'chain.ended': {
      const node = state.nodes.get(event.chain)
      if (node === undefined) return
      node.status = event.status
      node.output = event.payload
      if (event.failure !== undefined) node.failure = event.failure
      if (event.step !== undefined) node.step = event.step
      return
    }
    case 'run.paused':
      state.paused = true
      return
    case 'run.resumed':
      state.paused = false
      return
    case 'run.cancel-requested':
      state.cancelRequested = true
      return
    case 'run.parked':
      state.parked = {
        reason: event.reason,
        detail: event.detail,
        cure: event.cure,
        ...(event.failed === undefined ? {} : { failed: event.failed }),
      }
      return
    case 'run.unparked':
      state.parked = undefined
      return
    case 'run.retried':
      return retry(state, event)
    case 'run.ended':
      state.ended = { status: event.status, failures: event.failures, at: event.at }
      return
    case 'signal.received':
      state.signals.push({
        name: event.name,
        id: event.id,
        payload: event.payload,
        ...(event.to === undefined ? {} : { to: event.to }),
      })
      state.signalIds.add(event.id)
      return
    case 'signal.consumed':
      state.signals = state.signals.filter((signal) => signal.id !== event.id)
      return
    default:
  }
}

function retry(
  state: RunState,
  { at, back, from, payload }: JournalEvent & { readonly type: 'run.retried' },
): void {
  if (from !== undefined) state.freshAfter = at
  state.ended = undefined
  state.parked = undefined
  state.cancelRequested = false
  for (const { chain, to } of back) {
    const node = state.nodes.get(chain)
    if (node === undefined) continue
    node.status = to === 0 ? 'pending' : 'running'
    node.output = undefined
    delete node.failure
    delete node.step
    if (to === 0) delete node.memo
    // a called chain that has not begun is not there
    if (to === 0 && node.call !== undefined) state.nodes.delete(chain)
  }
  if (payload !== undefined) state.signals = [...(decode(payload) as readonly Signal[]), ...state.signals]
}

function nodeOf(node: PlanNode, runInput: Payload | undefined): NodeState {
  return {
    key: node.key,
    chain: node.chain,
    version: node.version,
    needs: node.needs,
    rule: node.rule,
    ...(node.ready === undefined ? {} : { ready: node.ready }),
    status: 'pending',
    input: node.noInput === true ? undefined : (node.input ?? runInput),
    output: undefined,
    ...(node.deadline === undefined ? {} : { deadline: node.deadline }),
  }
}

function startNode(state: RunState, event: JournalEvent & { readonly type: 'chain.started' }): void {
  const planned = state.nodes.get(event.chain)
  if (planned !== undefined) {
    planned.status = 'running'
    if (event.memo !== undefined) planned.memo = event.memo
    return
  }
  state.nodes.set(event.chain, {
    key: event.chain,
    chain: event.of ?? event.chain,
    version: event.version ?? '',
    needs: [],
    rule: 'all_success',
    ...(event.call === undefined ? {} : { call: event.call }),
    ...(event.deadline === undefined ? {} : { deadline: event.deadline }),
    status: 'running',
    input: event.payload,
    output: undefined,
  })
}
