// The payload codec: what round-trips, what is refused and how the refusal reads.

import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { canonical, decode, encode, hash } from '../../src/kernel/codec.ts'

const again = (value: unknown): unknown => decode(encode(value, 'value'))
const refusal = (value: unknown): string => {
  try {
    encode(value, 'output of step "fetch"')
  } catch (error) {
    expect(error).toMatchObject({ name: 'CatenaryError', code: 'PAYLOAD_NOT_SERIALISABLE' })
    return (error as Error).message
  }
  throw new Error('it was not refused')
}

describe('round trips', () => {
  test.each([
    ['a string', 'x'],
    ['a lone surrogate', '\ud800'],
    ['the marker of a tag in a string', '{"$":"undefined"}'],
    ['a number', 1.5],
    ['NaN', Number.NaN],
    ['an infinity', Number.NEGATIVE_INFINITY],
    ['minus zero', -0],
    ['a bigint', 2n ** 80n],
    ['undefined', undefined],
    ['null', null],
    ['a date', new Date('2026-01-02T03:04:05.006Z')],
    ['an invalid date', new Date(Number.NaN)],
    ['a far date', new Date(8.64e15)],
    ['bytes', new Uint8Array([0, 255, 7])],
    [
      'a map with keys of any kind',
      new Map<unknown, unknown>([
        [{ a: 1 }, new Set([1n])],
        [undefined, [new Date(0)]],
      ]),
    ],
    ['an undefined property', { a: undefined, b: [undefined] }],
    ['an object that looks like a tag', { $: 'undefined' }],
    ['an object that looks like an escaped tag', { $: ['entries', { $: ['date', { $: 1 }] }] }],
    ['an object with a dollar among its keys', { a: new Date(0), $: 'undefined' }],
  ])('%s survives', (_, value) => {
    expect(again(value)).toStrictEqual(value)
    expect(again({ in: [value] })).toStrictEqual({ in: [value] })
  })

  test('a Buffer comes back as plain bytes, and only its own part of a shared pool', () => {
    expect(again(Buffer.from('hello'))).toStrictEqual(new Uint8Array([104, 101, 108, 108, 111]))
  })

  test('an error keeps its class, name, message, stack, code and cause', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'ECONNRESET' })
    const error = new RangeError('outer', { cause })
    const back = again(error) as RangeError
    expect(back).toBeInstanceOf(RangeError)
    expect(back).toMatchObject({ name: 'RangeError', message: 'outer', stack: error.stack })
    expect(back.cause).toBeInstanceOf(TypeError)
    expect(back.cause).toMatchObject({ message: 'inner', code: 'ECONNRESET' })
  })

  test('an error of an author class keeps its name', () => {
    class CardExpired extends Error {
      override readonly name = 'CardExpired'
    }
    expect(again(new CardExpired('no'))).toMatchObject({ name: 'CardExpired', message: 'no' })
    expect(again(new CardExpired('no'))).toBeInstanceOf(Error)
    expect(again(AbortSignal.abort().reason)).toMatchObject({ name: 'AbortError' })
  })

  test('an aggregate error keeps its errors', () => {
    const back = again(new AggregateError([new Error('a'), 'b'], 'both')) as AggregateError
    expect(back).toBeInstanceOf(AggregateError)
    expect(back.errors).toMatchObject([{ message: 'a' }, 'b'])
  })

  test('a __proto__ key stays a key and touches no prototype', () => {
    const value: unknown = JSON.parse('{"__proto__":{"polluted":true}}')
    for (const back of [again(value), again({ ...Object(value), at: new Date(0) })]) {
      expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    }
    const tagged = again(Object.defineProperty({ at: 1n }, '__proto__', { value: 2n, enumerable: true }))
    expect(Object.getOwnPropertyDescriptor(tagged, '__proto__')?.value).toBe(2n)
    expect(Object.keys(again(value) as object)).toEqual(['__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('keys that JSON escapes survive, whatever V8 makes of them', () => {
    const value = (key: string): unknown => ({ a: 0, [key]: { b: 'x' } })
    for (const key of ['\\', '"', '\n', '\\', '"', '\ud800', '\ud83d\ude00', '\\\\s', '\\sx']) {
      expect(again(value(key))).toStrictEqual(value(key))
      expect(again([1n, value(key)])).toStrictEqual([1n, value(key)])
    }
  })

  test('objects, maps and errors of another realm survive', () => {
    const value: unknown = runInNewContext('({ list: [new Map([[1, new Date(0)]]), new TypeError("far")] })')
    expect(again(value)).toMatchObject({ list: [new Map([[1, new Date(0)]]), { message: 'far' }] })
  })

  test('a part that is shared, but in no cycle, is written for each reference', () => {
    const shared = { at: new Date(0) }
    expect(again([shared, shared])).toStrictEqual([shared, shared])
  })

  test('what is decoded is frozen through and through, and what is encoded is not', () => {
    const value = { rows: [{ id: 1 }], at: new Date(0) }
    const back = again(value) as typeof value
    expect([back, back.rows, back.rows[0]].every(Object.isFrozen)).toBe(true)
    const plain = again({ rows: [{ id: 1 }] }) as typeof value
    expect([plain, plain.rows, plain.rows[0]].every(Object.isFrozen)).toBe(true)
    expect(Object.isFrozen(value.rows)).toBe(false)
    expect(value).toStrictEqual({ rows: [{ id: 1 }], at: new Date(0) })
  })

  test('an error that was read back has what the error had, and no more, and may be changed', () => {
    const plain = again(new TypeError('no')) as TypeError
    expect(Object.getOwnPropertyNames(plain).toSorted()).toEqual(['message', 'stack'])
    const whole = again(
      Object.assign(new AggregateError([1n], 'all', { cause: undefined }), { code: 7, name: 'Own', more: 1 }),
    ) as AggregateError
    expect(Object.getOwnPropertyNames(whole).toSorted()).toEqual(
      ['cause', 'code', 'errors', 'message', 'name', 'stack'].toSorted(),
    )
    expect(whole).toMatchObject({ cause: undefined, code: 7, errors: [1n], name: 'Own' })
    const changed = Object.assign(whole, { name: 'Other', stack: 'at home', errors: [] })
    expect(changed).toMatchObject({ name: 'Other', stack: 'at home', errors: [] })
    expect(delete (changed as Partial<Error>).name).toBe(true)
  })
})

describe('the text of a value, which stores keep', () => {
  const bare = (error: Error, more: object): Error => Object.assign(error, { stack: undefined }, more)
  test.each<[string, unknown, string]>([
    ['plain JSON', { b: [1, 'x', null, true], a: {} }, '{"b":[1,"x",null,true],"a":{}}'],
    ['undefined', undefined, '{"$":"undefined"}'],
    ['NaN', Number.NaN, '{"$":"NaN"}'],
    ['an infinity', Number.NEGATIVE_INFINITY, '{"$":"-Infinity"}'],
    ['minus zero', [-0], '[{"$":"-0"}]'],
    ['a bigint', { b: 1n, a: 2 }, '{"b":{"$":["bigint","1"]},"a":2}'],
    ['one bigint', { b: 1n }, '{"b":{"$":["bigint","1"]}}'],
    ['a date', new Date(0), '{"$":["date","1970-01-01T00:00:00.000Z"]}'],
    ['no date', new Date(Number.NaN), '{"$":["date",null]}'],
    ['bytes', new Uint8Array([1, 2, 255]), '{"$":["bytes","AQL/"]}'],
    ['a map', new Map([['b', new Set([1])]]), '{"$":["map",[["b",{"$":["set",[1]]}]]]}'],
    ['a set, in its own order', new Set([2, 1]), '{"$":["set",[2,1]]}'],
    ['what looks like a tag', { $: 1 }, '{"$":["entries",[["$",1]]]}'],
    ['what has a dollar and more', { $: 1, a: 2 }, '{"$":1,"a":2}'],
    ['what has a dollar and more, tagged', { $: 1n, a: 2 }, '{"$":{"$":["bigint","1"]},"a":2}'],
    [
      'an object without a prototype',
      Object.assign(Object.create(null) as object, { a: 1n }),
      '{"a":{"$":["bigint","1"]}}',
    ],
    [
      'an error with errors, though it is none of several',
      bare(new Error('no'), { errors: [1] }),
      '{"$":["error",{"name":"Error","message":"no"}]}',
    ],
    [
      'a key that JSON escapes',
      { a: 1, '"': [{ '\\': 2 }] },
      '{"$":["entries",[["a",1],["\\"",[{"$":["entries",[["\\\\",2]]]}]]]]}',
    ],
    ['a text that JSON escapes', { a: '\\' }, '{"a":"\\\\"}'],
    ['an error', bare(new RangeError('no'), {}), '{"$":["error",{"name":"RangeError","message":"no"}]}'],
    [
      'an error with more',
      bare(new Error('no', { cause: 1n }), { code: 7, other: 1 }),
      '{"$":["error",{"name":"Error","message":"no","code":7,"cause":{"$":["bigint","1"]}}]}',
    ],
    [
      'an error of errors, with a code that is none',
      bare(new AggregateError([2], 'no'), { code: {} }),
      '{"$":["error",{"name":"AggregateError","message":"no","errors":[2]}]}',
    ],
  ])('%s is written as it has always been', (_, value, text) => {
    expect(encode(value, 'value')).toBe(text)
  })

  test('a value that is another one when it is read again is refused, not a crash', () => {
    let read = 0
    const value = {
      get fickle(): unknown {
        return read++ === 0 ? 1 : 1n
      },
    }
    expect(() => encode(value, 'output')).toThrow(
      expect.objectContaining({
        code: 'PAYLOAD_NOT_SERIALISABLE',
        message: expect.stringMatching(
          /^output cannot be written as JSON \(TypeError: .+\); return less, or/,
        ),
        cause: expect.any(TypeError),
      }),
    )
  })
})

describe('refusals', () => {
  class Socket {
    readonly port = 1
  }
  const cyclic: { rows: unknown[] } = { rows: [1] }
  cyclic.rows.push({ back: cyclic.rows })
  const deep = (levels: number): unknown => {
    let value: unknown = 1
    for (let i = 0; i < levels; i++) value = { next: value }
    return value
  }

  test.each<[string, unknown, string]>([
    ['a function', { rows: [1, 2, 3, { socket: () => 1 }] }, ': rows[3].socket is a function; leave it out'],
    ['a function at the root', () => 1, ' is a function; leave it out'],
    ['a toJSON of its own', { toJSON: () => 1 }, ': toJSON is a function; leave it out'],
    ['a symbol', [Symbol('x')], ': [0] is a symbol; use a string'],
    ['an instance', { 'a b': new Socket() }, ': ["a b"] is an instance of Socket; return plain data instead'],
    ['a promise', { user: Promise.resolve(1) }, ': user is a promise; await it first'],
    ['a WeakMap', new WeakMap(), ' is an instance of WeakMap; return plain data instead'],
    ['an ArrayBuffer', new ArrayBuffer(1), ' is an ArrayBuffer; wrap it: new Uint8Array(buffer)'],
    [
      'a class that extends Map',
      new (class Cache extends Map {})(),
      ' is an instance of Cache; return plain',
    ],
    [
      'a class that extends Array',
      new (class Rows extends Array {})(),
      ' is an instance of Rows; return a plain array',
    ],
    ['a bad map value', { m: new Map([['a', () => 1]]) }, ': m.get("a") is a function'],
    ['a bad map key', { m: new Map([[() => 1, 1]]) }, ': m.key(0) is a function'],
    ['a bad map value under a number', new Map([[7, () => 1]]), ': get(7) is a function'],
    ['a bad map value under nothing', new Map([[null, () => 1]]), ': get(null) is a function'],
    ['a bad map value under an object', new Map([[{ a: 1 }, () => 1]]), ': get({...}) is a function'],
    ['a bad value beside others', { a: { b: 1n }, c: [1n, 2], d: () => 1 }, ': d is a function'],
    ['a bad item beside others', [{ a: 1n }, [1n], () => 1], ': [2] is a function'],
    [
      'what inherits from what has nothing',
      Object.create(Object.create(null) as object),
      ' is an instance of a class; return plain data instead',
    ],
    [
      'an instance of a class without a name',
      new (class {
        readonly port = 1
      })(),
      ' is an instance of a class; return plain data instead',
    ],
    [
      'an instance of a class that looks like the root of all',
      Object.create({ hasOwnProperty: () => true }),
      ' is an instance of Object; return plain data instead',
    ],
    ['a bad set item', new Set([1, Symbol('x')]), ': .item(1) is a symbol'.replace('.', '')],
    ['a bad cause', new Error('x', { cause: { at: () => 1 } }), ': cause.at is a function'],
    ['a cycle', cyclic, ': rows[1].back closes a cycle, for it is rows again; refer to it by an id'],
    ['a hole', { rows: [1, , 3] }, ': rows[1] is a hole in a sparse array; fill it'], // eslint-disable-line no-sparse-arrays
    ['a vast hole', Object.assign([], { length: 2 ** 32 - 1 }), ': [0] is a hole in a sparse array; fill it'],
    [
      'too deep a nest',
      deep(257),
      ': next.next.next.next.next.next ... next.next.next is nested more than 256',
    ],
  ])('%s is refused with its path', (_, value, message) => {
    const whole = `output of step "fetch"${message}`
    expect(refusal(value).slice(0, whole.length)).toBe(whole)
  })

  test('a getter that throws is refused with its path and its cause', () => {
    const boom = new Error('boom')
    const value = {
      user: {
        get name(): string {
          throw boom
        },
      },
    }
    expect(refusal(value)).toContain('user.name cannot be read (boom)')
    expect(() => encode(value, 'x')).toThrow(expect.objectContaining({ cause: boom }))
  })

  test('a getter that throws no error is refused with its path', () => {
    const value = {
      get name(): string {
        throw 'text' as unknown as Error
      },
    }
    expect(refusal(value)).toContain('name cannot be read (it threw something that is no error)')
  })

  test('a path of twelve steps is told whole, and a longer one without its middle', () => {
    const path = (steps: number): unknown =>
      Array.from({ length: steps }).reduce<unknown>(
        (inner) => ({ a: inner }),
        () => 1,
      )
    expect(refusal(path(12))).toContain(`: ${Array(12).fill('a').join('.')} is a function`)
    expect(refusal(path(13))).toContain(': a.a.a.a.a.a ... a.a.a is a function')
  })

  test('a revoked proxy is refused, not a crash', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(refusal({ p: proxy })).toContain(': p cannot be read')
  })

  test('references that multiply without end are refused, not a hang', () => {
    let value: unknown = []
    for (let i = 0; i < 40; i++) value = [value, value]
    expect(refusal(value)).toContain('one part too many')
  })

  test('256 levels of any kind survive', () => {
    let value: unknown = 1n
    for (let i = 0; i < 63; i++) value = { next: [new Map([[new Error('x', { cause: value }), 1]])] }
    expect(() => again(value)).not.toThrow()
    expect(again(deep(256))).toStrictEqual(deep(256))
  })
})

describe('reading', () => {
  test('a torn text is refused as corrupt', () => {
    expect(() => decode('{"a":')).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }))
    expect(() => decode('['.repeat(100_000) + ']'.repeat(100_000))).toThrow(/cannot be read/)
    expect(() => decode('{"$":["bigint","x"]}')).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }))
  })

  test('a torn text is told by its beginning', () => {
    const told = (text: string): unknown => {
      try {
        return decode(text)
      } catch (error) {
        expect((error as Error).cause).toBeInstanceOf(SyntaxError)
        return (error as Error).message
      }
    }
    const [short, long] = [`{${'x'.repeat(39)}`, `{${'x'.repeat(40)}`]
    expect(told(short)).toMatch(`the stored payload ${short} cannot be read (SyntaxError: `)
    expect(told(long)).toMatch(`the stored payload ${short}... cannot be read (SyntaxError: `)
    expect(told(long)).toMatch('); restore a backup of the store')
  })

  test('a tag of a later version is refused as such', () => {
    expect(() => decode('[{"$":["matrix",1]}]')).toThrow(
      expect.objectContaining({
        code: 'STORE_NEWER',
        message:
          'a stored payload is tagged ["matrix",1], which this version does not know; upgrade catenary',
      }),
    )
  })
})

describe('canonical text', () => {
  test('equal values have one text, whatever their order', () => {
    const one = {
      b: 1,
      a: {
        d: new Set([1n, 2n]),
        c: new Map([
          ['x', 1],
          ['y', 2],
        ]),
      },
      7: 0,
    }
    const two = {
      7: 0,
      a: {
        c: new Map([
          ['y', 2],
          ['x', 1],
        ]),
        d: new Set([2n, 1n]),
      },
      b: 1,
    }
    expect(canonical(one)).toBe(canonical(two))
    expect(hash(canonical(one))).toMatch(/^[0-9a-f]{32}$/)
  })

  test('different values have different texts', () => {
    const values = [
      1,
      '1',
      1n,
      [1],
      { a: 1 },
      { a: '1' },
      { a: undefined },
      {},
      null,
      undefined,
      0,
      -0,
      new Date(0),
    ]
    expect(new Set(values.map((value) => canonical(value))).size).toBe(values.length)
  })

  test('sets and maps of many have one text, however they were filled', () => {
    const items = [3n, 'b', 1, null, 'a', 2n, true, [1], { a: 1 }]
    const texts = items.map((_, at) => {
      const turned = [...items.slice(at), ...items.slice(0, at)]
      return [canonical(new Set(turned)), canonical(new Map(turned.map((one) => [one, 1])))].join()
    })
    expect(new Set(texts).size).toBe(1)
    expect(canonical({ b: 1, a: new Set(['y', 'z', 'x']) })).toBe('{"a":{"$":["set",["x","y","z"]]},"b":1}')
  })

  test('a bad value is refused with its path', () => {
    expect(() => canonical(() => 1)).toThrow('value is a function')
    expect(() => canonical({ a: () => 1 }, 'input of chain "x"')).toThrow(
      'input of chain "x": a is a function',
    )
  })
})
