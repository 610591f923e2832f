// How a live run stands when a turn ends: its head, what it rests on, its snapshot, and who must be told.

import type { RunState } from '../../journal/run-state.ts'
import type { RunHead, Snapshot } from '../../journal/store.ts'
import type { LiveChain } from '../chains/chain-parent.ts'
import type { LiveRun } from './live-run.ts'
import type { RunGraph } from './run-graph.ts'
import { headOf, sameHead, statusOf } from './run-head.ts'
import { restOf } from './run-rest.ts'
import type { RunSignals } from './run-signals.ts'
import { snapshotOf } from './run-snapshot.ts'
import type { TurnEnd } from './turns.ts'

export interface RunWatcher {
  /** The run's end is durable. */
  ended(state: RunState): void
  /** It stands still until a person acts, and that is durable. */
  parked(state: RunState): void
  /** Nothing but time, a signal or a command moves it, and that is durable: it may leave memory. */
  idle(run: LiveRun, wakeAt: number | null): void
  /** Something threw: what is in memory is no longer what is recorded. */
  crashed(run: LiveRun, error: unknown): void
}

export class RunStanding {
  readonly #run: LiveRun
  readonly #graph: RunGraph
  readonly #signals: RunSignals
  readonly #watcher: RunWatcher
  #head: RunHead | undefined
  #last: LiveChain | undefined
  #round: Iterable<LiveChain> | undefined

  constructor(run: LiveRun, graph: RunGraph, signals: RunSignals, watcher: RunWatcher) {
    this.#run = run
    this.#graph = graph
    this.#signals = signals
    this.#watcher = watcher
  }

  endTurn(): TurnEnd {
    const { state } = this.#run
    const rest = this.#atWork() ? undefined : restOf(this.#run, this.#graph, this.#run.deadline)
    const idle = rest !== undefined
    const status = statusOf(state, idle)
    const signals = this.#signals.awaited
    if (!idle && state.ended === undefined && this.#head?.status === status && this.#head.signals === signals)
      return { ...unchanged, committed: unwatched }
    const next = headOf(state, status, { wakeAt: rest?.wakeAt ?? null, signals }, this.#head)
    const changed = this.#head === undefined || !sameHead(this.#head, next)
    this.#head = next
    return {
      head: changed ? next : undefined,
      snapshot:
        idle && !state.paused && state.parked === undefined ? (seq) => this.#snapshot(seq) : undefined,
      committed: (last) => {
        if (!last) return
        if (state.parked !== undefined) this.#watcher.parked(state)
        if (state.ended !== undefined) this.#watcher.ended(state)
        else if (idle) this.#watcher.idle(this.#run, next.wakeAt)
      },
    }
  }

  /** The run leaves memory: its chains are let go of. */
  detach(): void {
    this.#last = undefined
    this.#round = undefined
  }

  /** Looks where it found one at work last, and then round from there: not at all chains in every turn. */
  #atWork(): boolean {
    const { state, chains } = this.#run
    // what is only queued does nothing while the run is paused
    const works = (chain: LiveChain): boolean => (state.paused ? chain.inFlight > 0 : chain.busy > 0)
    const last = this.#last
    if (last !== undefined && chains.get(last.key) === last && works(last)) return true
    for (let rounds = 0; rounds < 2; rounds++) {
      for (const chain of this.#round ?? []) {
        if (!works(chain)) continue
        this.#last = chain
        return true
      }
      this.#round = chains.values()
    }
    this.#last = undefined
    return false
  }

  /** Only a cache: a run without one is folded from its events. */
  #snapshot(seq: number): Snapshot | undefined {
    const { closed, state, chains, services, runId } = this.#run
    if (closed) return undefined
    try {
      return snapshotOf(state, chains, seq)
    } catch (error) {
      services.problem(runId, 'gives no snapshot', error)
      return undefined
    }
  }
}

const unchanged = { head: undefined, snapshot: undefined }
const unwatched = (): void => {}
