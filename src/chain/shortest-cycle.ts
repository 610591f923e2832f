// The shortest way round in a knot of nodes, quickly also in knots of thousands.

import { type Edges, knots } from './knots.ts'

/** The nodes of a shortest cycle of a knot, each followed by one that it points to, and the last by the first. */
export function shortestCycle(edges: Edges, knot: readonly number[]): number[] {
  let shortest: number[] = []
  const parts: (readonly number[])[] = [knot]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const nodes = part
    const globally = (locals: readonly number[]): number[] => locals.map((local) => nodes[local] ?? 0)
    const { cycle, rest } = search(within(edges, nodes), shortest.length || Number.POSITIVE_INFINITY)
    if (cycle !== undefined) shortest = globally(cycle)
    for (const inner of rest) parts.push(globally(inner))
  }
  return shortest
}

/** The edges among some nodes, which are counted from 0 on. */
function within(edges: Edges, nodes: readonly number[]): Edges {
  const local = new Map(nodes.map((node, index) => [node, index]))
  return nodes.map((node) => (edges[node] ?? []).flatMap((target) => local.get(target) ?? []))
}

/**
 * Goes round from one node after the other and takes each away, for its cycles are then known. Once that has cost as
 * much as finding the knots that are left, it leaves them to be searched on their own: often there are none.
 */
function search(edges: Edges, best: number): { cycle: number[] | undefined; rest: number[][] } {
  const size = edges.reduce((sum, targets) => sum + targets.length, edges.length)
  const isGone = new Uint8Array(edges.length)
  let cycle: number[] | undefined
  let work = 0
  for (const start of busiestFirst(edges)) {
    const found = wayRound(edges, isGone, { start, below: cycle?.length ?? best })
    isGone[start] = 1
    cycle = found.cycle ?? cycle
    work += found.work
    if (work >= size) break
  }
  const rest = edges.map((targets, node) => (isGone[node] ? [] : targets.filter((target) => !isGone[target])))
  return { cycle, rest: knots(rest) }
}

// Where few nodes close all cycles, many edges tend to meet in them.
function busiestFirst(edges: Edges): number[] {
  const into = new Uint32Array(edges.length)
  for (const targets of edges) for (const target of targets) into[target] = (into[target] ?? 0) + 1
  const ways = (node: number): number => (into[node] ?? 0) * (edges[node]?.length ?? 0)
  return [...edges.keys()].sort((a, b) => ways(b) - ways(a) || a - b)
}

/** A shortest cycle through `start` of fewer than `below` nodes, if there is one: breadth first, level by level. */
function wayRound(
  edges: Edges,
  isGone: Uint8Array,
  { start, below }: { readonly start: number; readonly below: number },
): { cycle?: number[]; work: number } {
  const cameFrom = new Map<number, number>()
  let work = 0
  let level = [start]
  for (let length = 1; length < below && level.length > 0; length++) {
    const following: number[] = []
    for (const node of level) {
      for (const next of edges[node] ?? []) {
        work += 1
        if (next === start) return { cycle: pathTo(node, start, cameFrom), work }
        if (isGone[next] || cameFrom.has(next)) continue
        cameFrom.set(next, node)
        following.push(next)
      }
    }
    level = following
  }
  return { work }
}

function pathTo(end: number, start: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const path = [end]
  for (let node = end; node !== start; path.push(node)) node = cameFrom.get(node) ?? start
  return path.reverse()
}
