// Comparing executions: what is planted is found, what is not is not said, and too little says so.

import { describe, expect, test } from 'vitest'
import { type Execution, compare } from '../../src/analysis/compare.ts'
import { createRandom } from '../../src/kernel/random.ts'

interface World {
  readonly n: number
  readonly scale?: number
  readonly fail?: number
  readonly at?: number
  readonly kinds?: readonly { readonly class: string; readonly ms: number; readonly share: number }[]
}

function drawn(seed: number, { n, scale = 1, fail = 0.05, at = 0, kinds }: World): readonly Execution[] {
  const random = createRandom(seed)
  const all = kinds ?? [{ class: 'a', ms: 1_000, share: 1 }]
  return Array.from({ length: n }, (_, i) => {
    let left = random()
    const kind = all.find(({ share }) => (left -= share) < 0) ?? all[0]
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return {
      ms: (kind?.ms ?? 1_000) * scale * Math.exp(0.3 * normal),
      failed: random() < fail,
      attempts: 1,
      class: kind?.class ?? 'a',
      at: at + i,
    }
  })
}

describe('a comparison', () => {
  test('finds a planted slowdown in median and tail, with intervals that hold it', () => {
    const { verdict, ratio, p95Ratio } = compare(drawn(1, { n: 300 }), drawn(2, { n: 300, scale: 1.5 }))
    expect(verdict).toBe('slower')
    for (const found of [ratio, p95Ratio]) {
      expect(found?.low).toBeGreaterThan(1)
      expect(found?.low).toBeLessThan(1.5)
      expect(found?.high).toBeGreaterThan(1.5)
    }
  })

  test('of equal worlds says that one is slower or faster about as often as its level allows', () => {
    const wrong = Array.from({ length: 200 }, (_, seed) =>
      compare(drawn(2 * seed, { n: 60 }), drawn(2 * seed + 1, { n: 60 })),
    ).filter(({ verdict }) => verdict === 'slower' || verdict === 'faster').length
    expect(wrong).toBeLessThanOrEqual(34)
  })

  test('calls alike only what is shown to be, and says that it cannot tell where it cannot', () => {
    const narrow = drawn(1, { n: 1_500 })
    expect(compare(narrow, drawn(2, { n: 1_500 })).verdict).toBe('alike')
    const few = compare(drawn(1, { n: 4 }), drawn(2, { n: 4, scale: 9 }))
    expect(few).toMatchObject({
      verdict: 'unknown',
      failing: 'unknown',
      ratio: undefined,
      p95Ratio: undefined,
    })
    expect(compare([], drawn(1, { n: 9 }))).toMatchObject({
      verdict: 'unknown',
      failing: 'unknown',
      warnings: ['there is nothing on one of the sides'],
    })
    expect(compare(drawn(1, { n: 40 }), drawn(2, { n: 40 })).p95Ratio).toBeUndefined()
  })

  test('is not misled by another mix of inputs: each class is compared with itself', () => {
    const kinds = (large: number): NonNullable<World['kinds']> => [
      { class: 'small', ms: 100, share: 1 - large },
      { class: 'large', ms: 5_000, share: large },
    ]
    const { verdict, ratio, classes } = compare(
      drawn(1, { n: 500, kinds: kinds(0.1) }),
      drawn(2, { n: 500, kinds: kinds(0.6) }),
    )
    expect(verdict).not.toBe('slower')
    expect(ratio?.estimate).toBeCloseTo(1, 1)
    expect(classes.map((one) => one.class)).toEqual(['large', 'small'])
  })

  test('leaves out what has no like on the other side, and says how much', () => {
    const { left } = compare(
      drawn(1, { n: 50, fail: 0 }),
      drawn(2, { n: 30, fail: 0, kinds: [{ class: 'b', ms: 1, share: 1 }] }),
    )
    expect(left).toBe(80)
  })

  test('compares failures by themselves, and durations of what succeeded', () => {
    const { failing, failures, verdict } = compare(
      drawn(1, { n: 400, fail: 0.02 }),
      drawn(2, { n: 400, fail: 0.2, scale: 0.5 }),
    )
    expect([failing, verdict]).toEqual(['more', 'faster'])
    expect(failures?.low).toBeGreaterThan(0.1)
    expect(failures?.high).toBeLessThan(0.25)
  })

  test('warns where the two are of different times, and not where they are side by side', () => {
    expect(compare(drawn(1, { n: 50 }), drawn(2, { n: 50, at: 1_000 })).warnings).toHaveLength(1)
    expect(compare(drawn(1, { n: 50 }), drawn(2, { n: 50, at: 10 })).warnings).toEqual([])
  })
})
