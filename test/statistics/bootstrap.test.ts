// Drawing again from the sample: against NumPy with the same generator, and that intervals hold the truth.

import { expect, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'
import { bootstrap, bootstrapRatio, drawsOf } from '../../src/statistics/bootstrap.ts'
import { expectNear, golden } from './near.ts'

const reference = golden<{
  cases: {
    seed: number
    confidence: number
    resamples: number
    part: number[]
    whole: number[]
    mean: number[]
    ratio: number[]
  }[]
}>('bootstrap')
const meanOf = (sample: readonly number[]): number =>
  sample.reduce((sum, value) => sum + value, 0) / sample.length

test('intervals of a mean and of a ratio of sums are as the reference says', () => {
  for (const { part, whole, mean, ratio, ...options } of reference.cases) {
    const ofMean = bootstrap(part, meanOf, options)
    const pairs = part.map((one, at) => ({ part: one, whole: whole[at] ?? 0 }))
    const ofRatio = bootstrapRatio(pairs, options)
    for (const [own, wanted] of [
      [ofMean, mean],
      [ofRatio, ratio],
    ] as const) {
      expectNear(own?.estimate, wanted[0], 1e-12)
      expectNear(own?.low, wanted[1], 1e-12)
      expectNear(own?.high, wanted[2], 1e-12)
      expect(own?.n).toBe(part.length)
    }
  }
})

test('the same seed gives the same interval, another seed another', () => {
  const values = [1.37, 5.11, 2.93, 8.02, 3.3, 9.71, 4.49, 6.6]
  expect(bootstrap(values, meanOf, { seed: 4 })).toEqual(bootstrap(values, meanOf, { seed: 4 }))
  expect(bootstrap(values, meanOf, { seed: 4 })).not.toEqual(bootstrap(values, meanOf, { seed: 5 }))
})

test('what was drawn before gives the same interval, and is refused of another sample', () => {
  const pairs = [1.37, 5.11, 2.93, 8.02, 3.3].map((part) => ({ part, whole: 10 }))
  const options = { seed: 4, resamples: 300 }
  const draws = drawsOf(pairs.length, options)
  expect(bootstrapRatio(pairs, { ...options, draws })).toEqual(bootstrapRatio(pairs, options))
  expect(() => bootstrapRatio(pairs.slice(1), { ...options, draws })).toThrow(RangeError)
})

test('nothing has no estimate, one observation no bounds, equal ones a point', () => {
  expect(bootstrap([], meanOf, { seed: 1 })).toBeUndefined()
  expect(bootstrap([3], meanOf, { seed: 1 })).toEqual({ estimate: 3, low: undefined, high: undefined, n: 1 })
  expect(bootstrap([3, 3, 3], meanOf, { seed: 1 })).toEqual({ estimate: 3, low: 3, high: 3, n: 3 })
  expect(bootstrapRatio([], { seed: 1 })).toBeUndefined()
  expect(bootstrapRatio([{ part: 0, whole: 0 }], { seed: 1 })).toBeUndefined()
  expect(bootstrapRatio([{ part: 1, whole: 0 }], { seed: 1 })).toBeUndefined()
})

test('a statistic without a value on some draws has no bounds', () => {
  const own = bootstrap([1, 2, 3], (sample) => (new Set(sample).size < 2 ? Number.NaN : 1), { seed: 1 })
  expect(own).toEqual({ estimate: 1, low: undefined, high: undefined, n: 3 })
  const ratio = bootstrapRatio(
    [
      { part: 1, whole: 0 },
      { part: 0, whole: 2 },
    ],
    { seed: 1 },
  )
  expect(ratio).toEqual({ estimate: 0.5, low: undefined, high: undefined, n: 2 })
})

test('what is no part of a whole is refused', () => {
  expect(() => bootstrapRatio([{ part: Number.NaN, whole: 1 }], { seed: 1 })).toThrow('finite')
  expect(() => bootstrapRatio([{ part: 1, whole: -1 }], { seed: 1 })).toThrow('not negative')
})

test('of 600 samples, about 90 % hold the true ratio', () => {
  const random = createRandom(8)
  let held = 0
  for (let trial = 0; trial < 600; trial++) {
    // wholes exponential, parts a uniform share of them: the ratio is 1/2
    const parts = Array.from({ length: 60 }, () => {
      const whole = -Math.log(1 - random())
      return { part: whole * random(), whole }
    })
    const own = bootstrapRatio(parts, { seed: trial, resamples: 400 })
    if ((own?.low ?? 1) <= 0.5 && 0.5 <= (own?.high ?? 0)) held++
  }
  expect(held).toBeGreaterThan(510)
  expect(held).toBeLessThan(570)
})
