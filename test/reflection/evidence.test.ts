// What detectors are shown of what was recorded, and how they cut it: runs, steps, classes, strata, batches, components.

import { describe, expect, test } from 'vitest'
import type { RunRecord } from '../../src/observe/run-record.ts'
import { chanceOfAtMost } from '../../src/reflection/batches.ts'
import { componentsOf, wouldMix } from '../../src/reflection/component.ts'
import { duration, percent, tuneStep } from '../../src/reflection/detector.ts'
import { answered, lastOf } from '../../src/reflection/foretell.ts'
import { cover } from '../../src/reflection/strata.ts'
import { declaredLimiters, declaredSteps } from '../../src/reflection/tunables.ts'
import { attempt, hard, ran, run } from '../analysis/made.ts'
import { inTurn } from './simulate/replayed.ts'
import { chainOf, many, runsEach, untuned, viewed } from './viewed.ts'

const step = { name: 's', kind: 'step' } as const
const c = chainOf('c', [step])
const done = (id: string, at: number, given: Partial<RunRecord> = {}): RunRecord =>
  run(id, [ran('c', at, at + 5, { attempts: [attempt('s', at, at + 5)] })], {
    acceptedAt: at,
    firstSeq: at,
    lastSeq: at + 3,
    ...given,
  })

describe('what detectors are shown', () => {
  test('is in the order in which runs were accepted, with the stretch of the journal', () => {
    const view = viewed(
      [done('b', 20), done('a', 10), done('d', 30, { firstSeq: 8 }), done('e', 30, { firstSeq: 7 })],
      [c],
    )
    expect(view.runs.map(({ run: id }) => id)).toEqual(['a', 'b', 'e', 'd'])
    expect(view).toMatchObject({ fromSeq: 7, toSeq: 33, seed: 1, now: 1_000_000 })
    expect(view.steps).toMatchObject([{ name: 'c/s', chain: c, step }])
    expect(view.steps[0]?.attempts.map(({ run: { run: id }, order }) => [id, order])).toEqual([
      ['a', 0],
      ['b', 1],
      ['e', 2],
      ['d', 3],
    ])
    expect(viewed([], [c])).toMatchObject({ fromSeq: Infinity, toSeq: 0, steps: [] })
    expect(viewed([], [c], { seed: 7 }).seed).toBe(7)
  })

  test.for([
    ['has not ended', { endedAt: undefined }],
    ['was cancelled', { status: 'cancelled' }],
    ['was retried by a person', { retries: 1 }],
    ['was paused', { pausedMs: 1 }],
    ['has attempts that there was no room for', { dropped: 1 }],
    ['was forked', { origin: { run: 'x', copied: 0 } }],
    ['is the treated half of a trial', { arm: { trial: 't', pair: 1, arm: 'treated' } }],
  ] as const satisfies readonly (readonly [string, Partial<RunRecord>])[])(
    'is no run that %s',
    ([, given]) => {
      expect(viewed([done('a', 0, given)], [c]).runs).toEqual([])
    },
  )

  test.for([
    ['failed', { status: 'failed' }],
    ['is the other half of a trial', { arm: { trial: 't', pair: 1, arm: 'control' } }],
  ] as const satisfies readonly (readonly [string, Partial<RunRecord>])[])(
    'is a run that %s',
    ([, given]) => {
      expect(viewed([done('a', 0, given)], [c]).runs).toHaveLength(1)
    },
  )

  test('are attempts of steps as they are declared now, made for their own sake', () => {
    const attempts = [
      attempt('s', 0, 1),
      attempt('s', 0, 2, { part: 'fallback' }),
      attempt('s', 0, 3, { rewound: true }),
      attempt('s', 0, 4, { copied: true }),
      attempt('gone', 0, 5),
      attempt('s', 0, 6),
    ]
    const chains = [
      ran('c', 0, 9, { attempts }),
      ran('c', 0, 9, { key: 'c2', version: '0', attempts }),
      ran('x', 0, 9, { attempts }),
    ]
    const view = viewed([run('r', chains)], [c])
    expect(view.steps.flatMap((one) => one.attempts.map(({ attempt: { endedAt } }) => endedAt))).toEqual([
      1, 6,
    ])
  })

  test('are classes of runs by their targets and by attributes that tell few of them apart', () => {
    const of = (given: Partial<RunRecord>) => done('r', 0, given)
    const view = viewed(
      many(40, (at) => of({ attributes: { tenant: `t${at % 8}`, order: at, size: at % 9, vip: true } })),
      [c],
    )
    expect(view.classOf(of({ targets: ['c', 'd'], attributes: { tenant: 't1', order: 3, vip: true } }))).toBe(
      'c,d tenant=t1 vip=true',
    )
    expect(view.classOf(of({ attributes: {} }))).toBe('c tenant=undefined vip=undefined')
  })
})

describe('what holds of all holds of the parts', () => {
  const view = viewed(
    runsEach(
      50,
      (_, from) => ran('c', from, from),
      (at) => ({ attributes: { of: at % 2 === 0 ? 'x' : 'y' } }),
    ),
    [c],
  )
  const seen = view.runs.map((one, order) => ({ run: one, order, value: order }))

  test('of each fifth of the time, and of each class', () => {
    expect(cover(view, seen, () => true)).toBe(1)
    expect(cover(view, seen, () => false)).toBe(0)
    // in the fifth that begins with 20 it does not
    expect(cover(view, seen, (part) => part[0]?.value !== 20)).toBeCloseTo(0.8, 12)
    // of one of the two classes it does not
    expect(cover(view, seen, (part) => part.length < 25 || part[0]?.value === 0)).toBeCloseTo(0.5, 12)
  })

  test('where at least five tell', () => {
    // four in each of the last fifths
    const some = seen.filter(({ order }) => order < 20 || order % 10 < 4)
    expect(cover(view, some, () => true)).toBeCloseTo(0.4, 12)
    expect(
      cover(
        view,
        seen.filter(({ order }) => order % 10 < 5),
        () => true,
      ),
    ).toBe(1)
    // one class is too few to be against it
    const few = seen.filter(({ order }) => order % 2 === 0 || order < 8)
    expect(cover(view, few, (part) => part.length > 4)).toBe(1)
    expect(cover(view, seen.slice(0, 4), () => true)).toBe(0)
    expect(cover(view, [], () => true)).toBe(0)
  })
})

describe('the chance that a mean is no more than a bound', () => {
  test('is by twenty stretches, as Student has it', () => {
    // means of the stretches are 0 and 2 in turn: 1 at most? the mean is the bound
    const turns = many(40, (at) => (Math.floor(at / 2) % 2) * 2)
    expect(chanceOfAtMost(turns, 1)).toBeCloseTo(0.5, 12)
    // a deviation of sqrt(20 / 19), so of 1 / sqrt(19) of their mean: t = 2.093, the 97.5 % of 19 degrees
    const bound = 1 - 2.0930240544 / Math.sqrt(19)
    expect(chanceOfAtMost(turns, bound)).toBeCloseTo(0.025, 9)
    expect(chanceOfAtMost(turns, 2 - bound)).toBeCloseTo(0.975, 9)
  })

  test('is none or all where nothing varies', () => {
    expect(
      chanceOfAtMost(
        many(20, () => 3),
        2,
      ),
    ).toBe(0)
    expect(
      chanceOfAtMost(
        many(20, () => 3),
        3,
      ),
    ).toBe(1)
    expect(
      chanceOfAtMost(
        many(20, () => 3),
        4,
      ),
    ).toBe(1)
  })

  test('is not known of fewer than twenty', () => {
    expect(
      chanceOfAtMost(
        many(19, () => 3),
        2,
      ),
    ).toBe(1)
  })

  test('takes in all values, also where stretches differ in length', () => {
    // 30 values: stretches of one and two in turn; the mean of their means is 1.25, not 1
    const values = many(30, (at) => [3, 0, 1][at % 3] as number)
    expect(chanceOfAtMost(values, 1.75)).toBeCloseTo(0.5, 12)
  })
})

describe('the last runs that are soon simulated', () => {
  const runs = runsEach(500, (_, from) =>
    ran('c', from, from + 1, { attempts: many(30, () => attempt('s', from, from + 1)) as never }),
  )
  test('are 400 at most, of 10,000 attempts at most', () => {
    expect(lastOf(runs.slice(0, 20))).toEqual(runs.slice(0, 20))
    // 333 runs of 30 attempts each
    expect(lastOf(runs)).toEqual(runs.slice(-333))
    expect(lastOf(runs, 10)).toEqual(runs.slice(-10))
    const light = runsEach(500, (_, from) => ran('c', from, from + 1))
    expect(lastOf(light)).toEqual(light.slice(-400))
    const just = runsEach(500, (_, from) =>
      ran('c', from, from + 1, { attempts: many(100, () => attempt('s', from, from + 1)) as never }),
    )
    expect(lastOf(just)).toHaveLength(100)
  })

  test('of which one alone is too much are none', () => {
    expect(
      lastOf([run('r', [ran('c', 0, 1, { attempts: many(10_001, () => attempt('s', 0, 1)) as never })])]),
    ).toEqual([])
  })

  test('are those under the config as it is, untreated and whole', () => {
    const others: readonly Partial<RunRecord>[] = [
      { config: 3 },
      { endedAt: undefined },
      { dropped: 1 },
      { arm: { trial: 't', pair: 1, arm: 'treated' } },
    ]
    const mine = runsEach(30, (_, from) =>
      ran('c', from, from + 10, { attempts: [attempt('s', from, from + 10)] }),
    )
    const extra = others.map((given, at) => done(`x${at}`, 5, given))
    const chains = [inTurn('c', ['s'])]
    const patch = [{ op: 'replace', path: '/concurrency', value: 2 }] as const
    expect(answered(viewed([...extra, ...mine], chains), patch)).toMatchObject({ answered: true, runs: 30 })
    // one less is too few
    expect(answered(viewed([...extra, ...mine.slice(1)], chains), patch)).toMatchObject({
      answered: false,
      why: expect.stringMatching(/^only 29 runs/) as string,
    })
    // a run that a person had retried takes part, and is not counted
    expect(answered(viewed([...mine, done('y', 7, { retries: 1 })], chains), patch)).toMatchObject({
      answered: true,
      runs: 30,
    })
  })
})

describe('chains that hang together', () => {
  const of = componentsOf({
    chains: [
      chainOf('a', [step]),
      chainOf('b', [step], { needs: [hard('a')] }),
      chainOf('c', [{ ...step, chain: 'b' }]),
      chainOf('d', [step]),
      { ...chainOf('e', [step]), follows: [{ chain: 'd' }] } as never,
      chainOf('f', [step]),
    ],
  })
  const at = (chain: string, more: object = {}) => ({ chain, ...more })

  test('are those that need, follow or call each other, over others as well', () => {
    const mixed = (one: string, other: string): boolean => wouldMix(at(one), at(other), of)
    expect([mixed('a', 'b'), mixed('a', 'c'), mixed('b', 'c'), mixed('d', 'e'), mixed('f', 'f')]).toEqual([
      true,
      true,
      true,
      true,
      true,
    ])
    expect([mixed('a', 'd'), mixed('e', 'c'), mixed('f', 'a'), mixed('f', 'd')]).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  test('are all of them, for what holds for the whole process or is not known', () => {
    for (const whole of [at(''), at('gone'), at('a', { limiter: 'api' })]) {
      expect(of(whole)).toBeUndefined()
      expect(wouldMix(whole, at('f'), of)).toBe(true)
      expect(wouldMix(at('f'), whole, of)).toBe(true)
    }
  })
})

describe('what is read of a declaration', () => {
  const lets = { inFlight: 2, rate: 5, per: 1000, burst: 3, cost: 4 }
  test('are limiters of one line, without what one call costs', () => {
    const chains = [
      chainOf('a', [step, { ...step, name: 't', limit: 'one', lets }]),
      chainOf('b', [
        { ...step, limit: 'keyed' },
        { ...step, name: 't', limit: 'keyed', lets },
      ]),
    ]
    expect([...declaredLimiters({ chains })]).toEqual([
      ['one', { inFlight: 2, rate: 5, per: 1000, burst: 3 }],
    ])
  })

  test('are chains and steps by name', () => {
    const declared = declaredSteps({ chains: [c, chainOf('d', [step])] })
    expect([
      declared.chain('c'),
      declared.chain('x'),
      declared.step('c', 's'),
      declared.step('c', 'x'),
      declared.step('x', 's'),
    ]).toEqual([c, undefined, step, undefined, undefined])
  })
})

test.for([
  [{}, [{ op: 'add', path: '/steps/a~1b~1c', value: { timeout: 5 } }]],
  [{ 'a/b/c': {} }, [{ op: 'add', path: '/steps/a~1b~1c/timeout', value: 5 }]],
  [{ 'a/b/c': { timeout: 9 } }, [{ op: 'replace', path: '/steps/a~1b~1c/timeout', value: 5 }]],
] as const)('a step is tuned where the config has %o', ([steps, patch]) => {
  expect(tuneStep({ ...untuned, steps }, 'a/b/c', 'timeout', 5)).toEqual(patch)
})

test.for([
  [0, '0 %'],
  [1e-15, '0 %'],
  [0.00001, '0.001 %'],
  [0.001234, '0.12 %'],
  [0.0456, '4.6 %'],
  [0.0996, '10 %'],
  [0.1, '10 %'],
  [0.4551, '46 %'],
  [0.99, '99 %'],
  [0.995, '99.5 %'],
  [0.9999, '99.9 %'],
  [1, '100 %'],
] as const)('a share of %d is shown as %s', ([share, shown]) => {
  expect(percent(share)).toBe(shown)
})

test.for([
  [0.123, '0.12 ms'],
  [999, '1000 ms'],
  [1000, '1 s'],
  [59_900, '60 s'],
  [60_000, '1 min'],
  [90_000, '1.5 min'],
] as const)('%d ms are shown as %s', ([ms, shown]) => {
  expect(duration(ms)).toBe(shown)
})
