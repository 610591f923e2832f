// Survival curves against R's survival package; and that a timeout censors instead of shortening.

import { expect, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'
import {
  type Lifetime,
  kaplanMeier,
  survivalAt,
  survivalQuantile,
} from '../../src/statistics/kaplan-meier.ts'
import { expectNear, golden } from './near.ts'

const reference = golden<{
  cases: {
    time: number[]
    status: number[]
    confidence: number
    at: number[]
    survival: number[]
    stderr: (number | null)[]
    low: (number | null)[]
    high: (number | null)[]
    p: number[]
    quantile: (number | null)[]
    quantileLow: (number | null)[]
    quantileHigh: (number | null)[]
  }[]
}>('kaplan-meier')

test('curves, bands and quantiles are as the reference says', () => {
  expect(reference.cases.length).toBeGreaterThan(5)
  for (const one of reference.cases) {
    const curve = kaplanMeier(one.time.map((time, at) => ({ time, censored: one.status[at] === 0 })))
    expect(curve.steps.map(({ time }) => time)).toEqual(one.at)
    expect(curve).toMatchObject({
      n: one.time.length,
      ended: one.status.filter((status) => status === 1).length,
      watchedUntil: Math.max(...one.time),
    })
    for (const [i, step] of curve.steps.entries()) {
      const own = survivalAt(curve, step.time, one.confidence)
      // R has no variance after the last end of all; there ours keeps the bound of the step before
      if (step.survival === 0) {
        expect(own).toMatchObject({ estimate: 0, low: 0 })
        continue
      }
      expectNear(own?.estimate, one.survival[i], 1e-12)
      expectNear(Math.sqrt(step.greenwood), one.stderr[i], 1e-12)
      expectNear(own?.low, one.low[i], 1e-10)
      expectNear(own?.high, one.high[i], 1e-10)
    }
    for (const [i, p] of one.p.entries()) {
      const own = survivalQuantile(curve, p, one.confidence)
      expectNear(own?.estimate, one.quantile[i], 1e-12)
      if (own === undefined) continue
      expectNear(own.high, one.quantileHigh[i], 1e-12)
      // R's band lacks its lower bound where the curve is 0
      if (one.quantileLow[i] !== null) expectNear(own.low, one.quantileLow[i], 1e-12)
    }
  }
})

test('what is cut off between the ends leaves fewer at risk, as of the patients of Freireich et al. (1963)', () => {
  // weeks in remission under 6-mercaptopurine; the curve and its errors as in Klein and Moeschberger, "Survival Analysis"
  const ends = [6, 6, 6, 7, 10, 13, 16, 22, 23]
  const cuts = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
  const curve = kaplanMeier([
    ...cuts.map((time) => ({ time, censored: true })),
    ...ends.map((time) => ({ time, censored: false })),
  ])
  expect(curve).toMatchObject({ n: 21, ended: 9, watchedUntil: 35 })
  expect(curve.steps.map(({ time, atRisk, ended }) => [time, atRisk, ended])).toEqual([
    [6, 21, 3],
    [7, 17, 1],
    [10, 15, 1],
    [13, 12, 1],
    [16, 11, 1],
    [22, 7, 1],
    [23, 6, 1],
  ])
  const told = curve.steps.map(({ survival, greenwood }) => [survival, survival * Math.sqrt(greenwood)])
  expect(told.map((one) => one.map((value) => Math.round(value * 1e4) / 1e4))).toEqual([
    [0.8571, 0.0764],
    [0.8067, 0.0869],
    [0.7529, 0.0963],
    [0.6902, 0.1068],
    [0.6275, 0.1141],
    [0.5378, 0.1282],
    [0.4482, 0.1346],
  ])
  expect(survivalQuantile(curve, 0.5)?.estimate).toBe(23)
  expect([survivalAt(curve, 5)?.estimate, survivalAt(curve, 35)?.n, survivalAt(curve, 36)]).toEqual([
    1,
    21,
    undefined,
  ])
})

test('without censoring the curve is the share that takes longer', () => {
  const curve = kaplanMeier([4, 1, 3, 2].map((time) => ({ time, censored: false })))
  expect([0.5, 1, 2, 3, 4].map((time) => survivalAt(curve, time)?.estimate)).toEqual([1, 0.75, 0.5, 0.25, 0])
  expect(survivalQuantile(curve, 0.5)?.estimate).toBe(2)
  expect(survivalQuantile(curve, 1)?.estimate).toBe(4)
})

test('nothing, and nothing ended, say nothing', () => {
  expect(survivalAt(kaplanMeier([]), 0)).toBeUndefined()
  expect(survivalQuantile(kaplanMeier([]), 0.5)).toBeUndefined()
  const cut = kaplanMeier([{ time: 5, censored: true }])
  expect(survivalAt(cut, 5)).toEqual({ estimate: 1, low: undefined, high: 1, n: 1 })
  expect(survivalAt(cut, 5.1)).toBeUndefined()
  expect(survivalQuantile(cut, 0.5)).toBeUndefined()
})

test('what was cut off at the time of an end was watched at it', () => {
  const lifetimes: Lifetime[] = [
    { time: 3, censored: true },
    { time: 3, censored: false },
  ]
  const same = [{ time: 3, atRisk: 2, ended: 1, survival: 0.5, greenwood: 0.5 }]
  expect(kaplanMeier(lifetimes).steps).toEqual(same)
  expect(kaplanMeier(lifetimes.toReversed()).steps).toEqual(same)
})

test('few observations bound no far quantile', () => {
  const curve = kaplanMeier(Array.from({ length: 30 }, (_, at) => ({ time: at + 1, censored: false })))
  const p95 = survivalQuantile(curve, 0.95)
  expect(p95?.estimate).toBe(29)
  expect(p95?.low).toBeLessThan(29)
  expect(p95?.high).toBeUndefined()
})

test('what is no lifetime is refused', () => {
  for (const time of [Number.NaN, -1, Infinity])
    expect(() => kaplanMeier([{ time, censored: false }])).toThrow('finite and not negative')
})

test('under a timeout the quantile holds the truth, where that of the successes is far below', () => {
  const random = createRandom(5)
  const truth = -Math.log(1 - 0.8)
  let held = 0
  let naive = 0
  for (let trial = 0; trial < 500; trial++) {
    // cut off at some moment around the median of what is measured
    const lifetimes = Array.from({ length: 200 }, () => {
      const [time, limit] = [-Math.log(1 - random()), 0.5 + 2.5 * random()]
      return { time: Math.min(time, limit), censored: time > limit }
    })
    const own = survivalQuantile(kaplanMeier(lifetimes), 0.8)
    if ((own?.low ?? Infinity) <= truth && truth <= (own?.high ?? Infinity)) held++
    const ended = lifetimes.filter(({ censored }) => !censored).map(({ time }) => time)
    naive += (ended.toSorted((a, b) => a - b)[Math.floor(ended.length * 0.8)] ?? 0) / 500
  }
  expect(held).toBeGreaterThan(425)
  expect(held).toBeLessThan(485)
  expect(naive).toBeLessThan(truth * 0.8)
})
