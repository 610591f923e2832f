// What is taken for a secret, by its key or in running text, and what is left as it is.

import { describe, expect, test } from 'vitest'
import { createKeyTest, hides, redacted, withoutSecrets } from '../../src/kernel/secrets.ts'

describe('a key', () => {
  const secrets = [
    'password',
    'dbPassword',
    'passwd',
    'passphrase',
    'passcode',
    'clientSecret',
    'access_token',
    'auth',
    'oauth',
    'Authorization',
    'x-authorization-2',
    'set-cookie',
    'credentials',
    'apiKey',
    'api_key',
    'API-KEY',
    'api key',
    'privateKey',
    'private-key',
    'accessKeyId',
    'access_key',
    'sessionId',
    'session_id',
    'pin',
    'CVV',
    'cvc',
    'ssn',
    'jwt',
    'pwd',
    'otp',
  ]
  const others = [
    '',
    'name',
    'pass',
    'author',
    'authors',
    'pinned',
    'spin',
    'jwts',
    'otpOf',
    'key',
    'session',
    'api.key',
  ]

  test.each(secrets)('"%s" is one of a secret', (key) => expect(createKeyTest()(key)).toBe(true))
  test.each(others)('"%s" is none', (key) => expect(createKeyTest()(key)).toBe(false))

  test('is asked for by patterns of one’s own as well, whatever their flags, each time anew', () => {
    const isSecret = createKeyTest([/^iban$/gi, /\bsalary\b/y])
    const asked = ['iban', 'IBAN', 'the salary', 'password', 'ibans', 'Salary']
    for (let again = 0; again < 3; again++)
      expect(asked.map((key) => isSecret(key))).toEqual([true, true, true, true, false, false])
    expect(createKeyTest()('iban')).toBe(false)
  })

  test('is told as before, however many others were asked about, and however long it is', () => {
    const isSecret = createKeyTest()
    const long = 'x'.repeat(100)
    for (let i = 0; i < 2_500; i++) expect([isSecret(`k${i}`), isSecret(`token${i}`)]).toEqual([false, true])
    expect([isSecret('k0'), isSecret('token0'), isSecret(long), isSecret(`${long}secret`)]).toEqual([
      false,
      true,
      false,
      true,
    ])
  })
})

describe('running text', () => {
  test.each([
    // schemes of authorization
    ['Authorization sent: Bearer abcDEF12.~+/=-x', `Authorization sent: Bearer ${redacted}`],
    ['basic  dXNlcjpwYXNz and more', `basic ${redacted} and more`],
    ['bearer 1234567', 'bearer 1234567'],
    ['forbearer abcdefghij', 'forbearer abcdefghij'],
    // users in URLs
    ['postgres://ada:l0ve@db.example/x', `postgres://${redacted}@db.example/x`],
    ['from ftp://a:b@c and ftp://d:e@f', `from ftp://${redacted}@c and ftp://${redacted}@f`],
    ['https://example.org:8080/a@b', 'https://example.org:8080/a@b'],
    ['mail ada@example.org: now', 'mail ada@example.org: now'],
    // what follows a word
    ['password=hunter2', `password=${redacted}`],
    ['PASSWD : hunter2', `PASSWD : ${redacted}`],
    ["secret='shh!', rest", `secret='${redacted}', rest`],
    ['{"token":"abc","n":1}', `{"token":"${redacted}","n":1}`],
    ['my-api_key: abc&x=1', `my-api_key: ${redacted}&x=1`],
    ['X-Api-Key=k3y;y', `X-Api-Key=${redacted};y`],
    ['apikey=k3y)', `apikey=${redacted})`],
    ['cookie: sid=1}', `cookie: ${redacted}}`],
    ['Authorization: abcdef', `Authorization: ${redacted}`],
    ['db_password=a1b2 refresh-token=c3d4', `db_password=${redacted} refresh-token=${redacted}`],
    ['password = ab', 'password = ab'],
    ['the password is long', 'the password is long'],
    ['passwords=hunter2', 'passwords=hunter2'],
    // nothing that could be one
    ['token', 'token'],
    ['', ''],
  ])('%j', (text, clean) => expect(withoutSecrets(text)).toBe(clean))

  test('of any length is looked through at once', () => {
    for (const part of ['://', 'a-', 'token ', 'bearer ', '://a:', ': '])
      expect(withoutSecrets(part.repeat(4_000)).length).toBeGreaterThan(7_000)
  })
})

test('a value hides something unless it is absent, empty, or a yes or no', () => {
  const values = [undefined, null, true, false, '', 0, 1, 'x', {}, []]
  expect(values.map(hides)).toEqual([false, false, false, false, false, true, true, true, true, true])
})
