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

  test('refuses what is no pointer, what is not there, the whole document, and a prototype', () => {
    const bad: readonly JsonOperation[] = [
      { op: 'add', path: 'foo', value: 1 },
      { op: 'add', path: '/~2', value: 1 },
      { op: 'remove', path: '/none' },
      { op: 'replace', path: '/none', value: 1 },
      { op: 'replace', path: '', value: {} },
      { op: 'add', path: '/__proto__/x', value: 1 },
      { op: 'add', path: '/list/01', value: 1 },
      { op: 'add', path: '/list/9', value: 1 },
      { op: 'move', from: '/list', path: '/list/0' },
    ]
    for (const one of bad)
      expect(() => applyJsonPatch({ list: [1] }, [one]), one.path).toThrow(
        expect.objectContaining({ code: 'PATCH_REFUSED' }) as Error,
      )
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
