// One run, alive: its graph's state, its live chains, and the commands that move it.

import type { ChainInput, ChainOutcome, CompiledChain } from '../definition/compiled-chain.ts'
import type { Fact, Payload } from '../journal/event.ts'
import { chainInput, type RunFold } from '../journal/replay-run.ts'
import type { ChainFold } from '../journal/replay.ts'
import { type NodeState, type RunState, applyToRun } from '../journal/run-state.ts'
import type { RunHead } from '../journal/store.ts'
import { decode } from '../kernel/codec.ts'
import { newRunId } from '../kernel/id.ts'
import { calledBy, endOf, freshKey, unregistered } from './chain-facts.ts'
import { type Caller, type ChainParent, commitAnyway, type Effect } from './chain-parent.ts'
import { createLiveChain, type LiveChain } from './live-chain.ts'
import { toPayload } from './payloads.ts'
import { headOf, sameHead, statusOf } from './run-head.ts'
import { awaited, restOf } from './run-rest.ts'
import { snapshotOf } from './run-snapshot.ts'
import { type GraphHost, RunGraph } from './run-graph.ts'
import type { Services } from './services.ts'
import { type Answer, type TurnEnd, Turns } from './turns.ts'

export interface RunWatcher {
  /** The run's end is durable. */
  ended(state: RunState): void
  /** It stands still until a person acts, and that is durable. */
  parked(state: RunState): void
  /** Nothing but time, a signal or a command moves it, and that is durable: it may leave memory. */
  idle(run: LiveRun, wakeAt: number | null): void
}

/** A run in memory; `state` is changed by its recorded facts only. A class, because thousands are alive at once. */
export class LiveRun implements ChainParent, GraphHost {
  readonly state: RunState
  readonly services: Services
  readonly chains = new Map<string, LiveChain>()
  readonly #watcher: RunWatcher
  readonly #turns: Turns
  readonly #graph: RunGraph
  readonly order: number
  #carried = 0
  /** Whether a step ever waited for a signal. */
  #awaits = false
  #head: RunHead | undefined

  constructor(state: RunState, services: Services, watcher: RunWatcher) {
    this.state = state
    this.services = services
    this.#watcher = watcher
    this.order = services.nextOrder()
    this.#graph = new RunGraph(this)
    this.#turns = new Turns(state.run, services.committer, () => this.#endTurn())
  }

  get runId(): string {
    return this.state.run
  }

  get acceptedAt(): number {
    return this.state.acceptedAt
  }

  get priority(): number {
    return this.state.priority
  }

  get closed(): boolean {
    return this.#turns.closed
  }

  get paused(): boolean {
    return this.state.paused
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
    if (!movesRun(fact)) return
    const { run, lastSeq } = this.state
    applyToRun(this.state, { ...fact, seq: lastSeq, at: this.services.clock.now(), run })
  }

  afterCommit(effect: Effect): void {
    this.#turns.afterCommit(effect)
  }

  pump(work: () => void): void {
    this.#turns.pump(work)
  }

  begin(): void {
    this.#graph.advance()
  }

  /** Goes on where `fold` says it was. */
  restore(fold: RunFold): void {
    this.turn(() => {
      // its head must say that it is no longer asleep, also where nothing is recorded
      this.afterCommit(commitAnyway)
      for (const [key, chainFold] of fold.chains) {
        const node = this.state.nodes.get(key)
        const chain = node === undefined ? undefined : this.services.chain(node.chain)
        if (node === undefined || chain === undefined) continue
        this.#graph.occupy(node)
        this.#launch(node, chain, { fold: chainFold })
      }
      if (this.state.cancelRequested) for (const chain of this.chains.values()) chain.cancel()
      this.pump(() => this.#graph.advance())
      // a paused run that has nothing to do leaves memory again with this commit
      if (this.state.paused) this.afterCommit({ committed() {} })
    })
  }

  signal(name: string, id: string, payload: string | undefined): void {
    this.turn(() => {
      if (this.state.signalIds.has(id)) return
      this.record({ type: 'signal.received', name, id, ...(payload === undefined ? {} : { payload }) })
      for (const [key, chain] of this.chains) {
        if (chain.waiting.has(name)) return this.awaitSignal(key, name)
      }
    })
  }

  /**
   * Hands an event to a chain that is a user's own machine; where that has not begun, the event waits for it.
   *
   * @param id the same id is delivered once.
   */
  send(key: string, event: { readonly type: string }, payload: Payload, id: string | undefined): void {
    this.turn(() => {
      if (id !== undefined && this.state.signalIds.has(id)) return
      const chain = this.chains.get(key)
      const { type } = event
      if (id !== undefined || chain === undefined) {
        const of = id ?? newRunId(this.services.clock)
        this.record({ type: 'signal.received', name: type, id: of, payload })
        if (chain !== undefined)
          this.record({ type: 'signal.consumed', chain: key, step: type, name: type, id: of })
      }
      chain?.send?.(event)
    })
  }

  cancel(reason: string | undefined): void {
    this.turn(() => {
      if (this.state.cancelRequested || this.state.ended !== undefined) return
      this.record({ type: 'run.cancel-requested', ...(reason === undefined ? {} : { reason }) })
      for (const chain of this.chains.values()) chain.cancel()
      this.pump(() => {
        // the chains of a parked run are not alive
        for (const { key, status } of this.state.nodes.values()) {
          if (status === 'running' && !this.chains.has(key))
            this.record({ type: 'chain.ended', chain: key, status: 'cancelled' })
        }
        this.#graph.advance()
      })
    })
  }

  pause(): void {
    this.turn(() => {
      if (!this.state.paused) this.record({ type: 'run.paused' })
    })
  }

  resume(): void {
    this.turn(() => {
      if (!this.state.paused) return
      this.record({ type: 'run.resumed' })
      for (const chain of this.chains.values()) chain.resume()
    })
  }

  /** Drops it from memory without a trace. */
  detach(): void {
    this.#turns.close()
    for (const chain of this.chains.values()) chain.detach()
    this.chains.clear()
  }

  // what its chains tell it

  ended(key: string, outcome: ChainOutcome): void {
    const node = this.state.nodes.get(key)
    if (node === undefined || node.status !== 'running') return
    const worked = this.chains.get(key)?.worked
    this.chains.delete(key)
    if (worked !== undefined && outcome.status === 'succeeded') this.services.learn(node.chain, worked)
    this.turn(() => {
      this.record(endOf(key, outcome))
      this.#graph.release(node)
      const { call } = node
      const caller = call === undefined ? undefined : this.chains.get(call.chain)
      // the run may have waited for nothing but a called chain whose caller has gone
      if (call === undefined || caller === undefined) this.pump(() => this.#graph.advance(key))
      else this.pump(() => caller.callEnded(call.step, call.item, outcome))
    })
  }

  call(caller: Caller, of: string, input: unknown): void {
    const chain = this.services.chain(of)
    const stored = toPayload(input, this.services.limits.maxPayload, `input of called chain "${of}"`)
    this.pump(() => {
      // cancelled since, with all that it asked for
      if (!this.chains.has(caller.chain)) return
      if (chain === undefined || !stored.ok) {
        const failure = stored.ok ? unregistered(of) : stored.failure
        this.chains
          .get(caller.chain)
          ?.callEnded(caller.step, caller.item, { status: 'failed', step: '', failure })
        return
      }
      const key = freshKey(this.state, caller)
      const { payload } = stored
      this.record({
        type: 'chain.started',
        chain: key,
        call: caller,
        of,
        version: chain.version,
        ...(payload === undefined ? {} : { payload }),
      })
      const node = this.state.nodes.get(key) as NodeState
      this.launch(node, chain)
    })
  }

  cancelCall(caller: Caller): void {
    this.pump(() => {
      for (const node of this.state.nodes.values()) {
        if (node.status === 'running' && calledBy(node, caller)) this.chains.get(node.key)?.cancel()
      }
    })
  }

  cancelChain(key: string): void {
    this.chains.get(key)?.cancel()
  }

  awaitSignal(key: string, step: string): void {
    this.#awaits = true
    const chain = this.chains.get(key)
    const signal = this.state.signals.find(({ name }) => name === step)
    if (signal === undefined || chain === undefined || !chain.waiting.has(step)) return
    const { id, payload } = signal
    this.record({
      type: 'signal.consumed',
      chain: key,
      step,
      name: step,
      id,
      ...(payload === undefined ? {} : { payload }),
    })
    chain.deliver(step, payload === undefined ? undefined : decode(payload))
  }

  launch(node: NodeState, chain: CompiledChain): void {
    this.#launch(node, chain, { input: chainInput(this.state, node) })
  }

  #launch(
    node: NodeState,
    chain: CompiledChain,
    from: { readonly input: ChainInput } | { readonly fold: ChainFold },
  ): void {
    const live = createLiveChain(this, node.key, chain, from)
    this.chains.set(node.key, live)
    live.start()
  }

  #endTurn(): TurnEnd {
    const { state } = this
    const rest = restOf(this, this.#graph)
    const idle = rest !== undefined
    const status = statusOf(state, idle)
    const signals = this.#awaits ? awaited(this.chains) : ''
    if (!idle && state.ended === undefined && this.#head?.status === status && this.#head.signals === signals)
      return { ...unchanged, committed: unwatched }
    const next = headOf(state, status, { wakeAt: rest?.wakeAt ?? null, signals })
    const changed = this.#head === undefined || !sameHead(this.#head, next)
    this.#head = next
    return {
      head: changed ? next : undefined,
      snapshot:
        idle && !state.paused && state.parked === undefined
          ? (seq) => (this.closed ? undefined : snapshotOf(state, this.chains, seq))
          : undefined,
      committed: (last) => {
        if (!last) return
        if (state.parked !== undefined) this.#watcher.parked(state)
        if (state.ended !== undefined) this.#watcher.ended(state)
        else if (idle) this.#watcher.idle(this, next.wakeAt)
      },
    }
  }
}

const unchanged = { head: undefined, snapshot: undefined }
const unwatched = (): void => {}

function movesRun({ type }: Fact): boolean {
  return type.startsWith('run.') || type.startsWith('chain.') || type.startsWith('signal.')
}
