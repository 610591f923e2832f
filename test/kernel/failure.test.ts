// What was thrown as data: whatever it is, it stays readable, small, and of use to a backoff.

import { expect, test } from 'vitest'
import {
  type Failure,
  NonRetryable,
  OutcomeUnknown,
  RecordedFailure,
  RetryAfter,
  failureOf,
  inWords,
  isOfClass,
  leavesDoubt,
} from '../../src/kernel/failure.ts'

test.each([new Error('x'.repeat(5_000_000)), 'x'.repeat(5_000_000), { message: 'x'.repeat(5_000_000) }])(
  'a text of 5 MB is cut, and says so',
  (thrown) => {
    const failure = failureOf(thrown)
    expect(JSON.stringify(failure).length).toBeLessThan(50_000)
    expect(failure.message).toMatch(/^x+ \.\.\. \(5000000 characters\)$/)
  },
)

test('a text of 16,384 characters is kept whole, and one of a character more is cut', () => {
  expect(failureOf('x'.repeat(16_384)).message).toHaveLength(16_384)
  expect(failureOf('x'.repeat(16_385)).message).toBe(`${'x'.repeat(16_384)} ... (16385 characters)`)
})

test.each([Number.POSITIVE_INFINITY, 1e300, -1, Number.NaN])(
  'a wait of %s is none, so that the backoff decides',
  (wait) => {
    expect(failureOf(new RetryAfter(wait))).not.toHaveProperty('retryAfter')
  },
)

test('a wait that is one is kept', () => {
  expect(failureOf(new RetryAfter(1_500))).toMatchObject({ retryAfter: 1_500, retryable: true })
  expect(failureOf(new RetryAfter('1.5s'))).toMatchObject({
    name: 'RetryAfter',
    retryAfter: 1_500,
    message: 'retry after 1.5s',
  })
  expect(() => new RetryAfter('soon' as never)).toThrow('RetryAfter is "soon": give milliseconds')
})

test('an error keeps its name, its code, its first lines of stack, and four causes', () => {
  const chainOf = (depth: number): Error =>
    new Error(`at ${depth}`, depth === 0 ? {} : { cause: chainOf(depth - 1) })
  const deep = failureOf(chainOf(9))
  const messages: string[] = []
  for (let one: Failure | undefined = deep; one !== undefined; one = one.cause) messages.push(one.message)
  expect(messages).toEqual(['at 9', 'at 8', 'at 7', 'at 6', 'at 5'])
  expect(deep).toMatchObject({ kind: 'thrown', retryable: true, name: 'Error' })
  expect(deep.stack?.split('\n').length).toBeLessThanOrEqual(12)
  expect(failureOf(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), 'timeout')).toMatchObject({
    kind: 'timeout',
    code: 'ECONNREFUSED',
  })
  expect(failureOf(Object.assign(new Error('no'), { code: 7 }))).toMatchObject({ code: '7' })
  expect(failureOf(Object.assign(new Error('no'), { code: {} }))).not.toHaveProperty('code')
  const strange = Object.assign(new Error('no', { cause: undefined }), { stack: 7, retryAfter: '5' })
  expect(failureOf(strange)).toEqual({ kind: 'thrown', message: 'no', retryable: true, name: 'Error' })
  expect(failureOf(Object.assign(new Error('no'), { stack: 'Error: no\n  at here' })).stack).toBe(
    'Error: no\n  at here',
  )
  expect(failureOf(new NonRetryable('never'))).toMatchObject({ retryable: false, name: 'NonRetryable' })
  expect(failureOf(new RetryAfter(0))).toMatchObject({ retryAfter: 0, message: 'retry after 0 ms' })
  expect(failureOf(new RetryAfter(1e15))).toMatchObject({ retryAfter: 1e15 })
})

test('what is no error is told as well as can be', () => {
  const messageOf = (thrown: unknown): string => failureOf(thrown).message
  expect(messageOf('text')).toBe('text')
  expect(messageOf({ message: 'of an object' })).toBe('of an object')
  expect(messageOf({ message: 7, a: 1 })).toBe('{"message":7,"a":1}')
  expect(messageOf({ toJSON: () => undefined })).toBe('an object was thrown')
  expect(messageOf(null)).toBe('null')
  expect(messageOf(7)).toBe('7')
  const unreadable = new Proxy(
    {},
    {
      has: () => {
        throw new Error('trap')
      },
    },
  )
  expect(failureOf(unreadable)).toEqual({
    kind: 'thrown',
    message: 'a value that cannot be read was thrown',
    retryable: true,
  })
  expect(failureOf('x', 'timeout')).toEqual({ kind: 'timeout', message: 'x', retryable: true })
  expect([inWords(new TypeError('bad')), inWords('plain')]).toEqual(['TypeError: bad', 'plain'])
})

test('a failure that was recorded stays as it was', () => {
  const failure = { kind: 'timeout', message: 'late', retryable: true } as const
  expect(failureOf(new RecordedFailure(failure))).toBe(failure)
  expect(new RecordedFailure(failure).message).toBe('late')
})

test('what was given up leaves doubt whether it happened; what threw, or was not called, does not, unless it says so', () => {
  const of = (more: Partial<Failure>): boolean =>
    leavesDoubt({ kind: 'thrown', message: 'no', retryable: true, ...more })
  const kinds = ['timeout', 'deadline', 'cancelled', 'lost', 'rejected', 'exhausted'] as const
  for (const kind of kinds) expect(of({ kind })).toBe(true)
  for (const kind of ['thrown', 'failed', 'refused'] as const) expect(of({ kind })).toBe(false)
  expect(leavesDoubt(failureOf(new OutcomeUnknown('broke')))).toBe(true)
  expect(leavesDoubt(failureOf(new Error('no', { cause: new OutcomeUnknown('broke') })))).toBe(true)
  expect(leavesDoubt(failureOf(new Error('no', { cause: new Error('nor') })))).toBe(false)
  expect(of({ kind: 'refused', name: 'OutcomeUnknown' })).toBe(false)
})

test('a failure is of the class of its code, its name or its kind', () => {
  const failure = { kind: 'thrown', message: 'no', retryable: true, name: 'TypeError', code: 'E1' } as const
  expect(['E1', 'TypeError', 'thrown', 'Error', ''].map((one) => isOfClass(failure, one))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
})
