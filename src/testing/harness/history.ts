// What a run did, by its journal: the states in which each of its machines was, for how long, and how it came there.

import type { AnyMachineSnapshot } from 'xstate'
import type { CompiledChain } from '../../definition/compiled-chain.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { isKept, stepInertly, watchFolds } from '../../journal/replay.ts'
import { type RunFold, applyEvent, beginRun, foldEvents } from '../../journal/replay-run.ts'
import { statesOf, transitionId, type Visited } from '../paths/visited.ts'

/** One chain of a run as its machine went. */
export interface ChainHistory {
  /** The chain's id. */
  readonly chain: string
  /** The active states by path, such as `fetch` and `fetch.running`; the last ones where it has ended. */
  states: readonly string[]
  /** For how long each state was active in all (ms). */
  readonly dwelt: Map<string, number>
  /** For how long attempts of each step waited for slots and the like in all (ms). */
  readonly queued: Map<string, number>
  /** Since when those that wait still do. */
  readonly queuedSince: Map<string, number>
  at: number
  ended: boolean
}

export interface History {
  /** By key: the chain's id, unless one chain runs with several inputs, or is called. */
  readonly chains: ReadonlyMap<string, ChainHistory>
  /** What was visited of each machine, by the id of its chain. */
  readonly visited: ReadonlyMap<string, Visited>
}

/** Folds a run's events, and notes what its machines go through; what a retry took back has happened all the same. */
export function historyOf(
  events: readonly JournalEvent[],
  findChain: (id: string) => CompiledChain | undefined,
  now: number,
): History {
  const chains = new Map<string, ChainHistory>()
  const visited = new Map<string, Visited>()
  const stops: (() => void)[] = []
  const find = ({ chain: id }: { readonly chain: string }): CompiledChain | undefined => {
    const compiled = findChain(id)
    if (compiled === undefined || compiled.spec.guest !== undefined || visited.has(id)) return compiled
    const of: Visited = { states: new Set(), transitions: new Set() }
    visited.set(id, of)
    stops.push(
      watchFolds(compiled.machine, ({ _transitions, snapshot }) => {
        for (const one of _transitions) of.transitions.add(transitionId(one))
        for (const state of statesOf(snapshot as AnyMachineSnapshot)) of.states.add(state)
      }),
    )
    return compiled
  }
  try {
    let fold: RunFold | undefined
    for (const [index, event] of events.entries()) {
      for (const one of chains.values()) passTo(one, event.at)
      if (fold === undefined) {
        if (event.type !== 'run.accepted') break
        fold = beginRun(event)
      } else if (event.type === 'run.retried') fold = foldEvents(events.slice(0, index + 1), find) as RunFold
      else {
        endByForce(fold, event, find)
        note(chains, fold, event, visited)
        applyEvent(fold, event, find)
      }
      note(chains, fold, event, visited)
    }
  } finally {
    for (const stop of stops) stop()
  }
  for (const one of chains.values()) passTo(one, now)
  return { chains, visited }
}

/** A chain that ended before its machine was cancelled: its end is all that the journal tells of that. */
function endByForce(
  { state, chains }: RunFold,
  event: JournalEvent,
  find: (node: { readonly chain: string }) => CompiledChain | undefined,
): void {
  if (event.type !== 'chain.ended') return
  const fold = chains.get(event.chain)
  const node = state.nodes.get(event.chain)
  const compiled = node === undefined ? undefined : find(node)
  if (fold === undefined || compiled === undefined || fold.guest !== undefined || isKept(fold)) return
  if (fold.snapshot.status !== 'active') return
  const { failure } = event
  fold.snapshot = stepInertly(compiled.machine, fold.snapshot, {
    type: 'cancel',
    ...(failure === undefined ? {} : { failure }),
  })
}

function passTo(chain: ChainHistory, at: number): void {
  if (!chain.ended) {
    for (const state of chain.states) add(chain.dwelt, state, at - chain.at)
    for (const [step] of chain.queuedSince) add(chain.queued, step, at - chain.at)
  }
  chain.at = at
}

function add(sums: Map<string, number>, key: string, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by)
}

function note(
  chains: Map<string, ChainHistory>,
  { state, chains: folds }: RunFold,
  event: JournalEvent,
  visited: ReadonlyMap<string, Visited>,
): void {
  for (const [key, { snapshot, guest }] of folds) {
    let chain = chains.get(key)
    if (chain === undefined) chains.set(key, (chain = begin(state.nodes.get(key)?.chain ?? key, event.at)))
    chain.ended = false
    if (guest !== undefined) continue
    chain.states = statesOf(snapshot)
    const of = visited.get(state.nodes.get(key)?.chain ?? '')
    for (const one of chain.states) of?.states.add(one)
  }
  const chain = 'chain' in event ? chains.get(event.chain) : undefined
  if (chain === undefined) return
  if (event.type === 'machine.advanced') chain.states = pathsOf(event.value)
  if (event.type === 'attempt.queued') chain.queuedSince.set(event.step, event.at)
  if (event.type === 'attempt.started') chain.queuedSince.delete(event.step)
  if (event.type === 'chain.ended') chain.ended = true
}

function begin(chain: string, at: number): ChainHistory {
  return { chain, states: [], dwelt: new Map(), queued: new Map(), queuedSince: new Map(), at, ended: false }
}

/** The paths of all states in a state value. */
function pathsOf(value: unknown, above = ''): readonly string[] {
  if (typeof value === 'string') return [above + value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [above + key, ...pathsOf(inner, `${above}${key}.`)])
}
