// What a change would have made of recorded runs, reckoned by hand; what is refused, and why; and what has no structure.

import { describe, expect, test } from 'vitest'
import type { AttemptFailure } from '../../../src/observe/attempt-record.ts'
import type { AttemptRecord, ChainRecord, RunRecord } from '../../../src/observe/run-record.ts'
import type { History } from '../../../src/reflection/simulate/simulate.ts'
import { beyondSupport } from '../../../src/reflection/simulate/support.ts'
import { tunedBy, whatIf } from '../../../src/reflection/simulate/what-if.ts'
import { createWorld } from '../../../src/reflection/simulate/world.ts'
import type { JsonPatch } from '../../../src/reflection/suggestion.ts'
import type { DeclaredChain, DeclaredStep, Tunables } from '../../../src/reflection/tunables.ts'
import { attempt, failed, ran, run } from '../../analysis/made.ts'
import { chainOf, many, runsEach, untuned } from '../viewed.ts'
import { inTurn, took } from './replayed.ts'

const slow: AttemptFailure = { kind: 'timeout', class: 'timeout', message: '', retryable: true }

describe('a change of the config', () => {
  /** Runs in which `a` takes as long as said and `b` ten, side by side where there are two slots. */
  const history = (count: number, ms: (at: number) => number, more: readonly RunRecord[] = []): History => ({
    records: [
      ...runsEach(count, (at, from) =>
        ran('c', from, from + ms(at) + 10, {
          attempts: [
            attempt('a', from, from + ms(at), { inFlight: 2 }),
            attempt('b', from + ms(at), from + ms(at) + 10),
          ],
        }),
      ),
      ...more,
    ],
    declaration: { chains: [inTurn('c', ['a', 'b'])] },
    recorded: untuned,
  })
  const timeout = (value: number): readonly JsonPatch[] => [
    { op: 'add', path: '/steps/c~1a', value: { timeout: value } },
  ]

  test('is told as what is and what would be, with the mean gain of a run', () => {
    // one in ten takes 500 ms, which would be cut off after 100
    const answer = whatIf(
      history(40, (at) => (at % 10 === 0 ? 500 : 50)),
      timeout(100),
    )
    expect(answer).toMatchObject({
      answered: true,
      runs: 40,
      before: { p50: 60, p95: 510, mean: 105, failed: 0, attempts: 2 },
      after: { p50: 60, p95: 100, mean: 64, failed: 0.1, attempts: 1.9 },
      gains: {
        duration: { objective: 'run-duration', unit: 'ms', level: 0.9, by: 'simulation' },
        attempts: { objective: 'attempts', unit: 'count', level: 0.9, by: 'simulation' },
        failures: { objective: 'failures', unit: 'share', level: 0.9, by: 'simulation' },
      },
    })
    if (!answer.answered) return
    const { duration, attempts, failures } = answer.gains
    expect(duration.estimate).toBeCloseTo(41, 9)
    expect(attempts.estimate).toBeCloseTo(0.1, 9)
    expect(failures.estimate).toBeCloseTo(-0.1, 9)
    for (const { low, estimate, high } of [duration, attempts, failures]) {
      expect(low).toBeLessThan(estimate)
      expect(high).toBeGreaterThan(estimate)
    }
    // blocks of four runs: of ten that are drawn, four have such a run, and the bounds are some of them
    expect(duration.low).toBeGreaterThan(10)
    expect(duration.high).toBeLessThan(82)
  })

  test('that changes nothing gains nothing, for sure', () => {
    expect(
      whatIf(
        history(30, () => 50),
        timeout(100),
      ),
    ).toMatchObject({
      answered: true,
      gains: {
        duration: { estimate: 0, low: 0, high: 0 },
        attempts: { estimate: 0 },
        failures: { estimate: 0 },
      },
    })
  })

  test('is the same by the same seed, whatever the order of the runs', () => {
    const runs = history(40, (at) => (at * 37) % 400)
    const answer = whatIf({ ...runs, seed: 1 }, timeout(200))
    expect(whatIf(runs, timeout(200))).toEqual(answer)
    expect(whatIf({ ...runs, records: runs.records.toReversed() }, timeout(200))).toEqual(answer)
    expect(whatIf({ ...runs, seed: 2 }, timeout(200))).not.toEqual(answer)
  })

  test('counts runs that came to their own end', () => {
    const other = (id: string, given: Partial<RunRecord>): RunRecord =>
      run(id, [ran('c', 100, 110, { attempts: [attempt('a', 100, 110)] })], { acceptedAt: 100, ...given })
    const more = [
      other('x', { status: 'cancelled' }),
      other('y', { retries: 1 }),
      other('z', { status: 'failed' }),
    ]
    expect(
      whatIf(
        history(30, () => 50, more),
        timeout(100),
      ),
    ).toMatchObject({ answered: true, runs: 31 })
    const none: History = {
      ...history(0, () => 0),
      records: many(30, (at) => other(`n${at}`, { status: 'cancelled' })),
    }
    expect(whatIf(none, timeout(100))).toEqual({ answered: false, why: 'no run came to its own end' })
  })

  test('counts no run that would have no end', () => {
    const hung = run(
      'h',
      [ran('c', 0, 100, { attempts: [failed('a', 0, 100, { failure: slow })], status: 'failed' })],
      { status: 'failed' },
    )
    const runs = history(30, () => 50, [hung])
    // without a timeout it would hang, as it was; it is in neither
    expect(whatIf(runs, [{ op: 'replace', path: '/concurrency', value: 2 }])).toMatchObject({
      answered: true,
      runs: 30,
    })
  })

  test('is applied to a copy, but for the test on its version', () => {
    const config: Tunables = { ...untuned, version: 3 }
    const patch: readonly JsonPatch[] = [{ op: 'test', path: '/version', value: 9 }, ...timeout(7)]
    expect(tunedBy(config, patch)).toEqual({ ...config, steps: { 'c/a': { timeout: 7 } } })
    expect(config.steps).toEqual({})
  })
})

describe('beyond what was seen', () => {
  const step: DeclaredStep = { name: 's', kind: 'step' }
  const why = (
    next: Partial<Tunables>,
    {
      declared = step,
      recorded = {},
      make = () => ({}),
      count = 30,
    }: {
      declared?: DeclaredStep
      recorded?: Partial<Tunables>
      make?: (at: number) => Partial<AttemptRecord>
      count?: number
    } = {},
  ): string | undefined => {
    const was = { ...untuned, ...recorded }
    const records = runsEach(count, (at, from) =>
      ran('c', from, from + 10, { attempts: [attempt('s', from, from + 10, make(at))] }),
    )
    return beyondSupport(
      { records, declaration: { chains: [chainOf('c', [declared])] }, recorded: was },
      { ...was, ...next },
    )
  }

  test('are answers from fewer than thirty runs', () => {
    expect(why({}, { count: 29 })).toBe('only 29 runs are recorded under this config: 30 are needed')
    expect(why({})).toBeUndefined()
  })

  test('are more than twice as many attempts as were ever in flight', () => {
    const make = (at: number) => ({ inFlight: at === 7 ? 3 : 1 })
    expect(why({ concurrency: 6 }, { make })).toBeUndefined()
    expect(why({ concurrency: 7 }, { make })).toBe(
      'a concurrency of 7 is more than 2 times the 3 attempts that were ever in flight',
    )
    // as it is, it may be anything; a fallback or undoing says nothing of slots
    expect(why({ concurrency: 10 }, { make })).toBeUndefined()
    expect(why({ concurrency: 3 }, { make: () => ({ inFlight: 9, part: 'fallback' }) })).toMatch(
      /2 times the 1 attempts/,
    )
  })

  const lets = { inFlight: 2, rate: null, per: 1000, burst: 1, cost: 1 }
  const limited: DeclaredStep = { ...step, limit: 'api', lets }
  const api = (inFlight: number | null) => ({ limiters: { api: { inFlight } } })
  test('is more than twice what a limiter let through', () => {
    expect(why(api(4), { declared: limited })).toBeUndefined()
    expect(why(api(5), { declared: limited })).toBe(
      'limiter "api" let 2 through at once: more than 2 times that was never seen',
    )
    expect(why(api(null), { declared: limited })).toMatch(/let 2 through at once/)
    // by the config as it was
    expect(why(api(6), { declared: limited, recorded: api(3) })).toBeUndefined()
    expect(why(api(7), { declared: limited, recorded: api(3) })).toMatch(/let 3 through/)
    expect(why(api(100), { declared: limited, recorded: api(100) })).toBeUndefined()
  })

  test('is a limiter of which nobody knows what it let through', () => {
    expect(why(api(1))).toBe('limiter "api" has lines by keys, which the records do not tell apart')
    expect(why(api(1), { declared: { ...step, limit: 'api' } })).toMatch(/lines by keys/)
    const open = { ...limited, lets: { ...lets, inFlight: null } }
    expect(why(api(1), { declared: open })).toBe('limiter "api" had no limit of that sort')
    expect(why(api(1), { declared: open, recorded: api(2) })).toBeUndefined()
  })

  const tuned = (given: object) => ({ steps: { 'c/s': given } })
  const timed: DeclaredStep = { ...step, timeout: 100 }
  test('is a longer timeout of what was cut off, and hardly ever seen to take longer', () => {
    const cut =
      (probes: number) =>
      (at: number): Partial<AttemptRecord> =>
        at < probes
          ? { endedAt: at * 1000 + 101 }
          : at === 20
            ? { outcome: 'failed', failure: slow, endedAt: at * 1000 + 100 }
            : {}
    const never =
      'step "c/s" was never seen to take longer than its timeout of 100 ms: nobody knows whether what was cut off would have ended'
    expect(why(tuned({ timeout: 200 }), { declared: timed, make: cut(9) })).toBe(never)
    expect(why(tuned({ timeout: 200 }), { declared: timed, make: cut(10) })).toBeUndefined()
    expect(why(tuned({}), { declared: timed, recorded: tuned({ timeout: 100 }), make: cut(0) })).toBe(never)
    // no longer, or nothing was cut off
    expect(why(tuned({ timeout: 100 }), { declared: timed, make: cut(0) })).toBeUndefined()
    expect(why(tuned({ timeout: 200 }), { declared: timed })).toBeUndefined()
    expect(why(tuned({ timeout: 200 }), { make: cut(0) })).toBeUndefined()
    // that of the config goes before that of the code
    expect(
      why(tuned({ timeout: 200 }), { declared: timed, recorded: tuned({ timeout: 300 }), make: cut(0) }),
    ).toBeUndefined()
    // ten took that long, but not longer
    expect(why(tuned({ timeout: 200 }), { declared: { ...step, timeout: 101 }, make: cut(10) })).toMatch(
      /of 101 ms/,
    )
  })

  test('are more than twice as many items', () => {
    const each: DeclaredStep = { ...step, kind: 'each', inFlight: 2 }
    expect(why(tuned({ inFlight: 4 }), { declared: each })).toBeUndefined()
    expect(why(tuned({ inFlight: 5 }), { declared: each })).toBe(
      'step "c/s" had 2 items at once: more than 2 times that was never seen',
    )
    expect(why(tuned({ inFlight: 6 }), { declared: each, recorded: tuned({ inFlight: 3 }) })).toBeUndefined()
    expect(why(tuned({ inFlight: 6 }))).toBeUndefined()
  })

  test('are outputs of what was given something that is not known', () => {
    const some = (given: Partial<AttemptRecord>) => (at: number) => (at === 3 ? given : { inputHash: 'i' })
    expect(why(tuned({ memo: {} }), { make: some({ inputHash: 'i' }) })).toBeUndefined()
    expect(why(tuned({ memo: {} }), { make: some({}) })).toBe(
      'what step "c/s" was given is not recorded for all of its attempts',
    )
    expect(why(tuned({ memo: {} }), { make: some({ outcome: 'failed' }) })).toBeUndefined()
    expect(why(tuned({ attempts: 2 }), { make: some({}) })).toBeUndefined()
    // another step's inputs are no matter
    expect(why({ steps: { 'c/t': { memo: {} } } }, { make: some({}) })).toBeUndefined()
  })
})

describe('a world', () => {
  const chains: readonly DeclaredChain[] = [
    chainOf('c', [
      {
        name: 's',
        kind: 'step',
        limit: 'api',
        lets: { inFlight: 2, rate: null, per: 1000, burst: 1, cost: 1 },
      },
      { name: 't', kind: 'step', limit: 'keyed' },
    ]),
    chainOf('d', [], { needs: [{ name: 'c', chain: 'c', kind: 'hard' }] }),
  ]
  const tunables: Tunables = {
    ...untuned,
    concurrency: 2,
    steps: { 'c/s': { attempts: 5 } },
    limiters: { api: { inFlight: 1 } },
  }
  const world = createWorld({
    start: 500,
    declaration: { chains },
    tunables,
    recorded: untuned,
    draws: {} as never,
  })

  test('has the time, slots, steps and limiters of the config', () => {
    expect(world.agenda.now()).toBe(500)
    expect([world.pool.tryTake(), world.pool.tryTake(), world.pool.tryTake()]).toEqual([true, true, false])
    expect(world.tuning('c', 's')).toEqual({ attempts: 5 })
    expect(world.tuning('c', 't')).toEqual({})
    const api = world.limiter('api')
    expect([api?.tryTake(1), api?.tryTake(1)]).toEqual([true, false])
    expect([world.limiter('keyed'), world.limiter(undefined)]).toEqual([undefined, undefined])
    expect(world.pace).toEqual(new Map())
  })

  test('knows which chains wait for which: what much waits for goes first', () => {
    // a millisecond each where nothing was learned
    expect([world.durations.tail('c'), world.durations.tail('d')]).toEqual([2, 1])
  })
})

describe('a chain without structure', () => {
  const traced = (
    attempts: readonly AttemptRecord[],
    to: number,
    given: Partial<ChainRecord> = {},
  ): RunRecord =>
    run('r', [ran('c', 0, to, { attempts: [...attempts], ...given })], {
      status: given.status === 'failed' ? 'failed' : 'succeeded',
    })
  const half = (...steps: readonly string[]) => ({
    pace: Object.fromEntries(steps.map((name) => [`c/${name}`, 0.5])),
  })

  test('has each attempt follow the last that had ended when it came forward, after the same while', () => {
    const record = traced(
      [
        attempt('a', 0, 40),
        attempt('b', 10, 100),
        attempt('d', 50, 80),
        attempt('e', 110, 120),
        attempt('f', 45, 60),
      ],
      120,
    )
    expect(took([record], [])).toEqual({ r: '120' })
    // d and f follow a, e follows b
    expect(took([record], [], half('a', 'd', 'f'))).toEqual({ r: '120' })
    expect(took([record], [], half('b'))).toEqual({ r: '80' })
    expect(took([record], [], half('b', 'd', 'e'))).toEqual({ r: '70' })
    expect(took([record], [], { pace: { 'c/a': 2 } })).toEqual({ r: '120' })
    expect(took([record], [], { pace: { 'c/d': 3 } })).toEqual({ r: '140' })
  })

  test('has retries and items as what they are', () => {
    const record = traced(
      [
        failed('a', 0, 10, { next: 'retry', backoff: 5 }),
        attempt('a', 15, 30, { attempt: 2 }),
        attempt('b', 30, 50, { item: 'x' }),
        attempt('b', 30, 70, { item: 'y' }),
        attempt('a', 70, 90, { part: 'compensation' }),
      ],
      90,
    )
    expect(took([record], [])).toEqual({ r: '90' })
    // 5, 5 and 7.5 ms, then 20, and 20 of undoing
    expect(took([record], [], half('a', 'b'))).toEqual({ r: '57.5' })
  })

  test('fails as it did, whatever its attempts do', () => {
    expect(took([traced([failed('a', 0, 10)], 20, { status: 'failed' })], [])).toEqual({ r: '20!' })
    expect(took([traced([failed('a', 0, 10)], 20)], [])).toEqual({ r: '20' })
  })

  test('without attempts takes as long as it took', () => {
    expect(took([traced([], 30)], [])).toEqual({ r: '30' })
    expect(took([traced([], 30, { status: 'failed' })], [])).toEqual({ r: '30!' })
    const open = run(
      'r',
      [ran('c', 5, 30, { waits: [{ seq: 1, step: 'go', item: undefined, for: 'signal', from: 5, to: 20 }] })],
      { acceptedAt: 5 },
    )
    expect(took([open], [])).toEqual({ r: '25' })
  })
})
