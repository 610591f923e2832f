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

  test('the latest counts a fifth against all before, and is told to three digits', () => {
    const durations = createDurations(graph)
    durations.learn('slow', 100)
    expect(durations.dump()).toBe('[["slow",100]]')
    durations.learn('slow', 200)
    durations.learn('slow', 0.004)
    expect(durations.dump()).toBe('[["slow",96.001]]')
  })

  test('what waits behind a chain is reckoned again after 32 that ended, or an eighth of a large graph', () => {
    const chainsUntilTold = (size: number): number => {
      const durations = createDurations(new Map(Array.from({ length: size }, (_, at) => [`${at}`, []])))
      durations.tail('0')
      for (let ended = 1; ; ended++) {
        durations.learn('0', 500)
        if (durations.tail('0') === 500) {
          for (let more = 0; more < ended - 1; more++) durations.learn('0', 1_000)
          expect(durations.tail('0')).toBe(500)
          return ended
        }
      }
    }
    expect([chainsUntilTold(1), chainsUntilTold(256), chainsUntilTold(400)]).toEqual([32, 32, 50])
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
    durations.load('[["gone",5],["slow","long"],[7,7],["quick",7]]')
    durations.load('{}')
    expect(durations.dump()).toBe('[["quick",7]]')
  })

  test('a chain that is not in the graph has nothing behind it', () => {
    expect(createDurations(graph).tail('unknown')).toBe(0)
  })
})
