// The seeded generator: the same numbers for a seed, other numbers for another, spread evenly.

import { expect, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'

const take = (count: number, seed: number): number[] => {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => random())
}

test('the same seed gives the same numbers', () => {
  expect(take(100, 7)).toEqual(take(100, 7))
})

test('a seed gives the numbers that it has always given, so that what was seen once is seen again', () => {
  expect(take(5, 42)).toEqual([
    0.9882060433737934, 0.6030943067744374, 0.10800037928856909, 0.21674287412315607, 0.9656501736026257,
  ])
})

test('near seeds, fractions and huge seeds all give other numbers', () => {
  const seeds = [0, -0, 1, 2, 3, -1, 0.5, 2 ** 32, 2 ** 33, Number.MAX_SAFE_INTEGER, Number.NaN]
  const numbers = seeds.flatMap((seed) => take(20, seed))
  expect(new Set(numbers).size).toBe(numbers.length)
})

test('the numbers lie in [0, 1) and are spread evenly', () => {
  const numbers = take(100_000, 1)
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length / numbers.length
    expect(share).toBeCloseTo(0.1, 2)
  }
})
