// The codec's fast look: it says yes to what JSON carries as it stands, and leaves all else to the exact walk.

import { expect, test } from 'vitest'
import { hasEscapedKey, isEscapedKey, isJson } from '../../src/kernel/json-shape.ts'

const nested = (levels: number, around: (inner: unknown) => unknown): unknown =>
  Array.from({ length: levels }).reduce((inner) => around(inner), 1 as unknown)

test.each<[string, unknown]>([
  ['a text', 'x'],
  ['a number', -1.5],
  ['zero', 0],
  ['a truth', false],
  ['nothing', null],
  ['an empty list', []],
  ['an empty object', {}],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
  ['a list of all kinds', [1, 'x', true, null, [{ a: [] }], {}]],
  ['an object of all kinds', { a: 1, b: 'x', c: false, d: null, e: [1, 2], f: { g: {} } }],
  ['a dollar among other keys', { $: 1, a: 2 }],
  ['one key that is no dollar', { a: 1 }],
  ['64 lists in each other', nested(64, (inner) => [inner])],
  ['64 objects in each other', nested(64, (inner) => ({ inner }))],
  ['as many as there may be beside each other', Array.from({ length: 1_000 }, () => ({}))],
])('%s is JSON', (_, value) => expect(isJson(value)).toBe(true))

test.each<[string, unknown]>([
  ['NaN', Number.NaN],
  ['an infinity', Number.POSITIVE_INFINITY],
  ['minus zero', -0],
  ['undefined', undefined],
  ['a bigint', 1n],
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['a date', new Date(0)],
  ['a list of another class', new (class Rows extends Array {})()],
  ['a list with a hole', [1, , 3]], // eslint-disable-line no-sparse-arrays
  ['a list whose last is none', [1, 2, undefined]],
  ['an object whose last is none', { a: 1, b: undefined }],
  ['what looks like a tag', { $: 1 }],
  ['65 lists in each other', nested(65, (inner) => [inner])],
  ['65 objects in each other', nested(65, (inner) => ({ inner }))],
  [
    'a getter that throws',
    {
      get a(): never {
        throw new Error('no')
      },
    },
  ],
])('%s is left to the exact walk', (_, value) => {
  expect(isJson(value)).toBe(false)
  expect(isJson([{ value }])).toBe(false)
})

test('each look counts from the beginning', () => {
  const list = Array.from({ length: 600_000 }, () => [])
  expect([isJson(list), isJson(list), isJson([list, list])]).toEqual([true, true, false])
})

test('a key that JSON escapes is found wherever it is', () => {
  for (const key of ['"', '\\', '\n', '\u0000', '\u007f', '\ud800', 'a"b'])
    expect(isEscapedKey(key)).toBe(true)
  for (const key of ['a', '', '\ud83d\ude00', "'", '/', 'ä', '$']) expect(isEscapedKey(key)).toBe(false)
  for (const value of [
    { '"': 1 },
    { a: 1, '"': 1 },
    [1, { '"': 1 }],
    { a: [{ b: { '"': 1 } }] },
    [{ '"': {} }, 1],
  ])
    expect(hasEscapedKey(value)).toBe(true)
  for (const value of [{ a: '"' }, ['"'], '"', null, 1, {}, [], { a: { b: [null] } }])
    expect(hasEscapedKey(value)).toBe(false)
})
