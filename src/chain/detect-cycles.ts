// Finds what can never run because it waits for itself, and tells it as a path that a person can follow.

import type { Graph } from './graph.ts'
import { knots } from './knots.ts'

/**
 * One shortest cycle of each knot of nodes that all wait for each other, each as a path that ends where it began:
 * `[report, load, extract, report]` says that report needs load, load needs extract, and extract needs report. It
 * begins with its node that was given first.
 */
export function findCycles(graph: Graph): string[][] {
  const ids = [...graph.keys()]
  const indexOf = new Map(ids.map((id, index) => [id, index]))
  const edges = ids.map((id) =>
    [...new Set(graph.get(id))].map((need) => indexOf.get(need) ?? -1).filter((need) => need >= 0),
  )
  return knots(edges)
    .map((knot) => shortestCycle(edges, knot))
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
    .map((cycle) => [...cycle, ...cycle.slice(0, 1)].map((index) => ids[index] ?? ''))
}

/** The shortest way round within one knot, beginning with its lowest node. */
function shortestCycle(edges: readonly (readonly number[])[], knot: readonly number[]): number[] {
  const within = new Set(knot)
  const inner = new Map(knot.map((node) => [node, (edges[node] ?? []).filter((next) => within.has(next))]))
  // Every cycle passes a node with a choice of ways, unless the whole knot is one ring.
  const forks = knot.filter((node) => (inner.get(node)?.length ?? 0) > 1)
  let shortest: number[] | undefined
  for (const start of forks.length > 0 ? forks : knot.slice(0, 1)) {
    shortest = wayRound(inner, start, shortest?.length ?? Number.POSITIVE_INFINITY) ?? shortest
    if (shortest?.length === 1) break
  }
  return fromLowest(shortest ?? [])
}

/** The shortest cycle through `start` with fewer than `limit` nodes, if there is one: breadth first, level by level. */
function wayRound(
  inner: ReadonlyMap<number, readonly number[]>,
  start: number,
  limit: number,
): number[] | undefined {
  const cameFrom = new Map<number, number>()
  let level = [start]
  for (let length = 1; length < limit && level.length > 0; length++) {
    const following: number[] = []
    for (const node of level) {
      for (const next of inner.get(node) ?? []) {
        if (next === start) return pathTo(node, start, cameFrom)
        if (cameFrom.has(next)) continue
        cameFrom.set(next, node)
        following.push(next)
      }
    }
    level = following
  }
  return undefined
}

function pathTo(end: number, start: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const path = [end]
  for (let node = end; node !== start; path.push(node)) node = cameFrom.get(node) ?? start
  return path.reverse()
}

function fromLowest(cycle: readonly number[]): number[] {
  const lowest = cycle.reduce((low, node, index) => (node < (cycle[low] ?? node) ? index : low), 0)
  return [...cycle.slice(lowest), ...cycle.slice(0, lowest)]
}
