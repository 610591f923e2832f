// A run as people look at it: its graph's state, and when each chain and step of it began, was tried and ended.

import type { JournalEvent, MemoOrigin } from '../journal/event.ts'
import { type NodeState, type RunState, acceptRun, applyToRun } from '../journal/run-state.ts'
import { counting, ownerOf } from '../journal/rewound.ts'
import { type StepTimeline, applyCall, applyToStep, beginStep } from './step-timeline.ts'

export interface ChainTimeline {
  readonly node: NodeState
  startedAt: number | undefined
  endedAt: number | undefined
  /** When it last came forward: since when it waits, where it waits. */
  movedAt: number
  /** Where a user's own machine is: XState's state value. */
  machine: unknown
  /** When the first of its delays is due (ms since the epoch). */
  due: number | undefined
  /** What it waits for before it begins: `memo:` and a run. */
  waitsFor: string | undefined
  /** The run that had made its output. */
  memo: MemoOrigin | undefined
  /** By name, in the order in which they began. */
  readonly steps: Map<string, StepTimeline>
}

/** Read from the journal alone: whoever watches needs no chain's code. */
export interface RunTimeline {
  readonly state: RunState
  readonly chains: Map<string, ChainTimeline>
  /** When its latest event was recorded. */
  at: number
  pausedAt: number | undefined
  cancelledAt: number | undefined
  parkedAt: number | undefined
  /** How often it was retried. */
  retries: number
  retriedAt: number | undefined
  /** What its chains did, as far as it still counts: a retry takes some of it back. */
  history: readonly JournalEvent[]
}

export function beginTimeline(event: JournalEvent & { readonly type: 'run.accepted' }): RunTimeline {
  const state = acceptRun(event)
  const timeline: RunTimeline = {
    state,
    chains: new Map(),
    at: event.at,
    pausedAt: undefined,
    cancelledAt: undefined,
    parkedAt: undefined,
    retries: 0,
    retriedAt: undefined,
    history: [],
  }
  for (const node of state.nodes.values()) timeline.chains.set(node.key, chainOf(node, event.at))
  return timeline
}

/** The timeline of a run's events, in order; undefined where they do not begin with its acceptance. */
export function timelineOf(events: Iterable<JournalEvent>): RunTimeline | undefined {
  let timeline: RunTimeline | undefined
  for (const event of events) {
    if (timeline !== undefined) applyToTimeline(timeline, event)
    else if (event.type === 'run.accepted') timeline = beginTimeline(event)
    else return undefined
  }
  return timeline
}

/** Applies the next event of the run. */
export function applyToTimeline(timeline: RunTimeline, event: JournalEvent): void {
  const { state } = timeline
  applyToRun(state, event)
  timeline.at = event.at
  if (event.type === 'run.paused') timeline.pausedAt = event.at
  if (event.type === 'run.cancel-requested') timeline.cancelledAt = event.at
  if (event.type === 'run.parked') timeline.parkedAt = event.at
  if (event.type === 'run.retried') return takeBack(timeline, event)
  if (!('chain' in event)) return
  ;(timeline.history as JournalEvent[]).push(event)
  applyToChain(timeline, event)
}

/** What the chains did and no longer counts is forgotten. */
function takeBack(timeline: RunTimeline, event: JournalEvent & { readonly type: 'run.retried' }): void {
  const { state, chains } = timeline
  timeline.retries++
  timeline.retriedAt = event.at
  timeline.pausedAt = state.paused ? timeline.pausedAt : undefined
  timeline.history = counting([...timeline.history, event]).filter(({ type }) => type !== 'run.retried')
  chains.clear()
  for (const node of state.nodes.values())
    if (node.call === undefined) chains.set(node.key, chainOf(node, event.at))
  for (const one of timeline.history) applyToChain(timeline, one as ChainEvent)
  for (const chain of chains.values()) if (chain.node.status === 'running') chain.movedAt = event.at
}

type ChainEvent = Extract<JournalEvent, { readonly chain: string }>

function applyToChain({ state, chains }: RunTimeline, event: ChainEvent): void {
  const node = state.nodes.get(event.chain)
  if (node === undefined) return
  let chain = chains.get(event.chain)
  if (chain === undefined) chains.set(event.chain, (chain = chainOf(node, event.at)))
  const before = chain.movedAt
  chain.movedAt = event.at
  chain.waitsFor = event.type === 'chain.queued' ? event.waitsFor : undefined
  if (event.type === 'machine.advanced') {
    chain.machine = event.value
    chain.due = event.due
  }
  if (event.type === 'chain.started' || event.type === 'chain.ended') {
    if (event.type === 'chain.started') chain.startedAt = event.at
    else endChain(chain, event)
    const caller = node.call === undefined ? undefined : chains.get(node.call.chain)
    if (caller === undefined || node.call === undefined) return
    caller.movedAt = event.at
    applyCall(stepOf(caller, node.call.step, event.at), node.call.item, event)
  } else if ('step' in event) {
    // nothing tells that a wait begins: it began when the chain came to it
    const began = event.type === 'signal.consumed' ? before : event.at
    applyToStep(stepOf(chain, ownerOf(event.step), began), event)
  }
}

/** Its chains as they began, then those that have not. */
export function chainsInOrder({ chains }: RunTimeline): readonly ChainTimeline[] {
  return [...chains.values()].toSorted((a, b) => (a.startedAt ?? Infinity) - (b.startedAt ?? Infinity) || 0)
}

function chainOf(node: NodeState, at: number): ChainTimeline {
  return {
    node,
    startedAt: undefined,
    endedAt: undefined,
    movedAt: at,
    machine: undefined,
    due: undefined,
    waitsFor: undefined,
    memo: undefined,
    steps: new Map(),
  }
}

function stepOf({ steps }: ChainTimeline, name: string, at: number): StepTimeline {
  let step = steps.get(name)
  if (step === undefined) steps.set(name, (step = beginStep(name, at)))
  return step
}

function endChain(chain: ChainTimeline, event: JournalEvent & { readonly type: 'chain.ended' }): void {
  chain.endedAt = event.at
  chain.memo = event.memo
  for (const step of chain.steps.values()) {
    step.open.clear()
    step.endedAt ??= event.at
  }
  const culprit = event.step === undefined ? undefined : chain.steps.get(event.step)
  if (culprit === undefined || event.status !== 'failed') return
  culprit.outcome = 'failed'
  culprit.failure ??= event.failure
}
