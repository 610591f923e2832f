// Whatever numbers come in: a refusal by RangeError, nothing at all, or figures that are no NaN and in order.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { benjaminiHochberg } from '../../src/statistics/benjamini-hochberg.ts'
import { bootstrap, bootstrapRatio } from '../../src/statistics/bootstrap.ts'
import { changePoint } from '../../src/statistics/change-point.ts'
import { fisherExact } from '../../src/statistics/fisher.ts'
import { count, emptyHistogram, quantileIn } from '../../src/statistics/histogram.ts'
import { kaplanMeier, survivalAt, survivalQuantile } from '../../src/statistics/kaplan-meier.ts'
import {
  beginMeanSequence,
  extendMeanSequence,
  readMeanSequence,
} from '../../src/statistics/mean-sequence.ts'
import { deviationOf, medianOf } from '../../src/statistics/median.ts'
import { clopperPearson, neverSeen, wilson } from '../../src/statistics/proportion.ts'
import { quantile } from '../../src/statistics/quantile.ts'
import { rankSum, shiftBetween } from '../../src/statistics/rank-sum.ts'
import {
  beginShareSequence,
  extendShareSequence,
  readShareSequence,
} from '../../src/statistics/share-sequence.ts'
import { spearman } from '../../src/statistics/spearman.ts'
import { theilSen } from '../../src/statistics/theil-sen.ts'
import { mannKendall } from '../../src/statistics/trend.ts'

const odd = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 5 }) },
  { weight: 1, arbitrary: fc.double({ noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 1e-320, 1e308, -1e308, Infinity, -Infinity) },
)
/** Mostly without NaN: one of them is refused at once. */
const sample = fc.oneof(
  { weight: 9, arbitrary: fc.array(odd, { maxLength: 25 }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(odd, fc.constant(Number.NaN)), { maxLength: 5 }) },
)
const share = fc.double({ min: -0.1, max: 1.1 })

interface Interval {
  readonly estimate: number
  readonly low: number | undefined
  readonly high: number | undefined
}

const isInterval = (value: object): value is Interval => 'estimate' in value && 'low' in value

/** No NaN anywhere but in odds of nothing; bounds around the estimate; chances from 0 to 1. */
function expectSound(value: unknown): void {
  if (typeof value === 'number') expect(value).not.toBeNaN()
  if (typeof value !== 'object' || value === null) return
  if (isInterval(value)) {
    const slack = Number.isFinite(value.estimate) ? 1e-9 * Math.abs(value.estimate) : 0
    if (value.low !== undefined) expect(value.low).toBeLessThanOrEqual(value.estimate + slack)
    if (value.high !== undefined) expect(value.high).toBeGreaterThanOrEqual(value.estimate - slack)
  }
  for (const [name, part] of Object.entries(value)) {
    if (name === 'p' || name === 'pMore' || name === 'survival') {
      expect(part).toBeGreaterThanOrEqual(0)
      expect(part).toBeLessThanOrEqual(1)
    }
    if (name !== 'oddsRatio') expectSound(part)
  }
}

function sound(of: () => unknown): void {
  let value: unknown
  try {
    value = of()
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError)
    expect((error as Error).message).toMatch(/ is | holds no NaN| than | one is /)
    return
  }
  expectSound(value)
}

const pairsOf = (xs: readonly number[], ys: readonly number[]) => xs.map((x, at) => ({ x, y: ys[at] ?? 0 }))

const methods: Record<string, (a: number[], b: number[], p: number) => unknown> = {
  quantile: (a, _, p) => quantile(a, p),
  'quantile, interval': (a, _, p) => quantile(a, 0.5, p),
  median: (a) => medianOf(a),
  deviation: (a) => deviationOf(a),
  histogram: (a, _, p) => {
    const histogram = emptyHistogram()
    for (const value of a) count(histogram, value)
    return quantileIn(histogram, p)
  },
  bootstrap: (a, b, p) =>
    bootstrap(a, (values) => values.reduce((sum, value) => sum + value, 0), {
      seed: b.length,
      resamples: 20,
      confidence: p,
    })?.n,
  'bootstrap of a ratio': (a, b) =>
    bootstrapRatio(
      a.map((part, at) => ({ part, whole: Math.abs(b[at] ?? 1) })),
      { seed: 1, resamples: 20 },
    ),
  'rank sum': (a, b) => rankSum(a, b),
  shift: (a, b, p) => shiftBetween(a, b, p),
  trend: (a) => mannKendall(a),
  'change point': (a) => changePoint(a),
  line: (a, b, p) => theilSen(pairsOf(a, b), p),
  correlation: (a, b) => spearman(pairsOf(a, b)),
  survival: (a, b, p) => {
    const curve = kaplanMeier(a.map((time, at) => ({ time, censored: (b[at] ?? 0) > 2 })))
    return [curve, survivalQuantile(curve, p), survivalAt(curve, b[0] ?? 0, p)]
  },
  'many tests': (a, _, p) => benjaminiHochberg(a, p),
  shares: ([k = 0, n = 0], _, p) => [wilson(k, n, p), clopperPearson(k, n, p), neverSeen(n, p)],
  fisher: ([a = 0, b = 0, c = 0, d = 0]) => fisherExact({ hits: a, misses: b }, { hits: c, misses: d }),
  'mean sequence': (a, [horizon = 100], p) =>
    readMeanSequence(
      a.reduce(
        extendMeanSequence,
        beginMeanSequence({ confidence: 0.5 + 0.45 * p, horizon: Math.abs(horizon) }),
      ),
    ),
  'share sequence': (a, b, p) =>
    readShareSequence(
      a.reduce(
        (sequence, value, at) =>
          extendShareSequence(sequence, { treated: value > 1, control: (b[at] ?? 0) > 1 }),
        beginShareSequence({ confidence: 0.5 + 0.45 * p }),
      ),
    ),
}

test.each(Object.keys(methods))('%s', (name) => {
  fc.assert(
    fc.property(sample, sample, share, (a, b, p) => {
      const before = [...a]
      sound(() => methods[name]?.(a, b, p))
      expect(a).toEqual(before)
    }),
    { numRuns: 400 },
  )
})
