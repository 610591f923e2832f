// The reducer of an `each`: every item in one place, and nothing that does not fit.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type EachEvent,
  advanceEach,
  beginEach,
  copyEach,
  eachSettled,
  placeOf,
} from '../../machines/each.ts'

const failure = { kind: 'thrown', message: 'no' }

function drive(
  onFailure: 'fail' | 'collect',
  events: readonly EachEvent[],
  keys = ['a', 'b'],
): ReturnType<typeof beginEach> {
  const each = beginEach(keys, onFailure)
  for (const event of events) expect(advanceEach(each, event)).toBeUndefined()
  return each
}

const succeed = (key: string, output: unknown): EachEvent[] => [
  { type: 'started', key, attempt: 1 },
  { type: 'succeeded', key, output },
]
const fail = (key: string): EachEvent[] => [
  { type: 'started', key, attempt: 1 },
  { type: 'failed', key, failure },
  { type: 'recovered', key, verdict: { next: 'fail' } },
]

describe('an each', () => {
  test('of nothing has succeeded with nothing', () => {
    expect(eachSettled(beginEach([], 'fail'))).toEqual({ status: 'succeeded', output: [] })
  })

  test('returns the outputs in the order of its items, whatever ended first', () => {
    const each = drive('fail', [...succeed('b', 2), ...succeed('a', 1)])
    expect(eachSettled(each)).toEqual({ status: 'succeeded', output: [1, 2] })
  })

  test('fails with the first item that failed, named', () => {
    expect(eachSettled(drive('fail', fail('b')))).toMatchObject({
      status: 'failed',
      failure: { kind: 'thrown', message: 'item "b": no' },
    })
  })

  test('that collects gives every item its outcome', () => {
    expect(eachSettled(drive('collect', [...fail('a'), ...succeed('b', 2)]))).toEqual({
      status: 'succeeded',
      output: [
        { status: 'failed', failure },
        { status: 'succeeded', output: 2 },
      ],
    })
  })

  test('tries an item again after its backoff, and counts lost attempts apart', () => {
    const each = drive('fail', [
      { type: 'started', key: 'a', attempt: 1 },
      { type: 'lost', key: 'a' },
      { type: 'started', key: 'a', attempt: 2 },
      { type: 'failed', key: 'a', failure },
      { type: 'recovered', key: 'a', verdict: { next: 'retry', due: 7 } },
      { type: 'due', key: 'a' },
      ...succeed('a', 1),
    ])
    expect(each).toMatchObject({ tries: { a: 2 }, lost: { a: 1 }, due: { a: 7 }, ended: 1 })
  })

  test('refuses what does not fit, and stays as it was', () => {
    const each = drive('fail', succeed('a', 1))
    const before = copyEach(each)
    expect(advanceEach(each, { type: 'succeeded', key: 'a', output: 2 })).toBe(
      'item "a" is succeeded, not running',
    )
    expect(advanceEach(each, { type: 'due', key: 'b' })).toBe('item "b" is waiting, not backing-off')
    expect(advanceEach(each, { type: 'due', key: 'c' })).toBe('there is no item "c"')
    expect(each).toEqual(before)
  })

  test('whatever comes, as many have ended as its items say, and a copy goes its own way', () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const event: fc.Arbitrary<EachEvent> = fc.oneof(
      fc.record({ type: fc.constant('started' as const), key, attempt: fc.constant(1) }),
      fc.record({ type: fc.constant('succeeded' as const), key, output: fc.nat() }),
      fc.record({ type: fc.constant('failed' as const), key, failure: fc.constant(failure) }),
      fc.record({ type: fc.constant('lost' as const), key }),
      fc.record({ type: fc.constant('due' as const), key }),
      fc.record({
        type: fc.constant('recovered' as const),
        key,
        verdict: fc.constantFrom({ next: 'retry' as const, due: 1 }, { next: 'fail' as const }),
      }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const each = beginEach(['a', 'b', 'c'], 'collect')
        const untouched = copyEach(each)
        for (const one of events) advanceEach(each, one)
        const ended = each.status.filter((status) => status === 'succeeded' || status === 'failed').length
        expect(each.ended).toBe(ended)
        expect(eachSettled(each) !== undefined).toBe(ended === 3)
        expect(untouched).toEqual(beginEach(['a', 'b', 'c'], 'collect'))
      }),
    )
  })
})

test('an item keeps its deadline, if it was given one, and a copy has its own', () => {
  const each = drive('fail', [
    { type: 'started', key: 'a', attempt: 1, deadline: 900 },
    { type: 'started', key: 'b', attempt: 1 },
  ])
  expect(each.deadlines).toEqual({ a: 900 })
  expect(drive('fail', [{ type: 'started', key: 'a', attempt: 1 }]).deadlines).toBeUndefined()
  const copy = copyEach(each)
  advanceEach(copy, { type: 'lost', key: 'b' })
  advanceEach(copy, { type: 'started', key: 'b', attempt: 2, deadline: 950 })
  expect(copy.deadlines).toEqual({ a: 900, b: 950 })
  expect(each.deadlines).toEqual({ a: 900 })
  expect('deadlines' in copyEach(beginEach(['a'], 'fail'))).toBe(false)
})

test('keys may be any text, also names that every object has', () => {
  const each = drive(
    'collect',
    [...fail('constructor'), ...succeed('__proto__', 1)],
    ['constructor', '__proto__'],
  )
  expect(each.tries['constructor']).toBe(1)
  expect(each.tries['toString']).toBeUndefined()
  expect(each.due['constructor']).toBeUndefined()
  expect(eachSettled(each)).toEqual({
    status: 'succeeded',
    output: [
      { status: 'failed', failure },
      { status: 'succeeded', output: 1 },
    ],
  })
})

test('the first of several failures is the failure, and an item that goes on has no end', () => {
  const each = drive('fail', [...fail('b'), ...fail('a')])
  expect(each).toMatchObject({ failed: 'b', ended: 2, status: ['failed', 'failed'] })
  const one = drive('collect', [...fail('a'), { type: 'started', key: 'b', attempt: 1 }])
  expect(eachSettled(one)).toBeUndefined()
  expect(one.outputs).toStrictEqual([null, null])
  expect(placeOf(one, 'b')).toBe(1)
  expect(placeOf(one, 'z')).toBeUndefined()
  expect(advanceEach(one, { type: 'due', key: 'z' })).toBe('there is no item "z"')
  expect(advanceEach(one, { type: 'due', key: 'b' })).toBe('item "b" is running, not backing-off')
})
