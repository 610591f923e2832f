// Tests of the sorted set: always what a sorted array would say.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type SortedSet, createSortedSet } from '../../src/journal/sorted-set.ts'

/** Only what is a member can be compared. */
interface Member {
  readonly n: number
}

const shown = (members: Iterable<Member>): string => [...members].map(({ n }) => n).join()

/** What a plain set sorted says of the same changes; from both sides of the pivots too. */
function compareWith(plain: ReadonlySet<number>, set: SortedSet<Member>, pivots: readonly number[]): void {
  const sorted = [...plain].toSorted((a, b) => a - b)
  expect(set.size).toBe(sorted.length)
  expect(set.first()?.n).toBe(sorted[0])
  expect(shown(set.ascending())).toBe(sorted.join())
  expect(shown(set.descending())).toBe(sorted.toReversed().join())
  for (const n of pivots) {
    expect(shown(set.ascending({ n }))).toBe(sorted.filter((value) => value >= n).join())
    const below = sorted.filter((value) => value < n)
    expect(shown(set.descending({ n }))).toBe(below.toReversed().join())
  }
}

function createBoth() {
  const set = createSortedSet<Member>((a, b) => a.n - b.n)
  const plain = new Set<number>()
  return {
    set,
    plain,
    change(adding: boolean, n: number): void {
      if (adding) set.add({ n })
      else set.delete({ n })
      if (adding) plain.add(n)
      else plain.delete(n)
    },
  }
}

describe('a sorted set', () => {
  test('says what a sorted array without doubles would', () => {
    const changes = fc.array(fc.tuple(fc.boolean(), fc.nat(30)), { maxLength: 80, size: 'max' })
    fc.assert(
      fc.property(changes, fc.nat(32), (list, pivot) => {
        const { set, plain, change } = createBoth()
        for (const [adding, value] of list) change(adding, value)
        compareWith(plain, set, [pivot])
      }),
    )
  })

  test('that is empty, or empty again, has nothing, whatever is taken out of it', () => {
    const { set, plain, change } = createBoth()
    compareWith(plain, set, [0])
    for (const [adding, value] of [
      [false, 1],
      [true, 1],
      [false, 2],
      [false, 0],
      [true, 1],
      [false, 1],
      [false, 1],
    ] as const) {
      change(adding, value)
      compareWith(plain, set, [0, 1, 2])
    }
  })

  test.each<readonly [string, (n: number) => number]>([
    ['rising', (n) => n],
    ['falling', (n) => 1_799 - n],
    ['mixed', (n) => (n * 7_919) % 1_801],
  ])('stays sorted over many buckets where members come %s', (_, place) => {
    const { set, plain, change } = createBoth()
    const edges = [-1, 0, 1, 255, 256, 257, 495, 496, 497, 511, 512, 513, 900, 1_799, 1_800, 2_000]
    for (let n = 0; n < 1_800; n++) change(true, place(n))
    compareWith(plain, set, edges)
    for (const value of edges) change(true, value)
    for (let n = 0; n < 1_800; n += 3) change(false, place(n))
    compareWith(plain, set, edges)
    // whole buckets go
    for (let value = 200; value < 1_500; value++) change(false, value)
    compareWith(plain, set, edges)
    for (const value of edges) change(true, value)
    compareWith(plain, set, edges)
  })
})
