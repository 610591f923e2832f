// Cuts the chains of a live run short when their deadlines pass: one timer for the soonest, and none where none has one.

import type { NodeState, RunState } from '../../journal/run-state.ts'
import type { Cancel } from '../../kernel/clock.ts'
import type { LiveChain } from '../chains/chain-parent.ts'
import { passedDeadline } from './deadlines.ts'
import type { GraphHost, RunGraph } from './run-graph.ts'

interface Host extends Pick<GraphHost, 'services' | 'turn' | 'pump'> {
  readonly state: RunState
  readonly chains: ReadonlyMap<string, LiveChain>
}

export class RunDeadlines {
  readonly #run: Host
  readonly #graph: RunGraph
  /** Chains that were cut short: what they still undo has no deadline. */
  readonly #cut = new Set<string>()
  #at: number | undefined
  #cancel: Cancel | undefined

  constructor(run: Host, graph: RunGraph) {
    this.#run = run
    this.#graph = graph
  }

  /** When the next passes (ms since the epoch), of a chain that may still have to be cut short. */
  get soonest(): number | undefined {
    return this.#at
  }

  /** Looks again at who must end by when. */
  arm(): void {
    let at: number | undefined
    for (const node of this.#open()) at = Math.min(at ?? Infinity, node.deadline as number)
    if (at === this.#at) return
    this.#cancel?.()
    this.#at = at
    this.#cancel = at === undefined ? undefined : this.#run.services.clock.at(at, () => this.#passed())
  }

  stop(): void {
    this.#cancel?.()
    this.#at = undefined
  }

  *#open(): Generator<NodeState> {
    for (const node of this.#run.state.nodes.values()) {
      const open = node.status === 'running' || node.status === 'pending'
      if (open && node.deadline !== undefined && !this.#cut.has(node.key)) yield node
    }
  }

  #passed(): void {
    this.#at = undefined
    this.#run.turn(() => {
      this.#cutAll('running')
      // by then those that waited for one that was cut have been told
      this.#run.pump(() => {
        this.#cutAll('pending')
        this.#cutAll('running')
        this.arm()
      })
    })
  }

  #cutAll(status: 'running' | 'pending'): void {
    const now = this.#run.services.clock.now()
    for (const node of Array.from(this.#open())) {
      const { key, deadline = Infinity } = node
      if (node.status !== status || deadline > now) continue
      this.#cut.add(key)
      const failure = passedDeadline(key, deadline)
      if (status === 'running') this.#run.chains.get(key)?.cancel(failure)
      else this.#graph.expire(key, failure)
    }
  }
}
