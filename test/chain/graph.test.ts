// The graph of needs: its order and reach, on graphs small enough to see and large enough to overflow.

import { expect, test } from 'vitest'
import { ancestors, dependents, descendants, type Graph, topologicalOrder } from '../../src/chain/graph.ts'

const graph = (needs: Record<string, readonly string[]>): Graph => new Map(Object.entries(needs))
const chains = graph({
  report: ['load', 'rates'],
  load: ['extract'],
  alert: [],
  extract: [],
  rates: ['extract'],
})

test('each chain comes after what it needs, and otherwise in the order given', () => {
  expect(topologicalOrder(chains)).toEqual(['alert', 'extract', 'load', 'rates', 'report'])
})

test('a cycle and what needs it are left out of the order', () => {
  const knotted = graph({ a: ['b'], b: ['a'], c: ['a'], d: [], e: ['d', 'd'], f: ['f'] })
  expect(topologicalOrder(knotted)).toEqual(['d', 'e'])
})

test('needs that are no chains of the graph are ignored', () => {
  const broken = graph({ a: ['ghost'], b: ['a', 'toString'] })
  expect(topologicalOrder(broken)).toEqual(['a', 'b'])
  expect([...ancestors(broken, ['b'])]).toEqual(['a'])
  expect([...descendants(broken, ['ghost'])]).toEqual([])
  expect(dependents(broken)).toEqual(graph({ a: ['b'], b: [] }))
})

test('descendants are all that needs a chain, ancestors all that it needs', () => {
  expect([...descendants(chains, ['extract'])].toSorted()).toEqual(['load', 'rates', 'report'])
  expect([...ancestors(chains, ['report'])].toSorted()).toEqual(['extract', 'load', 'rates'])
  expect([...descendants(chains, ['load', 'rates'])]).toEqual(['report'])
  expect([...descendants(chains, ['extract', 'load'])].toSorted()).toEqual(['load', 'rates', 'report'])
  expect([...ancestors(chains, ['alert'])]).toEqual([])
})

test('a line of 10,000 chains is ordered and walked without overflow', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `c${index}`)
  const line: Graph = new Map(ids.map((id, index) => [id, ids.slice(index + 1, index + 2)]))
  expect(topologicalOrder(line)).toEqual(ids.toReversed())
  expect(ancestors(line, ['c0']).size).toBe(9_999)
  expect(descendants(line, ['c9999']).size).toBe(9_999)
})
