// One simulated run: its graph of chains, the slot that goes on from attempt to attempt, and what came of it.

import { type UpstreamState, isTriggerRule, verdict } from '../../../machines/trigger-rules.ts'
import type { Rank } from '../../execution/pool.ts'
import type { ChainRecord, RunRecord } from '../../observe/run-record.ts'
import { SimulatedChain } from './chain.ts'
import { Recorded } from './recorded.ts'
import type { World } from './world.ts'

interface Node {
  readonly record: ChainRecord
  readonly needs: ChainRecord['needs']
  state: UpstreamState
  begun: boolean
  chain: SimulatedChain | undefined
}

/** What came of a run, and of its chains that ran: times in ms. */
export interface Simulated {
  readonly run: string
  readonly duration: number
  readonly failed: boolean
  readonly attempts: number
  readonly chains: ReadonlyMap<string, number>
}

export class SimulatedRun {
  readonly world: World
  readonly record: RunRecord
  attempts = 0
  readonly #order: number
  readonly #nodes = new Map<string, Node>()
  /** Who waits for a chain. */
  readonly #waiting = new Map<string, Node[]>()
  #open = 0
  readonly #chains = new Map<string, number>()
  readonly #ended: (result: Simulated) => void
  /** What came forward when, by its place in the journal. */
  readonly #forward = new Map<number, number[]>()
  #carried = 0
  #depth = 0
  #over = false

  constructor(world: World, record: RunRecord, order: number, ended: (result: Simulated) => void) {
    this.world = world
    this.record = record
    this.#order = order
    this.#ended = ended
    for (const { attempts, waits } of record.chains.values()) {
      for (const { seq, enqueuedAt } of attempts) this.#note(enqueuedAt, seq)
      for (const { seq, from } of waits) this.#note(from, seq)
    }
    for (const places of this.#forward.values()) places.sort((a, b) => a - b)
    const dropped = world.tunables.edges
    for (const chain of record.chains.values()) {
      if (chain.call !== undefined) continue
      const needs = chain.needs.filter(
        ({ name, key }) => dropped[`${chain.chain}<-${name}`] === undefined && record.chains.has(key),
      )
      const node: Node = { record: chain, needs, state: 'pending', begun: false, chain: undefined }
      this.#nodes.set(chain.key, node)
      this.#open++
      for (const { key } of needs) {
        const known = this.#waiting.get(key)
        if (known === undefined) this.#waiting.set(key, [node])
        else known.push(node)
      }
    }
  }

  #note(at: number, place: number): void {
    const known = this.#forward.get(at)
    if (known === undefined) this.#forward.set(at, [place])
    else known.push(place)
  }

  begin(): void {
    this.turn(() => {
      for (const node of this.#nodes.values()) this.#judge(node)
      this.#conclude()
    })
  }

  /** What is left of its slots at the end goes to who waits. */
  turn(work: () => void): void {
    this.#depth++
    work()
    this.#depth--
    if (this.#depth > 0) return
    // who gets it may be of this run, whose turn begins again
    while (this.#carried > 0) {
      this.#carried--
      this.world.pool.release()
    }
  }

  carry(): void {
    this.#carried++
  }

  takeSlot(key: string): boolean {
    const { pool } = this.world
    if (this.#carried > 0 && !pool.outranks(this.rank(key))) {
      this.#carried--
      return true
    }
    return pool.tryTake()
  }

  /** Where the end at that time of a wait that began at `seq` is in the journal: before what it made come forward. */
  placeOfEnd(seq: number, at: number | undefined): number {
    const following = this.#forward.get(at ?? Infinity)?.find((place) => place > seq)
    return following ?? (this.record.endedAt === at ? this.record.lastSeq : 0)
  }

  /** As the engine has it: a chain that was called counts by its own key, of which nothing is known. */
  rank(key: string): Rank {
    return { priority: this.record.priority, tail: this.world.durations.tail(key), run: this.#order }
  }

  #judge(node: Node): void {
    if (node.state !== 'pending' || node.begun) return
    const { rule, status } = node.record
    const hard: UpstreamState[] = []
    let soft = 0
    for (const { key, kind } of node.needs) {
      const state = this.#nodes.get(key)?.state ?? 'pending'
      if (kind === 'hard') hard.push(state)
      else if (state === 'pending') soft++
    }
    // an author's own rule is not known here: it is taken to say what it said
    const pending = hard.includes('pending')
    const answer = isTriggerRule(rule)
      ? verdict(rule, hard)
      : pending
        ? 'wait'
        : status === 'skipped'
          ? 'skip'
          : 'run'
    if (answer === 'skip') this.#settle(node, 'skipped')
    if (answer === 'upstream_failed') this.#settle(node, 'upstream_failed')
    if (answer === 'run' && soft === 0) this.#start(node)
  }

  #start(node: Node): void {
    node.begun = true
    const own = node.record
    const ran = own.startedAt !== undefined || own.memo
    const name = `${this.record.run}/${own.key}`
    const donor = ran ? undefined : this.world.draws.donor(own.chain, name)
    if (!ran && donor === undefined) {
      // cancelled before it began, or never seen: it takes no time
      const state = own.status === 'succeeded' ? 'success' : own.status === 'skipped' ? 'skipped' : 'failed'
      return this.#settle(node, state)
    }
    const recorded = donor === undefined ? new Recorded(own, this.record) : new Recorded(donor, undefined)
    node.chain = new SimulatedChain(this, own.key, recorded, (ok, ms) => {
      this.#chains.set(own.chain, Math.max(ms, this.#chains.get(own.chain) ?? 0))
      this.#settle(node, ok ? 'success' : 'failed')
    })
    node.chain.begin()
  }

  #settle(node: Node, state: UpstreamState): void {
    if (node.state !== 'pending') return
    node.state = state
    this.#open--
    for (const other of this.#waiting.get(node.record.key) ?? []) this.#judge(other)
    if (state !== 'success') this.#letGo(node)
    this.#conclude()
  }

  /** Nobody waits any more for what a chain needed that did not succeed. */
  #letGo(node: Node): void {
    for (const { key } of node.needs) {
      const upstream = this.#nodes.get(key)
      if (upstream === undefined || upstream.state !== 'pending' || this.record.targets.includes(key))
        continue
      if (this.#waiting.get(key)?.some((other) => other.state === 'pending') === true) continue
      upstream.begun = true
      upstream.chain?.cut()
      this.#settle(upstream, 'failed')
    }
  }

  #conclude(): void {
    if (this.#over || this.#open > 0) return
    this.#over = true
    const failed = this.record.targets.some((key) => {
      const state = this.#nodes.get(key)?.state
      return state === 'failed' || state === 'upstream_failed'
    })
    const { run, acceptedAt } = this.record
    const duration = this.world.agenda.now() - acceptedAt
    this.#ended({ run, duration, failed, attempts: this.attempts, chains: this.#chains })
  }
}
