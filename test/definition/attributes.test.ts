// What is wrong with attributes: of a declaration, and of the values of a run.

import { expect, test } from 'vitest'
import {
  type AttributeKinds,
  problemsOfAttributes,
  problemsOfKinds,
} from '../../src/definition/attributes.ts'

const aName = "an attribute's name has 1 to 100 characters, without NUL or half characters"
const noData = (name: string): string =>
  `attribute "${name}" is not a text, a finite number or a boolean: keep other data in the input`

const names: readonly (readonly [string, readonly string[]])[] = [
  ['x'.repeat(100), []],
  ['größe 🚲', []],
  ['', [aName]],
  ['x'.repeat(101), [aName]],
  ['a\0b', [aName]],
  ['half \uD83D', [aName]],
]

test.each(names)('a name is welcome or refused, declared or given: %j', (name, problems) => {
  expect(problemsOfKinds({ [name]: 'string' })).toEqual(problems)
  expect(problemsOfAttributes({ [name]: 1 }, undefined)).toEqual(problems)
})

test('a kind is one of three, and all that are not are told at once', () => {
  expect(problemsOfKinds({ a: 'string', b: 'number', c: 'boolean' })).toEqual([])
  const odd = { a: 'date', b: 'number', '': 5, c: Symbol('c') } as unknown as AttributeKinds
  expect(problemsOfKinds(odd)).toEqual([
    'attribute "a" is declared as "date": it is one of string, number, boolean',
    aName,
    'attribute "" is declared as 5: it is one of string, number, boolean',
    'attribute "c" is declared as a symbol: it is one of string, number, boolean',
  ])
})

test.each<[unknown, readonly string[]]>([
  ['', []],
  ['x'.repeat(1_000), []],
  ['x'.repeat(1_001), ['attribute "a" has 1001 characters: give at most 1000']],
  [-0.5, []],
  [false, []],
  [Number.NaN, [noData('a')]],
  [Infinity, [noData('a')]],
  [null, [noData('a')]],
  [undefined, [noData('a')]],
  [3n, [noData('a')]],
  [['x'], [noData('a')]],
  [{ length: 2_000 }, [noData('a')]],
])('where nothing is declared, any text, finite number or boolean is welcome: %#', (value, problems) => {
  expect(problemsOfAttributes({ a: value }, undefined)).toEqual(problems)
})

test('a hundred attributes are as many as a run may have', () => {
  const so = (many: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: many }, (_, i) => [`a${i}`, i]))
  expect(problemsOfAttributes(so(100), undefined)).toEqual([])
  expect(problemsOfAttributes(so(101), undefined)).toEqual(['there are 101 attributes: give at most 100'])
})

test('a chain that declares attributes takes these, and those that tools of ours give', () => {
  const declared: AttributeKinds = { city: 'string', size: 'number', paid: 'boolean' }
  expect(problemsOfAttributes({}, declared)).toEqual([])
  expect(
    problemsOfAttributes({ city: 'Bern', size: 3, paid: true, 'catenary.backfill': 'b' }, declared),
  ).toEqual([])
  expect(problemsOfAttributes({ city: 5, size: '3', paid: 'x'.repeat(1_001), when: 1 }, declared)).toEqual([
    'attribute "city" is a number, and declared as string',
    'attribute "size" is a string, and declared as number',
    'attribute "paid" has 1001 characters: give at most 1000',
    'attribute "when" is not declared: there are city, size, paid',
  ])
  // what every object has is not thereby declared
  expect(problemsOfAttributes({ toString: 'x' }, declared)).toEqual([
    'attribute "toString" is not declared: there are city, size, paid',
  ])
  expect(problemsOfAttributes({ 'my.catenary.': 1 }, {})).toEqual([
    'attribute "my.catenary." is not declared: there are none',
  ])
})
