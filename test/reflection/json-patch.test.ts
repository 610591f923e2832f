// JSON patches: the examples of RFC 6902, pointers, and inverses that take back exactly what was done.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyJsonPatch, type JsonOperation, pointerTo } from '../../src/reflection/json-patch.ts'

interface Example {
  readonly what: string
  readonly before: object
  readonly patch: readonly JsonOperation[]
  readonly after?: object
}

/** Appendix A of RFC 6902, by number. */
const examples: readonly Example[] = [
  {
    what: 'A.1 adding an object member',
    before: { foo: 'bar' },
    patch: [{ op: 'add', path: '/baz', value: 'qux' }],
    after: { baz: 'qux', foo: 'bar' },
  },
  {
    what: 'A.2 adding an array element',
    before: { foo: ['bar', 'baz'] },
    patch: [{ op: 'add', path: '/foo/1', value: 'qux' }],
    after: { foo: ['bar', 'qux', 'baz'] },
  },
  {
    what: 'A.3 removing an object member',
    before: { baz: 'qux', foo: 'bar' },
    patch: [{ op: 'remove', path: '/baz' }],
    after: { foo: 'bar' },
  },
  {
    what: 'A.4 removing an array element',
    before: { foo: ['bar', 'qux', 'baz'] },
    patch: [{ op: 'remove', path: '/foo/1' }],
    after: { foo: ['bar', 'baz'] },
  },
  {
    what: 'A.5 replacing a value',
    before: { baz: 'qux', foo: 'bar' },
    patch: [{ op: 'replace', path: '/baz', value: 'boo' }],
    after: { baz: 'boo', foo: 'bar' },
  },
  {
    what: 'A.6 moving a value',
    before: { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    patch: [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    after: { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  },
  {
    what: 'A.7 moving an array element',
    before: { foo: ['all', 'grass', 'cows', 'eat'] },
    patch: [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    after: { foo: ['all', 'cows', 'eat', 'grass'] },
  },
  {
    what: 'A.8 testing a value: success',
    before: { baz: 'qux', foo: ['a', 2, 'c'] },
    patch: [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    after: { baz: 'qux', foo: ['a', 2, 'c'] },
  },
  {
    what: 'A.9 testing a value: error',
    before: { baz: 'qux' },
    patch: [{ op: 'test', path: '/baz', value: 'bar' }],
  },
  {
    what: 'A.10 adding a nested member object',
    before: { foo: 'bar' },
    patch: [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    after: { foo: 'bar', child: { grandchild: {} } },
  },
  {
    what: 'A.12 adding to a nonexistent target',
    before: { foo: 'bar' },
    patch: [{ op: 'add', path: '/baz/bat', value: 'qux' }],
  },
  {
    what: 'A.14 ~ escape ordering',
    before: { '/': 9, '~1': 10 },
    patch: [{ op: 'test', path: '/~01', value: 10 }],
    after: { '/': 9, '~1': 10 },
  },
  {
    what: 'A.15 comparing strings and numbers',
    before: { '/': 9, '~1': 10 },
    patch: [{ op: 'test', path: '/~01', value: '10' }],
  },
  {
    what: 'A.16 adding an array value',
    before: { foo: ['bar'] },
    patch: [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    after: { foo: ['bar', ['abc', 'def']] },
  },
]

describe('a JSON patch', () => {
  test.each(examples)('does as the RFC shows: $what', ({ before, patch, after }) => {
    const document = structuredClone(before)
    if (after === undefined) {
      expect(() => applyJsonPatch(document, patch)).toThrow(
        expect.objectContaining({ code: 'PATCH_REFUSED' }) as Error,
      )
      return
    }
    const inverse = applyJsonPatch(document, patch)
    expect(document).toEqual(after)
    applyJsonPatch(document, inverse)
    expect(document).toEqual(before)
  })

  test.each<readonly [JsonOperation, string]>([
    [
      { op: 'add', path: 'foo', value: 1 },
      'that is no JSON pointer: it begins with a slash, and ~ is written ~0',
    ],
    [{ op: 'add', path: '/~2', value: 1 }, 'that is no JSON pointer'],
    [{ op: 'remove', path: '/none' }, 'there is no such place'],
    [{ op: 'replace', path: '/none', value: 1 }, 'there is no such place'],
    [{ op: 'replace', path: '', value: {} }, 'the whole document cannot be replaced: name a place in it'],
    [{ op: 'add', path: '/none/x', value: 1 }, 'there is nothing there to hold it'],
    [{ op: 'add', path: '/text/0', value: 1 }, 'there is nothing there to hold it'],
    [{ op: 'add', path: '/nothing/x', value: 1 }, 'there is nothing there to hold it'],
    [{ op: 'add', path: '/toString/x', value: 1 }, 'there is nothing there to hold it'],
    [{ op: 'add', path: '/__proto__/x', value: 1 }, '__proto__ is no name'],
    [{ op: 'test', path: '/list/__proto__', value: 1 }, '__proto__ is no name'],
    [{ op: 'add', path: '/list/01', value: 1 }, '"01" is no place in that list'],
    [{ op: 'add', path: '/list/1a', value: 1 }, '"1a" is no place in that list'],
    [{ op: 'add', path: '/list/9', value: 1 }, '"9" is no place in that list'],
    [{ op: 'replace', path: '/list/2', value: 1 }, '"2" is no place in that list'],
    [{ op: 'remove', path: '/list/-', value: 1 } as JsonOperation, '"-" is no place in that list'],
    [{ op: 'add', path: '/list/2/x', value: 1 }, '"2" is no place in that list'],
    [{ op: 'move', from: '/list', path: '/list/0' }, 'nothing can be moved into itself'],
    [{ op: 'copy', from: '/none', path: '/list/0' }, 'there is no such place'],
    [{ op: 'test', path: '/text', value: 1 }, 'it is "text", not 1'],
  ])('refuses %j, and says why', (operation, why) => {
    const document = { list: [{ x: 1 }, 2], text: 'text', nothing: null }
    const before = structuredClone(document)
    const fits: JsonOperation = { op: 'test', path: '/text', value: 'text' }
    const place = `operation 2 (${operation.op} ${operation.path}) does not fit: ${why}`
    expect(() => applyJsonPatch(document, [fits, operation])).toThrow(
      expect.objectContaining({
        code: 'PATCH_REFUSED',
        message: expect.stringContaining(place) as string,
      }) as Error,
    )
    expect(document).toEqual(before)
  })

  test.each<readonly [string, readonly JsonOperation[], object]>([
    ['copies', [{ op: 'copy', from: '/list/1', path: '/copy' }], { list: [1, { x: 2 }], copy: { x: 2 } }],
    [
      'copies into a list',
      [{ op: 'copy', from: '/list', path: '/list/0' }],
      { list: [[1, { x: 2 }], 1, { x: 2 }] },
    ],
    ['goes through lists', [{ op: 'add', path: '/list/1/y', value: 3 }], { list: [1, { x: 2, y: 3 }] }],
    ['goes through the first', [{ op: 'replace', path: '/list/0', value: [] }], { list: [[], { x: 2 }] }],
    ['adds at the end', [{ op: 'add', path: '/list/2', value: 3 }], { list: [1, { x: 2 }, 3] }],
    [
      'leaves what is moved to where it is',
      [{ op: 'move', from: '/list', path: '/list' }],
      { list: [1, { x: 2 }] },
    ],
    ['moves beside a longer name', [{ op: 'move', from: '/list', path: '/lists' }], { lists: [1, { x: 2 }] }],
    [
      'tests the whole document',
      [{ op: 'test', path: '', value: { list: [1, { x: 2 }] } }],
      { list: [1, { x: 2 }] },
    ],
    ['takes an empty name', [{ op: 'add', path: '/', value: 1 }], { list: [1, { x: 2 }], '': 1 }],
  ])('%s, and is taken back', (_, patch, after) => {
    const document = { list: [1, { x: 2 }] }
    const inverse = applyJsonPatch(document, patch)
    expect(document).toEqual(after)
    applyJsonPatch(document, inverse)
    expect(document).toEqual({ list: [1, { x: 2 }] })
  })

  test('of several lists goes into the places within them', () => {
    const document = { rows: [[1, 2], [{ x: [3] }]] }
    applyJsonPatch(document, [{ op: 'replace', path: '/rows/1/0/x/0', value: 4 }])
    expect(document).toEqual({ rows: [[1, 2], [{ x: [4] }]] })
  })

  test('keeps a copy of what it is given, and gives one of what was there', () => {
    const value = { x: 1 }
    const document: Record<string, unknown> = { was: { y: 1 } }
    const { was } = document
    const inverse = applyJsonPatch(document, [
      { op: 'add', path: '/is', value },
      { op: 'replace', path: '/was', value: 1 },
    ])
    value.x = 2
    Object.assign(was as object, { y: 2 })
    expect(document).toEqual({ is: { x: 1 }, was: 1 })
    applyJsonPatch(document, inverse)
    expect(document).toEqual({ was: { y: 1 } })
  })

  test('throws what a document of another kind throws', () => {
    const document = Object.freeze({ a: 1 })
    expect(() => applyJsonPatch(document, [{ op: 'replace', path: '/a', value: 2 }])).toThrow(TypeError)
  })

  test('is taken back exactly by its inverse, which refuses where something came after', () => {
    const names = fc.constantFrom('a', 'b/c', 'd~e', '')
    const values = fc.jsonValue({ maxDepth: 2 })
    const documents = fc.dictionary(names, fc.dictionary(names, values))
    const operations = fc.array(
      fc.record({
        op: fc.constantFrom('add' as const, 'replace' as const, 'remove' as const),
        names: fc.array(names, { minLength: 1, maxLength: 2 }),
        value: values,
      }),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(documents, operations, (given, wanted) => {
        const before = JSON.parse(JSON.stringify(given)) as Record<string, unknown>
        const document = structuredClone(before)
        const inverses = wanted.flatMap((one) => {
          try {
            return [applyJsonPatch(document, [{ ...one, path: pointerTo(...one.names) }])]
          } catch {
            return []
          }
        })
        for (const inverse of inverses.toReversed()) applyJsonPatch(document, inverse)
        expect(document).toEqual(before)
      }),
    )
    const later = { a: 1 }
    const inverse = applyJsonPatch(later, [{ op: 'replace', path: '/a', value: 2 }])
    later.a = 3
    expect(() => applyJsonPatch(later, inverse)).toThrow('it is 3, not 2')
  })
})
