// The same facts are the same bytes.

import { expect, test } from 'vitest'
import { canonical } from '../../../examples/docs-search/canonical.ts'
import { sortRecoveries } from '../../../examples/docs-search/recovery.ts'

test('the order in which an object was put together does not show', () => {
  const one = canonical({ b: [{ y: 1, x: 2 }], a: 'é' })
  expect(one).toBe(canonical({ a: 'é', b: [{ x: 2, y: 1 }] }))
  expect(one).toBe('{\n  "a": "é",\n  "b": [\n    {\n      "x": 2,\n      "y": 1\n    }\n  ]\n}\n')
})

test('the order of a list is kept', () => {
  expect(canonical([2, 1])).toBe('[\n  2,\n  1\n]\n')
})

test('recoveries are in one order, whichever came first', () => {
  const a = { package: 'a', reason: 'no README', action: 'fallback', outcome: 'x' } as const
  const b = { package: 'b', reason: 'README.md is empty', action: 'skip', outcome: 'y' } as const
  expect(sortRecoveries([b, a])).toEqual(sortRecoveries([a, b]))
})
