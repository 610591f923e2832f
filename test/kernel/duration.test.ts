// Durations: what is read, what is refused with its cure, and how they are told.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Duration, formatMs, problemOfDuration, toMs } from '../../src/kernel/duration.ts'

describe('reading', () => {
  test.each<[Duration, number]>([
    [0, 0],
    [1_500, 1_500],
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1h30m', 5_400_000],
    ['1m30s', 90_000],
    ['2s500ms', 2_500],
    ['1d2h3m4s5ms' as Duration, 93_784_005],
    ['30 s', 30_000],
    ['1 h30 m', 5_400_000],
    [0.4, 0],
    ['60d', 5_184_000_000],
    [1e15, 1e15],
  ])('%s is %s ms', (duration, ms) => {
    expect(toMs(duration, 'timeout')).toBe(ms)
  })

  test.each<[unknown, string]>([
    ['30 sec', 'timeout of step "fetch" is "30 sec": give milliseconds, or a text'],
    ['30  s', 'is "30  s": give milliseconds'],
    [' ', 'is " ": give milliseconds'],
    ['', 'is "": give milliseconds'],
    ['30', 'is "30": give milliseconds'],
    ['30m1h', 'in this order'],
    ['1s1s', 'in this order'],
    ['-5s', 'is "-5s"'],
    [-1, 'is -1: give 0 or more milliseconds'],
    [Number.NaN, 'is NaN: give milliseconds'],
    [Number.POSITIVE_INFINITY, 'is Infinity: leave it out for no limit'],
    [1e16, 'is 10000000000000000: give at most 1000000000000000 milliseconds'],
    ['99999999999d', 'is "99999999999d"'],
    ['-5', 'is "-5": give milliseconds, or a text'],
    ['2e15', 'is "2e15": give milliseconds, or a text'],
    [['5s'], 'is ["5s"]: give milliseconds, or a text'],
    [null, 'is null: give milliseconds'],
    [undefined, 'is undefined: give milliseconds'],
    [{}, 'is {}: give milliseconds'],
  ])('%s is refused with its cure', (duration, message) => {
    const read = (): number => toMs(duration as Duration, 'timeout of step "fetch"')
    expect(read).toThrow(expect.objectContaining({ code: 'BAD_DURATION' }))
    expect(read).toThrow(message)
  })

  test('any text is read as whole milliseconds or refused, never a crash', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.dhms]{0,8}$/))
    fc.assert(
      fc.property(text, (given) => {
        try {
          expect(Number.isSafeInteger(toMs(given as Duration, 'x'))).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_DURATION' })
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('what is wrong with one is told, and nothing where nothing is or none was given', () => {
    expect(problemOfDuration('soon', 'max')).toMatch(/^max is "soon": give milliseconds/)
    expect([problemOfDuration('5s', 'max'), problemOfDuration(undefined, 'max')]).toEqual([
      undefined,
      undefined,
    ])
  })

  test('a misspelt unit does not compile', () => {
    // @ts-expect-error: no such unit
    expect(() => toMs('30 sec', 'x')).toThrow()
    // @ts-expect-error: a unit is missing
    expect(() => toMs('30', 'x')).toThrow()
  })
})

describe('telling', () => {
  test.each([
    [0, '0 ms'],
    [0.44, '0.4 ms'],
    [12.3, '12 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [1_234, '1.2 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [184_000, '3 min 4 s'],
    [3_599_600, '1 h'],
    [7_500_000, '2 h 5 min'],
    [86_399_999, '1 d'],
    [97_200_000, '1 d 3 h'],
    [-1_234, '-1.2 s'],
    [Number.NaN, 'unknown'],
  ])('%s ms is %s', (ms, told) => {
    expect(formatMs(ms)).toBe(told)
  })
})
