// Events as rows of a store: each comes back as it was, and a row that cannot be read says so.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toEvent, toRow } from '../../src/journal/encoding.ts'
import type { Fact, JournalEvent } from '../../src/journal/event.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'

const place = { seq: 12, at: 345, run: 'r' }
const row = { ...place, type: 'run.paused', body: '{}', payload: null }

const name = fc.oneof(
  fc.constantFrom('a', 'b', 'say "hi"', 'ü\n', '__proto__', ''),
  fc.string({ maxLength: 6 }),
)
const time = fc.nat(1_000_000)
const drawn = (type: string, always: object, sometimes: object): fc.Arbitrary<Fact> =>
  fc
    .tuple(
      fc.record({ chain: name, step: name, attempt: fc.integer({ min: 1, max: 3 }), ...always }),
      fc.record({ item: name, ...sometimes }, { requiredKeys: [] }),
    )
    .map(([one, more]) => ({ type, ...one, ...more }) as unknown as Fact)
const memo = fc.record({ run: name, at: time })
const attempts = fc.oneof(
  drawn('attempt.started', { inFlight: time, config: time }, { queuedAt: time, deadline: time }),
  drawn(
    'attempt.succeeded',
    { took: time },
    { memo, read: fc.array(name), payload: fc.constantFrom('1', '{"$":1}') },
  ),
)

describe('an event', () => {
  test('of an attempt comes back from its row, with the body that JSON would have made of it', () => {
    fc.assert(
      fc.property(attempts, (fact) => {
        const event: JournalEvent = { ...fact, ...place }
        const { body, payload, ...rest } = toRow(event)
        expect(rest).toEqual({ ...place, type: fact.type })
        expect(toEvent(toRow(event))).toEqual(event)
        const { type: _, payload: given = null, ...fields } = fact as Fact & { payload?: string }
        expect(payload).toBe(given)
        expect(JSON.parse(body)).toEqual(fields)
      }),
      { numRuns: 60 },
    )
  })

  test('of an attempt is written in the same order always, so that equal attempts share their text', () => {
    const of = { chain: 'c', step: 's', inFlight: 2, config: 3 }
    const started: Fact = { type: 'attempt.started', ...of, attempt: 1 }
    expect(toRow({ ...started, ...place }).body).toBe(
      '{"chain":"c","step":"s","attempt":1,"inFlight":2,"config":3}',
    )
    expect(toRow({ ...started, attempt: 2, item: 'x', queuedAt: 4, deadline: 5, ...place }).body).toBe(
      '{"chain":"c","step":"s","item":"x","attempt":2,"queuedAt":4,"inFlight":2,"config":3,"deadline":5}',
    )
    const made = { took: 7, memo: { run: 'q', at: 6 }, read: ['n'] }
    expect(toRow({ type: 'attempt.succeeded', ...of, attempt: 1, ...made, ...place }).body).toBe(
      '{"chain":"c","step":"s","attempt":1,"took":7,"memo":{"run":"q","at":6},"read":["n"]}',
    )
  })

  test('of any other kind keeps its place and its payload out of its body', () => {
    const event: JournalEvent = {
      type: 'signal.received',
      name: 'go',
      id: '1',
      payload: '{"n":1}',
      ...place,
    }
    expect(toRow(event)).toEqual({
      ...place,
      type: 'signal.received',
      body: '{"name":"go","id":"1"}',
      payload: '{"n":1}',
    })
    expect(toEvent(toRow(event))).toEqual(event)
    expect(toRow({ type: 'run.paused', ...place })).toEqual(row)
    expect(toEvent(row)).toStrictEqual({ type: 'run.paused', ...place })
  })

  test('of very many chains and steps is written as well as of few', () => {
    const fields = (chain: string, step: string): unknown =>
      JSON.parse(
        toRow({ type: 'attempt.started', chain, step, attempt: 1, inFlight: 1, config: 0, ...place }).body,
      )
    // more names than are remembered
    for (let n = 0; n < 10_050; n++) fields('c', `s${n}`)
    for (const [chain, step] of [
      ['c', 's1'],
      ['d', 's1'],
      ['c', 's10049'],
    ] as const)
      expect(fields(chain, step)).toEqual({ chain, step, attempt: 1, inFlight: 1, config: 0 })
  })
})

test.each([
  ['{', 'SyntaxError: '],
  ['7', 'TypeError: it is no object'],
  ['null', 'TypeError: it is no object'],
])('a row with the body %s is a corrupt store, which a backup cures', (body, why) => {
  let thrown: unknown
  try {
    toEvent({ ...row, body })
  } catch (error) {
    thrown = error
  }
  expect(CatenaryError.is(thrown)).toBe(true)
  const { code, message, cause } = thrown as CatenaryError
  expect(code).toBe('STORE_CORRUPT')
  expect(message).toContain(`event 12 of the journal cannot be read (${why}`)
  expect(message).toContain('; restore a backup of the store')
  expect(cause).toBeInstanceOf(Error)
})
