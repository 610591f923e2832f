// The waits between attempts: how they grow, how chance spreads them, and that nothing overflows.

import { describe, expect, test } from 'vitest'
import { type Backoff, checkedBackoff, defaultBackoff, delayFor } from '../../src/definition/backoff.ts'

const policy = (change: Partial<Backoff> = {}): Backoff => ({ ...defaultBackoff, ...change })
const retries = [1, 2, 3, 4, 5, 6, 7, 8]

describe('delays', () => {
  test('without jitter they grow by the factor up to the maximum', () => {
    const backoff = policy({ jitter: 'none', initial: '1s', max: '60s' })
    expect(retries.map((retry) => delayFor(backoff, retry, 0.5))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ])
  })

  test('a factor of 1 keeps them the same', () => {
    const backoff = policy({ jitter: 'none', factor: 1, initial: 250 })
    expect(retries.map((retry) => delayFor(backoff, retry, 0.5))).toEqual(retries.map(() => 250))
  })

  test('full jitter takes anything from 0 to the grown wait', () => {
    expect(delayFor(policy(), 3, 0)).toBe(0)
    expect(delayFor(policy(), 3, 0.5)).toBe(2_000)
    expect(delayFor(policy(), 3, 0.999_999_9)).toBe(4_000)
  })

  test('decorrelated jitter takes anything from the initial to three times the previous wait', () => {
    const backoff = policy({ jitter: 'decorrelated' })
    expect(delayFor(backoff, 1, 0)).toBe(1_000)
    expect(delayFor(backoff, 1, 0.5)).toBe(2_000)
    expect(delayFor(backoff, 1, 0.999_999_9)).toBe(3_000)
    expect(delayFor(backoff, 2, 0.999_999_9, 3_000)).toBe(9_000)
    expect(delayFor(backoff, 9, 0.999_999_9, 50_000)).toBe(60_000)
  })

  test('decorrelated jitter begins again when the previous wait is not known', () => {
    const backoff = policy({ jitter: 'decorrelated' })
    expect(delayFor(backoff, 7, 0.999_999_9)).toBe(3_000)
    expect(delayFor(backoff, 7, 0.999_999_9, Number.NaN)).toBe(3_000)
  })

  test('a huge retry does not overflow, not even from an initial of 0', () => {
    expect(delayFor(policy({ jitter: 'none' }), Number.MAX_SAFE_INTEGER, 0.5)).toBe(60_000)
    expect(delayFor(policy({ jitter: 'none', initial: 0 }), Number.MAX_SAFE_INTEGER, 0.5)).toBe(0)
  })
})

describe('policies', () => {
  test('a wait that is none is told by its name', () => {
    const wrong = (change: object) => (): number => delayFor(policy(change), 1, 0)
    expect(wrong({ initial: 'soon' })).toThrow('initial of the backoff is "soon"')
    expect(wrong({ max: -1 })).toThrow('max of the backoff is -1')
  })

  test('what makes sense is kept as it is given', () => {
    const waits = { initial: 5, factor: 1, max: 5 }
    for (const jitter of ['full', 'decorrelated', 'none'] as const)
      expect(checkedBackoff({ ...waits, jitter }, 'backoff')).toEqual({ ...waits, jitter })
  })

  test('what is left out has its default', () => {
    expect(checkedBackoff({}, 'backoff')).toEqual({ initial: 1_000, factor: 2, max: 60_000, jitter: 'full' })
    expect(checkedBackoff({ initial: '2m' }, 'backoff')).toMatchObject({ initial: 120_000, max: 120_000 })
  })

  test.each<[unknown, string, string]>([
    [{ initial: '1 sec' }, 'BAD_DURATION', 'initial of backoff of step "x" is "1 sec"'],
    [{ factor: 0.5 }, 'BAD_OPTION', 'factor of backoff of step "x" is 0.5: give 1'],
    [{ factor: Number.NaN }, 'BAD_OPTION', 'factor of backoff of step "x" is NaN'],
    [
      { initial: '2s', max: '1s' },
      'BAD_OPTION',
      'max of backoff of step "x" is 1000 ms, below its initial 2000 ms',
    ],
    [{ max: 'late' }, 'BAD_DURATION', 'max of backoff of step "x" is "late"'],
    [
      { jitter: 'some' },
      'BAD_OPTION',
      'jitter of backoff of step "x" is "some": give one of full, decorrelated, none',
    ],
  ])('%o is refused', (given, code, message) => {
    const check = (): Backoff => checkedBackoff(given as Partial<Backoff>, 'backoff of step "x"')
    expect(check).toThrow(expect.objectContaining({ code }))
    expect(check).toThrow(message)
  })
})
