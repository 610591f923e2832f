// The graph between chains: its order, and what hangs on what. Pure, and of any size and depth.

/**
 * What each node needs. In all that reads a graph, needs that are no nodes of it are ignored: validation reports
 * them. Where there is a choice, the order in which the nodes were given decides.
 */
export type Graph = ReadonlyMap<string, readonly string[]>

/** The graph turned round: what needs each node. */
export function dependents(graph: Graph): Graph {
  const needing = new Map<string, string[]>()
  for (const id of graph.keys()) needing.set(id, [])
  for (const [id, needs] of graph) for (const need of needs) needing.get(need)?.push(id)
  return needing
}

/** All nodes, each after what it needs; those in a cycle, and those that need such a one, are left out. */
export function topologicalOrder(graph: Graph): string[] {
  const needing = dependents(graph)
  const unmet = new Map<string, number>()
  for (const [id, needs] of graph) unmet.set(id, needs.filter((need) => graph.has(need)).length)
  const order = [...graph.keys()].filter((id) => unmet.get(id) === 0)
  // Grows while it is read: a node joins when the last of its needs is passed.
  for (const id of order) {
    for (const waiting of needing.get(id) ?? []) {
      const left = (unmet.get(waiting) ?? 0) - 1
      unmet.set(waiting, left)
      if (left === 0) order.push(waiting)
    }
  }
  return order
}

/** All that needs one of `from`, directly or through others; one of `from` itself only where another leads to it. */
export function descendants(graph: Graph, from: Iterable<string>): Set<string> {
  return reached(dependents(graph), from)
}

/** All that one of `from` needs, directly or through others; one of `from` itself only where another leads to it. */
export function ancestors(graph: Graph, from: Iterable<string>): Set<string> {
  return reached(graph, from)
}

function reached(edges: Graph, from: Iterable<string>): Set<string> {
  const found = new Set<string>()
  for (const start of from) {
    for (const next of edges.get(start) ?? []) if (edges.has(next)) found.add(next)
  }
  // A set may grow while it is read: what is added is read too.
  for (const id of found) {
    for (const next of edges.get(id) ?? []) if (edges.has(next)) found.add(next)
  }
  return found
}
