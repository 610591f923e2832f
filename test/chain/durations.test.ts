// Learned durations: the longest expected path goes first.

import { describe, expect, test } from 'vitest'
import { createDurations } from '../../src/chain/durations.ts'

const graph = new Map([
  ['load', []],
  ['slow', ['load']],
  ['quick', ['load']],
  ['report', ['slow', 'quick']],
])

/** Enough news for the paths to be computed again. */
function learnAll(durations: ReturnType<typeof createDurations>, times: number): void {
  for (let i = 0; i < times; i++) {
    durations.learn('slow', 500)
    durations.learn('quick', 5)
  }
}

describe('learned durations', () => {
  test('before anything ran, only the place in the graph counts', () => {
    const { tail } = createDurations(graph)
    expect([tail('load'), tail('slow'), tail('quick'), tail('report')]).toEqual([3, 2, 2, 1])
  })

  test('what took long goes before what took little', () => {
    const durations = createDurations(graph)
    learnAll(durations, 20)
    expect(durations.tail('slow')).toBeGreaterThan(durations.tail('quick'))
    expect(durations.tail('load')).toBeGreaterThan(500)
  })

  test('what one process learned, the next knows', () => {
    const first = createDurations(graph)
    learnAll(first, 20)
    const second = createDurations(graph)
    second.load(first.dump())
    expect(second.tail('slow')).toBeCloseTo(first.tail('slow'), 3)
  })

  test('what is stored of chains that are gone, or is no duration, is left', () => {
    const durations = createDurations(graph)
    durations.load('[["gone",5],["slow","long"],["quick",7]]')
    durations.load('{}')
    expect(durations.dump()).toBe('[["quick",7]]')
  })

  test('a chain that is not in the graph has nothing behind it', () => {
    expect(createDurations(graph).tail('unknown')).toBe(0)
  })
})
