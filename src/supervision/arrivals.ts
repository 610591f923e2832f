// Who waits for whom in a run and how far they are: kept up as chains end, so that each end costs what it touches.

import type { UpstreamState } from '../../machines/trigger-rules.ts'
import { arrivalOf } from '../journal/arrival.ts'
import type { NodeState } from '../journal/run-state.ts'

/** How the upstreams of a chain stand. */
interface Waiting {
  /** Those that its rule judges. */
  readonly hard: Record<UpstreamState, number>
  /** Those whose end it only waits for, and that have not ended. */
  soft: number
}

interface Edge {
  readonly to: Waiting
  readonly soft: boolean
}

export function isSettled({ status }: NodeState): boolean {
  return status !== 'pending' && status !== 'running'
}

/**
 * Derived from the nodes, and never kept: made anew where a run comes back. Whoever changes a node says so by `moved`;
 * to say it twice does no harm.
 */
export class Arrivals {
  readonly #known = new Map<string, UpstreamState>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #edges = new Map<string, Edge[]>()
  /** How many that have not ended wait for a chain. */
  readonly #wanted = new Map<string, number>()
  #unsettled = 0

  constructor(nodes: ReadonlyMap<string, NodeState>) {
    for (const node of nodes.values()) {
      const arrival = arrivalOf(node)
      this.#known.set(node.key, arrival)
      if (arrival === 'pending') this.#unsettled++
      if (node.needs.length > 0) this.#take(node, nodes)
    }
  }

  /** Whether all chains of the run have ended. */
  get settled(): boolean {
    return this.#unsettled === 0
  }

  of(key: string): Waiting | undefined {
    return this.#waiting.get(key)
  }

  /** Whether one that has not ended waits for it. */
  wanted(key: string): boolean {
    return (this.#wanted.get(key) ?? 0) > 0
  }

  /** A chain has another status, or is new: one that was called. */
  moved(node: NodeState): void {
    const before = this.#known.get(node.key)
    const after = arrivalOf(node)
    if (before === after) return
    this.#known.set(node.key, after)
    if (after === 'pending') this.#unsettled++
    else if (before === 'pending') this.#unsettled--
    if (before === undefined) return
    for (const { to, soft } of this.#edges.get(node.key) ?? []) {
      if (!soft) {
        to.hard[before]--
        to.hard[after]++
      } else if (after === 'pending') to.soft++
      else if (before === 'pending') to.soft--
    }
    if (before !== 'pending' && after !== 'pending') return
    for (const { key } of node.needs) this.#want(key, after === 'pending' ? 1 : -1)
  }

  #take(node: NodeState, nodes: ReadonlyMap<string, NodeState>): void {
    const to: Waiting = {
      hard: { pending: 0, success: 0, failed: 0, skipped: 0, upstream_failed: 0 },
      soft: 0,
    }
    this.#waiting.set(node.key, to)
    for (const { key, kind } of node.needs) {
      const soft = kind !== 'hard'
      const arrival = arrivalOf(nodes.get(key))
      if (!soft) to.hard[arrival]++
      else if (arrival === 'pending') to.soft++
      const edges = this.#edges.get(key)
      if (edges === undefined) this.#edges.set(key, [{ to, soft }])
      else edges.push({ to, soft })
      if (!isSettled(node)) this.#want(key, 1)
    }
  }

  #want(key: string, by: number): void {
    this.#wanted.set(key, (this.#wanted.get(key) ?? 0) + by)
  }
}
