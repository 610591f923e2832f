// The small parts: a map that stays empty, copies that may be changed, and texts for people.

import { describe, expect, test } from 'vitest'
import { LazyMap } from '../../src/kernel/lazy-map.ts'
import { formatTime } from '../../src/kernel/local-time.ts'
import { shown } from '../../src/kernel/shown.ts'
import { thaw } from '../../src/kernel/thaw.ts'

test('a lazy map is a map, before something is put into it, after, and after it was cleared', () => {
  const map = new LazyMap<string, number>()
  const isEmpty = (): void => {
    expect([map.size, map.get('a'), map.delete('a')]).toEqual([0, undefined, false])
    expect([[...map.keys()], [...map.values()], [...map.entries()]]).toEqual([[], [], []])
  }
  isEmpty()
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  expect([map.size, map.get('a'), map.get('b')]).toEqual([2, 3, 2])
  expect([...map.keys()]).toEqual(['a', 'b'])
  expect([...map.values()]).toEqual([3, 2])
  expect([...map.entries()]).toEqual([
    ['a', 3],
    ['b', 2],
  ])
  expect([map.delete('b'), map.delete('b'), map.size]).toEqual([true, false, 1])
  map.clear()
  isEmpty()
})

test('a thawed copy is the same all the way down, and may be changed; what is no plain data stays itself', () => {
  const date = new Date(5)
  class Own {
    readonly x = 1
  }
  const own = new Own()
  const bare = Object.assign(Object.create(null) as object, { y: [1] })
  const inner = Object.freeze({ n: 1 })
  const frozen = Object.freeze({
    list: Object.freeze([inner, 'text', null, undefined]),
    map: new Map([[inner, inner]]),
    set: new Set([inner]),
    date,
    own,
    bare,
  })
  const copy = thaw(frozen)
  expect(copy).toEqual({ ...frozen, bare: { y: [1] } })
  expect(Object.isFrozen(copy)).toBe(false)
  const [first] = copy.list as { n: number }[]
  expect(first).not.toBe(inner)
  first!.n = 2
  const [[key, value]] = [...copy.map] as [[object, object]]
  expect([key === inner, value === inner, copy.set.has(inner), inner.n]).toEqual([false, false, false, 1])
  expect([copy.date === date, copy.own === own, copy.bare === bare]).toEqual([true, true, false])
  expect([thaw(7), thaw(null), thaw('x')]).toEqual([7, null, 'x'])
})

test('a moment is told by its time on the same day, else by its day', () => {
  const now = new Date(2026, 10, 22, 23, 59, 59).getTime()
  expect(formatTime(new Date(2026, 10, 22, 1, 2, 3).getTime(), now)).toBe('01:02:03')
  expect(formatTime(new Date(2026, 10, 21, 1, 2, 3).getTime(), now)).toBe('2026-11-21 01:02')
  expect(formatTime(new Date(2025, 0, 5, 13, 40).getTime(), now)).toBe('2025-01-05 13:40')
  expect(formatTime(Number.NaN, now)).toBe('an unknown time')
})

describe('what somebody gave is shown', () => {
  test.each([
    ['text', '"text"'],
    [12n, '12'],
    [Number.NaN, 'NaN'],
    [{ a: [1] }, '{"a":[1]}'],
    [undefined, 'undefined'],
    [Symbol('s'), 'a symbol'],
  ])('%#', (value, text) => expect(shown(value)).toBe(text))

  test('whatever it is, and no more than two hundred characters of it', () => {
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(shown(circle)).toBe('no plain object')
    expect(shown('x'.repeat(198))).toBe(`"${'x'.repeat(198)}"`)
    expect(shown('x'.repeat(199))).toBe(`"${'x'.repeat(199)}...`)
  })
})
