// The graph of a live run: does what `advance` decides, and lets chains into their concurrency groups.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import type { Fact } from '../../journal/event.ts'
import type { NodeState, RunState } from '../../journal/run-state.ts'
import { advance, type Command, type Rules } from '../../supervision/advance.ts'
import { Arrivals } from '../../supervision/arrivals.ts'
import { failureOfTeller } from '../../execution/guard-values.ts'
import type { Failure } from '../../kernel/failure.ts'
import type { Cancel } from '../../kernel/clock.ts'
import type { ChainParent } from '../chains/chain-parent.ts'
import { chainKey } from '../../execution/memo-key.ts'
import { chainInput } from '../../journal/replay-run.ts'
import { MemoPass } from '../chains/memo-pass.ts'

export interface GraphHost extends Pick<
  ChainParent,
  'runId' | 'services' | 'turn' | 'record' | 'pump' | 'afterCommit' | 'keep' | 'freshAfter'
> {
  readonly state: RunState
  /** The run has ended or left memory. */
  readonly closed: boolean
  /** Starts a chain whose start is recorded. */
  launch(node: NodeState, chain: CompiledChain): void
  cancelChain(key: string): void
}

export class RunGraph {
  readonly #run: GraphHost
  readonly #rules: Rules
  /** Chains that wait for services to be ready, or for their concurrency group. */
  readonly #gated = new Set<string>()
  /** Takes back the waits for services, and for who is at work on the same. */
  #waits: Map<string, Cancel> | undefined
  /** Of the chains that are memoised, from when they come forward to their end. */
  #memos: Map<string, MemoPass> | undefined

  /** Made when first asked for, and anew after anything but a chain's start or end has changed the graph. */
  #arrivals: Arrivals | undefined

  constructor(run: GraphHost) {
    this.#run = run
    this.#rules = (chain) => run.services.chain(chain)?.spec.predicate
  }

  /** A recorded fact has changed the state of the run. */
  noted(fact: Fact): void {
    if (this.#arrivals === undefined || fact.type.startsWith('signal.')) return
    if (!('chain' in fact)) this.#arrivals = undefined
    else {
      const node = this.#run.state.nodes.get(fact.chain)
      if (node !== undefined) this.#arrivals.moved(node)
    }
  }

  /** Whether a chain waits for a service, or for its concurrency group. */
  get waits(): boolean {
    return this.#gated.size > 0
  }

  /** The run leaves memory: nobody waits on its behalf. */
  detach(): void {
    for (const cancel of this.#waits?.values() ?? []) cancel()
    this.#waits = undefined
    this.#arrivals = undefined
  }

  /** Goes on from where the run is, or from the end of one of its chains. Call it within a turn. */
  advance(settled?: string): void {
    const { state } = this.#run
    this.#arrivals ??= new Arrivals(state.nodes)
    for (const command of advance(state, this.#rules, settled, this.#arrivals)) this.#obey(command)
  }

  /** Takes the place in its group, and on its memo, of a chain that was running when the run left memory. */
  occupy(node: NodeState): void {
    const { runId, services } = this.#run
    const memoised = services.chain(node.chain)
    if (memoised?.spec.memo !== undefined && node.memo !== undefined)
      this.#passOf(node, memoised, node.memo).occupy()
    const chain = this.limited(node)
    if (chain !== undefined) services.gates.occupy(chain, { runId, node })
  }

  /**
   * Its place in its concurrency group is free once its end is durable, and its output kept with that. Call it within
   * the turn of its end.
   */
  release(node: NodeState): void {
    const pass = this.#memos?.get(node.key)
    if (node.status === 'succeeded') pass?.succeeded(this.#run, node.output)
    else pass?.failed(this.#run)
    this.#memos?.delete(node.key)
    const chain = this.limited(node)
    if (chain === undefined) return
    const { runId, services } = this.#run
    this.#run.afterCommit({ committed: () => services.gates.ungate({ runId, node }) })
  }

  /** The chain of a node that takes a place in a concurrency group. */
  limited(node: NodeState | undefined): CompiledChain | undefined {
    if (node === undefined || node.call !== undefined) return undefined
    const chain = this.#run.services.chain(node.chain)
    return chain?.spec.concurrency === undefined ? undefined : chain
  }

  /** A chain that has not begun, and that it is too late for. Call it within a turn. */
  expire(key: string, failure: Failure): void {
    this.#obey({ do: 'settle', key, status: 'failed', failure })
  }

  #obey(command: Command): void {
    switch (command.do) {
      case 'end':
        return this.#end(command)
      case 'cancel':
        return this.#run.cancelChain(command.key)
      case 'settle': {
        const { key, status, failure } = command
        if (this.#run.state.nodes.get(key)?.status !== 'pending') return undefined
        this.#gated.delete(key)
        this.#waitNoMore(key)
        this.#run.record({
          type: 'chain.ended',
          chain: key,
          status,
          ...(failure === undefined ? {} : { failure }),
        })
        return this.#run.pump(() => this.advance(key))
      }
      case 'start':
        return this.#start(command.key)
    }
  }

  #end({ status, failures }: Extract<Command, { readonly do: 'end' }>): void {
    const { state, services } = this.#run
    this.#run.record({ type: 'run.ended', status, failures })
    services.poisons.ended(this.#run, state, failures, services.clock.now())
  }

  #start(key: string): void {
    const { state, services } = this.#run
    const node = state.nodes.get(key)
    if (node === undefined || node.status !== 'pending' || this.#gated.has(key)) return
    const chain = services.chain(node.chain)
    if (chain === undefined) return
    this.#gated.add(key)
    this.#whenReady(key, node, chain)
  }

  #whenReady(key: string, node: NodeState, chain: CompiledChain): void {
    const { services } = this.#run
    const { ready } = node
    const why = services.holds.of(node.chain)
    if (why !== undefined) return this.#hold(node, chain, why)
    if (ready === undefined || services.readiness.all(ready)) return this.#recall(key, node, chain)
    this.#memos?.get(key)?.drop()
    const met = (): void => {
      this.#waits?.delete(key)
      // a run that ended or left memory meanwhile starts nothing
      if (!this.#gated.has(key) || this.#run.closed) return
      this.#run.turn(() => this.#recall(key, node, chain))
    }
    this.#waits ??= new Map()
    this.#waits.set(key, services.readiness.when(ready, met))
  }

  /** The config holds it back: it comes forward again when that is over, and does not keep others from its memo until then. */
  #hold(node: NodeState, chain: CompiledChain, why: string): void {
    const { key } = node
    this.#memos?.get(key)?.drop()
    const free = (): void => {
      this.#waits?.delete(key)
      if (!this.#gated.has(key) || this.#run.closed) return
      this.#run.turn(() => {
        this.#whenReady(key, node, chain)
        // it waits for something else now
        if (this.#gated.has(key) && this.#run.services.holds.of(node.chain) === undefined)
          this.#run.record({ type: 'chain.queued', chain: key, waitsFor: '' })
      })
    }
    this.#run.turn(() => this.#run.record({ type: 'chain.queued', chain: key, waitsFor: `held:${why}` }))
    this.#waits ??= new Map()
    this.#waits.set(key, this.#run.services.holds.when(node.chain, free))
  }

  /**
   * Past its memo, where it has one: by what is kept, behind who is at the same, or to work. What it is told of chains
   * that it need not wait for may have changed since it first came forward, and its key with that.
   */
  #recall(key: string, node: NodeState, chain: CompiledChain): void {
    let memoKey: string | undefined
    try {
      memoKey = this.#memoKey(node, chain)
    } catch (error) {
      return this.#refuse(key, error)
    }
    if (memoKey === undefined) return this.#admit(key, node, chain)
    let pass = this.#memos?.get(key)
    if (pass?.key !== memoKey) {
      pass?.drop()
      pass = this.#passOf(node, chain, memoKey)
    }
    const awaited = pass.tryPass()
    const { found } = pass
    if (found !== undefined) {
      this.#gated.delete(key)
      this.#memos?.delete(key)
      const { payload, origin } = found
      const output = payload === undefined ? {} : { payload }
      this.#run.record({ type: 'chain.ended', chain: key, status: 'succeeded', ...output, memo: origin })
      return this.#run.pump(() => this.advance(key))
    }
    if (awaited === undefined) return this.#admit(key, node, chain, memoKey)
    this.#run.record({ type: 'chain.queued', chain: key, waitsFor: awaited })
    this.#waits ??= new Map()
    const again = (): void => {
      this.#waits?.delete(key)
      if (!this.#gated.has(key) || this.#run.closed) return pass.drop()
      this.#run.turn(() => this.#recall(key, node, chain))
    }
    this.#waits.set(key, pass.wait(again))
  }

  /** As things are now; throws what its author's environment throws. */
  #memoKey(node: NodeState, chain: CompiledChain): string | undefined {
    const { memo } = chain.spec
    return memo === undefined ? undefined : chainKey(chain, memo, chainInput(this.#run.state, node))
  }

  #passOf(node: NodeState, { spec }: CompiledChain, memoKey: string): MemoPass {
    const { runId: run, freshAfter, services } = this.#run
    const keeping = { key: memoKey, ttl: spec.memo?.ttl, of: { chain: spec.id } }
    const pass = new MemoPass(services.memos, { run, place: node.key }, keeping, freshAfter)
    this.#memos ??= new Map()
    this.#memos.set(node.key, pass)
    return pass
  }

  #admit(key: string, node: NodeState, chain: CompiledChain, memo?: string): void {
    const { services } = this.#run
    let inLine = false
    const start = (): boolean => {
      // a run that ended or left memory meanwhile takes no place
      if (!this.#gated.has(key) || this.#run.closed) return false
      // nor does one that is held back, or whose services went, while it stood in line: it comes forward again
      if (
        services.holds.of(node.chain) !== undefined ||
        (node.ready !== undefined && !services.readiness.all(node.ready))
      ) {
        this.#whenReady(key, node, chain)
        return false
      }
      if (inLine && memo !== undefined && this.#changed(memo, node, chain)) return false
      this.#gated.delete(key)
      this.#run.turn(() => {
        this.#run.record({ type: 'chain.started', chain: key, ...(memo === undefined ? {} : { memo }) })
        this.#run.launch(node, chain)
      })
      return true
    }
    const evict = (group: string): void => {
      if (!this.#gated.delete(key) || this.#run.closed) return
      const failure: Failure = { kind: 'cancelled', message: evicted(node.chain, group), retryable: false }
      this.#run.turn(() => this.#obey({ do: 'settle', key, status: 'cancelled', failure }))
    }
    const { acceptedAt } = this.#run.state
    const waits = (): boolean => this.#gated.has(key) && !this.#run.closed
    try {
      services.gates.gate(chain, { runId: this.#run.runId, node }, { acceptedAt, start, evict, waits })
      inLine = true
    } catch (error) {
      this.#refuse(key, error)
    }
  }

  /** What it is told has changed while it stood in line, or its output is there: it comes forward again. */
  #changed(memo: string, node: NodeState, chain: CompiledChain): boolean {
    const pass = this.#memos?.get(node.key)
    try {
      if (pass?.isOvertaken === true) pass.drop()
      else if (this.#memoKey(node, chain) === memo) return false
    } catch {
      // as it comes forward it is refused for that
    }
    // not within the group that lets it in
    this.#run.services.clock.soon(() => {
      if (!this.#gated.has(node.key) || this.#run.closed) return
      this.#run.turn(() => this.#whenReady(node.key, node, chain))
    })
    return true
  }

  /** The author's key threw, and so before anything began. */
  #refuse(key: string, error: unknown): void {
    this.#gated.delete(key)
    const failure = failureOfTeller(error)
    this.#run.turn(() => this.#obey({ do: 'settle', key, status: 'failed', failure }))
  }

  #waitNoMore(key: string): void {
    this.#waits?.get(key)?.()
    this.#waits?.delete(key)
    this.#memos?.get(key)?.drop()
    this.#memos?.delete(key)
  }
}

function evicted(chain: string, group: string): string {
  const where = group === '' ? 'its concurrency group' : `concurrency group "${group}"`
  return `a newer execution of chain "${chain}" took its place in ${where}, where only the newest waits`
}
