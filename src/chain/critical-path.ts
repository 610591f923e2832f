// The critical path: what each node still holds up, and the longest such path through the graph.

import { dependents, type Graph, topologicalOrder } from './graph.ts'

export interface CriticalPath {
  /** The longest path, from a node that needs nothing to one that nothing needs. */
  readonly ids: readonly string[]
  /** Its duration: no number of hands can finish sooner. */
  readonly length: number
  /** For each node, the longest path from it to an end, itself included: the longer, the sooner it should start. */
  readonly tail: ReadonlyMap<string, number>
}

/**
 * Measures the graph by the durations of its nodes; what is no duration, such as NaN, counts as 0. Nodes in a cycle,
 * and those that need such a one, are left out.
 */
export function criticalPath(graph: Graph, duration: (id: string) => number): CriticalPath {
  const order = topologicalOrder(graph)
  const needing = dependents(graph)
  const tail = new Map<string, number>()
  const next = new Map<string, string>()
  for (const id of order.toReversed()) {
    const longest = longestOf(needing.get(id) ?? [], tail)
    tail.set(id, (longest === undefined ? 0 : (tail.get(longest) ?? 0)) + positive(duration(id)))
    if (longest !== undefined) next.set(id, longest)
  }
  const ids: string[] = []
  // what needs nothing comes first in the order, and holds up no less than what needs it
  const first = longestOf(order, tail)
  for (let id = first; id !== undefined; id = next.get(id)) ids.push(id)
  return { ids, length: first === undefined ? 0 : (tail.get(first) ?? 0), tail }
}

function longestOf(ids: readonly string[], tail: ReadonlyMap<string, number>): string | undefined {
  let longest: string | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const id of ids) {
    const length = tail.get(id)
    if (length === undefined || length <= most) continue
    longest = id
    most = length
  }
  return longest
}

function positive(ms: number): number {
  return ms > 0 ? ms : 0
}
