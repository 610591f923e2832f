// One run, alive: its graph's state, its live chains, and the turns in which both move.

import type { FailureLike, Undo } from '../../../machines/state.ts'
import type { ChainInput, ChainOutcome, Compensated, CompiledChain } from '../../definition/compiled-chain.ts'
import type { Window } from '../../definition/schedule.ts'
import type { Fact, Payload } from '../../journal/event.ts'
import { noteStarted } from '../../journal/started.ts'
import { chainInput, type RunFold } from '../../journal/replay-run.ts'
import type { ChainFold } from '../../journal/replay.ts'
import { type NodeState, type RunState, applyToRun } from '../../journal/run-state.ts'
import type { KeepsakeChange } from '../../journal/store.ts'
import type { TrialArm } from '../../journal/watch-fact.ts'
import { parkingBy } from '../chains/chain-facts.ts'
import {
  type Called,
  type Caller,
  type ChainParent,
  commitAnyway,
  type Effect,
  type LiveChain,
} from '../chains/chain-parent.ts'
import { createLiveChain } from '../chains/live-chain.ts'
import { callChain, cancelCalled, undoCalled } from './run-calls.ts'
import { cancelRun, pauseRun, resolveStuck, resumeRun } from './run-commands.ts'
import { chainUndone, endChain, keepChain } from './run-ends.ts'
import { RunDeadlines } from './run-deadlines.ts'
import { type GraphHost, RunGraph } from './run-graph.ts'
import { RunSignals } from './run-signals.ts'
import { RunStanding, type RunWatcher } from './run-standing.ts'
import type { Services } from '../services.ts'
import { type Answer, type TurnEnd, Turns, type TurnsHost } from './turns.ts'

/** A run in memory; `state` is changed by its recorded facts only. A class, because thousands are alive at once. */
export class LiveRun implements ChainParent, GraphHost, TurnsHost {
  readonly state: RunState
  readonly services: Services
  readonly chains = new Map<string, LiveChain>()
  readonly #watcher: RunWatcher
  readonly #turns: Turns
  readonly #standing: RunStanding
  readonly #graph: RunGraph
  readonly #signals: RunSignals
  readonly order: number
  #carried = 0
  /** Whether what begins in a chain must be known, to undo it. */
  #tracks = false
  #restoring = false
  #deadlines: RunDeadlines | undefined

  constructor(state: RunState, services: Services, watcher: RunWatcher) {
    this.state = state
    this.services = services
    this.#watcher = watcher
    this.order = services.nextOrder()
    this.#graph = new RunGraph(this)
    this.#signals = new RunSignals(this)
    this.#standing = new RunStanding(this, this.#graph, this.#signals, watcher)
    this.#turns = new Turns(this, services.committer)
  }

  get runId(): string {
    return this.state.run
  }

  get scheduledAt(): number {
    return this.state.tick?.scheduledAt ?? this.state.acceptedAt
  }

  get window(): Window | undefined {
    return this.state.tick?.window
  }

  get priority(): number {
    return this.state.priority
  }

  get arm(): TrialArm | undefined {
    return this.state.arm
  }

  get freshAfter(): number {
    return this.state.freshAfter ?? -Infinity
  }

  get closed(): boolean {
    return this.#turns.closed
  }

  /** Whether all that it has come to is durable. */
  get durable(): boolean {
    return this.#turns.durable
  }

  get paused(): boolean {
    return this.state.paused
  }

  get parked(): boolean {
    return this.state.parked !== undefined
  }

  /** Records facts and commits all that they cause together. `answer` is for the inbox entry that asked for it. */
  turn(work: () => void, answer?: Answer): void {
    this.#turns.turn(work, answer)
    if (this.#turns.open) return
    // counted down first: the release may begin another turn of this run
    while (this.takeCarried()) this.services.pool.release()
  }

  carrySlot(): void {
    this.#carried++
  }

  takeCarried(): boolean {
    if (this.#carried === 0) return false
    this.#carried--
    return true
  }

  record(fact: Fact): void {
    this.#turns.record(fact)
    this.services.rehearsal?.told(this.runId, fact)
    if (this.#tracks && 'chain' in fact)
      noteStarted((key) => this.chains.get(key)?.started, this.state.nodes, fact)
    if (!movesRun(fact)) return
    const { run, lastSeq } = this.state
    applyToRun(this.state, { ...fact, seq: lastSeq, at: this.services.clock.now(), run })
    this.#graph.noted(fact)
  }

  afterCommit(effect: Effect): void {
    this.#turns.afterCommit(effect)
  }

  keep(changes: readonly KeepsakeChange[]): void {
    this.#turns.keep(changes)
  }

  crash(error: unknown): void {
    this.#turns.crash(error)
  }

  crashed(error: unknown): void {
    this.#watcher.crashed(this, error)
  }

  pump(work: () => void): void {
    this.#turns.pump(work)
  }

  whenStill(work: () => void): void {
    if (this.#turns.open) this.#turns.pump(work)
    else this.turn(work)
  }

  deadlineOf(chain: string): number | undefined {
    return this.state.nodes.get(chain)?.deadline
  }

  /** When the next of its chains passes its deadline (ms since the epoch). */
  get deadline(): number | undefined {
    return this.#deadlines?.soonest
  }

  begin(): void {
    for (const node of this.state.nodes.values()) this.#watchDeadline(node)
    this.#graph.advance()
  }

  /** Goes on where `fold` says it was. */
  restore(fold: RunFold): void {
    this.turn(() => {
      // its head must say that it is no longer asleep, also where nothing is recorded; a paused run with nothing to do
      // leaves memory again with it
      this.afterCommit(commitAnyway)
      for (const node of this.state.nodes.values()) this.#watchDeadline(node)
      this.#restoring = true
      for (const [key, chainFold] of fold.chains) {
        const node = this.state.nodes.get(key)
        const chain = node === undefined ? undefined : this.services.chain(node.chain)
        if (node === undefined || chain === undefined) continue
        this.#graph.occupy(node)
        this.#launch(node, chain, { fold: chainFold })
      }
      this.#restoring = false
      if (this.state.cancelRequested) for (const chain of this.chains.values()) chain.cancel()
      this.pump(() => this.#graph.advance())
    })
  }

  /**
   * Makes facts that `state` has been folded from already part of the journal, and goes on where `fold` says it is.
   * Call it within a turn.
   */
  takeUp(fold: RunFold, folded: readonly Fact[], lost: readonly Fact[]): void {
    for (const fact of folded) {
      this.#turns.record(fact)
      this.services.rehearsal?.told(this.runId, fact)
    }
    for (const fact of lost) this.record(fact)
    this.restore(fold)
  }

  signal(name: string, id: string, payload: Payload | undefined): void {
    this.#signals.receive(name, id, payload)
  }

  send(key: string, event: { readonly type: string }, payload: Payload, id: string | undefined): void {
    this.#signals.send(key, event, payload, id)
  }

  /** @returns whether any compensations had failed for good. */
  resolveStuck(how: 'retry' | 'give-up'): boolean {
    return resolveStuck(this, how)
  }

  /** @param left what the chains of a run that is parked leave undone. */
  cancel(reason: string | undefined, left?: ReadonlyMap<string, Compensated>): void {
    cancelRun(this, { reason, left }, this.#graph)
  }

  pause(): void {
    pauseRun(this)
  }

  resume(): void {
    resumeRun(this)
  }

  /**
   * Drops it from memory without a trace. V8 makes some objects old at once, where their like often lived long; what
   * they lead to, it only collects with everything. So what has left leads to as little as can be.
   */
  detach(): void {
    this.#turns.close()
    this.#deadlines?.stop()
    this.#graph.detach()
    this.#standing.detach()
    for (const chain of this.chains.values()) chain.detach()
    this.chains.clear()
  }

  // what its chains tell it

  ended(key: string, outcome: ChainOutcome): void {
    // a fork may have been cut right before this end: its caller must know first what it had called
    if (this.#restoring) this.pump(() => endChain(this, key, outcome, this.#graph))
    else endChain(this, key, outcome, this.#graph)
  }

  kept(key: string, outcome: ChainOutcome): void {
    keepChain(this, key, outcome)
  }

  undone(key: string, outcome: Compensated): void {
    chainUndone(this, key, outcome)
  }

  undoCall(caller: Caller): boolean {
    return undoCalled(this, caller)
  }

  stuck(key: string, undo: Undo | undefined, failure: FailureLike | undefined): void {
    this.turn(() => {
      this.record(parkingBy(this.state, key, { undo, failure }))
      // nobody waits for what a person has to mend first
      this.afterCommit({ committed: () => this.services.memos.vacate(this.runId) })
    })
  }

  call(caller: Caller, called: Called): void {
    callChain(this, caller, called)
  }

  cancelCall(caller: Caller): void {
    cancelCalled(this, caller)
  }

  waitsChanged(): void {
    this.#signals.changed()
  }

  cancelChain(key: string): void {
    this.chains.get(key)?.cancel()
  }

  awaitSignal(key: string, step: string): void {
    this.#signals.await(key, step)
  }

  launch(node: NodeState, chain: CompiledChain): void {
    if (node.call !== undefined) this.#watchDeadline(node)
    this.#launch(node, chain, { input: chainInput(this.state, node) })
  }

  #watchDeadline({ deadline, status }: NodeState): void {
    if (deadline === undefined || (status !== 'running' && status !== 'pending')) return
    this.#deadlines ??= new RunDeadlines(this, this.#graph)
    if (deadline < (this.#deadlines.soonest ?? Infinity)) this.#deadlines.arm()
  }

  #launch(
    node: NodeState,
    chain: CompiledChain,
    from: { readonly input: ChainInput } | { readonly fold: ChainFold },
  ): void {
    const live = createLiveChain(this, node.key, chain, from)
    this.chains.set(node.key, live)
    this.#tracks ||= live.started !== undefined
    live.start()
  }

  endTurn(): TurnEnd {
    return this.#standing.endTurn()
  }
}

function movesRun({ type }: Fact): boolean {
  return type.startsWith('run.') || type.startsWith('chain.') || type.startsWith('signal.')
}
