// Finds what can never run because it waits for itself, and tells it as a path that a person can follow.

import type { Graph } from './graph.ts'
import { knots } from './knots.ts'
import { shortestCycle } from './shortest-cycle.ts'

/**
 * One shortest cycle of each knot of nodes that all wait for each other, each as a path that ends where it began:
 * `[report, load, extract, report]` says that report needs load, load needs extract, and extract needs report. It
 * begins with that of its nodes that was given first.
 */
export function findCycles(graph: Graph): string[][] {
  const ids = [...graph.keys()]
  const indexOf = new Map(ids.map((id, index) => [id, index]))
  const edges = ids.map((id) => (graph.get(id) ?? []).flatMap((need) => indexOf.get(need) ?? []))
  return knots(edges)
    .map((knot) => fromLowest(shortestCycle(edges, knot)))
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
    .map((cycle) => [...cycle, ...cycle.slice(0, 1)].map((index) => ids[index] ?? ''))
}

function fromLowest(cycle: readonly number[]): number[] {
  const lowest = cycle.reduce((low, node, index) => (node < (cycle[low] ?? node) ? index : low), 0)
  return [...cycle.slice(lowest), ...cycle.slice(0, lowest)]
}
