// What may be shown of a value: no secret, nothing that JSON cannot carry, and never more than the caps allow.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedactor } from '../../src/inspector/redact.ts'

const place = { what: 'input' }
const show = createRedactor()

describe('a secret', () => {
  test.each([
    'password',
    'userPassword',
    'passwd',
    'token',
    'accessToken',
    'refresh_token',
    'secret',
    'clientSecret',
    'Authorization',
    'Set-Cookie',
    'cookie',
    'apiKey',
    'api_key',
    'x-api-key',
    'privateKey',
    'credentials',
    'sessionId',
    'pin',
    'cvv',
    'jwt',
  ])('under the key %s is not shown, whatever it is made of', (key) => {
    for (const secret of ['s3cret', 12_345, ['s3cret'], { deep: 's3cret' }, new Map([['a', 's3cret']])])
      expect(JSON.stringify(show({ user: { [key]: secret } }, place))).toBe(
        JSON.stringify({ user: { [key]: '[redacted]' } }),
      )
    expect(JSON.stringify(show(new Map([[key, 's3cret']]), place))).not.toContain('s3cret')
  })

  test.each([
    ['Authorization: Bearer abcdef0123456789', 'abcdef0123456789'],
    ['failed with Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
    ['connect to postgres://app:hunter2@db.internal/orders', 'hunter2'],
    ['GET /x?api_key=abc123def&page=2', 'abc123def'],
    ['{"password":"hunter2","page":2}', 'hunter2'],
    ['client_secret: hunter2', 'hunter2'],
  ])('in running text is not shown: %s', (text, secret) => {
    expect(show({ message: text }, place)).not.toHaveProperty('message', expect.stringContaining(secret))
    expect(JSON.stringify(show(new Error(text), place))).not.toContain(secret)
  })

  test('what is none is shown: a yes or no, an empty text, and keys that only look alike', () => {
    const plain = {
      hasPassword: true,
      password: '',
      token: null,
      author: 'Ada',
      pinned: 3,
      keyboard: 'x',
      company: 'y',
    }
    expect(show(plain, place)).toEqual(plain)
  })

  test('keys of its own and a hook say what else is one; a hook that throws shows nothing', () => {
    const own = createRedactor({
      redactKeys: [/^iban$/gi],
      redact: (value, { what }) => (what === 'output' ? 'hidden' : value),
    })
    for (let i = 0; i < 3; i++)
      expect(own({ iban: 'CH93', IBAN: 'CH94', name: 'Ada' }, place)).toEqual({
        iban: '[redacted]',
        IBAN: '[redacted]',
        name: 'Ada',
      })
    expect(own({ a: 1 }, { what: 'output' })).toBe('hidden')
    const broken = createRedactor({
      redact: () => {
        throw new Error('s3cret')
      },
    })
    expect(broken('s3cret', place)).toBe('[withheld: it could not be redacted]')
    expect(createRedactor({ redact: (value) => ({ password: value }) })('s3cret', place)).toEqual({
      password: '[redacted]',
    })
  })
})

test('what JSON cannot carry is said in a way that it can', () => {
  const circle: Record<string, unknown> = { name: 'circle' }
  circle['self'] = circle
  expect(
    show(
      {
        date: new Date(0),
        big: 12n,
        bytes: new Uint8Array(3),
        set: new Set([1]),
        map: new Map([['a', 1]]),
        none: undefined,
        nan: Number.NaN,
        fn: () => 1,
        circle,
        __proto__: null,
      },
      place,
    ),
  ).toEqual({
    date: '1970-01-01T00:00:00.000Z',
    big: '12n',
    bytes: '[3 bytes]',
    set: { Set: [1] },
    map: { Map: [['a', 1]] },
    nan: 'NaN',
    fn: '[function]',
    circle: { name: 'circle', self: '[circular]' },
  })
  const polluting = JSON.parse('{"__proto__":{"polluted":true}}') as unknown
  expect(JSON.stringify(show(polluting, place))).toBe('{"__proto__":{"polluted":true}}')
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test('what is left out is counted', () => {
  const capped = createRedactor({ caps: { depth: 2, keys: 3, text: 5, size: 1_000 } })
  expect(
    capped({ a: { b: { c: 1 } }, list: [1, 2, 3, 4, 5], text: 'abcdefgh', more: 1, most: 2 }, place),
  ).toEqual({
    a: { b: '[left out: too deep]' },
    list: [1, 2, 3, '[2 more left out]'],
    text: 'abcde... [3 more characters]',
    '...': '[2 more left out]',
  })
})

test('whatever it is given, it answers with JSON within its caps, and without what stands under secret keys', () => {
  const caps = { depth: 4, keys: 10, text: 50, size: 2_000 }
  const capped = createRedactor({ caps })
  const secret = 'TOPSECRET'
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium', maxDepth: 8 },
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withNullPrototype: true,
      }),
      fc.array(tie('tree'), { maxLength: 30 }),
      fc.dictionary(fc.string(), tie('tree'), { maxKeys: 30 }),
      fc.record({ password: fc.constant(secret), 'x-api-key': fc.constant([secret]), rest: tie('tree') }),
    ),
  }))
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
  fc.assert(
    fc.property(tree, (value) => {
      const text = JSON.stringify(capped(value, place)) ?? ''
      expect(text).not.toContain(secret)
      // escapes, and the notes of what was left out on each level
      expect(text.length).toBeLessThan(caps.size * 6 + 5_000)
      // a map is a list of pairs in an object
      expect(depthOf(text === '' ? null : JSON.parse(text))).toBeLessThanOrEqual(caps.depth * 3)
    }),
    { numRuns: 500 },
  )
})
