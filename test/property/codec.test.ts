// Over generated payloads: whatever is encoded comes back, and whatever cannot be is refused with its path.

import { deepStrictEqual } from 'node:assert/strict'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, decode, encode } from '../../src/kernel/codec.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'

const nasty = fc.constantFrom(
  '__proto__',
  '$',
  'constructor',
  'toJSON',
  '{"$":',
  '"',
  '\\',
  '\ud800',
  '',
  '0',
  'x y',
)
const text = fc.oneof(fc.string({ unit: 'binary' }), nasty)

const payload = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    text,
    fc.double(),
    fc.constantFrom(undefined, null, true, -0),
    fc.bigInt(),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array(),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(text, tie('any'), { maxKeys: 4, noNullPrototype: true }),
    fc.record({ $: tie('any') }, { noNullPrototype: true }),
    fc.array(fc.tuple(tie('any'), tie('any')), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie('any'), { maxLength: 3 }).map((items) => new Set(items)),
  ),
})).any

test('what is encoded comes back', () => {
  fc.assert(
    fc.property(payload, (value) => deepStrictEqual(decode(encode(value, 'value')), value)),
    { numRuns: 2_000 },
  )
})

test('the canonical text decodes to the value too, and is stable', () => {
  fc.assert(
    fc.property(payload, (value) => {
      const once = canonical(value)
      deepStrictEqual(decode(once), value)
      expect(canonical(decode(once))).toBe(once)
    }),
    { numRuns: 1_000 },
  )
})

test('all that fast-check can make is either brought back or refused by name', () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withUnicodeString: true,
  })
  fc.assert(
    fc.property(anything, (value) => {
      let json: string
      try {
        json = encode(value, 'the value')
      } catch (error) {
        expect(CatenaryError.is(error)).toBe(true)
        expect((error as Error).message).toMatch(/^the value(: .+)? (is|closes|cannot) .+; .+/s)
        return
      }
      expect(decode(json)).toEqual(value)
    }),
    { numRuns: 2_000 },
  )
})

test('one bad leaf anywhere is refused with the path that leads to it', () => {
  const bad = fc.constantFrom<unknown>(
    () => 1,
    Symbol('s'),
    new WeakMap(),
    Promise.resolve(),
    new (class X {
      readonly port = 1
    })(),
  )
  const path = fc.array(fc.oneof(fc.nat({ max: 3 }), fc.constantFrom('a', '__proto__', 'x y')), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(bad, path, (leaf, steps) => {
      let value = leaf
      let told = ''
      for (const step of steps.toReversed()) {
        value =
          typeof step === 'number' ? [...Array(step).fill(0), value] : Object.fromEntries([[step, value]])
        told = (typeof step === 'number' ? `[${step}]` : step === 'x y' ? '["x y"]' : `.${step}`) + told
      }
      const where = told === '' ? 'v is' : `v: ${told.replace(/^\./, '')} is`
      expect(() => encode(value, 'v')).toThrow(where)
    }),
  )
})

test('a cycle anywhere is refused, never a hang', () => {
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 3 }), fc.nat({ max: 5 }), (siblings, depth) => {
      const top: unknown[] = [...siblings]
      let inner = top
      for (let i = 0; i < depth; i++) inner.push((inner = [...siblings]))
      inner.push(top)
      expect(() => encode(top, 'v')).toThrow(/closes a cycle, for it is the whole value again/)
    }),
  )
})
