// Tests of the sorted set: always what a sorted array would say.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createSortedSet } from '../../src/journal/sorted-set.ts'

describe('a sorted set', () => {
  test('says what a sorted array without doubles would', () => {
    const changes = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 300 })), { maxLength: 400 })
    fc.assert(
      fc.property(changes, fc.integer({ min: 0, max: 300 }), (list, pivot) => {
        const set = createSortedSet<number>((a, b) => a - b)
        const plain = new Set<number>()
        for (const [adding, value] of list) {
          if (adding) {
            set.add(value)
            plain.add(value)
          } else {
            set.delete(value)
            plain.delete(value)
          }
        }
        const sorted = [...plain].toSorted((a, b) => a - b)
        expect(set.size).toBe(sorted.length)
        expect(set.first()).toBe(sorted[0])
        expect([...set.ascending()]).toEqual(sorted)
        expect([...set.descending()]).toEqual(sorted.toReversed())
        expect([...set.ascending(pivot)]).toEqual(sorted.filter((value) => value >= pivot))
        expect([...set.descending(pivot)]).toEqual(sorted.filter((value) => value < pivot).toReversed())
      }),
    )
  })

  test('stays sorted over many buckets, whether members come rising, falling or mixed', () => {
    for (const place of [(n: number) => n, (n: number) => 5000 - n, (n: number) => (n * 7919) % 5003]) {
      const set = createSortedSet<number>((a, b) => a - b)
      for (let n = 0; n < 5000; n++) set.add(place(n))
      for (let n = 0; n < 5000; n += 3) set.delete(place(n))
      const left = [...set.ascending()]
      expect(left).toEqual(left.toSorted((a, b) => a - b))
      expect(left.length).toBe(set.size)
      expect(set.size).toBe(5000 - 1667)
    }
  })
})
