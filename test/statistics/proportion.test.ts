// Shares against SciPy; that the exact interval never holds the truth less often than it says.

import { expect, test } from 'vitest'
import { binomialWeight } from '../../src/statistics/gamma.ts'
import { clopperPearson, neverSeen, wilson } from '../../src/statistics/proportion.ts'
import { expectNear, golden } from './near.ts'

const reference = golden<{
  cases: { k: number; n: number; confidence: number; wilson: number[]; exact: number[] }[]
  neverSeen: [number, number, number][]
}>('proportion')

test("Wilson's and the exact interval are as the reference says", () => {
  expect(reference.cases.length).toBeGreaterThan(20)
  for (const { k, n, confidence, wilson: score, exact } of reference.cases) {
    const about = `${k} of ${n}`
    expect(wilson(k, n, confidence)).toMatchObject({ estimate: k / n, n })
    expectNear(wilson(k, n, confidence)?.low, k === 0 ? 0 : score[0], 1e-10, about)
    expectNear(wilson(k, n, confidence)?.high, k === n ? 1 : score[1], 1e-10, about)
    expect(clopperPearson(k, n, confidence)).toMatchObject({ estimate: k / n, n })
    expectNear(clopperPearson(k, n, confidence)?.low, exact[0], 1e-8, about)
    expectNear(clopperPearson(k, n, confidence)?.high, exact[1], 1e-8, about)
  }
})

test('what was never seen is bounded as the reference says, and by the rule of three', () => {
  for (const [n, certainty, bound] of reference.neverSeen) expectNear(neverSeen(n, certainty), bound, 1e-12)
  expect(neverSeen(0)).toBe(1)
  expect(neverSeen(300)).toBeGreaterThan(0.0099)
  expect(neverSeen(300)).toBeLessThan(3 / 300)
  expectNear(neverSeen(77), clopperPearson(0, 77)?.high, 1e-10)
})

test('no trial is no share; what is no count is refused', () => {
  expect(wilson(0, 0)).toBeUndefined()
  expect(clopperPearson(0, 0)).toBeUndefined()
  expect(() => wilson(2, 1)).toThrow('2 successes are more than 1 trials')
  expect(() => wilson(-1, 1)).toThrow('a whole number')
  expect(() => clopperPearson(0.5, 1)).toThrow('a whole number')
  expect(() => wilson(Number.NaN, 1)).toThrow('a whole number')
  expect(() => clopperPearson(1, -1)).toThrow('the number of trials is a whole number')
  expect(() => wilson(0.5, 1)).toThrow('the number of successes is a whole number')
  expect(() => neverSeen(0.5)).toThrow('the number of trials is a whole number')
  for (const certainty of [1, 0, -1, Number.NaN])
    expect(() => neverSeen(3, certainty)).toThrow('a certainty lies between')
})

/** The chance that an interval holds the share p, by summing over all outcomes. */
function coverage(n: number, p: number, of: typeof wilson): number {
  let sum = 0
  for (let k = 0; k <= n; k++) {
    const own = of(k, n)
    if (own && own.low <= p && p <= own.high) sum += binomialWeight(k, n, p, 1 - p)
  }
  return sum
}

test("the exact interval holds any share with its confidence at least, Wilson's on average", () => {
  let wilsons = 0
  for (let percent = 1; percent < 100; percent++) {
    for (const n of [5, 30, 111])
      expect(coverage(n, percent / 100, clopperPearson), `${percent} %, n ${n}`).toBeGreaterThanOrEqual(0.9)
    wilsons += coverage(40, percent / 100, wilson) / 99
  }
  expect(wilsons).toBeGreaterThan(0.89)
  expect(wilsons).toBeLessThan(0.92)
})
