// What was thrown as data: whatever it is, it stays readable, small, and of use to a backoff.

import { expect, test } from 'vitest'
import { RetryAfter, failureOf } from '../../src/kernel/failure.ts'

test.each([new Error('x'.repeat(5_000_000)), 'x'.repeat(5_000_000), { message: 'x'.repeat(5_000_000) }])(
  'a text of 5 MB is cut, and says so',
  (thrown) => {
    const failure = failureOf(thrown)
    expect(JSON.stringify(failure).length).toBeLessThan(50_000)
    expect(failure.message).toMatch(/^x+ \.\.\. \(5000000 characters\)$/)
  },
)

test.each([Number.POSITIVE_INFINITY, 1e300, -1, Number.NaN])(
  'a wait of %s is none, so that the backoff decides',
  (wait) => {
    expect(failureOf(new RetryAfter(wait))).not.toHaveProperty('retryAfter')
  },
)

test('a wait that is one is kept', () => {
  expect(failureOf(new RetryAfter(1_500))).toMatchObject({ retryAfter: 1_500, retryable: true })
  expect(failureOf(new RetryAfter('1.5s'))).toMatchObject({ retryAfter: 1_500, message: 'retry after 1.5s' })
  expect(() => new RetryAfter('soon' as never)).toThrow('RetryAfter is "soon": give milliseconds')
})
