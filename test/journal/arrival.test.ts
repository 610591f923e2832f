// How a chain counts for those that wait for it.

import { expect, test } from 'vitest'
import { arrivalOf } from '../../src/journal/arrival.ts'

test.each([
  ['pending', 'pending'],
  ['running', 'pending'],
  ['succeeded', 'success'],
  ['failed', 'failed'],
  // whoever needs it does not get it
  ['cancelled', 'failed'],
  ['skipped', 'skipped'],
  ['upstream_failed', 'upstream_failed'],
] as const)('a chain that is %s counts as %s', (status, counts) => {
  expect(arrivalOf({ status })).toBe(counts)
})

test('a chain that is not there never arrives', () => {
  expect(arrivalOf(undefined)).toBe('pending')
})
