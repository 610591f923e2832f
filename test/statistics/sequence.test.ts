// Tests that may be looked at after each pair: against numerical integration, and that looking costs nothing.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'
import {
  type MeanSequence,
  beginMeanSequence,
  extendMeanSequence,
  readMeanSequence,
} from '../../src/statistics/mean-sequence.ts'
import { normalQuantile } from '../../src/statistics/normal.ts'
import {
  type ShareSequence,
  beginShareSequence,
  extendShareSequence,
  readShareSequence,
} from '../../src/statistics/share-sequence.ts'
import { expectNear, golden } from './near.ts'

const reference = golden<{
  mean: {
    differences: number[]
    confidence: number
    horizon: number
    mean: number
    p: number
    low: number | null
    high: number | null
  }[]
  share: {
    gains: number
    losses: number
    alike: number
    confidence: number
    estimate: number
    low: number
    high: number
    coin: number
  }[]
}>('sequence')

const fold = (differences: readonly number[], begin: MeanSequence = beginMeanSequence()): MeanSequence =>
  differences.reduce(extendMeanSequence, begin)

const pairs = { gain: [true, false], loss: [false, true], both: [true, true], none: [false, false] } as const
type Kind = keyof typeof pairs
const shares = (kinds: readonly Kind[], begin: ShareSequence = beginShareSequence()): ShareSequence =>
  kinds.reduce(
    (sequence, kind) => extendShareSequence(sequence, { treated: pairs[kind][0], control: pairs[kind][1] }),
    begin,
  )

describe('a mean', () => {
  test('p and the bounds are as integrating over all effects says', () => {
    for (const { differences, confidence, horizon, mean, p, low, high } of reference.mean) {
      const own = readMeanSequence(fold(differences, beginMeanSequence({ confidence, horizon })))
      expectNear(own?.estimate, mean, 1e-9)
      expectNear(own?.p, p, 1e-8)
      expectNear(own?.low, low, 1e-8)
      expectNear(own?.high, high, 1e-8)
    }
  })

  test('few pairs bound nothing', () => {
    expect(readMeanSequence(beginMeanSequence())).toBeUndefined()
    expect(readMeanSequence(fold([3]))).toEqual({ estimate: 3, low: undefined, high: undefined, n: 1, p: 1 })
  })

  test('from some pair on there are bounds, and no earlier', () => {
    for (const horizon of [5, 100, 3000]) {
      let sequence = beginMeanSequence({ horizon })
      let bounded = 0
      for (let n = 1; n <= 150; n++) {
        sequence = extendMeanSequence(sequence, n % 3)
        const own = readMeanSequence(sequence)
        expect(own?.low === undefined).toBe(own?.high === undefined)
        if (own?.low === undefined) {
          expect(bounded).toBe(0)
          continue
        }
        expect(own.low).toBeLessThan(own.estimate)
        bounded++
      }
      expect(bounded).toBeGreaterThan(30)
      expect(bounded).toBeLessThan(146)
    }
  })

  test('pairs without any difference say that there is none', () => {
    expect(readMeanSequence(fold(Array<number>(50).fill(0)))).toMatchObject({
      estimate: 0,
      low: 0,
      high: 0,
      p: 1,
    })
  })

  test('where the interval has left 0, p is below the rest of the confidence', () => {
    const values = fc.array(fc.double({ min: -100, max: 120, noNaN: true }), { minLength: 1, maxLength: 120 })
    fc.assert(
      fc.property(values, (differences) => {
        const own = readMeanSequence(fold(differences))
        if ((own?.low ?? -1) > 0 || (own?.high ?? 1) < 0) expect(own?.p).toBeLessThanOrEqual(0.05 + 1e-9)
      }),
    )
  })

  test('the unit has no say', () => {
    const differences = reference.mean[2]?.differences ?? []
    const [one, thousand] = [differences, differences.map((value) => value * 1000)].map((values) =>
      readMeanSequence(fold(values)),
    )
    expectNear(thousand?.p, one?.p, 1e-9)
    expectNear(thousand?.high, (one?.high ?? 0) * 1000, 1e-9)
  })

  test('it survives being journalled', () => {
    const sequence = fold([1, 2, 0.5])
    expect(fold([4, 5], JSON.parse(JSON.stringify(sequence)) as MeanSequence)).toEqual(
      fold([1, 2, 0.5, 4, 5]),
    )
  })

  test('odd options and observations are refused', () => {
    expect(() => beginMeanSequence({ confidence: 1 })).toThrow('the confidence of a sequence')
    for (const horizon of [0, 0.9, Infinity, Number.NaN])
      expect(() => beginMeanSequence({ horizon })).toThrow('a horizon')
    expect(beginMeanSequence({ confidence: 0.5, horizon: 1 })).toMatchObject({ confidence: 0.5, evidence: 0 })
    expect(() => fold([Number.NaN])).toThrow('finite')
  })

  // Draws are inverse distributions: one number each, the same for a seed.
  const draws: Record<string, (u: number, at: number) => number> = {
    normal: (u) => normalQuantile(u),
    'heavy tails (Cauchy)': (u) => Math.tan(Math.PI * (u - 0.5)),
    'coins (only +1 and -1)': (u) => (u < 0.5 ? -1 : 1),
    'drift (ever wider)': (u, at) => normalQuantile(u) * (1 + at / 20),
  }
  // with a short horizon, coins would reject by five alike in a row
  test.each(Object.keys(draws).flatMap((name) => [100, 20].map((horizon) => ({ name, horizon }))))(
    'of 2,000 A/A tests, peeked at after each of 200 pairs, at most one in twenty rejects: $name, horizon $horizon',
    ({ name, horizon }) => {
      const random = createRandom(2024)
      let rejected = 0
      for (let trial = 0; trial < 2000; trial++) {
        let sequence = beginMeanSequence({ horizon })
        for (let at = 0; at < 200; at++)
          sequence = extendMeanSequence(sequence, draws[name]?.(random() + 2 ** -33, at) ?? 0)
        if ((readMeanSequence(sequence)?.p ?? 0) <= 0.05) rejected++
      }
      expect(rejected).toBeLessThanOrEqual(100)
      expect(rejected).toBeGreaterThan(name.startsWith('heavy') ? -1 : 10)
    },
  )

  test('at all of 200 moments at once the interval holds the truth in 95 % of sequences; a real effect is found', () => {
    const random = createRandom(77)
    let lost = 0
    let found = 0
    for (let trial = 0; trial < 1000; trial++) {
      let sequence = beginMeanSequence()
      let held = true
      for (let at = 0; at < 200; at++) {
        sequence = extendMeanSequence(sequence, 0.4 + normalQuantile(random() + 2 ** -33))
        const own = readMeanSequence(sequence)
        if ((own?.low ?? -Infinity) > 0.4 || (own?.high ?? Infinity) < 0.4) held = false
      }
      if (!held) lost++
      if ((readMeanSequence(sequence)?.low ?? -1) > 0) found++
    }
    expect(lost).toBeLessThanOrEqual(50)
    expect(found).toBeGreaterThan(950)
  })
})

describe('a share', () => {
  test('the bounds are as a search over all chances says, and p as the coin', () => {
    for (const { gains, losses, alike, confidence, estimate, low, high, coin } of reference.share) {
      const kinds: Kind[] = [
        ...Array<Kind>(alike).fill('none'),
        ...Array<Kind>(losses).fill('loss'),
        ...Array<Kind>(gains).fill('gain'),
      ]
      const sequence = shares(kinds, beginShareSequence({ confidence }))
      const own = readShareSequence(sequence)
      expectNear(own?.estimate, estimate, 1e-12)
      expect(own?.low).toBeCloseTo(low, 8)
      expect(own?.high).toBeCloseTo(high, 8)
      if (gains === 0 || losses === 0) expectNear(own?.p, Math.exp(-Math.max(0, coin)), 1e-10)
    }
  })

  test('no pair says nothing, one pair bounds almost nothing', () => {
    expect(readShareSequence(beginShareSequence())).toBeUndefined()
    const one = readShareSequence(shares(['gain']))
    expect(one).toMatchObject({ estimate: 1, high: 1, n: 1, p: 1 })
    expect(one?.low).toBeLessThan(-0.8)
    expect(() => beginShareSequence({ confidence: 0 })).toThrow('the confidence of a sequence')
  })

  test('what helps one harms the other', () => {
    const kinds: Kind[] = ['gain', 'none', 'gain', 'both', 'loss', 'gain', 'none']
    const turned = kinds.map((kind) => (kind === 'gain' ? 'loss' : kind === 'loss' ? 'gain' : kind))
    const [own, other] = [readShareSequence(shares(kinds)), readShareSequence(shares(turned))]
    expectNear(other?.low, -(own?.high ?? 0), 1e-10)
    expectNear(other?.high, -(own?.low ?? 0), 1e-10)
    expect(other?.p).toBe(own?.p)
  })

  test('of 2,000 A/A tests, peeked at after each of 300 pairs, at most 5 % reject, though the share drifts', () => {
    const random = createRandom(31)
    let [rejected, excluded] = [0, 0]
    for (let trial = 0; trial < 2000; trial++) {
      let sequence = beginShareSequence()
      for (let at = 0; at < 300; at++) {
        const share = 0.05 + 0.4 * (at / 300)
        sequence = extendShareSequence(sequence, { treated: random() < share, control: random() < share })
      }
      const own = readShareSequence(sequence)
      if ((own?.p ?? 0) <= 0.05) rejected++
      if ((own?.low ?? -1) > 0 || (own?.high ?? 1) < 0) excluded++
    }
    expect(rejected).toBeLessThanOrEqual(100)
    expect(rejected).toBeGreaterThan(20)
    expect(excluded).toBeLessThanOrEqual(rejected)
  })

  test('at every tenth of 200 moments the interval holds a true difference in 95 % of sequences', () => {
    const random = createRandom(12)
    let lost = 0
    for (let trial = 0; trial < 300; trial++) {
      let sequence = beginShareSequence()
      let held = true
      for (let at = 1; at <= 200; at++) {
        sequence = extendShareSequence(sequence, { treated: random() < 0.3, control: random() < 0.1 })
        const own = at % 10 === 0 ? readShareSequence(sequence) : undefined
        if (own && ((own.low ?? -1) > 0.2 || (own.high ?? 1) < 0.2)) held = false
      }
      if (!held) lost++
    }
    expect(lost).toBeLessThanOrEqual(15)
  })
})
