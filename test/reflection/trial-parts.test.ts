// What trials are made of: what a run came to, pairs in their order, guardrails, and each verdict with its words.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RootFailure } from '../../src/journal/event.ts'
import { TrialBlocks } from '../../src/reflection/trial-blocks.ts'
import { brokenGuardrail, isWithin, limitOf } from '../../src/reflection/trial-guards.ts'
import {
  type TrialOutcome,
  addTo,
  beginSum,
  outcomeOf,
  together,
} from '../../src/reflection/trial-outcome.ts'
import { TrialPairs } from '../../src/reflection/trial-pairs.ts'
import {
  type TrialStart,
  type TrialState,
  type TrialVerdict,
  addPair,
  beginTrial,
  gainOf,
} from '../../src/reflection/trial.ts'
import { attempt, ran, run } from '../analysis/made.ts'

const outcome = (given: Partial<TrialOutcome> = {}): TrialOutcome => ({
  failed: 0,
  work: Math.log1p(100),
  ms: 100,
  cost: 3,
  classes: [],
  n: 1,
  ...given,
})
const arm = (pair: number, of: 'control' | 'treated') => ({ trial: 't', pair, arm: of }) as const

describe('what a run came to', () => {
  const chains = [
    ran('c', 10, 60, { key: 'c', attempts: [attempt('s', 10, 20), attempt('s', 20, 60, { copied: true })] }),
    ran('c', 20, 50, { key: 'c~2', readyAt: undefined }),
    ran('d', 0, 90, { attempts: [attempt('s', 0, 90)] }),
  ]
  const of = (
    given: Parameters<typeof run>[2],
    objective: 'run-duration' | 'chain-duration' = 'run-duration',
    chain = 'c',
  ) => outcomeOf(run('r', chains, given), { objective }, chain)
  const failure = (given: Partial<RootFailure['failure']>): RootFailure => ({
    chain: 'c',
    blocked: [],
    failure: { kind: 'thrown', message: '', retryable: false, ...given },
  })

  test('is how long it took without pauses, and its own attempts', () => {
    expect(of({})).toEqual({ failed: 0, work: Math.log1p(90), ms: 90, cost: 2, classes: [], n: 1 })
    expect(of({ acceptedAt: 5, pausedMs: 20 })).toMatchObject({ ms: 65, work: Math.log1p(65) })
    expect(of({ pausedMs: 200 })).toMatchObject({ ms: 0, work: 0 })
  })

  test('is of the chain that the change is about, the longest time that it took', () => {
    expect(of({}, 'chain-duration')?.work).toBe(Math.log1p(50))
    expect(of({}, 'chain-duration', 'd')?.work).toBe(Math.log1p(90))
    expect(of({}, 'chain-duration', 'x')).toMatchObject({ work: undefined, ms: 90 })
    const open = run(
      'r',
      [ran('c', 0, undefined), ran('c', 0, 7, { key: 'k', readyAt: undefined, startedAt: undefined })],
      { status: 'succeeded', endedAt: 9 },
    )
    expect(outcomeOf(open, { objective: 'chain-duration' }, 'c')?.work).toBeUndefined()
  })

  test('says nothing where a person ended it, or nobody did yet', () => {
    expect(of({ status: 'cancelled' })).toBeUndefined()
    expect(of({ endedAt: undefined, status: 'running' })).toBeUndefined()
  })

  test('that failed has no work, and tells the classes of its failures once each', () => {
    const failures = [
      failure({ code: 'E1', name: 'Error' }),
      failure({ name: 'TypeError' }),
      failure({}),
      failure({ code: 'E1' }),
    ]
    expect(of({ status: 'failed', failures })).toEqual({
      failed: 1,
      work: undefined,
      ms: 90,
      cost: 2,
      classes: ['E1', 'TypeError', 'thrown'],
      n: 1,
    })
    // it stands still until a person acts: as good as failed
    const parked = { status: 'parked', endedAt: undefined, failures } as const
    expect(of({ ...parked, heldSince: 40 })).toMatchObject({ failed: 1, ms: 40, classes: ['parked'] })
    expect(of(parked)).toMatchObject({ failed: 1, ms: 0 })
  })
})

test('runs together are their means, work of those that have it; none are nothing', () => {
  const sum = beginSum()
  expect(together(sum)).toBeUndefined()
  addTo(sum, outcome({ ms: 10, cost: 1, work: 2 }))
  addTo(sum, outcome({ ms: 20, cost: 2, work: 4 }))
  addTo(sum, outcome({ ms: 60, cost: 6, work: undefined, failed: 1, classes: ['E'] }))
  addTo(sum, outcome({ ms: 30, cost: 3, work: undefined, failed: 1, classes: ['E', 'F'] }))
  expect(together(sum)).toEqual({ failed: 0.5, work: 3, ms: 30, cost: 3, classes: ['E', 'E', 'F'], n: 4 })
})

describe('pairs', () => {
  test('are complete in the order in which they were drawn, whichever ends first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.infiniteStream(fc.nat()), (n, order) => {
        const arms = Array.from({ length: n }, (_, at) => [
          arm(at + 1, 'control'),
          arm(at + 1, 'treated'),
        ]).flat()
        const pairs = new TrialPairs()
        for (const one of arms) pairs.drawn(one)
        const found: number[] = []
        const left = [...arms]
        while (left.length > 0) {
          const [one] = left.splice((order.next().value as number) % left.length, 1)
          if (one === undefined) break
          const complete = pairs.ended(one, outcome({ ms: one.arm === 'control' ? one.pair : -one.pair }))
          for (const { control, treated } of complete) {
            expect(treated.ms).toBe(-control.ms)
            found.push(control.ms)
          }
        }
        expect(found).toEqual(Array.from({ length: n }, (_, at) => at + 1))
        expect(pairs.skipped).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  test('of which one says nothing are left out, and nothing waits for them', () => {
    const pairs = new TrialPairs()
    for (const pair of [1, 2, 3]) {
      pairs.drawn(arm(pair, 'control'))
      pairs.drawn(arm(pair, 'treated'))
    }
    expect(pairs.ended(arm(2, 'control'), outcome())).toEqual([])
    expect(pairs.ended(arm(2, 'treated'), outcome())).toEqual([])
    expect(pairs.ended(arm(1, 'treated'), undefined)).toHaveLength(1)
    expect(pairs.skipped).toBe(1)
    expect(pairs.ended(arm(3, 'control'), undefined)).toEqual([])
    expect(pairs.skipped).toBe(2)
    // it came late
    expect(pairs.ended(arm(3, 'treated'), outcome())).toEqual([])
  })

  test('are what ended first, and only of runs that were drawn', () => {
    const pairs = new TrialPairs()
    expect(pairs.ended(arm(1, 'control'), outcome())).toEqual([])
    pairs.drawn(arm(1, 'control'))
    pairs.ended(arm(1, 'control'), outcome({ ms: 1 }))
    pairs.ended(arm(1, 'control'), outcome({ ms: 2 }))
    expect(pairs.ended(arm(1, 'treated'), outcome({ ms: 3 }))).toMatchObject([
      { control: { ms: 1 }, treated: { ms: 3 } },
    ])
    // it is over
    pairs.drawn(arm(1, 'control'))
    expect(pairs.ended(arm(1, 'control'), outcome())).toEqual([])
  })

  test('for which nobody was drawn are gone past', () => {
    const pairs = new TrialPairs()
    pairs.drawn(arm(5, 'control'))
    pairs.ended(arm(5, 'control'), outcome())
    expect(pairs.ended(arm(5, 'treated'), outcome())).toHaveLength(1)
    expect(pairs.skipped).toBe(0)
  })

  test('are waited for until twenty later ones are complete', () => {
    const pairs = new TrialPairs()
    for (let pair = 1; pair <= 22; pair++) pairs.drawn(arm(pair, 'control'))
    pairs.ended(arm(1, 'control'), outcome())
    const complete = (pair: number): number => {
      pairs.ended(arm(pair, 'control'), outcome())
      return pairs.ended(arm(pair, 'treated'), outcome()).length
    }
    for (let pair = 2; pair <= 21; pair++) expect(complete(pair)).toBe(0)
    expect(complete(22)).toBe(21)
    expect(pairs.skipped).toBe(1)
  })

  test('are a thousand at a time', () => {
    const pairs = new TrialPairs()
    for (let pair = 1; pair <= 1_000; pair++) pairs.drawn(arm(pair, 'control'))
    expect(pairs.skipped).toBe(0)
    pairs.drawn(arm(1_000, 'treated'))
    expect(pairs.skipped).toBe(0)
    pairs.drawn(arm(1_001, 'control'))
    expect(pairs.skipped).toBe(1)
  })
})

test('blocks of time wait for their runs until two later ones are over, and come in order', () => {
  const blocks = new TrialBlocks()
  const both = (pair: number, ends: boolean): void => {
    for (const half of ['control', 'treated'] as const) {
      blocks.drawn(arm(pair, half))
      if (ends) blocks.ended(arm(pair, half), outcome({ ms: pair }))
    }
  }
  both(2, true)
  both(1, false)
  blocks.ended(arm(1, 'control'), outcome({ ms: 1 }))
  expect(blocks.ended(arm(9, 'control'), outcome())).toEqual([])
  expect(blocks.over(1)).toEqual([])
  // the first still has a run out
  expect(blocks.over(2)).toEqual([])
  both(3, true)
  // it is waited for no more, and came to nothing
  expect(blocks.over(3).map(({ control }) => control.ms)).toEqual([2, 3])
  expect(blocks.skipped).toBe(1)
  expect(blocks.over(3)).toEqual([])
  expect(blocks.ended(arm(1, 'treated'), outcome())).toEqual([])
})

interface Ended {
  readonly trial: TrialState
  readonly verdict: TrialVerdict
}

/** The same pair again and again until it ends. */
function tried(
  start: Partial<TrialStart>,
  control: Partial<TrialOutcome>,
  treated: Partial<TrialOutcome>,
): Ended {
  let trial = beginTrial({ objective: 'run-duration', guardrails: [], single: true, classes: [], ...start })
  for (;;) {
    const next = addPair(trial, outcome(control), outcome(treated))
    if (next.verdict.do === 'end') return next
    trial = next.trial
  }
}
const endOf = (...given: Parameters<typeof tried>): unknown => {
  const { trial, verdict } = tried(...given)
  return verdict.do === 'end' ? [verdict.verdict, verdict.why, trial.pairs] : undefined
}
const number = /-?[\d.]+/g

describe('a verdict', () => {
  test('to keep comes with fifty pairs at the earliest, in words for what is to be gained', () => {
    const duration = endOf({}, {}, { work: Math.log1p(49), ms: 49 })
    expect(duration).toEqual([
      'kept',
      expect.stringMatching(
        /^the gain is shown: 50\.5 % of the duration of a run saved \([\d.]+ % to [\d.]+ % at 99 %, 50 pairs\)$/,
      ),
      50,
    ])
    expect(endOf({ objective: 'chain-duration' }, {}, { work: Math.log1p(49) })).toEqual([
      'kept',
      expect.stringMatching(/50\.5 % of the duration of the chain saved/),
      50,
    ])
    expect(endOf({ objective: 'attempts' }, { cost: 5 }, { cost: 2 })).toEqual([
      'kept',
      expect.stringMatching(
        /^the gain is shown: 3\.00 attempts a run saved \([\d.]+ to [\d.]+ at 99 %, 50 pairs\)$/,
      ),
      50,
    ])
    expect(endOf({ objective: 'failures' }, { failed: 1, work: undefined }, {})).toEqual([
      'kept',
      expect.stringMatching(
        /^the gain is shown: 100 % of the runs saved \([\d.]+ % to [\d.]+ % at 99 %, 50 pairs\)$/,
      ),
      50,
    ])
    expect(endOf({ objective: 'failures', single: false }, { failed: 0.8 }, { failed: 0.2 })).toEqual([
      'kept',
      expect.stringMatching(/^the gain is shown: 60 % of the runs saved/),
      50,
    ])
  })

  test('to take back comes after ten pairs where it is worse, and in the end where nothing was shown', () => {
    const [verdict, why, pairs] = endOf({}, {}, { work: Math.log1p(400) }) as [string, string, number]
    expect([verdict, why.replaceAll(number, '#')]).toEqual([
      'reverted',
      'it makes things worse: # % of the duration of a run saved (# % to # % at # %, # pairs)',
    ])
    expect(pairs).toBeGreaterThanOrEqual(10)
    expect(pairs).toBeLessThan(30)
    expect(endOf({ objective: 'failures' }, {}, {})).toEqual([
      'reverted',
      expect.stringMatching(/^no gain was shown in 400 pairs: 0 % of the runs saved/),
      400,
    ])
    // where none succeeded there is no duration to speak of
    expect(endOf({ classes: ['E'] }, { failed: 1, work: undefined }, { failed: 1, work: undefined })).toEqual(
      ['reverted', 'no gain was shown in 400 pairs', 400],
    )
  })

  test('is to take back where a guardrail is broken, in words, with its limit', () => {
    const faster = { work: Math.log1p(10), ms: 10 }
    expect(endOf({ classes: ['E'] }, {}, { ...faster, failed: 1, classes: ['E'] })).toEqual([
      'reverted',
      expect.stringMatching(/^more runs fail than may \(limit 0\.5 %\), after \d+ pairs$/),
      expect.any(Number),
    ])
    expect(endOf({ single: false }, {}, { ...faster, failed: 0.9 })).toEqual([
      'reverted',
      expect.stringMatching(/^more runs fail than may \(limit 0\.5 %\)/),
      expect.any(Number),
    ])
    expect(endOf({ p95: 100 }, {}, { ...faster, ms: 106 })).toEqual([
      'reverted',
      expect.stringMatching(/^the slowest runs are slower than they may be \(limit 5 %\)/),
      expect.any(Number),
    ])
    expect(endOf({ p95: 100 }, {}, { ...faster, ms: 105 })).toMatchObject(['kept', expect.anything(), 50])
    expect(endOf({}, { cost: 10 }, { ...faster, cost: 11.5 })).toEqual([
      'reverted',
      expect.stringMatching(/^runs take more attempts than they may \(limit 10 %\)/),
      expect.any(Number),
    ])
    expect(endOf({}, { cost: 10 }, { ...faster, cost: 11 })).toMatchObject(['kept', expect.anything(), 50])
    // a suggestion may say how much
    const loose = [{ metric: 'cost', most: 0.5 }] as const
    expect(endOf({ guardrails: loose }, { cost: 10 }, { ...faster, cost: 14 })).toMatchObject([
      'kept',
      expect.anything(),
      50,
    ])
    expect(limitOf({ guardrails: loose }, 'cost')).toBe(0.5)
    expect([limitOf({ guardrails: loose }, 'p95'), limitOf({ guardrails: [] }, 'failures')]).toEqual([
      0.05, 0.005,
    ])
  })

  test('is to take back at the third failure of a class that nobody else had', () => {
    const failing = { failed: 1, work: undefined, classes: ['NEW', 'OLD'] }
    expect(endOf({ classes: ['OLD'] }, {}, failing)).toEqual([
      'reverted',
      '3 treated runs failed with NEW, as no other run did',
      3,
    ])
    const [, why, pairs] = endOf({ classes: ['OLD'] }, { classes: ['NEW'] }, failing) as [
      string,
      string,
      number,
    ]
    expect(why).not.toContain('NEW')
    expect(pairs).toBeGreaterThan(3)
  })

  test('widens after ten and thirty pairs, from a tenth to a half to all', () => {
    let trial = beginTrial({ objective: 'run-duration', guardrails: [], single: true, classes: [] })
    const widened: unknown[] = []
    for (let pair = 1; pair <= 60; pair++) {
      const next = addPair(trial, outcome(), outcome({ work: Math.log1p(pair % 2 === 0 ? 150 : 60) }))
      trial = next.trial
      if (next.verdict.do === 'widen') widened.push([pair, next.verdict.share, trial.stage])
    }
    expect(widened).toEqual([
      [10, 0.5, 1],
      [30, 1, 2],
    ])
  })
})

test('what a p95 is, is learned of twenty control runs, where none was known', () => {
  let trial = beginTrial({ objective: 'run-duration', guardrails: [], single: true, classes: [] })
  for (let pair = 1; pair <= 19; pair++)
    trial = addPair(trial, outcome({ ms: pair }), outcome({ ms: 1_000 })).trial
  expect([trial.p95, trial.learned.length]).toEqual([undefined, 19])
  trial = addPair(trial, outcome({ ms: 20 }), outcome({ ms: 1_000 })).trial
  expect([trial.p95, trial.learned]).toEqual([expect.closeTo(19.05), []])
  expect(trial.slow).toMatchObject({ treatedOnly: 0, alike: 0 })
  trial = addPair(trial, outcome({ ms: 1 }), outcome({ ms: 1_000 })).trial
  expect(trial.slow).toMatchObject({ treatedOnly: 1, controlOnly: 0, alike: 0 })
  expect(addPair(trial, outcome({ ms: 99 }), outcome({ ms: 20 })).trial.slow).toMatchObject({
    controlOnly: 1,
  })
})

test('nothing is within its limits that is seen beyond one, proved or not', () => {
  const trial = beginTrial({ objective: 'run-duration', guardrails: [], single: true, classes: [] })
  expect([isWithin(trial), brokenGuardrail(trial), gainOf(trial)]).toEqual([true, undefined, undefined])
  const dearer = addPair(trial, outcome({ cost: 1 }), outcome({ cost: 2 })).trial
  expect([isWithin(dearer), brokenGuardrail(dearer)]).toEqual([false, undefined])
  const worse = addPair(trial, outcome(), outcome({ failed: 1, work: undefined })).trial
  expect([isWithin(worse), brokenGuardrail(worse)]).toEqual([false, undefined])
  expect(
    gainOf(addPair({ ...trial, objective: 'failures' }, outcome({ failed: 1 }), outcome()).trial)?.estimate,
  ).toBe(1)
  expect(gainOf({ ...trial, objective: 'failures' })).toBeUndefined()
})
