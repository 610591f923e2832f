// Cycles among needs: which are told, how they read, and that large knots are no trouble.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { findCycles } from '../../src/chain/detect-cycles.ts'
import type { Graph } from '../../src/chain/graph.ts'
import { createRandom } from '../../src/kernel/random.ts'

const graph = (needs: Record<string, readonly string[]>): Graph => new Map(Object.entries(needs))
const numbered = (size: number, needs: (index: number) => readonly number[]): Graph =>
  new Map(Array.from({ length: size }, (_, index) => [`${index}`, needs(index).map(String)]))

test('a graph without cycles has none', () => {
  expect(findCycles(graph({ a: ['b', 'c'], b: ['c'], c: [] }))).toEqual([])
  expect(findCycles(graph({}))).toEqual([])
})

test('a cycle is told as a path that ends where it began', () => {
  const chains = graph({
    start: [],
    report: ['load', 'start'],
    load: ['extract'],
    extract: ['report'],
    end: ['report'],
  })
  expect(findCycles(chains)).toEqual([['report', 'load', 'extract', 'report']])
})

test('a chain that needs itself is a cycle', () => {
  expect(findCycles(graph({ a: ['a'] }))).toEqual([['a', 'a']])
})

test('each knot is told once, by a shortest cycle, in the order given', () => {
  const chains = graph({
    z: ['y'],
    y: ['z', 'x'],
    x: ['z'],
    a: ['b', 'z'],
    b: ['c'],
    c: ['d', 'a'],
    d: ['e'],
    e: ['b'],
    s: ['s', 'z'],
  })
  expect(findCycles(chains)).toEqual([
    ['z', 'y', 'z'],
    ['a', 'b', 'c', 'a'],
    ['s', 's'],
  ])
})

test('needs that are no chains, or are named twice, make no cycle', () => {
  expect(findCycles(graph({ a: ['ghost', 'b', 'b'], b: ['toString'] }))).toEqual([])
})

test('a ring of 10,000 chains is told whole, without overflow', () => {
  const ring = numbered(10_000, (index) => [(index + 1) % 10_000])
  expect(findCycles(ring)[0]).toEqual([...ring.keys(), '0'])
})

test('the shortest way round is found in a knot of 10,000 chains in layers', () => {
  // Every chain needs three of the next layer, and one of the last layer needs one of the first: 100 chains a cycle.
  const layered = numbered(10_000, (index) => {
    if (index >= 9_900) return index === 9_950 ? [50] : []
    const next = index - (index % 100) + 100
    return [0, 1, 99].map((step) => next + ((index + step) % 100))
  })
  const [cycle, ...others] = findCycles(layered)
  expect(others).toEqual([])
  expect(cycle).toHaveLength(101)
  for (const [index, id] of cycle!.slice(0, -1).entries())
    expect(layered.get(id)).toContain(cycle![index + 1])
})

test('a tangle of 10,000 chains that need three others by chance is no trouble', () => {
  const random = createRandom(1)
  const tangle = numbered(10_000, () => Array.from({ length: 3 }, () => Math.floor(random() * 10_000)))
  for (const cycle of findCycles(tangle)) {
    for (const [index, id] of cycle.slice(0, -1).entries()) expect(tangle.get(id)).toContain(cycle[index + 1])
  }
})

test('over any graph, each knot is told once, by a way round as short as any, from its first chain on', () => {
  const edges = fc
    .integer({ min: 1, max: 9 })
    .chain((size) =>
      fc.array(fc.array(fc.nat({ max: size - 1 }), { maxLength: 3 }), { minLength: size, maxLength: size }),
    )
  fc.assert(
    fc.property(edges, (needs) => {
      const ways = waysBetween(needs)
      const round = (node: number): number => ways[node]?.[node] ?? Infinity
      const knotOf = (node: number): number =>
        needs.findIndex((_, other) => (ways[node]?.[other] ?? 0) + (ways[other]?.[node] ?? 0) < Infinity)
      const shortest = new Map<number, number>()
      for (const node of needs.keys())
        if (round(node) < Infinity)
          shortest.set(knotOf(node), Math.min(round(node), shortest.get(knotOf(node)) ?? Infinity))
      const told = findCycles(numbered(needs.length, (index) => needs[index] ?? [])).map((cycle) =>
        cycle.map(Number),
      )
      expect(
        told
          .map(([first = 0, ...rest]) => [knotOf(first), rest.length])
          .toSorted(([a = 0], [b = 0]) => a - b),
      ).toEqual([...shortest].toSorted(([a], [b]) => a - b))
      for (const cycle of told) {
        expect(cycle.at(-1)).toBe(Math.min(...cycle))
        for (const [at, node] of cycle.slice(1).entries()) expect(needs[cycle[at] ?? 0]).toContain(node)
      }
      expect(told.map(([first = 0]) => first)).toEqual(
        told.map(([first = 0]) => first).toSorted((a, b) => a - b),
      )
    }),
    { numRuns: 300 },
  )
})

/** How many needs lie between any two, by Floyd and Warshall; of a node and itself, the shortest way round. */
function waysBetween(needs: readonly (readonly number[])[]): number[][] {
  const ways = needs.map((targets) => needs.map((_, to) => (targets.includes(to) ? 1 : Infinity)))
  for (const via of needs.keys())
    for (const row of ways)
      for (const to of row.keys()) row[to] = Math.min(row[to] ?? 0, (row[via] ?? 0) + (ways[via]?.[to] ?? 0))
  return ways
}
