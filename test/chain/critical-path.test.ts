// The critical path: the longest way through the graph, and what each chain still holds up.

import { expect, test } from 'vitest'
import { criticalPath } from '../../src/chain/critical-path.ts'
import type { Graph } from '../../src/chain/graph.ts'

const graph = (needs: Record<string, readonly string[]>): Graph => new Map(Object.entries(needs))
const chains = graph({
  report: ['load', 'rates'],
  load: ['extract'],
  alert: [],
  extract: [],
  rates: ['extract'],
})
const durations: Record<string, number> = { report: 2, load: 10, rates: 3, extract: 5, alert: 16 }

test('the longest path is told in the order in which it runs', () => {
  const path = criticalPath(chains, (id) => durations[id]!)
  expect(path.ids).toEqual(['extract', 'load', 'report'])
  expect(path.length).toBe(17)
})

test('the tail of each chain is the longest path from it to an end, itself included', () => {
  const { tail } = criticalPath(chains, (id) => durations[id]!)
  expect(Object.fromEntries(tail)).toEqual({ extract: 17, alert: 16, load: 12, rates: 5, report: 2 })
})

test('what is no duration counts as 0, and the path still ends where nothing follows', () => {
  const path = criticalPath(chains, (id) => (id === 'alert' ? -1 : Number.NaN))
  expect(path.length).toBe(0)
  expect(path.ids).toEqual(['alert'])
  expect(criticalPath(graph({ a: [], b: ['a'] }), () => 0).ids).toEqual(['a', 'b'])
})

test('an empty graph has an empty path', () => {
  expect(criticalPath(new Map(), () => 1)).toEqual({ ids: [], length: 0, tail: new Map() })
})

test('a cycle and what needs it are left out, and unknown needs ignored', () => {
  const path = criticalPath(graph({ a: ['b'], b: ['a'], c: ['a'], d: ['ghost'], e: ['d'] }), () => 1)
  expect(path.ids).toEqual(['d', 'e'])
  expect([...path.tail.keys()].toSorted()).toEqual(['d', 'e'])
})

test('10,000 chains in layers are measured, each once', () => {
  const layered: Graph = new Map(
    Array.from({ length: 10_000 }, (_, index) => {
      const layer = index - (index % 100)
      return [
        `${index}`,
        layer === 0 ? [] : [0, 1, 2].map((step) => `${layer - 100 + ((index + step) % 100)}`),
      ]
    }),
  )
  let asked = 0
  const path = criticalPath(layered, () => {
    asked += 1
    return 1
  })
  expect(path.length).toBe(100)
  expect(asked).toBe(10_000)
})

test('a line of 10,000 chains is measured without overflow', () => {
  const line: Graph = new Map(
    Array.from({ length: 10_000 }, (_, index) => [`${index}`, index === 0 ? [] : [`${index - 1}`]]),
  )
  expect(criticalPath(line, () => 2)).toMatchObject({ length: 20_000 })
})
