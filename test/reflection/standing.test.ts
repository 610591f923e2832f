// How suggestions stand, what a sound one is, what hangs together, and the small words and numbers that detectors share.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact } from '../../src/journal/event.ts'
import { encode } from '../../src/kernel/codec.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'
import { chanceOfAtMost } from '../../src/reflection/batches.ts'
import { componentsOf, wouldMix } from '../../src/reflection/component.ts'
import { duration, percent, tuneStep } from '../../src/reflection/detector.ts'
import { growthOf } from '../../src/reflection/detectors/growth.ts'
import { roundedUp, timingsOf } from '../../src/reflection/detectors/timings.ts'
import { viewOf } from '../../src/reflection/evidence.ts'
import { lastOf } from '../../src/reflection/foretell.ts'
import { planIn, soundSuggestions } from '../../src/reflection/sound.ts'
import { Standing } from '../../src/reflection/standing.ts'
import { cover } from '../../src/reflection/strata.ts'
import { type Tunables, declaredLimiters, declaredSteps } from '../../src/reflection/tunables.ts'
import type { RunRecord } from '../../src/observe/run-record.ts'
import { attempt, boom, declare, failed, hard, journal, ran, run, step } from '../analysis/made.ts'
import { suggested } from './suggested.ts'

const config: Tunables = { version: 3, concurrency: 4, steps: {}, limiters: {}, edges: {} }

describe('a suggestion', () => {
  const told = (...facts: readonly Fact[]): Standing => {
    const standing = new Standing()
    for (const event of journal(facts)) standing.apply(event)
    return standing
  }
  const begin = (id: string, suggestion = 's', payload?: string): Fact => ({
    type: 'trial.started',
    id,
    suggestion,
    share: 0.1,
    by: 'auto',
    ...(payload === undefined ? {} : { payload }),
  })
  const end = (id: string, verdict: 'kept' | 'reverted' | 'stopped'): Fact => ({
    type: 'trial.ended',
    id,
    verdict,
    why: 'so',
  })
  const dismiss = (id: string): Fact => ({ type: 'suggestion.dismissed', id, why: 'no' })
  const apply = (id: string): Fact => ({ type: 'suggestion.applied', id, config: 9 })

  test.each([
    [[], 'open'],
    [[begin('t')], 'trialling'],
    [[begin('t'), dismiss('s')], 'trialling'],
    [[dismiss('s')], 'dismissed'],
    // whoever tries it has changed their mind
    [[dismiss('s'), begin('t'), end('t', 'stopped')], 'open'],
    [[begin('t'), end('t', 'kept')], 'kept'],
    [[begin('t'), end('t', 'reverted')], 'reverted'],
    [[apply('s')], 'kept'],
    [[begin('t'), end('t', 'reverted'), apply('s')], 'kept'],
    [[apply('s'), dismiss('s')], 'dismissed'],
    [[begin('t'), end('t', 'reverted'), begin('u')], 'trialling'],
    [[begin('t'), begin('u'), end('u', 'kept')], 'kept'],
    [[begin('t', 'other'), end('x', 'kept'), dismiss('other'), apply('other')], 'open'],
  ] as const)('stands as what was said of it last tells [%#]', (facts, state) => {
    expect(told(...facts).stateOf({ id: 's', expiresAt: 10 }, 9)).toBe(state)
    expect(told(...facts).stateOf({ id: 's', expiresAt: 10 }, 10)).toBe(state === 'open' ? 'expired' : state)
  })

  test('is remembered with its trial as the journal tells it', () => {
    const plan = {
      suggestion: suggested(),
      start: { objective: 'attempts', guardrails: [], single: true, classes: [] },
    }
    const standing = told(
      begin('t', 's', encode(plan, 'a plan')),
      { type: 'trial.widened', id: 't', share: 0.5 },
      { type: 'trial.switched', id: 't', pair: 2, arm: 'treated' },
      begin('u'),
      end('t', 'kept'),
      apply('s'),
      dismiss('d'),
    )
    expect(standing.trials.get('t')).toEqual({
      id: 't',
      suggestion: 's',
      seq: 1,
      startedAt: 1_001,
      by: 'auto',
      plan,
      share: 0.5,
      switched: { type: 'trial.switched', id: 't', pair: 2, arm: 'treated', run: '', seq: 3, at: 1_003 },
      ended: { verdict: 'kept', why: 'so', at: 1_005 },
    })
    expect(standing.trials.get('u')).toMatchObject({
      plan: undefined,
      switched: undefined,
      ended: undefined,
      share: 0.1,
    })
    expect(standing.live().map(({ id }) => id)).toEqual(['u'])
    expect(standing.trialOf('s')?.id).toBe('u')
    expect(standing.trialOf('x')).toBeUndefined()
    expect([...standing.applied]).toEqual([['s', { config: 9, at: 1_006 }]])
    expect([...standing.dismissed]).toEqual([['d', 'no']])
  })

  test('is told apart from all else, and what is said of no trial changes nothing', () => {
    const standing = new Standing()
    const facts: readonly Fact[] = [
      begin('t'),
      { type: 'trial.widened', id: 'x', share: 1 },
      { type: 'trial.switched', id: 'x', pair: 1, arm: 'off' },
      end('x', 'kept'),
      dismiss('s'),
      apply('s'),
      { type: 'action.dismissed', id: 's', cause: '' },
    ]
    expect(journal(facts).map((event) => standing.apply(event))).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      false,
    ])
    expect(standing.trials.get('t')).toMatchObject({ share: 0.1, switched: undefined, ended: undefined })
  })

  test('is one of a thousand: the oldest are forgotten, but no trial that goes on', () => {
    const many = Array.from({ length: 1_001 }, (_, at) => `n${at}`)
    const dismissed = told(...many.map(dismiss), dismiss('n1'))
    expect(dismissed.dismissed.size).toBe(1_000)
    expect([[...dismissed.dismissed.keys()][0], [...dismissed.dismissed.keys()].at(-1)]).toEqual(['n2', 'n1'])
    expect(told(...many.map(apply)).applied.size).toBe(1_000)
    expect(told(...many.map((id) => begin(id))).trials.size).toBe(1_001)
    const over = told(
      begin('a'),
      begin('b'),
      end('b', 'kept'),
      begin('c'),
      end('c', 'kept'),
      ...many.slice(0, 998).map((id) => begin(id)),
    )
    expect([over.trials.has('a'), over.trials.has('b'), over.trials.has('c'), over.trials.size]).toEqual([
      true,
      false,
      true,
      1_000,
    ])
  })
})

describe('what a user’s function gives', () => {
  const refusal = (given: unknown): string => {
    try {
      soundSuggestions(given)
    } catch (error) {
      if (CatenaryError.is(error)) return error.message
      throw error
    }
    return ''
  }
  const good = suggested({ patch: [{ op: 'remove', path: '/x' }], guardrails: [{ metric: 'cost', most: 0 }] })

  test.each([
    [{ id: '' }, 'id is a text of at most 200 letters'],
    [{ id: 'x'.repeat(201) }, 'id is a text of at most 200 letters'],
    [{ kind: '' }, 'kind is a text'],
    [{ kind: 1 }, 'kind is a text'],
    [{ class: 'a' }, "class is 'A', 'B' or 'C'"],
    [{ place: { chain: 1 } }, 'place has a chain'],
    [{ place: ['c'] }, 'place has a chain'],
    [{ sentence: 1 }, 'sentence is a text'],
    [{ evidence: [] }, 'evidence is an object'],
    [
      { gain: { ...good.gain, high: '1' } },
      'gain has an objective (run-duration, chain-duration, attempts, failures), and estimate, low and high as numbers',
    ],
    [
      { gain: { ...good.gain, objective: 'fun' } },
      'gain has an objective (run-duration, chain-duration, attempts, failures), and estimate, low and high as numbers',
    ],
    [
      { guardrails: [{ metric: 'x', most: 1 }] },
      'guardrails is a list of { metric: failures | p95 | cost, most: from 0 }',
    ],
    [
      { guardrails: [{ metric: 'cost', most: '1' }] },
      'guardrails is a list of { metric: failures | p95 | cost, most: from 0 }',
    ],
    [{ guardrails: {} }, 'guardrails is a list of { metric: failures | p95 | cost, most: from 0 }'],
    [
      { patch: [{ op: 'move', path: '/x' }] },
      'patch is a list of operations of RFC 6902 that change something',
    ],
    [
      { patch: [{ op: 'remove', path: 1 }] },
      'patch is a list of operations of RFC 6902 that change something',
    ],
    [
      { patch: [{ op: 'test', path: '/x' }] },
      'patch is a list of operations of RFC 6902 that change something',
    ],
    [{ expiresAt: '1' }, 'expiresAt is a time (ms since the epoch)'],
  ])('is refused with what is wrong, and nothing else [%#]', (part, why) => {
    expect(refusal([good, { ...good, ...part }])).toBe(`suggestion 2 of suggest: ${why}`)
  })

  test.each([
    { class: 'B' },
    { class: 'C' },
    { id: 'x'.repeat(200) },
    { sentence: '' },
    { place: { chain: '' } },
    { patch: undefined },
    {
      patch: [
        { op: 'test', path: '/x', value: 1 },
        { op: 'add', path: '/x', value: 2 },
      ],
    },
  ])('is taken where it makes sense [%#]', (part) => {
    expect(soundSuggestions([{ ...good, ...part }])).toEqual([{ ...good, ...part }])
  })

  test('is refused with ten problems at most, and how many more there are', () => {
    const wrong = (n: number): string => refusal(Array.from({ length: n }, () => null))
    expect(wrong(10).split('; ')).toHaveLength(10)
    expect(wrong(10)).toMatch(
      /^suggestion 1 of suggest: it is no object; .*suggestion 10 of suggest: it is no object$/,
    )
    expect(wrong(12)).toMatch(/suggestion 10 of suggest: it is no object; and 2 more$/)
    expect(refusal('x')).toBe('suggest of reflect gave no list: return an array, or a promise of one')
    expect(refusal([Symbol('x')])).toMatch(/suggestion 1 of suggest/)
    expect(wrong(300)).toMatch(/and 190 more$/)
  })

  test('is a plan only where all of it can be gone by', () => {
    const start = { objective: 'attempts', guardrails: [], single: true, classes: ['a'], p95: 10 }
    const plan = { suggestion: good, start, block: 5 }
    const read = (given: unknown): unknown => planIn(encode(given, 'a plan'))
    expect(read(plan)).toEqual(plan)
    const { p95: _, ...without } = start
    expect(read({ suggestion: good, start: without })).toEqual({ suggestion: good, start: without })
    for (const other of [
      null,
      [],
      { ...plan, suggestion: { ...good, id: '' } },
      { ...plan, start: null },
      { ...plan, block: 0 },
      { ...plan, block: '5' },
      ...[{ objective: 'x' }, { guardrails: 1 }, { classes: 'a' }, { p95: '1' }].map((part) => ({
        ...plan,
        start: { ...start, ...part },
      })),
    ])
      expect(read(other)).toBeUndefined()
    expect([planIn(undefined), planIn('{')]).toEqual([undefined, undefined])
  })
})

test('chains hang together by what they need, follow and call; what holds for all mixes with all', () => {
  const of = componentsOf({
    chains: [
      declare('a'),
      declare('b', [], { needs: [hard('a')] }),
      declare('c', [], { follows: [hard('b')] }),
      declare('d', [step('s'), step('ask', { chain: 'a' })]),
      declare('e'),
      declare('f', [], { needs: [hard('e')] }),
      declare('g', [], { needs: [hard('f'), hard('e')] }),
      declare('h'),
    ] as never,
  })
  const mix = (one: string, other: string): boolean => wouldMix({ chain: one }, { chain: other }, of)
  for (const [one, other] of [
    ['a', 'b'],
    ['a', 'c'],
    ['b', 'd'],
    ['e', 'g'],
    ['h', 'h'],
  ] as const) {
    expect([mix(one, other), mix(other, one)]).toEqual([true, true])
  }
  for (const [one, other] of [
    ['a', 'e'],
    ['c', 'h'],
    ['d', 'g'],
  ] as const) {
    expect([mix(one, other), mix(other, one)]).toEqual([false, false])
  }
  expect([mix('x', 'h'), mix('h', 'x'), of({ chain: 'x' })]).toEqual([true, true, undefined])
  expect(wouldMix({ chain: 'a', limiter: 'bank' }, { chain: 'h' }, of)).toBe(true)
})

test('a tunable is added or replaced at its place', () => {
  const tuned: Tunables = { ...config, steps: { 'a/s': { attempts: 2 } } }
  expect(tuneStep(tuned, 'b/s~t', 'timeout', 9)).toEqual([
    { op: 'add', path: '/steps/b~1s~0t', value: { timeout: 9 } },
  ])
  expect(tuneStep(tuned, 'a/s', 'timeout', 9)).toEqual([{ op: 'add', path: '/steps/a~1s/timeout', value: 9 }])
  expect(tuneStep(tuned, 'a/s', 'attempts', 9)).toEqual([
    { op: 'replace', path: '/steps/a~1s/attempts', value: 9 },
  ])
})

test.each([
  [0, '0 %'],
  [0.00123, '0.12 %'],
  [0.0999, '10 %'],
  [0.0994, '9.9 %'],
  [0.1, '10 %'],
  [0.126, '13 %'],
  [1, '100 %'],
])('a share of %d is %s', (share, words) => {
  expect(percent(share)).toBe(words)
})

test.each([
  [0.5, '0.5 ms'],
  [999, '1000 ms'],
  [123, '120 ms'],
  [1_000, '1 s'],
  [1_249, '1.2 s'],
  [59_999, '60 s'],
  [60_000, '1 min'],
  [150_000, '2.5 min'],
])('%d ms are %s', (ms, words) => {
  expect(duration(ms)).toBe(words)
})

test.each([
  [1, 1],
  [9.2, 10],
  [99, 99],
  [101, 110],
  [110, 110],
  [1_234, 1_300],
  [0.3, 1],
])('%d is rounded up to %d', (ms, up) => {
  expect(roundedUp(ms)).toBe(up)
})

test('the chance that a mean is no more than a bound is that of the means of twenty stretches', () => {
  const values = Array.from({ length: 47 }, (_, at) => 10 + Math.sin(at * 7))
  expect(chanceOfAtMost(values.slice(0, 19), 0)).toBe(1)
  expect(chanceOfAtMost(values, 0)).toBeLessThan(1e-6)
  expect(chanceOfAtMost(values, 20)).toBeGreaterThan(1 - 1e-6)
  const constant = Array<number>(20).fill(5)
  expect([chanceOfAtMost(constant, 4), chanceOfAtMost(constant, 5), chanceOfAtMost(constant, 6)]).toEqual([
    0, 1, 1,
  ])
  const means = Array.from({ length: 20 }, (_, at) => {
    const own = values.slice(Math.floor((at * 47) / 20), Math.floor(((at + 1) * 47) / 20))
    return own.reduce((sum, one) => sum + one, 0) / own.length
  })
  const mean = means.reduce((sum, one) => sum + one, 0) / 20
  // at its own mean, either is as likely; a standard error and 1.729 lower, one in twenty (Student's t, 19)
  const error = Math.sqrt(means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 19 / 20)
  expect(chanceOfAtMost(values, mean)).toBeCloseTo(0.5, 6)
  expect(chanceOfAtMost(values, mean - 1.7291328 * error)).toBeCloseTo(0.05, 5)
  expect(chanceOfAtMost(values, mean + 1.7291328 * error)).toBeCloseTo(0.95, 5)
})

test('growth is the slope over how many were at work, each step against itself', () => {
  const points = (of: string, base: number, factor: number, levels: readonly number[], n = 20) =>
    levels.flatMap((level) => Array.from({ length: n }, () => ({ of, level, ms: base * factor ** level })))
  // without noise the bound is the slope itself
  const found = growthOf([...points('a', 10, 1.1, [1, 2, 3]), ...points('b', 500, 1.1, [1, 2, 3])], 5)
  expect(found).toMatchObject({ n: 120, levels: 3 })
  expect(found?.high).toBeCloseTo(1.1 ** 5 - 1, 8)
  expect(growthOf(points('a', 10, 1.1, [1, 2]), 5)).toBeUndefined()
  expect(growthOf(points('a', 10, 1.1, [1, 2, 3], 19), 5)).toBeUndefined()
  expect(growthOf([], 5)).toBeUndefined()
  // steps that were seen too seldom have no mean of their own
  const few = [...points('a', 10, 1.1, [1, 2, 3]), ...points('b', 1, 9, [1, 4], 9)]
  expect(growthOf(few, 5)).toMatchObject({ n: 60, levels: 3 })
  // a tenth of a millisecond is the least that counts
  expect(growthOf(points('a', 0, 1, [1, 2, 3]), 5)?.high).toBeCloseTo(0, 8)
  const noisy = points('a', 10, 1, [1, 2, 3]).map((one, at) => ({
    ...one,
    ms: one.ms * (at % 2 === 0 ? 1.2 : 1 / 1.2),
  }))
  // the error of the slope: residuals of ln 1.2 on 60 points, whose levels vary by 40 in all
  const error = Math.sqrt((60 * Math.log(1.2) ** 2) / 58 / 40)
  expect(growthOf(noisy, 1)?.high).toBeCloseTo(Math.expm1(1.6448536 * error), 6)
})

test('limiters and steps are found by name as they are declared; one that is not clear is none', () => {
  const lets = { inFlight: 2, rate: null, per: 1_000, burst: 1, cost: 3 } as never
  const chains = [
    declare('a', [
      step('s', { limit: 'bank', lets }),
      step('t', { limit: 'keyed' }),
      step('u', { limit: 'both', lets }),
      step('v'),
    ]),
    declare('b', [step('s', { limit: 'both' })]),
  ] as never
  expect([...declaredLimiters({ chains })]).toEqual([
    ['bank', { inFlight: 2, rate: null, per: 1_000, burst: 1 }],
  ])
  const declared = declaredSteps({ chains })
  expect([
    declared.chain('b')?.id,
    declared.chain('x'),
    declared.step('b', 's')?.limit,
    declared.step('a', 'x'),
  ]).toEqual(['b', undefined, 'both', undefined])
})

const runs = (n: number, given: (at: number) => Partial<RunRecord> = () => ({})): readonly RunRecord[] =>
  Array.from({ length: n }, (_, at) =>
    run(`r${at}`, [ran('c', at, at + 5, { attempts: [attempt('s', at, at + 5)] })], {
      acceptedAt: at,
      firstSeq: at + 1,
      lastSeq: at + 2,
      ...given(at),
    }),
  )
const chains = [declare('c', [step('s', { timeout: 100 })])] as never
const view = (records: readonly RunRecord[]): ReturnType<typeof viewOf> =>
  viewOf({ records, declaration: { chains }, config, now: 0 })

test('detectors look at runs that nobody interfered with, in the order in which they were accepted', () => {
  const odd: readonly Partial<RunRecord>[] = [
    { endedAt: undefined },
    { status: 'cancelled' },
    { status: 'running' },
    { retries: 1 },
    { pausedMs: 1 },
    { dropped: 1 },
    { origin: { run: 'x', copied: 0 } },
    { arm: { trial: 't', arm: 'treated', pair: 1 } },
  ]
  for (const one of odd) expect(view(runs(1, () => one)).runs).toEqual([])
  const kept: readonly Partial<RunRecord>[] = [
    { status: 'failed' },
    { arm: { trial: 't', arm: 'control', pair: 1 } },
  ]
  for (const one of kept) expect(view(runs(1, () => one)).runs).toHaveLength(1)
  const found = view(runs(4, (at) => ({ acceptedAt: [5, 3, 5, 1][at] as number, firstSeq: 9 - at })))
  expect(found.runs.map((one) => one.run)).toEqual(['r3', 'r1', 'r2', 'r0'])
  expect([found.fromSeq, found.toSeq, found.seed]).toEqual([6, 5, 1])
  expect(found.steps[0]?.attempts.map(({ run: of, order }) => [of.run, order])).toEqual([
    ['r3', 0],
    ['r1', 1],
    ['r2', 2],
    ['r0', 3],
  ])
  const none = view([])
  expect([none.fromSeq, none.toSeq, none.steps]).toEqual([Infinity, 0, []])
})

test('detectors look at attempts of steps as they are declared now', () => {
  const of = (given: Parameters<typeof attempt>[3], chain: Parameters<typeof ran>[3] = {}): number =>
    view([run('r', [ran('c', 0, 5, { attempts: [attempt('s', 0, 5, given)], ...chain })])]).steps.length
  expect(of({})).toBe(1)
  for (const given of [{ part: 'fallback' }, { rewound: true }, { copied: true }, { step: 'x' }] as const)
    expect(of(given)).toBe(0)
  expect([of({}, { version: '0' }), of({}, { chain: 'x' })]).toEqual([0, 0])
  const [found] = view(runs(3)).steps
  expect([found?.name, found?.chain.id, found?.step.name, found?.attempts.length]).toEqual([
    'c/s',
    'c',
    's',
    3,
  ])
})

test('classes of input are told by targets, and by attributes that have at most eight values', () => {
  const classes = (values: number): readonly string[] => {
    const found = view(
      runs(20, (at) => ({ targets: ['x', 'y'], attributes: { kind: at % values, big: at % 2 === 0 } })),
    )
    return found.runs.map(found.classOf)
  }
  expect(classes(8)[9]).toBe('x,y kind=1 big=false')
  expect(classes(9)[9]).toBe('x,y big=false')
})

test('what holds of a part is covered by time in fifths, and by class of input, of five at least', () => {
  const of = (
    n: number,
    holds: (order: number) => boolean,
    kind: (at: number) => string = () => 'a',
  ): number => {
    const found = view(runs(n, (at) => ({ attributes: { kind: kind(at) } })))
    const seen = found.runs.map((one, order) => ({ run: one, order }))
    return cover(found, seen, (part) => part.filter(({ order }) => holds(order)).length * 2 > part.length)
  }
  expect(of(50, () => true)).toBe(1)
  expect(of(50, () => false)).toBe(0)
  // it holds of all together, but not in the last fifth of the time
  expect(of(50, (order) => order < 40)).toBe(0.8)
  // four in each fifth say nothing
  expect(of(20, () => true)).toBe(0)
  expect(of(25, () => true)).toBe(1)
  // of one class of input in four it does not hold
  expect(
    of(
      40,
      (order) => order % 4 !== 0,
      (at) => `k${at % 4}`,
    ),
  ).toBe(0.75)
  // a class with four says nothing, for or against
  expect(
    of(
      44,
      (order) => order >= 4,
      (at) => (at < 4 ? 'few' : 'many'),
    ),
  ).toBe(1)
})

test('a step’s times under its timeout: what was cut off took longer, unless it is known how long', () => {
  const found = (...attempts: ReturnType<typeof attempt>[]) => {
    const seen = view([run('r', [ran('c', 0, 500, { attempts })])])
    const [first] = seen.steps
    return first === undefined ? undefined : timingsOf(seen, first)
  }
  const cutOff = { failure: { ...boom, kind: 'timeout' } } as const
  const times = (of: ReturnType<typeof found>): unknown => [
    of?.timeout,
    of?.all.map(({ time, censored }) => [time, censored]),
    of?.cut.length,
  ]
  expect(
    times(
      found(
        attempt('s', 0, 30),
        attempt('s', 40, 20),
        failed('s', 0, 20),
        attempt('s', 0, 9, { memo: true }),
        attempt('s', 0, undefined),
        attempt('s', 0, 9, { startedAt: undefined }),
      ),
    ),
  ).toEqual([
    100,
    [
      [30, false],
      [0, false],
    ],
    0,
  ])
  expect(
    times(found(failed('s', 0, 100, cutOff), failed('s', 0, 95, cutOff), failed('s', 0, 94, cutOff))),
  ).toEqual([
    100,
    [
      [100, true],
      [95, true],
      [94, true],
    ],
    2,
  ])
  expect(times(found(failed('s', 0, 100, { ...cutOff, late: { outcome: 'succeeded', at: 170 } })))).toEqual([
    100,
    [[170, false]],
    1,
  ])
  expect(times(found(failed('s', 0, 100, { ...cutOff, late: { outcome: 'succeeded', at: 50 } })))).toEqual([
    100,
    [[100, false]],
    1,
  ])
  expect(times(found(failed('s', 0, 100, { ...cutOff, late: { outcome: 'failed', at: 170 } })))).toEqual([
    100,
    [[100, true]],
    1,
  ])
  const seen = view(runs(1))
  const [first] = seen.steps
  if (first === undefined) throw new Error('there is one')
  expect(
    timingsOf({ ...seen, config: { ...config, steps: { 'c/s': { timeout: 7 } } } }, first)?.timeout,
  ).toBe(7)
  const { timeout: _, ...untimed } = first.step
  expect(timingsOf(seen, { ...first, step: untimed })).toBeUndefined()
})

test('as many of the last runs are simulated as are soon gone through', () => {
  const all = runs(500)
  expect(lastOf(all).map((one) => one.run)).toEqual(all.slice(100).map((one) => one.run))
  expect(lastOf(all, 3).map((one) => one.run)).toEqual(['r497', 'r498', 'r499'])
  expect([lastOf(runs(2), 3).length, lastOf([]).length]).toEqual([2, 0])
  const large = (n: number): RunRecord =>
    run('large', [ran('c', 0, 1, { attempts: Array.from({ length: n }, () => attempt('s', 0, 1)) })])
  expect(lastOf([large(9_999), ...runs(1)])).toHaveLength(2)
  expect(lastOf([large(10_000), ...runs(1)])).toHaveLength(1)
})

test('of any numbers, a chance is one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 60 }),
      fc.integer({ min: -60, max: 60 }),
      (values, bound) => {
        const chance = chanceOfAtMost(values, bound)
        expect(chance).toBeGreaterThanOrEqual(0)
        expect(chance).toBeLessThanOrEqual(1)
      },
    ),
    { numRuns: 50 },
  )
})
