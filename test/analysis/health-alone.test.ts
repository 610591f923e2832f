// How chains do, from executions made by hand: each sentence, the windows, and what says nothing.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { burnsOf } from '../../src/analysis/burn.ts'
import { healthOf, standingOf } from '../../src/analysis/health.ts'
import type { ChainHealth } from '../../src/analysis/report-times.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import { verdictOf } from '../../src/analysis/verdict.ts'
import type { ChainRecord } from '../../src/observe/chain-record.ts'
import { type Made, boom, declare, ran, run, runsOf, scene, surveyed } from './made.ts'

const well = (n: number): readonly boolean[] => Array.from({ length: n }, () => false)
const bad = (n: number): readonly boolean[] => Array.from({ length: n }, () => true)
const healthIn = (made: Made): readonly ChainHealth[] => atOnce(healthOf(scene(made)))

/** One after the other, one a second; each of 100 ms. */
const executions = (verdicts: readonly boolean[], given: Partial<ChainRecord> = {}): readonly ChainRecord[] =>
  verdicts.map((isBad, at) =>
    ran('c', at * 1_000, at * 1_000 + 100, {
      ...(isBad ? { status: 'failed', step: 'do', failure: boom } : {}),
      ...given,
    }),
  )

test.each([
  [[], 'unknown', 'it has not run'],
  [[false], 'unknown', 'one success of the 52 needed'],
  [well(2), 'unknown', '2 successes of the 52 needed'],
  [[true], 'failing', 'its one execution failed'],
  [[...well(1), true], 'unknown', '1 of its last 2 executions failed; 52 are needed to tell'],
  [well(51), 'unknown', '51 successes of the 52 needed'],
  [well(52), 'ok', 'none of its last 52 executions failed'],
  [[...well(18), true], 'unknown', '1 of its last 19 executions failed; 52 are needed to tell'],
  // 2 of 20 or more come by chance one time in four; 3 of 52 are no more than they
  [[...well(50), true, true], 'ok', '2 of its last 52 executions failed'],
  [
    [...well(49), true, true, true],
    'unknown',
    '3 of its last 52 executions failed, which may be chance or not',
  ],
  [bad(3), 'failing', 'all of its last 3 executions failed'],
  // half of the last 20
  [[...well(100), ...bad(10), ...well(10)], 'failing', '10 of its last 120 executions failed'],
  [[...well(60), ...bad(9), ...well(11)], 'degraded', '9 of its last 80 executions failed, 9 of the last 20'],
  [
    [...well(60), ...bad(20), ...well(100)],
    'degraded',
    '20 of its last 180 executions failed, 0 of the last 20',
  ],
  // more than it may, over the whole window, is not beyond chance
  [
    Array.from({ length: 60 }, (_, at) => at % 15 === 0),
    'unknown',
    '4 of its last 60 executions failed, which may be chance or not',
  ],
  // the window holds 200
  [[...bad(3), ...well(400)], 'ok', 'none of its last 200 executions failed'],
  [
    [...well(100), ...bad(12), ...well(189)],
    'unknown',
    '11 of its last 200 executions failed, which may be chance or not',
  ],
] as const)('executions of which some failed [%#]', (verdicts, state, cause) => {
  expect(standingOf(verdicts)).toEqual({ state, cause })
  if (verdicts.length === 0) return
  const [found] = healthIn({ ended: runsOf(executions(verdicts)), chains: [declare('c')] })
  expect(found).toMatchObject({ chain: 'c', state, cause })
})

test('it falls ill and is well again as the two windows say, in whatever order things failed', () => {
  /** P(X >= failed) of n trials with chance p, added up term by term. */
  const atLeast = (failed: number, n: number, p: number): number => {
    let term = (1 - p) ** n
    let sum = 0
    for (let k = 0; k < failed; k++) {
      sum += term
      term *= ((n - k) / (k + 1)) * (p / (1 - p))
    }
    return 1 - sum
  }
  const isMore = (some: readonly boolean[]): boolean => {
    const failures = some.filter(Boolean).length
    return failures / some.length > 0.05 && atLeast(failures, some.length, 0.05) <= 0.05 + 1e-9
  }
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(12)), { minLength: 1, maxLength: 6 }),
      (pieces) => {
        const verdicts = pieces.flatMap(([good, failing]) => [...well(good), ...bad(failing)])
        let ill = false
        for (let n = 1; n <= verdicts.length; n++) {
          const until = verdicts.slice(0, n)
          const [few, many] = [isMore(until.slice(-20)), isMore(until.slice(-200))]
          if (ill) ill = few || many
          else if (until.at(-1) === true) ill = few && many
        }
        const { state } = standingOf(verdicts)
        expect(state === 'failing' || state === 'degraded').toBe(ill)
      },
    ),
    { numRuns: 40 },
  )
})

test('evidence tells how many, how far back, the bounds of the share that fails, and how sure the state is', () => {
  const [found] = healthIn({ now: 70_000, ended: runsOf(executions(well(60))), chains: [declare('c')] })
  // Wilson, 90 %: z² / (n + z²) is above none of 60
  expect(found?.evidence).toEqual({ runs: 60, failed: 0, window: 69_900, low: 0, high: 0.04315 })
  // of a uniform prior: 1 - 0.95 ** 61
  expect(found?.confidence).toBeCloseTo(1 - 0.95 ** 61, 5)
  const [ill] = healthIn({ now: 0, ended: runsOf(executions(bad(3))), chains: [declare('c')] })
  expect(ill?.evidence).toMatchObject({ runs: 3, failed: 3, window: 0, high: 1 })
  expect(ill?.confidence).toBeCloseTo(1 - 0.05 ** 4, 5)
  const [none] = healthIn({ chains: [declare('c')] })
  expect(none).toEqual({
    chain: 'c',
    state: 'unknown',
    cause: 'it has not run',
    evidence: { runs: 0, failed: 0, window: 0, low: 0, high: 1 },
    confidence: 0,
  })
})

test('what came from a memo, from another run, or was stopped says nothing of how well it does', () => {
  const odd: readonly Partial<ChainRecord>[] = [
    { memo: true },
    { copied: 'ended' },
    { status: 'skipped' },
    { status: 'cancelled' },
    { status: 'upstream_failed' },
  ]
  for (const given of odd)
    expect(standingOf([])).toMatchObject({
      state: healthIn({ ended: runsOf(executions([true, true], given)) })[0]?.state,
    })
  const begun = healthIn({ ended: runsOf(executions([true, true], { copied: 'begun' })) })
  expect(begun[0]?.evidence).toMatchObject({ runs: 2, failed: 2 })
})

test('the root is where most of its failures began, as it was said last', () => {
  const failure = (message: string, step: string | undefined, kind = 'TypeError'): Partial<ChainRecord> => ({
    status: 'failed',
    step,
    failure: { ...boom, message, class: kind },
  })
  const of = (...given: readonly Partial<ChainRecord>[]): unknown =>
    healthIn({ ended: runsOf(given.map((one, at) => ran('c', at, at + 1, one))) })[0]?.evidence.root
  expect(of(failure('a', 'one'), failure('b', 'two'), failure('c', 'two'))).toEqual({
    chain: 'c',
    step: 'two',
    message: 'c',
    count: 2,
  })
  expect(
    of(failure('a', 'one'), failure('b', 'one', 'RangeError'), failure('c', 'one', 'RangeError')),
  ).toEqual({ chain: 'c', step: 'one', message: 'c', count: 2 })
  for (const step of ['', undefined])
    expect(of(failure('early', step))).toEqual({ chain: 'c', message: 'early', count: 1 })
  expect(of({ status: 'failed' }, {})).toBeUndefined()
  // what succeeded has no root, whatever it says
  expect(of({ failure: boom })).toBeUndefined()
})

test('what never ran says what kept it, the last time', () => {
  const blocked = ran('after', 5, 5, { status: 'upstream_failed' })
  const failures = [
    { chain: 'other', failure: { kind: 'thrown', message: 'x', retryable: false }, blocked: ['else'] },
    { chain: 'first', failure: { kind: 'thrown', message: 'x', retryable: false }, blocked: ['after'] },
  ] as const
  const cause = (given: Made): unknown => healthIn(given).find(({ chain }) => chain === 'after')?.cause
  expect(cause({ ended: [run('r', [blocked], { failures })] })).toBe(
    'it has not run: "first", which it needs, failed',
  )
  expect(cause({ ended: [run('r', [blocked])] })).toBe('it has not run: a chain that it needs failed')
  expect(cause({ ended: [run('r', [ran('after', 0, 5, { status: 'skipped' })])] })).toBe('it has not run')
})

test('the worst come first, and of equal ones the names in order', () => {
  const of = (chain: string, verdicts: readonly boolean[]): readonly ChainRecord[] =>
    executions(verdicts, { chain, key: chain })
  const found = healthIn({
    ended: [
      ...runsOf(of('ok', well(60)), 'a'),
      ...runsOf(of('z', bad(9)), 'b'),
      ...runsOf(of('e', bad(9)), 'c'),
      ...runsOf(of('some', [...well(60), ...bad(9), ...well(11)]), 'd'),
    ],
    chains: [declare('new')],
  })
  expect(found.map(({ chain, state }) => [chain, state])).toEqual([
    ['e', 'failing'],
    ['z', 'failing'],
    ['some', 'degraded'],
    ['new', 'unknown'],
    ['ok', 'ok'],
  ])
})

describe('a promise', () => {
  test('of time is broken by what took longer, from the acceptance of its run, or from its start where it was called', () => {
    const within = (chain: Partial<ChainRecord>, acceptedAt: number): unknown =>
      healthIn({
        ended: [run('r', [ran('c', 100, 200, chain)], { acceptedAt })],
        chains: [declare('c', [], { slo: { within: 100 } })],
      })[0]?.evidence.failed
    expect(within({}, 100)).toBe(0)
    expect(within({}, 99)).toBe(1)
    const call = { chain: 'top', step: 'ask' }
    expect(within({ call }, 0)).toBe(0)
    expect(within({ call, startedAt: 99 }, 0)).toBe(1)
    expect(within({ call, startedAt: undefined }, 0)).toBe(1)
  })

  test('of success says by itself what may fail, and tells the share that kept it', () => {
    const found = (success: number, verdicts: readonly boolean[]): ChainHealth | undefined =>
      healthIn({
        ended: runsOf(executions(verdicts)),
        chains: [declare('c', [], { slo: { success } })],
      })[0]
    expect(found(0.5, [...well(6), ...bad(4)])).toMatchObject({
      state: 'ok',
      slo: { success: 0.5, met: { estimate: 0.6 } },
    })
    expect(found(0.5, [...well(4), ...bad(1)])?.cause).toBe('1 of its last 5 executions failed')
    expect(found(0.5, well(2))?.cause).toBe('2 successes of the 3 needed')
    // so strict that 200 executions do not show it, and shown by as many for want of more
    expect(found(0.999, well(199))?.cause).toBe('199 successes of the 200 needed')
    expect(found(0.999, well(200))?.state).toBe('ok')
    expect(found(0.9, [])?.slo).toEqual({ success: 0.9, burn: expect.any(Array) })
  })

  test('that is broken too fast is no state to call well, nor unknown', () => {
    const found = (verdicts: readonly boolean[]): ChainHealth | undefined =>
      healthIn({
        now: verdicts.length * 1_000,
        ended: runsOf(executions(verdicts)),
        chains: [declare('c', [], { slo: { success: 0.99 } })],
      })[0]
    // 1 of 15 is 6.7 times too fast, but no proof that more than 1 of 100 fail
    expect(found([...well(7), true, ...well(7)])).toMatchObject({
      state: 'degraded',
      cause: 'it uses up its error budget 6.66667 times too fast',
    })
    expect(found([...well(7), true, ...well(9)])).toMatchObject({ state: 'unknown', confidence: 0 })
    expect(found([...well(7), ...bad(12)])).toMatchObject({
      state: 'failing',
      cause: '12 of its last 19 executions failed',
    })
  })
})

describe('an error budget', () => {
  const minute = 60_000
  const burns = (ends: readonly (readonly [ago: number, bad: boolean])[], allowed = 0.1): unknown => {
    const now = 1_000 * 3_600_000
    return burnsOf(
      surveyed({
        ended: runsOf(ends.map(([ago], at) => ran('c', at, now - ago))),
      }).ended.get('c') ?? [],
      ends.map(([, isBad]) => isBad),
      { allowed, now },
    ).map(({ rate, burning, n }) => [rate, burning, n])
  }
  const many = (n: number, ago: number, isBad: boolean): readonly (readonly [number, boolean])[] =>
    Array.from({ length: n }, () => [ago, isBad])

  test('burns where both windows do, with ten in the long one at least', () => {
    expect(burns(many(10, 0, true), 0.05)).toEqual([
      [20, true, 10],
      [20, true, 10],
      [20, true, 10],
    ])
    expect(burns(many(9, 0, true), 0.05)).toEqual([
      [20, false, 9],
      [20, false, 9],
      [20, false, 9],
    ])
    // it was long ago for the shortest windows
    expect(burns([...many(10, 20 * minute, true), ...many(10, 0, false)], 0.05)).toEqual([
      [10, false, 20],
      [10, true, 20],
      [10, true, 20],
    ])
    expect(burns(many(20, 20 * minute, true), 0.05)).toEqual([
      [20, false, 20],
      [20, true, 20],
      [20, true, 20],
    ])
  })

  test.each([
    [60 * minute, [0, 10, 10]],
    [60 * minute - 1, [10, 10, 10]],
    [6 * 60 * minute, [0, 0, 10]],
    [72 * 60 * minute, [0, 0, 0]],
    [72 * 60 * minute - 1, [0, 0, 10]],
    // what ends later than it is now was not seen
    [-1, [0, 0, 0]],
  ] as const)('a window ends where it ends [%#]', (ago, counts) => {
    expect((burns(many(10, ago, false)) as number[][]).map(([, , n]) => n)).toEqual(counts)
  })

  test.each([
    [5 * minute, [false, true, true]],
    [5 * minute - 1, [true, true, true]],
    [30 * minute, [false, false, true]],
    [6 * 60 * minute, [false, false, false]],
  ] as const)('so does a short one [%#]', (ago, burning) => {
    expect((burns(many(10, ago, true), 0.05) as boolean[][]).map(([, one]) => one)).toEqual(burning)
  })

  test('that is none is burnt by every failure, and by nothing else', () => {
    expect(burns(many(10, 0, false), 0)).toEqual([
      [0, false, 10],
      [0, false, 10],
      [0, false, 10],
    ])
    expect(burns([...many(10, 0, false), [0, true]], 0)).toMatchObject([
      [1_000, true, 11],
      [1_000, true, 11],
      {},
    ])
    // exactly as fast as allowed is burning
    expect(burns([...many(9, 0, false), [0, true]])).toMatchObject([
      [1, false, 10],
      [1, false, 10],
      [1, true, 10],
    ])
    expect(burns([])).toEqual([
      [0, false, 0],
      [0, false, 0],
      [0, false, 0],
    ])
  })
})

test.each([
  [[], 'unknown', 'nothing has run yet'],
  [[['a', 'ok']], 'ok', 'its one chain does well'],
  [
    [
      ['a', 'ok'],
      ['b', 'ok'],
    ],
    'ok',
    'all 2 chains do well',
  ],
  [[['a', 'unknown']], 'unknown', 'nothing has failed, but of "a" too little was seen to call it well'],
  [
    [
      ['a', 'unknown'],
      ['b', 'unknown', 1],
      ['c', 'ok', 7],
    ],
    'unknown',
    'one execution failed, but of "a", "b" too little was seen to call them well; 1 of 3 do well',
  ],
  [
    [
      ['a', 'unknown', 2],
      ['b', 'unknown', 1],
      ['c', 'unknown'],
      ['d', 'unknown'],
      ['e', 'unknown'],
    ],
    'unknown',
    '3 executions failed, but of "a", "b", "c" and 2 more too little was seen to call them well',
  ],
  [
    [
      ['a', 'degraded', 1, 's'],
      ['b', 'ok'],
    ],
    'degraded',
    '"a" degraded; of "a" it is so, mostly at step "s": boom',
  ],
  [
    [
      ['d', 'degraded', 1, 's'],
      ['f', 'failing', 2, ''],
    ],
    'failing',
    '"f" failing, "d" degraded; of "f" it is so, mostly before its first step: boom',
  ],
  [
    [
      ['f', 'failing'],
      ['g', 'failing'],
      ['h', 'failing'],
    ],
    'failing',
    '"f", "g", "h" failing; of "f" it is so',
  ],
] as const)('all of it in a sentence [%#]', (chains, state, sentence) => {
  const health = chains.map(([chain, its, failures = 0, root]): ChainHealth => ({
    chain,
    state: its,
    cause: 'it is so',
    evidence: {
      runs: 0,
      failed: failures,
      window: 0,
      low: 0,
      high: 1,
      ...(root === undefined
        ? {}
        : { root: { chain, ...(root === '' ? {} : { step: root }), message: 'boom', count: 1 } }),
    },
    confidence: 1,
  }))
  expect(verdictOf(health)).toEqual({ state, sentence })
})
