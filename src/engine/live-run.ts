// One run, alive: its graph's state, its live chains, and the commands that move it.

import type { ChainInput, ChainOutcome, CompiledChain } from '../definition/compiled-chain.ts'
import type { Fact, Payload } from '../journal/event.ts'
import { chainInput, type RunFold } from '../journal/replay-run.ts'
import type { ChainFold } from '../journal/replay.ts'
import { type NodeState, type RunState, applyToRun } from '../journal/run-state.ts'
import type { RunHead } from '../journal/store.ts'
import { decode } from '../kernel/codec.ts'
import { newRunId } from '../kernel/id.ts'
import { type Command, type Rules, advance } from '../supervision/advance.ts'
import type { Caller, ChainParent, Effect } from './chain-parent.ts'
import { createLiveChain, type LiveChain } from './live-chain.ts'
import { toPayload } from './payloads.ts'
import { headOf, sameHead, statusOf } from './run-head.ts'
import { snapshotOf } from './run-snapshot.ts'
import type { Services } from './services.ts'
import { type Answer, type TurnEnd, Turns } from './turns.ts'

export interface RunWatcher {
  /** The run's end is durable. */
  ended(state: RunState): void
  /** Nothing but time, a signal or a command moves it, and that is durable: it may leave memory. */
  idle(run: LiveRun, wakeAt: number | null): void
}

/** A run in memory; `state` is changed by its recorded facts only. A class, because thousands are alive at once. */
export class LiveRun implements ChainParent {
  readonly state: RunState
  readonly services: Services
  readonly chains = new Map<string, LiveChain>()
  readonly #watcher: RunWatcher
  readonly #turns: Turns
  /** Chains that wait for their concurrency group. */
  readonly #gated = new Set<string>()
  readonly order: number
  #carried = 0
  readonly #rules: Rules
  #head: RunHead | undefined

  constructor(state: RunState, services: Services, watcher: RunWatcher) {
    this.state = state
    this.services = services
    this.#watcher = watcher
    this.order = services.nextOrder()
    this.#rules = (chain) => services.chain(chain)?.spec.predicate
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
    this.#obey(advance(this.state, this.#rules))
  }

  /** Goes on where `fold` says it was. */
  restore(fold: RunFold): void {
    this.turn(() => {
      for (const [key, chainFold] of fold.chains) {
        const node = this.state.nodes.get(key)
        const chain = node === undefined ? undefined : this.services.chain(node.chain)
        if (node === undefined || chain === undefined) continue
        if (this.#limited(node) !== undefined) this.services.gates.occupy(chain, node)
        this.#launch(node, chain, { fold: chainFold })
      }
      if (this.state.cancelRequested) for (const chain of this.chains.values()) chain.cancel()
      this.pump(() => this.#obey(advance(this.state, this.#rules)))
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
        this.#obey(advance(this.state, this.#rules))
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
      this.#ungate(node)
      const { call } = node
      const caller = call === undefined ? undefined : this.chains.get(call.chain)
      // the run may have waited for nothing but a called chain whose caller has gone
      if (call === undefined || caller === undefined)
        this.pump(() => this.#obey(advance(this.state, this.#rules, key)))
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
      this.#launch(node, chain, { input: chainInput(this.state, node) })
    })
  }

  cancelCall(caller: Caller): void {
    this.pump(() => {
      for (const node of this.state.nodes.values()) {
        if (node.status === 'running' && calledBy(node, caller)) this.chains.get(node.key)?.cancel()
      }
    })
  }

  awaitSignal(key: string, step: string): void {
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

  #obey(commands: readonly Command[]): void {
    for (const command of commands) {
      switch (command.do) {
        case 'end':
          this.record({ type: 'run.ended', status: command.status, failures: command.failures })
          break
        case 'cancel':
          this.chains.get(command.key)?.cancel()
          break
        case 'settle':
          if (this.state.nodes.get(command.key)?.status !== 'pending') break
          this.#gated.delete(command.key)
          this.record({
            type: 'chain.ended',
            chain: command.key,
            status: command.status,
            ...(command.failure === undefined ? {} : { failure: command.failure }),
          })
          this.pump(() => this.#obey(advance(this.state, this.#rules, command.key)))
          break
        case 'start':
          this.#start(command.key)
          break
      }
    }
  }

  #start(key: string): void {
    const node = this.state.nodes.get(key)
    if (node === undefined || node.status !== 'pending' || this.#gated.has(key)) return
    const chain = this.services.chain(node.chain)
    if (chain === undefined) return
    this.#gated.add(key)
    const { gates } = this.services
    gates.gate(chain, node, () => {
      // a run that ended or left memory meanwhile takes no place
      if (!this.#gated.delete(key) || this.#turns.closed) return gates.ungate(chain, node)
      this.turn(() => {
        this.record({ type: 'chain.started', chain: key })
        this.#launch(node, chain, { input: chainInput(this.state, node) })
      })
    })
  }

  /** Its place in its concurrency group is free once its end is durable. */
  #ungate(node: NodeState): void {
    const chain = this.#limited(node)
    if (chain !== undefined) this.afterCommit({ committed: () => this.services.gates.ungate(chain, node) })
  }

  /** The chain of a node that takes a place in a concurrency group. */
  #limited(node: NodeState | undefined): CompiledChain | undefined {
    if (node === undefined || node.call !== undefined) return undefined
    const chain = this.services.chain(node.chain)
    return chain?.spec.concurrency === undefined ? undefined : chain
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
    const due = this.#idleUntil()
    const idle = due !== undefined
    const status = statusOf(state, idle)
    if (!idle && state.ended === undefined && this.#head?.status === status)
      return { ...unchanged, committed: unwatched }
    const next = headOf(state, status, idle ? { wakeAt: due, signals: this.#signals() } : undefined)
    const changed = this.#head === undefined || !sameHead(this.#head, next)
    this.#head = next
    return {
      head: changed ? next : undefined,
      snapshot: idle && !state.paused ? (seq) => snapshotOf(state, this.chains, seq) : undefined,
      committed: (last) => {
        if (!last) return
        if (state.ended !== undefined) this.#watcher.ended(state)
        else if (idle) this.#watcher.idle(this, next.wakeAt)
      },
    }
  }

  /** When time moves a run that does nothing now; null where only a signal or a command does; undefined where it does something. */
  #idleUntil(): number | null | undefined {
    const { state } = this
    if (state.ended !== undefined || this.#gated.size > 0) return undefined
    for (const [key, chain] of this.chains) {
      if (state.paused ? chain.inFlight > 0 : chain.busy > 0) return undefined
      // who is in a concurrency group stays in memory, where the group is counted
      if (this.#limited(state.nodes.get(key)) !== undefined) return undefined
    }
    let soonest = Infinity
    for (const chain of this.chains.values()) for (const due of chain.dues()) soonest = Math.min(soonest, due)
    if (soonest === Infinity) return null
    const { clock, config } = this.services
    return soonest - clock.now() > config.current.hibernateAfter ? soonest : undefined
  }

  #signals(): string {
    const names = [...this.chains.values()].flatMap(({ waiting }) => [...waiting])
    return names.length === 0 ? '' : `,${names.join(',')},`
  }
}

const unchanged = { head: undefined, snapshot: undefined }
const unwatched = (): void => {}

function endOf(key: string, outcome: ChainOutcome): Fact {
  if (outcome.status === 'failed') {
    return { type: 'chain.ended', chain: key, status: 'failed', failure: outcome.failure, step: outcome.step }
  }
  if (outcome.status === 'cancelled') return { type: 'chain.ended', chain: key, status: 'cancelled' }
  const stored = toPayload(outcome.output, Infinity, `output of chain "${key}"`)
  if (!stored.ok)
    return { type: 'chain.ended', chain: key, status: 'failed', failure: stored.failure, step: '' }
  const { payload } = stored
  return {
    type: 'chain.ended',
    chain: key,
    status: 'succeeded',
    ...(payload === undefined ? {} : { payload }),
  }
}

function unregistered(chain: string): Extract<ChainOutcome, { status: 'failed' }>['failure'] {
  const message = `no chain "${chain}" is registered: give it to createSupervisor({ chains })`
  return { kind: 'rejected', message, retryable: false }
}

function freshKey(state: RunState, { chain, step, item }: Caller): string {
  const base = item === undefined ? `${chain}/${step}` : `${chain}/${step}/${item}`
  let key = base
  for (let n = 2; state.nodes.has(key); n++) key = `${base}~${n}`
  return key
}

function calledBy({ call }: NodeState, { chain, step, item }: Caller): boolean {
  return call !== undefined && call.chain === chain && call.step === step && call.item === item
}

function movesRun({ type }: Fact): boolean {
  return type.startsWith('run.') || type.startsWith('chain.') || type.startsWith('signal.')
}
