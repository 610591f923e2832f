// Over random graphs: order, reach, cycles and critical paths against brute force.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { criticalPath } from '../../src/chain/critical-path.ts'
import { findCycles } from '../../src/chain/detect-cycles.ts'
import { ancestors, descendants, type Graph, topologicalOrder } from '../../src/chain/graph.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const needs = (of: readonly string[]): fc.Arbitrary<string[]> =>
  fc.array(fc.constantFrom(...of), { maxLength: 3 })

/** Any graph: cycles, loops, needs named twice and needs that are no nodes. */
const anyGraph: fc.Arbitrary<Graph> = fc
  .tuple(fc.shuffledSubarray(ids), fc.array(needs(ids), { minLength: ids.length, maxLength: ids.length }))
  .map(([nodes, lists]) => new Map(nodes.map((id, index) => [id, lists[index]!])))

/** A graph without cycles: each node needs only such as come before it in the alphabet. */
const acyclic: fc.Arbitrary<Graph> = anyGraph.map(
  (graph) => new Map([...graph].map(([id, list]) => [id, list.filter((need) => need < id)])),
)

/** Every path along needs from a node, the node first, that visits no node twice. */
function pathsFrom(graph: Graph, id: string, before: readonly string[] = []): string[][] {
  const path = [...before, id]
  const on = (graph.get(id) ?? []).filter((need) => graph.has(need) && !path.includes(need))
  return [path, ...on.flatMap((need) => pathsFrom(graph, need, path))]
}

const closes = (graph: Graph, path: readonly string[]): boolean => graph.get(path.at(-1)!)!.includes(path[0]!)
const allPaths = (graph: Graph): string[][] => [...graph.keys()].flatMap((id) => pathsFrom(graph, id))
const reaches = (graph: Graph, from: string, to: string): boolean =>
  graph.get(from)!.some((need) => graph.has(need) && pathsFrom(graph, need).some((path) => path.includes(to)))

test('the order has each node once, after all that it needs', () => {
  fc.assert(
    fc.property(acyclic, (graph) => {
      const order = topologicalOrder(graph)
      expect(order.toSorted()).toEqual([...graph.keys()].toSorted())
      for (const [id, list] of graph) {
        for (const need of list) expect(order.indexOf(need)).toBeLessThan(order.indexOf(id))
      }
    }),
  )
})

test('the order leaves out exactly what is in a cycle or needs one', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const stuck = (id: string): boolean =>
        [id, ...graph.keys()].some((on) => reaches(graph, on, on) && (on === id || reaches(graph, id, on)))
      expect(topologicalOrder(graph).toSorted()).toEqual(
        [...graph.keys()].filter((id) => !stuck(id)).toSorted(),
      )
    }),
  )
})

test('ancestors and descendants are what paths lead to and from', () => {
  fc.assert(
    fc.property(anyGraph, fc.subarray(ids), (graph, given) => {
      const from = given.filter((id) => graph.has(id))
      const nodes = [...graph.keys()].toSorted()
      expect([...ancestors(graph, given)].toSorted()).toEqual(
        nodes.filter((id) => from.some((start) => reaches(graph, start, id))),
      )
      expect([...descendants(graph, given)].toSorted()).toEqual(
        nodes.filter((id) => from.some((start) => reaches(graph, id, start))),
      )
    }),
  )
})

test('each knot is told once, by a real cycle, and none is shorter', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const told = findCycles(graph)
      const cycles = allPaths(graph).filter((path) => closes(graph, path))
      const knots = new Map<string, number>()
      for (const cycle of cycles) {
        const start = cycle[0]!
        const knot = [...graph.keys()].filter(
          (id) => id === start || (reaches(graph, start, id) && reaches(graph, id, start)),
        )
        knots.set(knot.join(''), Math.min(cycle.length, knots.get(knot.join('')) ?? ids.length))
      }
      expect(told).toHaveLength(knots.size)
      for (const cycle of told) {
        expect(cycle.at(-1)).toBe(cycle[0])
        expect(cycles).toContainEqual(cycle.slice(0, -1))
        const [, shortest] = [...knots].find(([knot]) => knot.includes(cycle[0]!))!
        expect(cycle).toHaveLength(shortest + 1)
      }
    }),
    { numRuns: 500 },
  )
})

test('the critical path is the longest of all paths, and each tail the longest that ends there', () => {
  const durations = fc.array(fc.nat({ max: 9 }), { minLength: ids.length, maxLength: ids.length })
  fc.assert(
    fc.property(acyclic, durations, (graph, lengths) => {
      const duration = (id: string): number => lengths[ids.indexOf(id)]!
      const total = (path: readonly string[]): number => path.reduce((sum, id) => sum + duration(id), 0)
      const paths = allPaths(graph)
      const critical = criticalPath(graph, duration)
      expect(critical.length).toBe(Math.max(0, ...paths.map(total)))
      expect(total(critical.ids)).toBe(critical.length)
      if (graph.size > 0) expect(paths).toContainEqual([...critical.ids].toReversed())
      for (const id of graph.keys()) {
        expect(critical.tail.get(id)).toBe(Math.max(...paths.filter((path) => path.at(-1) === id).map(total)))
      }
    }),
  )
})
