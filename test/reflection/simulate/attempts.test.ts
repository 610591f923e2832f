// What an attempt takes in a simulation, reckoned by hand: slots, limiters, retries, timeouts, outputs used again.

import { describe, expect, test } from 'vitest'
import type { AttemptFailure } from '../../../src/observe/attempt-record.ts'
import type { AttemptRecord, RunRecord } from '../../../src/observe/run-record.ts'
import type { DeclaredStep } from '../../../src/reflection/tunables.ts'
import { attempt, failed, ran, run } from '../../analysis/made.ts'
import { inTurn, replayed, took } from './replayed.ts'

/** A run of chain `c`, accepted at `from`, with these attempts. */
const runOf = (
  id: string,
  from: number,
  attempts: readonly AttemptRecord[],
  given: Partial<RunRecord> = {},
): RunRecord => {
  const last = attempts.at(-1)
  const to = Math.max(from, ...attempts.map(({ endedAt }) => endedAt ?? 0))
  const ok = last?.outcome !== 'failed'
  const chain = ran('c', from, to, { attempts: [...attempts], status: ok ? 'succeeded' : 'failed' })
  return run(id, [chain], { acceptedAt: from, status: ok ? 'succeeded' : 'failed', ...given })
}
const one = (id: string, from: number, ms = 100, given: Partial<RunRecord> = {}): RunRecord =>
  runOf(id, from, [attempt('s', from, from + ms)], given)
const s: DeclaredStep = { name: 's', kind: 'step' }

describe('slots', () => {
  const c = inTurn('c', ['s'])

  test('are given in the order of runs, as many as there are', () => {
    const runs = [one('r0', 0), one('r1', 0), one('r2', 0)]
    expect(took(runs, [c])).toEqual({ r0: '100', r1: '100', r2: '100' })
    expect(took(runs, [c], { tunables: { concurrency: 2 } })).toEqual({ r0: '100', r1: '100', r2: '200' })
    expect(took(runs, [c], { tunables: { concurrency: 1 } })).toEqual({ r0: '100', r1: '200', r2: '300' })
  })

  test('that come free go to the run of higher priority first', () => {
    const runs = [one('r0', 0), one('r1', 0), one('r2', 0, 100, { priority: 5 })]
    expect(took(runs, [c], { tunables: { concurrency: 1 } })).toEqual({ r0: '100', r1: '300', r2: '200' })
  })

  const twice = (id: string, from: number, given: Partial<RunRecord> = {}): RunRecord =>
    runOf(id, from, [attempt('a', from, from + 100), attempt('b', from + 100, from + 200)], given)
  const both = inTurn('c', ['a', 'b'])

  test('stay with a run from step to step, but for who goes first', () => {
    const alike = [twice('r0', 0), twice('r1', 1)]
    expect(took(alike, [both], { tunables: { concurrency: 1 } })).toEqual({ r0: '200', r1: '399' })
    const urgent = [twice('r0', 0), twice('r1', 1, { priority: 5 })]
    expect(took(urgent, [both], { tunables: { concurrency: 1 } })).toEqual({ r0: '400', r1: '299' })
  })

  test('that were waited for are waited for no more than there is need; other waits stay', () => {
    const waited = (waits: AttemptRecord['waits']): RunRecord =>
      runOf('r', 0, [attempt('s', 0, 150, { startedAt: 50, waits })])
    expect(took([waited([{ for: 'slot', ms: 50 }])], [c])).toEqual({ r: '100' })
    expect(took([waited([{ for: 'in-flight', ms: 50 }])], [c])).toEqual({ r: '100' })
    expect(
      took(
        [
          waited([
            { for: 'retry-budget', ms: 20 },
            { for: 'slot', ms: 30 },
          ]),
        ],
        [c],
      ),
    ).toEqual({ r: '120' })
    // whose line is not known here
    expect(took([waited([{ for: 'limiter:api', ms: 50 }])], [c])).toEqual({ r: '150' })
  })

  test('are taken by attempts, each of which is counted', () => {
    expect(replayed([twice('r0', 0)], [both]).get('r0')).toEqual({
      run: 'r0',
      duration: 200,
      failed: false,
      attempts: 2,
      chains: new Map([['c', 200]]),
    })
  })
})

describe('limiters', () => {
  const limited = (given: object): DeclaredStep => ({
    ...s,
    limit: 'api',
    lets: { inFlight: null, rate: null, per: 1000, burst: 1, cost: 1, ...given },
  })
  const runs = [one('r0', 0), one('r1', 0), one('r2', 0)]

  test('let through so many at once', () => {
    const c = inTurn('c', [limited({ inFlight: 1 })])
    expect(took(runs, [c])).toEqual({ r0: '100', r1: '200', r2: '300' })
    const other = { limiters: { api: { inFlight: 2 } } }
    expect(took(runs, [c], { tunables: other })).toEqual({ r0: '100', r1: '100', r2: '200' })
  })

  test('let through what each call counts', () => {
    expect(took(runs, [inTurn('c', [limited({ inFlight: 4, cost: 2 })])])).toEqual({
      r0: '100',
      r1: '100',
      r2: '200',
    })
    expect(took(runs, [inTurn('c', [limited({ inFlight: 4, cost: 3 })])])).toEqual({
      r0: '100',
      r1: '200',
      r2: '300',
    })
  })

  test('let through so many in a while', () => {
    const c = inTurn('c', [limited({ rate: 1 })])
    expect(took(runs, [c])).toEqual({ r0: '100', r1: '1100', r2: '2100' })
  })

  test('are waited for without a slot, and a slot with its place in them', () => {
    const c = [inTurn('c', [limited({ inFlight: 1 })]), inTurn('d', ['s'])]
    const other = (id: string): RunRecord =>
      run(id, [ran('d', 0, 100, { attempts: [attempt('s', 0, 100)] })], { targets: ['d'] })
    // r1 waits for the limiter until r0 has ended, d0 has the other slot
    expect(took([one('r0', 0), one('r1', 0), other('d0')], c, { tunables: { concurrency: 2 } })).toEqual({
      r0: '100',
      r1: '200',
      d0: '100',
    })
    // r0 has a place, and no slot until d0 has ended: r1 has none until then
    expect(took([other('d0'), one('r0', 0), one('r1', 0)], c, { tunables: { concurrency: 1 } })).toEqual({
      d0: '100',
      r0: '200',
      r1: '300',
    })
  })

  test('whose lines by keys nobody can tell apart are waited for as they were', () => {
    const c = inTurn('c', [{ ...s, limit: 'api' }])
    const waited = runOf('r', 0, [
      attempt('s', 0, 140, { startedAt: 40, waits: [{ for: 'limiter:api', ms: 40 }] }),
    ])
    expect(took([waited], [c])).toEqual({ r: '140' })
    // what was waited for in its line is waited for anew
    expect(took([waited], [inTurn('c', [limited({ inFlight: 1 })])])).toEqual({ r: '100' })
  })

  test('are not the only thing that is waited for', () => {
    const waits = [
      { for: 'limiter:api', ms: 40 },
      { for: 'retry-budget', ms: 10 },
    ]
    const waited = runOf('r', 0, [attempt('s', 0, 150, { startedAt: 50, waits })])
    expect(took([waited], [inTurn('c', [limited({ inFlight: 1 })])])).toEqual({ r: '110' })
  })
})

describe('retries', () => {
  const boom: AttemptFailure = { kind: 'thrown', class: 'E', message: 'boom', retryable: true }
  const c = inTurn('c', [{ ...s, attempts: 3 }])
  const retried = (given: Partial<AttemptRecord> = {}): RunRecord =>
    runOf('r', 0, [
      failed('s', 0, 50, { failure: boom, next: 'retry', backoff: 20, ...given }),
      attempt('s', 70, 100, { attempt: 2 }),
    ])

  test('come after the wait that was recorded, or after what lay between', () => {
    expect(replayed([retried()], [c]).get('r')).toMatchObject({ duration: 100, attempts: 2, failed: false })
    expect(took([retried({ backoff: 40 })], [c])).toEqual({ r: '120' })
    expect(took([retried({ backoff: undefined })], [c])).toEqual({ r: '100' })
  })

  test.for([
    ['where the config allows no more', { steps: { 'c/s': { attempts: 1 } } }],
    ['of a class that is given up', { steps: { 'c/s': { nonRetryable: ['X', 'E'] } } }],
  ] as const)('are not made %s', ([, tunables]) => {
    expect(replayed([retried()], [c], { tunables }).get('r')).toMatchObject({
      duration: 50,
      attempts: 1,
      failed: true,
    })
  })

  test('are made where another class is given up, and where so many are allowed', () => {
    const tunables = { steps: { 'c/s': { nonRetryable: ['X'], attempts: 2 } } }
    expect(took([retried()], [c], { tunables })).toEqual({ r: '100' })
  })

  test('are not made where its author says that they make no sense', () => {
    expect(took([retried({ failure: { ...boom, retryable: false } })], [c])).toEqual({ r: '50!' })
  })

  const spent = (count: number, given: Partial<AttemptRecord> = {}): RunRecord =>
    runOf(
      'r',
      0,
      Array.from({ length: count }, (_, at) =>
        failed('s', 30 * at, 30 * at + 20, { failure: boom, backoff: 10, attempt: at + 1, ...given }),
      ),
    )
  /** What a call that was never made takes, as another run's did. */
  const donor = one('d', 10_000, 70)

  test('beyond those that were made are drawn from what others took', () => {
    const recorded = { steps: { 'c/s': { attempts: 2 } } }
    expect(took([spent(2), donor], [c], { recorded })).toEqual({ r: '50!', d: '70' })
    // the third draws 20 or 70 ms, as those three calls took: a fourth is not allowed
    const more = replayed([spent(2), donor], [c], {
      recorded,
      tunables: { steps: { 'c/s': { attempts: 3 } } },
    })
    const { duration = 0, attempts, failed: ended } = more.get('r') ?? {}
    expect(attempts).toBe(3)
    expect(duration).toBe(ended === true ? 80 : 130)
  })

  test('are not made where they were stopped before they were spent', () => {
    // its deadline, or its author, had it end after one of three
    expect(took([spent(1)], [c])).toEqual({ r: '20!' })
    expect(took([spent(1)], [c], { tunables: { steps: { 'c/s': { attempts: 5 } } } })).toEqual({ r: '20!' })
  })

  test('wait as their backoff says where none was recorded', () => {
    const backoff = { initial: 40, factor: 2, max: 1000, jitter: 'none' }
    const declared = inTurn('c', [{ ...s, attempts: 3, backoff }])
    const cut = { steps: { 'c/s': { timeout: 60 } } }
    // 60 ms, 40 ms, 60 ms, 80 ms, 60 ms
    expect(replayed([one('r', 0)], [declared], { tunables: cut }).get('r')).toMatchObject({
      duration: 300,
      attempts: 3,
      failed: true,
    })
    expect(took([one('r', 0)], [c], { tunables: cut })).toEqual({ r: '180!' })
  })

  test('of a step of which nothing is declared are as many as there were', () => {
    const known = { ...inTurn('c', ['s']), steps: [] }
    expect(took([retried()], [known])).toEqual({ r: '100' })
    expect(took([spent(2)], [known])).toEqual({ r: '50!' })
  })

  test('after a loss are made however many are allowed', () => {
    const lost = (next: readonly AttemptRecord[]): RunRecord =>
      runOf('r', 0, [attempt('s', 0, 40, { outcome: 'lost' }), ...next])
    const single = inTurn('c', [{ ...s, attempts: 1 }])
    expect(replayed([lost([attempt('s', 45, 95)])], [single]).get('r')).toMatchObject({
      duration: 95,
      attempts: 2,
      failed: false,
    })
    // it was a dead letter
    expect(took([lost([])], [single])).toEqual({ r: '40!' })
    expect(took([lost([])], [c])).toEqual({ r: '40!' })
  })
})

test('what is drawn is drawn for each place by itself', () => {
  const c = inTurn('c', [
    {
      ...s,
      attempts: 2,
      fallback: true,
      backoff: { initial: 1000, factor: 1, max: 1000, jitter: 'full' },
    },
  ])
  const ms = (at: number): number => (at % 2 === 0 ? 61 : 70)
  const runs = Array.from({ length: 40 }, (_, at) => one(`r${at}`, at * 10_000, ms(at)))
  const tunables = { steps: { 'c/s': { timeout: 60 } } }
  const waits = Object.values(took(runs, [c], { tunables })).map((text) => Number.parseFloat(text) - 120)
  expect(new Set(waits).size).toBeGreaterThan(30)
  for (const wait of waits) expect(wait >= 0 && wait <= 1000).toBe(true)
  // without that wait, a second call takes what one of the others took
  const cut = runs.map((record, at) =>
    at < 20
      ? record
      : runOf(record.run, record.acceptedAt, [
          attempt('s', record.acceptedAt, record.acceptedAt + 5, { outcome: 'aborted' }),
        ]),
  )
  expect(new Set(Object.values(took(cut, [c])))).toEqual(new Set(['61', '70']))
})

describe('timeouts', () => {
  const slow: AttemptFailure = { kind: 'timeout', class: 'timeout', message: '', retryable: true }
  const c = inTurn('c', [{ ...s, timeout: 100, attempts: 1 }])
  const cut = (given: Partial<AttemptRecord> = {}): RunRecord =>
    runOf('r', 0, [failed('s', 0, 100, { failure: slow, ...given })])
  const longer = { tunables: { steps: { 'c/s': { timeout: 200 } } } }

  test('cut off where they did, and sooner where they are lower', () => {
    expect(took([cut()], [c])).toEqual({ r: '100!' })
    expect(took([cut()], [c], { tunables: { steps: { 'c/s': { timeout: 70 } } } })).toEqual({ r: '70!' })
    expect(took([one('r', 0, 80)], [c], { tunables: { steps: { 'c/s': { timeout: 80 } } } })).toEqual({
      r: '80',
    })
    expect(took([one('r', 0, 80)], [c], { tunables: { steps: { 'c/s': { timeout: 79 } } } })).toEqual({
      r: '79!',
    })
  })

  test('that are longer let a call end that was seen to end late', () => {
    const late = { outcome: 'succeeded', at: 150 } as const
    expect(took([cut({ late })], [c], longer)).toEqual({ r: '150' })
    expect(took([cut({ late })], [c])).toEqual({ r: '100!' })
    // it failed of its abort, as far as anybody knows: it would have hung
    expect(took([cut({ late: { outcome: 'failed', at: 150 } })], [c], longer)).toEqual({ r: '200!' })
  })

  test('that are longer draw from calls that took longer, else it would have hung', () => {
    // the other run took 170 ms, before that timeout was made
    expect(took([cut(), one('d', 1000, 170)], [c], longer)).toEqual({ r: '170', d: '170' })
    expect(took([cut(), one('d', 1000, 90)], [c], longer)).toEqual({ r: '200!', d: '90' })
  })

  test('without any, a call that hangs has no end, and its run none', () => {
    expect(took([cut()], [inTurn('c', ['s'])])).toEqual({})
  })

  test('give the slot of a call that they cut off to who waits for one, before it is tried again', () => {
    const twice = inTurn('c', [{ ...s, timeout: 100, attempts: 2 }])
    const retried = runOf('r', 0, [
      failed('s', 0, 100, { failure: slow, next: 'retry', backoff: 0 }),
      attempt('s', 100, 150, { attempt: 2 }),
    ])
    expect(took([retried, one('q', 1, 50)], [twice], { tunables: { concurrency: 1 } })).toEqual({
      r: '200',
      q: '149',
    })
  })

  test('are those of the code where the config says nothing', () => {
    expect(took([one('r', 0, 300)], [c])).toEqual({ r: '100!' })
    expect(took([one('r', 0, 300)], [c], { tunables: { steps: { 'c/s': { timeout: 400 } } } })).toEqual({
      r: '300',
    })
  })

  test('of a deadline are as long as they were', () => {
    const due: AttemptFailure = { ...slow, kind: 'deadline', class: 'deadline', retryable: false }
    expect(took([cut({ failure: due })], [c], longer)).toEqual({ r: '100!' })
  })
})

test('a call that was aborted goes on as long as another that took longer, or as it had lasted', () => {
  const c = inTurn('c', ['s'])
  const cut = runOf('r', 0, [attempt('s', 0, 30, { outcome: 'aborted' })])
  expect(took([cut], [c])).toEqual({ r: '30' })
  expect(took([cut, one('d', 1000, 80)], [c])).toEqual({ r: '80', d: '80' })
  expect(took([cut, one('d', 1000, 20)], [c])).toEqual({ r: '30', d: '20' })
})

test('a pace makes calls shorter, and what hangs no shorter', () => {
  const slow: AttemptFailure = { kind: 'timeout', class: 'timeout', message: '', retryable: true }
  const c = inTurn('c', [{ ...s, timeout: 100 }, 't'])
  const both = runOf('r', 0, [attempt('s', 0, 80), attempt('t', 80, 120)])
  expect(took([both], [c], { pace: { 'c/s': 0.5 } })).toEqual({ r: '80' })
  expect(took([both], [c], { pace: { 'c/t': 0 } })).toEqual({ r: '80' })
  // twice as slow is longer than its timeout
  expect(took([both], [c], { pace: { 'c/s': 2 } })).toEqual({ r: '100!' })
  const hung = runOf('r', 0, [failed('s', 0, 100, { failure: slow })])
  // whatever others took
  expect(took([hung, runOf('d', 1000, [attempt('s', 1000, 1170)])], [c], { pace: { 'c/s': 0.5 } })).toEqual({
    r: '100!',
    d: '85',
  })
  expect(took([hung], [c], { pace: { 'c/s': 0 } })).toEqual({ r: '100!' })
})

describe('outputs that are used again', () => {
  const c = inTurn('c', ['s'])
  const given = (
    id: string,
    from: number,
    hash: string | undefined = 'i',
    more: Partial<AttemptRecord> = {},
  ): RunRecord => runOf(id, from, [attempt('s', from, from + 100, { inputHash: hash, ...more })])
  const memo = (ttl?: number) => ({
    tunables: { steps: { 'c/s': { memo: ttl === undefined ? {} : { ttl } } } },
  })

  test('are made once, and who comes meanwhile waits for them', () => {
    const runs = [given('r0', 0), given('r1', 50), given('r2', 200), given('q', 60, 'j')]
    expect(took(runs, [c], memo())).toEqual({ r0: '100', r1: '50', r2: '0', q: '100' })
    expect(replayed(runs, [c], memo()).get('r1')?.attempts).toBe(0)
    expect(took(runs, [c])).toEqual({ r0: '100', r1: '100', r2: '100', q: '100' })
  })

  test('are made again once they are too old', () => {
    const runs = [given('r0', 0), given('r1', 179), given('r2', 180), given('r3', 281)]
    expect(took(runs, [c], memo(80))).toEqual({ r0: '100', r1: '0', r2: '100', r3: '0' })
  })

  test('are made by who waited, where making them failed', () => {
    const bad = runOf('r0', 0, [failed('s', 0, 100, { inputHash: 'i' })])
    expect(took([bad, given('r1', 50), given('r2', 60)], [c], memo())).toEqual({
      r0: '100!',
      r1: '150',
      r2: '140',
    })
  })

  test('are not those of what nobody knows what it was given', () => {
    const unknown = (id: string, from: number): RunRecord => runOf(id, from, [attempt('s', from, from + 100)])
    expect(took([unknown('r0', 0), unknown('r1', 200)], [c], memo())).toEqual({ r0: '100', r1: '100' })
  })

  test('that were so when they were recorded take nothing', () => {
    expect(replayed([given('r0', 0, 'i', { memo: true })], [c]).get('r0')).toMatchObject({
      duration: 0,
      attempts: 0,
      failed: false,
    })
  })

  test('are those of one step of one chain', () => {
    const steps = inTurn('c', ['s', 't'])
    const both = runOf('r', 0, [
      attempt('s', 0, 100, { inputHash: 'i' }),
      attempt('t', 100, 200, { inputHash: 'i' }),
    ])
    const all = { tunables: { steps: { 'c/s': { memo: {} }, 'c/t': { memo: {} } } } }
    expect(took([both], [steps], all)).toEqual({ r: '200' })
  })
})

describe('a fallback', () => {
  const slow: AttemptFailure = { kind: 'timeout', class: 'timeout', message: '', retryable: true }
  const c = inTurn('c', [{ ...s, fallback: true, timeout: 100 }])
  const fell = (fallback: readonly AttemptRecord[], id = 'r', from = 0): RunRecord =>
    run(id, [ran('c', from, from + 200, { attempts: [failed('s', from, from + 20), ...fallback] })], {
      acceptedAt: from,
    })
  const instead = (from: number, to: number, given: Partial<AttemptRecord> = {}): AttemptRecord =>
    attempt('s', from, to, { part: 'fallback', ...given })

  test('follows what failed at last, without a slot', () => {
    expect(replayed([fell([instead(20, 50)])], [c]).get('r')).toMatchObject({ duration: 200, attempts: 1 })
    const settled = run('r', [ran('c', 0, 50, { attempts: [failed('s', 0, 20), instead(20, 50)] })])
    expect(took([settled], [c])).toEqual({ r: '50' })
    expect(took([settled, one('q', 20, 50)], [c], { tunables: { concurrency: 1 } })).toEqual({
      r: '50',
      q: '50',
    })
    // nobody declared one
    expect(took([settled], [inTurn('c', ['s'])])).toEqual({ r: '20!' })
  })

  test('that failed fails its step', () => {
    const chain = ran('c', 0, 50, {
      attempts: [failed('s', 0, 20), instead(20, 50, { outcome: 'failed', failure: slow })],
      status: 'failed',
    })
    const broken = { ...chain, attempts: [failed('s', 0, 20), failed('s', 20, 50, { part: 'fallback' })] }
    expect(took([run('r', [broken], { status: 'failed' })], [c])).toEqual({ r: '50!' })
    // cut off after 30 ms, it would have hung, until its own timeout
    expect(took([run('r', [chain], { status: 'failed' })], [c])).toEqual({ r: '120!' })
  })

  test('that was never called takes what another took, or nothing', () => {
    const never = run('r', [ran('c', 0, 80, { attempts: [attempt('s', 0, 80)] })])
    const cut = { tunables: { steps: { 'c/s': { timeout: 60, attempts: 1 } } } }
    expect(took([never], [c], cut)).toEqual({ r: '60' })
    expect(took([never, fell([instead(1020, 1050)], 'd', 1000)], [c], cut)).toMatchObject({ r: '90' })
    // longer than the timeout of the code
    expect(took([never, fell([instead(1020, 1150)], 'd', 1000)], [c], cut)).toMatchObject({ r: '160!' })
  })

  test('takes what it took, whatever others took, up to its timeout', () => {
    const other = fell([instead(1020, 1080)], 'd', 1000)
    const own = (to: number): RunRecord =>
      run('r', [ran('c', 10, to, { attempts: [failed('s', 10, 20), instead(20, to)] })], { acceptedAt: 10 })
    expect(took([own(50), other], [c])).toMatchObject({ r: '40' })
    expect(took([own(120), other], [c])).toMatchObject({ r: '110' })
    expect(took([own(121), other], [c])).toMatchObject({ r: '110!' })
  })

  test('that hangs without a timeout has no end', () => {
    const chain = ran('c', 0, 50, {
      attempts: [failed('s', 0, 20), failed('s', 20, 50, { part: 'fallback', failure: slow })],
      status: 'failed',
    })
    const open = inTurn('c', [{ ...s, fallback: true }])
    expect(took([run('r', [chain], { status: 'failed' })], [open])).toEqual({})
  })

  test('that was cut off is drawn from those that took longer', () => {
    const chain = ran('c', 0, 50, {
      attempts: [failed('s', 0, 20), failed('s', 20, 50, { part: 'fallback', failure: slow })],
      status: 'failed',
    })
    const runs = [run('r', [chain], { status: 'failed' }), fell([instead(1020, 1065)], 'd', 1000)]
    expect(took(runs, [c])).toMatchObject({ r: '65' })
  })
})
