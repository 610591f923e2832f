// What is said of timeouts that cut off what was about to end, and of those that let what hangs hang on.

import { describe, expect, test } from 'vitest'
import type { AttemptFailure } from '../../../src/observe/attempt-record.ts'
import type { AttemptRecord } from '../../../src/observe/run-record.ts'
import { roundedUp, timingsOf } from '../../../src/reflection/detectors/timings.ts'
import { timeoutTooLoose } from '../../../src/reflection/detectors/timeout-too-loose.ts'
import { timeoutTooTight } from '../../../src/reflection/detectors/timeout-too-tight.ts'
import type { View } from '../../../src/reflection/evidence.ts'
import type { DeclaredStep } from '../../../src/reflection/tunables.ts'
import { attempt, failed, ran } from '../../analysis/made.ts'
import { chainOf, onlyOne, proposed, runsEach, untuned, viewed } from '../viewed.ts'

const slow: AttemptFailure = { kind: 'timeout', class: 'timeout', message: 'too long', retryable: true }

/** One that took so long; `'cut'` was cut off after a second, `{ late }` ended by itself after so long all the same. */
type Took = number | 'cut' | { readonly late: number }

const took = (what: Took, from: number, timeout = 1000): AttemptRecord => {
  if (typeof what === 'number') return attempt('call', from, from + what)
  const late = typeof what === 'object' ? { outcome: 'succeeded' as const, at: from + what.late } : undefined
  return failed('call', from, from + timeout, { failure: slow, late })
}

const calls = (
  count: number,
  tookOf: (at: number) => Took,
  timeout = 1000,
  step: DeclaredStep = { name: 'call', kind: 'step', timeout },
  config = untuned,
): View =>
  viewed(
    runsEach(count, (at, from) =>
      ran('c', from, from + 1000, { attempts: [took(tookOf(at), from, timeout)] }),
    ),
    [chainOf('c', [step])],
    { config },
  )

describe('how long attempts took', () => {
  const timed = (attempts: readonly AttemptRecord[], step: DeclaredStep, config = untuned) => {
    const view = viewed(
      [...runsEach(1, () => ran('c', 0, 5000, { attempts: [...attempts] }))],
      [chainOf('c', [step])],
      {
        config,
      },
    )
    const [seen] = view.steps
    if (seen === undefined) throw new Error('no step was seen')
    const timings = timingsOf(view, seen)
    return (
      timings && {
        ...timings,
        all: timings.all.map(({ time, censored }) => ({ time, censored })),
        cut: timings.cut.length,
      }
    )
  }
  const call: DeclaredStep = { name: 'call', kind: 'step', timeout: 1000 }

  test('is nothing of a step without a timeout; one in the config goes before that of the code', () => {
    expect(timed([attempt('call', 0, 5)], { name: 'call', kind: 'step' })).toBeUndefined()
    expect(timed([attempt('call', 0, 5)], call)).toEqual({
      timeout: 1000,
      all: [{ time: 5, censored: false }],
      cut: 0,
    })
    const config = { ...untuned, steps: { 'c/call': { timeout: 2000 } } }
    expect(timed([attempt('call', 0, 5)], call, config)?.timeout).toBe(2000)
  })

  test('is known of what succeeded, and of what was cut off only that it was longer', () => {
    const attempts = [
      attempt('call', 0, 700),
      failed('call', 0, 1000, { failure: slow }),
      // its end was seen after the timeout
      failed('call', 0, 1000, { failure: slow, late: { outcome: 'succeeded', at: 1400 } }),
      failed('call', 0, 1000, { failure: slow, late: { outcome: 'failed', at: 1400 } }),
      // it failed by itself
      failed('call', 0, 300),
      attempt('call', 0, undefined),
      attempt('call', 0, 700, { startedAt: undefined }),
      attempt('call', 0, 0, { memo: true }),
    ]
    expect(timed(attempts, call)).toEqual({
      timeout: 1000,
      all: [
        { time: 700, censored: false },
        { time: 1000, censored: true },
        { time: 1400, censored: false },
        { time: 1000, censored: true },
      ],
      cut: 3,
    })
  })

  test('of what an earlier and shorter timeout cut off says nothing of this one', () => {
    const attempts = [949, 950].map((ms) => failed('call', 0, ms, { failure: slow }))
    expect(timed(attempts, call)).toMatchObject({ all: [{ time: 949 }, { time: 950 }], cut: 1 })
  })

  test('is no less than nothing where the clock was put back, and no shorter than it had lasted', () => {
    const attempts = [
      attempt('call', 50, 20),
      failed('call', 0, 1000, { failure: slow, late: { outcome: 'succeeded', at: 900 } }),
    ]
    expect(timed(attempts, call)?.all).toEqual([
      { time: 0, censored: false },
      { time: 1000, censored: false },
    ])
  })
})

test.for([
  [1, 1],
  [9.2, 10],
  [99, 99],
  [100, 100],
  [101, 110],
  [1234, 1300],
  [0.4, 1],
])('a timeout of %d ms is rounded up to %d', ([ms, rounded]) => {
  expect(roundedUp(ms as number)).toBe(rounded)
})

describe('a timeout that cuts off what was about to end', () => {
  /** Of a hundred calls, ten are cut off and twenty end in its last quarter. */
  const tight = (at: number): Took => (at % 10 === 0 ? 'cut' : at % 10 <= 2 ? 800 : 300)

  test('is to be raised as far as its tail, going on as it begins, asks for', () => {
    const tested = onlyOne(timeoutTooTight, calls(100, tight))
    expect(tested).toMatchObject({ place: { chain: 'c', step: 'call' }, cover: 1 })
    const proposal = tested.propose()
    expect(proposal).toMatchObject({
      sentence:
        'The timeout of 1 s of step "c/call" cuts off 10 % of its calls, most of which were about to end. Raise it to 2 s.',
      evidence: {
        runs: 100,
        n: 100,
        statistic: 'share of the calls that took longer than 1 s',
        value: 0.1,
        level: 0.9,
        facts: [
          'Of 30 calls that took more than 750 ms, 20 ended before the timeout: those that were cut off did not hang.',
          'How long calls that were cut off would have taken was not seen: the tail is taken to go on as it begins.',
        ],
      },
      patch: [{ op: 'add', path: '/steps/c~1call', value: { timeout: 2000 } }],
      objective: 'attempts',
      worth: 0,
      gain: { objective: 'attempts', unit: 'count', level: 0.9, by: 'arithmetic' },
    })
    const { evidence, gain } = proposal ?? {}
    // Clopper and Pearson: ten or more would be seen once in twenty there, and ten or less here
    expect(evidence?.low).toBeCloseTo(0.05526324, 7)
    expect(evidence?.high).toBeCloseTo(0.16371762, 7)
    // of ten calls in a hundred runs, those that end within another second: two thirds are gone after each quarter
    expect(gain?.estimate).toBeCloseTo(0.1 * (1 - (1 / 3) ** 4), 9)
    // Wilson's interval of twenty in thirty
    const [least, most] = [0.5165955, 0.7891631]
    expect(gain?.low).toBeCloseTo(0.05526324 * (1 - (1 - least) ** 4), 7)
    expect(gain?.high).toBeCloseTo(0.16371762 * (1 - (1 - most) ** 4), 7)
  })

  test('is surely tight only where both hold: too many are cut off, and what nears it ends', () => {
    // 60 % of those near it end, where chance would have 15 %: of 3 cut off among 62, 2 % or less is not ruled out
    const few = onlyOne(
      timeoutTooTight,
      calls(62, (at) => (at % 20 === 0 && at > 0 ? 'cut' : at < 40 ? 800 : 300)),
    )
    let atMostTwo = 0
    for (const [k, ways] of [1, 62, 1891].entries()) atMostTwo += ways * 0.02 ** k * 0.98 ** (62 - k)
    expect(few.p).toBeCloseTo(1 - atMostTwo, 12)
    // one in ten is cut off, and of those near it one in eleven ends
    const hanging = onlyOne(
      timeoutTooTight,
      calls(100, (at) => (at % 10 === 0 ? 'cut' : at === 55 ? 800 : 300)),
    )
    expect(hanging.p).toBeCloseTo(1 - 0.85 ** 11, 12)
    expect(hanging.cover).toBe(0)
  })

  test('by the ends that were seen after it, is to be raised to where nearly all have ended', () => {
    // those that it cuts off end after 1,200 ms
    const view = calls(1000, (at) => (at % 10 === 0 ? { late: 1200 } : at % 10 <= 2 ? 800 : 300))
    const proposal = proposed(timeoutTooTight, view)
    expect(proposal?.patch).toEqual([{ op: 'add', path: '/steps/c~1call', value: { timeout: 1200 } }])
    expect(proposal?.evidence.facts[1]).toBe(
      '99.5 % end within 1.2 s, by those whose end was seen after the timeout.',
    )
    expect(proposal?.gain?.estimate).toBeCloseTo(0.1 * (1 - (1 / 3) ** 0.8), 9)
  })

  test('is raised by a tenth at least, and never to more than twice as much', () => {
    const near = calls(1000, (at) => (at % 10 === 0 ? { late: 2010 } : at % 10 <= 2 ? 1600 : 300), 2000)
    expect(proposed(timeoutTooTight, near)?.patch).toMatchObject([{ value: { timeout: 2200 } }])
    const far = calls(1000, (at) => (at % 10 === 0 ? { late: 7000 } : at % 10 <= 2 ? 800 : 300))
    expect(proposed(timeoutTooTight, far)?.patch).toMatchObject([{ value: { timeout: 2000 } }])
  })

  test('is raised by less where its tail soon ends', () => {
    // of 61 that come near, one is cut off
    const view = calls(100, (at) => (at === 50 ? 'cut' : at < 61 ? 800 : 300))
    // at Wilson's low bound 93 % end in each quarter: what is cut off is to fall to half a percent of all, the half of it
    const rate = -Math.log(1 - 0.9298018) / 250
    expect(proposed(timeoutTooTight, view)?.patch).toEqual([
      {
        op: 'add',
        path: '/steps/c~1call',
        value: { timeout: Math.ceil((1000 + Math.log(2) / rate) / 100) * 100 },
      },
    ])
  })

  test('is nothing to propose about where none near it ends', () => {
    const view = calls(100, (at) => (at % 10 === 0 ? 'cut' : 300))
    expect(onlyOne(timeoutTooTight, view).propose()).toBeUndefined()
  })

  test('holds for a part where more than one in fifty is cut off, and more than 15 % of those near it end', () => {
    // a fifth of them has none that is cut off
    const gap = onlyOne(
      timeoutTooTight,
      calls(100, (at) => (at < 20 ? 300 : tight(at))),
    )
    expect(gap.cover).toBeCloseTo(0.8, 12)
    // exactly one in fifty is no more than that
    const rare = onlyOne(
      timeoutTooTight,
      calls(250, (at) => (at % 50 === 0 ? 'cut' : at % 50 < 10 ? 800 : 300)),
    )
    expect(rare.cover).toBe(0)
    // in each fifth 3 of 20 near it end: 15 % are not more
    const edge = onlyOne(
      timeoutTooTight,
      calls(250, (at) => (at % 50 < 17 ? 'cut' : at % 50 < 20 ? 800 : 300)),
    )
    expect(edge.cover).toBe(0)
  })

  test('is asked about from 59 calls on that ended', () => {
    expect(timeoutTooTight.test(calls(65, (at) => (at < 7 ? 'cut' : 300)))).toEqual([])
    expect(timeoutTooTight.test(calls(66, (at) => (at < 7 ? 'cut' : 300)))).toHaveLength(1)
    expect(timeoutTooTight.test(calls(100, () => 300, 1000, { name: 'call', kind: 'step' }))).toEqual([])
  })

  test('which calls are near it, and which are beyond, is to the millisecond', () => {
    const count = (what: Took): number | undefined =>
      onlyOne(
        timeoutTooTight,
        calls(100, (at) => (at < 10 ? what : at < 30 ? 800 : 300)),
      ).propose()?.evidence.value
    expect(count(1000)).toBe(0)
    expect(count(1001)).toBe(0.1)
    const near = (what: number): string | undefined =>
      proposed(
        timeoutTooTight,
        calls(100, (at) => (at < 10 ? 'cut' : at < 30 ? 800 : what)),
      )?.evidence.facts[0]
    expect(near(750)).toMatch(/^Of 30 calls .* 20 ended/)
    expect(near(751)).toMatch(/^Of 100 calls .* 90 ended/)
  })

  test('what an earlier, shorter timeout cut off is neither near it nor beyond', () => {
    const view = (ms: number) =>
      viewed(
        runsEach(100, (at, from) =>
          ran('c', from, from + 1000, {
            attempts: [at < 10 ? took('cut', from, ms) : took(at < 30 ? 800 : 300, from)],
          }),
        ),
        [chainOf('c', [{ name: 'call', kind: 'step', timeout: 1000 }])],
      )
    expect(proposed(timeoutTooTight, view(949))?.evidence).toMatchObject({ value: 0, n: 100 })
    expect(proposed(timeoutTooTight, view(950))?.evidence).toMatchObject({ value: 0.1, n: 100 })
  })
})

describe('a timeout that lets what hangs hang on', () => {
  /** Five hang, and of those that end 1 % take 100 ms, all others 50. */
  const loose = (at: number): Took => (at % 61 === 0 ? 'cut' : at % 100 === 1 ? 100 : 50)
  const hung = (timeout: number, count = 305, tookOf = loose): View => calls(count, tookOf, timeout)

  test('is to be lowered to twice what nearly all calls take', () => {
    const tested = onlyOne(timeoutTooLoose, hung(10_000))
    expect(tested).toMatchObject({ place: { chain: 'c', step: 'call' }, cover: 1 })
    expect(tested.p).toBeCloseTo(0.99 ** 300, 12)
    expect(tested.propose()).toEqual({
      sentence:
        'Step "c/call" lets a call that hangs hold on for 10 s, while 99 % of those that end do so within 100 ms. Lower its timeout to 200 ms.',
      evidence: {
        runs: 305,
        n: 300,
        statistic: '99th percentile of the calls that ended (ms)',
        value: expect.any(Number) as number,
        low: 50,
        high: 100,
        level: 0.9,
        facts: [
          '5 calls hung until the timeout.',
          '0 of 300 calls that ended took longer than 200 ms: at most 0.99 % do.',
        ],
      },
      patch: [{ op: 'add', path: '/steps/c~1call', value: { timeout: 200 } }],
      objective: 'run-duration',
      worth: 0.02,
    })
  })

  test('is loose from four times what nearly all calls take', () => {
    expect(timeoutTooLoose.test(hung(399))).toEqual([])
    expect(timeoutTooLoose.test(hung(400))).toHaveLength(1)
  })

  test('says how many would be cut off that ended, and holds for the parts in which none would', () => {
    // one took 201 ms, and one 200
    const view = hung(10_000, 1220, (at) => (at === 1 ? 201 : at === 2 ? 200 : loose(at)))
    const tested = onlyOne(timeoutTooLoose, view)
    expect(tested.propose()?.evidence.facts).toEqual([
      '20 calls hung until the timeout.',
      '1 of 1200 calls that ended took longer than 200 ms: at most 0.25 % do, and those seen.',
    ])
    expect(tested.p).toBeCloseTo(0.99 ** 1200 + 1200 * 0.01 * 0.99 ** 1199, 12)
    // all are of one class
    expect(tested.cover).toBe(0)
    const just = hung(10_000, 1220, (at) => (at % 244 === 1 ? 200 : loose(at)))
    expect(onlyOne(timeoutTooLoose, just).cover).toBe(1)
  })

  test.for([
    ['299 of which ended and five hung', hung(10_000, 304, (at) => (at < 5 ? 'cut' : 50)), 1],
    ['298 of which ended and five hung', hung(10_000, 303, (at) => (at < 5 ? 'cut' : 50)), 0],
    ['300 of which ended and four hung', hung(10_000, 304, (at) => (at < 4 ? 'cut' : 50)), 0],
    ['of a step without a timeout', calls(305, loose, 10_000, { name: 'call', kind: 'step' }), 0],
  ] as const)('of calls %s, is asked about as often as evidence suffices', ([, view, times]) => {
    expect(timeoutTooLoose.test(view)).toHaveLength(times)
  })
})

test('what they need is said in the table', () => {
  expect(timeoutTooTight).toMatchObject({
    row: 4,
    kind: 'timeout-too-tight',
    class: 'A',
    needs: '59 calls that ended, of a step with a timeout',
  })
  expect(timeoutTooLoose).toMatchObject({
    row: 5,
    kind: 'timeout-too-loose',
    class: 'A',
    needs: '299 calls that ended and 5 that hung, of a step with a timeout',
  })
})
