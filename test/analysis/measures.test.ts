// Times, waits, ports and slots, from records made by hand: what each figure counts, to the millisecond.

import { expect, test } from 'vitest'
import { changesOf } from '../../src/analysis/changes.ts'
import type { Interval, Percentiles } from '../../src/analysis/figures.ts'
import { integrationsOf } from '../../src/analysis/integrations.ts'
import { chainPerformance, stepPerformance } from '../../src/analysis/performance.ts'
import type { ChainPerformance, StepPerformance } from '../../src/analysis/report-times.ts'
import { resourcesOf } from '../../src/analysis/resources.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import { waitsOf } from '../../src/analysis/waits.ts'
import type { AttemptRecord } from '../../src/observe/attempt-record.ts'
import type { ChainRecord } from '../../src/observe/chain-record.ts'
import {
  type Made,
  attempt,
  boom,
  declare,
  failed,
  ran,
  run,
  runsOf,
  scene,
  step,
  surveyed,
  wait,
} from './made.ts'

const chainsIn = (...chains: readonly ChainRecord[]): readonly ChainPerformance[] =>
  atOnce(chainPerformance(surveyed({ ended: runsOf(chains) })))
const stepsIn = (made: Made): readonly StepPerformance[] => atOnce(stepPerformance(scene(made)))
const medians = (...some: readonly (Percentiles | undefined)[]): readonly unknown[] =>
  some.map((one) => one?.p50?.estimate)

test('a chain takes from ready to ended; it queues before it starts and while its attempts wait and nobody works', () => {
  const queued = ran('c', 0, 100, {
    startedAt: 10,
    attempts: [
      // 20 to 40, of which another works 25 to 30
      attempt('a', 40, 60, { enqueuedAt: 20 }),
      attempt('b', 25, 30),
      // never started: in line until the end, 70 to 100
      attempt('d', 0, undefined, { enqueuedAt: 70, startedAt: undefined, endedAt: undefined }),
      attempt('e', 0, 65, { enqueuedAt: 62, startedAt: undefined }),
      // still at work as its chain ended
      attempt('f', 95, undefined),
    ],
  })
  const [found] = chainsIn(queued)
  // 10 + 5 + 10 + 3 + 25
  expect(medians(found?.duration, found?.queue, found?.service)).toEqual([100, 53, 47])
  expect(found).toMatchObject({ chain: 'c', n: 1, memo: 0, outcomes: { succeeded: 1 } })
})

test('what never began took no time, and counts as what it came to; what is in line before it was ready does not', () => {
  const [found] = chainsIn(
    ran('c', 50, 60, { attempts: [attempt('a', 55, 60, { enqueuedAt: 40 })] }),
    ran('c', 0, 20, { status: 'failed' }),
    ran('c', 0, 90, { startedAt: undefined, status: 'skipped' }),
    ran('c', 0, 90, { readyAt: undefined, memo: true }),
  )
  expect(found).toMatchObject({ n: 2, memo: 1, outcomes: { succeeded: 2, failed: 1, skipped: 1 } })
  expect(medians(found?.duration, found?.queue)).toEqual([15, 2.5])
})

test('so many end in an hour as the time that their ends span tells, and the slowest chains come first', () => {
  const [slow, quick, odd] = chainsIn(
    ran('quick', 0, 1_000),
    ran('slow', 0, 5_000),
    ran('quick', 18_001_000 - 500, 18_001_000),
    ran('odd', 0, 9, { startedAt: undefined }),
  )
  expect(slow).toMatchObject({ chain: 'slow', n: 1 })
  expect(slow).not.toHaveProperty('perHour')
  expect(quick).toMatchObject({ chain: 'quick', perHour: 0.2 })
  expect(odd).toMatchObject({ chain: 'odd', n: 0, duration: { n: 0 } })
  const three = chainsIn(ran('c', 0, 0), ran('c', 0, 3_600_000), ran('c', 0, 7_200_000))[0]
  expect(three?.perHour).toBe(1)
})

test('a step tells its attempts, retries, failures, memos, fallbacks and what was cut off', () => {
  const timeout = { ...boom, kind: 'timeout' } as const
  const attempts = [
    failed('s', 0, 10, { next: 'retry' }),
    attempt('s', 20, 50, { attempt: 2, enqueuedAt: 14 }),
    failed('s', 60, 70),
    attempt('s', 70, 72, { part: 'fallback' }),
    attempt('s', 70, 72, { part: 'fallback', outcome: 'failed' }),
    attempt('s', 70, 72, { part: 'compensation' }),
    failed('s', 80, 90, { failure: timeout }),
    attempt('s', 90, 91, { outcome: 'lost' }),
    attempt('s', 92, 93, { outcome: 'aborted' }),
    attempt('s', 92, 92, { memo: true }),
    attempt('s', 0, undefined, { startedAt: undefined }),
    attempt('s', 95, 99, { took: undefined }),
  ]
  const [found, ...others] = stepsIn({ ended: runsOf([ran('c', 0, 100, { attempts })]) })
  expect(others).toEqual([])
  expect(found).toMatchObject({
    chain: 'c',
    step: 's',
    n: 5,
    attempts: 7,
    retried: 1,
    failed: 4,
    fellBack: 1,
    memo: 1,
    cutOff: 1,
    duration: { n: 3, p50: { estimate: 10 } },
    queue: { n: 7, p50: { estimate: 0 }, p95: { estimate: expect.closeTo(4.2) } },
  })
  expect(found).not.toHaveProperty('slowest')
  const none = stepsIn({
    ended: runsOf([
      ran('c', 0, 9, { attempts: [attempt('s', 0, 5, { part: 'fallback', outcome: 'failed' })] }),
    ]),
  })
  expect(none).toEqual([])
})

test('the five slowest items are told, of equal ones the last first, but not of a machine of one’s own', () => {
  const times = [7, 3, 9, 9, 1, 5, 3.00049, 2]
  const ended = runsOf([
    ran('c', 0, 99, { attempts: times.map((ms, at) => attempt('s', 0, 99, { item: `i${at}`, took: ms })) }),
    ran('c', 100, 199, { attempts: [attempt('s', 100, 199, { item: 'last', took: 3 })] }),
  ])
  const [found] = stepsIn({ ended, chains: [declare('c')] })
  expect(found?.slowest).toEqual([
    { item: 'i3', run: 'r1', took: 9 },
    { item: 'i2', run: 'r1', took: 9 },
    { item: 'i0', run: 'r1', took: 7 },
    { item: 'i5', run: 'r1', took: 5 },
    { item: 'last', run: 'r2', took: 3 },
  ])
  expect(stepsIn({ ended, chains: [declare('c', [], { own: true })] })[0]).not.toHaveProperty('slowest')
})

test('the steps that time went into come first', () => {
  const many = (name: string, n: number, ms: number): readonly AttemptRecord[] =>
    Array.from({ length: n }, () => attempt(name, 0, ms))
  const ended = runsOf([
    ran('c', 0, 99, { attempts: [...many('long', 1, 50), ...many('often', 30, 2), ...many('none', 3, 0)] }),
    ran('d', 0, 99, { attempts: [...many('long', 2, 40), attempt('memo', 0, 0, { memo: true })] }),
  ])
  expect(stepsIn({ ended }).map((one) => [one.chain, one.step])).toEqual([
    ['d', 'long'],
    ['c', 'often'],
    ['c', 'long'],
    ['c', 'none'],
    ['d', 'memo'],
  ])
})

test('waits are told by cause, out of all time of their chain', () => {
  const found = (chain: Partial<ChainRecord>, made: Made = {}): unknown =>
    atOnce(waitsOf(scene({ ended: [run('r', [ran('c', 10, 100, chain)])], ...made }))).map(
      ({ cause, ms, n, share }) => [cause, ms, n, share],
    )
  const worked = [attempt('s', 0, 10)]
  expect(found({ attempts: worked })).toEqual([])
  expect(found({ needs: [{ name: 'a', key: 'a', kind: 'hard' }], attempts: worked })).toEqual([
    ['dependency', 10, 1, 0.5],
  ])
  const waits = (...some: ChainRecord['waits']): Partial<ChainRecord> => ({ waits: some, attempts: worked })
  expect(
    found(
      waits(
        wait('a', 'signal', 0, 30),
        wait('b', 'timer', 0, 5),
        wait('b', 'timer', 10, 25),
        wait('c', 'backoff', 0, 6),
        wait('d', 'memo', 0, 4),
        wait('', 'held', 0, 3),
        wait('e', 'call', 0, 50),
        wait('f', 'signal', 0, undefined),
        wait('g', 'signal', 9, 9),
        wait('h', 'signal', 9, 8),
      ),
    ),
  ).toEqual([
    ['signal', 30, 1, expect.closeTo(30 / 73, 4)],
    ['timer', 20, 2, expect.closeTo(20 / 73, 4)],
    ['backoff', 6, 1, expect.closeTo(6 / 73, 4)],
    ['memo', 4, 1, expect.closeTo(4 / 73, 4)],
    ['pause', 3, 1, expect.closeTo(3 / 73, 4)],
  ])
  const gate = waits(wait('', 'gate', 0, 10))
  expect(found(gate)).toEqual([['process', 10, 1, 0.5]])
  expect(found({ ...gate, ready: ['db'] })).toEqual([['service', 10, 1, 0.5]])
  const limited = { chains: [declare('c', [], { concurrency: 1 })] }
  expect(found(gate, limited)).toEqual([['concurrency', 10, 1, 0.5]])
  expect(found({ ...gate, ready: ['db'] }, limited)).toEqual([['concurrency', 10, 1, 0.5]])
  expect(found({ ...gate, ready: ['db'] }, { chains: [declare('c')] })).toEqual([['service', 10, 1, 0.5]])
})

test.each([
  ['limiter:bank', 'rate'],
  ['memo', 'memo'],
  ['memo:r7', 'memo'],
  ['slot', 'slot'],
  ['pause', 'pause'],
  ['retry-budget', 'retry-budget'],
  ['in-flight', 'in-flight'],
  ['process', 'process'],
  ['slots', 'process'],
  ['a limiter:', 'process'],
])('an attempt that waits for %s waits for %s', (what, cause) => {
  const attempts = [attempt('s', 0, 10, { waits: [{ for: what, ms: 30 }] })]
  expect(atOnce(waitsOf(scene({ ended: runsOf([ran('c', 0, 40, { attempts })]) })))).toEqual([
    { chain: 'c', cause, ms: 30, share: 0.75, n: 1 },
  ])
})

test('waits of one chain are none of another’s time, and the most come first', () => {
  const of = (chain: string, ms: number): ChainRecord =>
    ran(chain, 0, 99, { attempts: [attempt('s', 0, 10, { waits: [{ for: 'slot', ms }] })], waits: [] })
  const found = atOnce(waitsOf(scene({ ended: runsOf([of('a', 10), of('b', 30), of('a', 5)]) })))
  expect(found).toEqual([
    { chain: 'b', cause: 'slot', ms: 30, share: 0.75, n: 1 },
    { chain: 'a', cause: 'slot', ms: 15, share: 0.42857, n: 2 },
  ])
  // what has not ended has not worked, and what ended before it began neither
  const odd = [
    attempt('s', 50, undefined),
    attempt('s', 50, 40),
    attempt('s', 0, 9, { startedAt: undefined }),
  ]
  const [share] = atOnce(
    waitsOf(scene({ ended: runsOf([ran('c', 0, 9, { waits: [wait('w', 'timer', 0, 8)], attempts: odd })]) })),
  )
  expect(share).toMatchObject({ share: 1 })
})

test('a port answers as its steps’ attempts do, and breaks as its breakers', () => {
  const chains = [
    declare('c', [
      step('pay', { uses: ['bank', 'mail'], breaker: 'bank' }),
      step('read', { uses: ['bank'] }),
      step('idle'),
    ]),
    declare('d', [step('pay', { uses: ['shop'] })]),
  ]
  const attempts = [
    failed('pay', 0, 5, { next: 'retry', failure: { ...boom, class: 'ETIMEDOUT' } }),
    failed('pay', 0, 5, { next: 'retry', failure: { ...boom, class: 'ECONNRESET' } }),
    failed('pay', 0, 5, { next: 'retry', failure: { ...boom, class: 'ECONNRESET' } }),
    attempt('pay', 10, 40),
    failed('pay', 40, 45, { failure: undefined }),
    attempt('pay', 50, 60, { outcome: 'lost' }),
    attempt('read', 60, 70),
    attempt('read', 60, 90, { took: undefined }),
    // none of these was asked of it
    attempt('read', 0, 1, { memo: true }),
    attempt('read', 0, 1, { copied: true }),
    attempt('read', 0, 1, { part: 'fallback' }),
    attempt('read', 0, 1, { startedAt: undefined }),
    attempt('read', 0, 1, { outcome: 'aborted' }),
    attempt('idle', 0, 1),
  ]
  const breakers = { bank: 'closed', 'bank/eu': 'opened', bankrupt: 'opened', other: 'opened' }
  const found = atOnce(
    integrationsOf(scene({ chains, breakers, ended: runsOf([ran('c', 0, 99, { attempts })]) })),
  )
  expect(found).toMatchObject([
    {
      port: 'bank',
      used: [
        { chain: 'c', step: 'pay' },
        { chain: 'c', step: 'read' },
      ],
      n: 8,
      availability: { estimate: 0.375 },
      latency: { n: 2, p50: { estimate: 20 } },
      errors: [
        { class: 'ECONNRESET', n: 2 },
        { class: 'ETIMEDOUT', n: 1 },
        { class: 'failed', n: 1 },
        { class: 'lost', n: 1 },
      ],
      breakers: [
        { id: 'bank', state: 'closed' },
        { id: 'bank/eu', state: 'opened' },
      ],
      amplification: 2,
    },
    { port: 'mail', used: [{ chain: 'c', step: 'pay' }], n: 6, amplification: 3 },
    { port: 'shop', n: 0, latency: { n: 0 }, errors: [], breakers: [] },
  ])
  expect(found[2]).not.toHaveProperty('availability')
  expect(found[2]).not.toHaveProperty('amplification')
})

test('slots are full where a fifth of the time of attempts went by in line for one, of a hundred at least', () => {
  const resources = (n: number, waited: number, made: Made = {}): unknown =>
    atOnce(
      resourcesOf(
        scene({
          ended: runsOf([
            ran('c', 0, 9, {
              attempts: [
                ...Array.from({ length: n }, () => attempt('s', 0, 8)),
                attempt('s', 0, undefined),
                attempt('s', 0, 5, { startedAt: undefined }),
              ],
            }),
          ]),
          ...made,
        }),
        [
          { chain: 'c', cause: 'slot', ms: waited, share: 0, n: 1 },
          { chain: 'c', cause: 'rate', ms: 1e9, share: 0, n: 1 },
        ],
      ),
    )
  expect(resources(99, 0)).toMatchObject({
    state: 'unknown',
    cause: '99 attempts are too few to tell, 100 are needed',
  })
  expect(resources(100, 0)).toMatchObject({
    state: 'ok',
    cause: 'attempts wait for a slot 0 % of their time',
  })
  expect(resources(100, 200)).toMatchObject({
    state: 'ok',
    cause: 'attempts wait for a slot 20 % of their time',
  })
  expect(resources(100, 100)).toMatchObject({ cause: 'attempts wait for a slot 11.1 % of their time' })
  expect(resources(100, 208)).toMatchObject({
    state: 'degraded',
    cause: 'attempts wait for a slot 21 % of their time: raise the concurrency, if the machine has room',
  })
})

test('what is under way is counted, and the most that were so at once', () => {
  const attempts = [
    attempt('s', 0, 9, { inFlight: 3 }),
    attempt('s', 0, 9, { inFlight: 7 }),
    attempt('s', 0, 9, { inFlight: 2 }),
  ]
  const open = [
    run('o', [
      ran('c', 0, undefined, {
        attempts: [
          attempt('s', 0, undefined),
          attempt('s', 0, 5),
          attempt('s', 0, undefined, { startedAt: undefined }),
        ],
      }),
    ]),
    run('p', [ran('c', 0, undefined, { attempts: [attempt('s', 0, undefined)] })]),
  ]
  const resources = (made: Made): unknown => atOnce(resourcesOf(scene(made), []))
  expect(resources({ open, ended: runsOf([ran('c', 0, 9, { attempts })]), chains: [] })).toMatchObject({
    journal: { events: 0, bytes: 0 },
    live: { runs: 2, attempts: 2 },
    concurrency: { most: 7, limit: 10 },
  })
  expect(resources({})).toEqual({
    state: 'unknown',
    cause: '0 attempts are too few to tell, 100 are needed',
    journal: { events: 0, bytes: 0 },
    live: { runs: 0, attempts: 0 },
    concurrency: { most: 0 },
  })
})

test('a change of level is told where it began, with the versions on either side', () => {
  const level = (n: number, ms: number, version = '1', from = 0): readonly ChainRecord[] =>
    Array.from({ length: n }, (_, at) => ran('c', (from + at) * 1_000, (from + at) * 1_000 + ms, { version }))
  const changes = (...chains: readonly (readonly ChainRecord[])[]): unknown =>
    atOnce(changesOf(surveyed({ ended: runsOf(chains.flat()) })))
  const change = { chain: 'c', metric: 'duration', at: 30_000, run: 'r31', before: 100, after: 200, n: 60 }
  const p = expect.closeTo(2 * Math.exp((-6 * 900 * 900) / (60 ** 3 + 60 ** 2)), 12)
  expect(changes(level(30, 100), level(30, 200, '1', 30))).toEqual([{ ...change, p }])
  expect(changes(level(30, 100), level(30, 200, '2', 30))).toEqual([
    { ...change, p, version: { from: '1', to: '2' } },
  ])
  expect(changes(level(30, 200), level(30, 100, '1', 30))).toEqual([
    { ...change, p, before: 200, after: 100 },
  ])
  // too few on a side, or too little to speak of
  expect(changes(level(19, 100), level(60, 200, '1', 19))).toEqual([])
  expect(changes(level(60, 100), level(19, 200, '1', 60))).toEqual([])
  expect(changes(level(20, 100), level(60, 200, '1', 20))).toMatchObject([{ at: 20_000, n: 80 }])
  expect(changes(level(60, 100), level(20, 200, '1', 60))).toMatchObject([{ at: 60_000, n: 80 }])
  expect(changes(level(30, 100), level(30, 109, '1', 30))).toEqual([])
  expect(changes(level(30, 100), level(30, 110, '1', 30))).toMatchObject([{ before: 100, after: 110 }])
  // what took no time is as if it took a millisecond
  const none = (n: number, ms: number, from: number): readonly ChainRecord[] =>
    Array.from({ length: n }, (_, at) => ran('c', from + at, from + at + ms))
  expect(changes(none(30, 0, 0), none(30, 1, 30))).toEqual([])
  // only the last 400 are looked at
  expect(changes(level(300, 200), level(400, 100, '1', 300))).toEqual([])
  // what never started took no time
  expect(
    changes(
      level(60, 100).map((one) => ({ ...one, startedAt: undefined })),
      level(60, 200, '1', 60),
    ),
  ).toEqual([])
})

test('changes of several chains are told, the newest first, and each is surer than where there is one', () => {
  const of = (chain: string, n: number, ms: (at: number) => number): readonly ChainRecord[] =>
    Array.from({ length: n }, (_, at) => ran(chain, at * 1_000, at * 1_000 + ms(at)))
  const changes = (...chains: readonly (readonly ChainRecord[])[]): readonly (readonly [string, number])[] =>
    atOnce(changesOf(surveyed({ ended: runsOf(chains.flat()) }))).map((one) => [one.chain, one.at])
  const early = of('early', 80, (at) => (at < 30 ? 100 : 200))
  const late = of('late', 80, (at) => (at < 50 ? 100 : 200))
  expect(changes(early, late)).toEqual([
    ['late', 50_000],
    ['early', 30_000],
  ])
  // two on either side stray: its p of 0.00017 is enough for one chain, and not for one of 31
  const doubtful = of('doubtful', 40, (at) => (at < 20 === [5, 10, 25, 30].includes(at) ? 200 : 100))
  const alone = changes(doubtful).length
  const among = changes(
    doubtful,
    ...Array.from({ length: 30 }, (_, at) => of(`other${at}`, 1, () => 100)),
  ).length
  expect([alone, among]).toEqual([1, 0])
})

test('percentiles have no bound that the sample cannot give', () => {
  const bound = (of: Interval): readonly string[] => Object.keys(of).filter((name) => name !== 'estimate')
  const found = (n: number): unknown => {
    const [one] = chainsIn(...Array.from({ length: n }, (_, at) => ran('c', 0, at)))
    return [one?.duration.p50, one?.duration.p95, one?.duration.p99].map((each) => bound(each as Interval))
  }
  expect(found(1)).toEqual([[], ['low'], ['low']])
  expect(found(59)).toEqual([['low', 'high'], ['low', 'high'], ['low']])
})
