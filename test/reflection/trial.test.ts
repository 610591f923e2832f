// Trials: a change that does nothing or harm is not kept, one that helps is, whatever is looked at in between.

import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'
import { type TrialState, addPair, beginTrial } from '../../src/reflection/trial.ts'
import type { TrialOutcome } from '../../src/reflection/trial-outcome.ts'

interface World {
  readonly scale?: number
  readonly fail?: number
  readonly cost?: number
  readonly kind?: string
  /** How much all durations swing with the time of day. */
  readonly drift?: number
}

type Objective = TrialState['objective']

function drawn(random: () => number, pair: number, world: World): TrialOutcome {
  const { scale = 1, fail = 0.01, cost = 3, kind = 'E', drift = 0 } = world
  const failed = random() < fail
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const ms = 1_000 * Math.exp(0.4 * normal) * scale * (1 + drift * Math.sin(pair / 20))
  const work = failed ? undefined : Math.log1p(ms)
  return { failed: failed ? 1 : 0, work, ms, cost, classes: failed ? [kind] : [], n: 1 }
}

interface End {
  readonly verdict: 'kept' | 'reverted'
  readonly why: string
  readonly pairs: number
  readonly shares: readonly number[]
}

function tried(seed: number, worlds: readonly [World, World], objective: Objective = 'run-duration'): End {
  const random = createRandom(seed)
  const [control, treated] = worlds
  let trial = beginTrial({ objective, guardrails: [], single: true, classes: ['E'] })
  const shares: number[] = []
  for (;;) {
    const next = addPair(trial, drawn(random, trial.pairs, control), drawn(random, trial.pairs, treated))
    trial = next.trial
    if (next.verdict.do === 'widen') shares.push(next.verdict.share)
    if (next.verdict.do === 'end') return { ...next.verdict, pairs: trial.pairs, shares }
  }
}

const kept = (count: number, worlds: readonly [World, World], objective?: Objective): number =>
  Array.from({ length: count }, (_, seed) => tried(seed, worlds, objective)).filter(
    ({ verdict }) => verdict === 'kept',
  ).length

describe('a trial', () => {
  test('of a change that does nothing keeps it in at most half a percent of 2,000, also where the load drifts', () => {
    expect(kept(1_000, [{}, {}])).toBeLessThanOrEqual(5)
    expect(kept(1_000, [{ drift: 0.6 }, { drift: 0.6 }])).toBeLessThanOrEqual(5)
  }, 60_000)

  test('never keeps a change that makes runs slower, however it is looked at', () => {
    expect(kept(300, [{}, { scale: 1.1 }])).toBe(0)
  }, 60_000)

  test('keeps a change that helps, the sooner the more it does', () => {
    const ends = Array.from({ length: 60 }, (_, seed) => tried(seed, [{}, { scale: 0.7 }]))
    expect(ends.filter(({ verdict }) => verdict === 'kept').length).toBeGreaterThanOrEqual(54)
    expect(kept(60, [{}, { scale: 1 / 3 }])).toBeGreaterThanOrEqual(54)
    expect(ends.find(({ verdict }) => verdict === 'kept')?.why).toMatch(
      /of the duration of a run saved \(.* to .* at 99 %, \d+ pairs\)/,
    )
  }, 60_000)

  test('is widened from a tenth of the runs to half to all, and keeps nothing before fifty pairs', () => {
    const end = tried(1, [{ fail: 0 }, { scale: 0.2, fail: 0 }])
    expect(end).toMatchObject({ verdict: 'kept', shares: [0.5, 1], pairs: 50 })
  })

  test('is taken back where more runs fail, though they are faster', () => {
    const ends = Array.from({ length: 60 }, (_, seed) => tried(seed, [{}, { scale: 0.7, fail: 0.2 }]))
    expect(ends.filter(({ why }) => why.startsWith('more runs fail')).length).toBeGreaterThanOrEqual(55)
    expect(ends.filter(({ verdict }) => verdict === 'kept')).toEqual([])
  }, 60_000)

  test('is taken back where the slowest runs are slower, or runs cost more', () => {
    const slow = tried(3, [{ fail: 0 }, { fail: 0, scale: 2 }], 'failures')
    expect(slow).toMatchObject({ verdict: 'reverted', why: expect.stringMatching('slowest runs') as string })
    const dear = tried(3, [{}, { scale: 0.5, cost: 4 }])
    expect(dear).toMatchObject({ verdict: 'reverted', why: expect.stringMatching('more attempts') as string })
  })

  test('ends at the third failure of a class that no other run has, and not for one that others have too', () => {
    const ends = Array.from({ length: 40 }, (_, seed) => tried(seed, [{}, { fail: 0.3, kind: 'NEW' }]))
    for (const { why, verdict, pairs } of ends) {
      expect(verdict).toBe('reverted')
      if (pairs < 40) expect(why).toBe('3 treated runs failed with NEW, as no other run did')
    }
    const random = createRandom(1)
    const failing = drawn(random, 0, { fail: 1, kind: 'NEW' })
    const fine = drawn(random, 0, { fail: 0 })
    let trial = beginTrial({ objective: 'failures', guardrails: [], single: true, classes: [] })
    const verdicts = [[failing, fine], ...Array.from({ length: 5 }, () => [fine, failing] as const)].map(
      ([control, treated]) => {
        const next = addPair(trial, control, treated)
        trial = next.trial
        return next.verdict.do
      },
    )
    expect(verdicts).toEqual(Array.from({ length: 6 }, () => 'go-on'))
  })

  test('of fewer failures looks at failures alone', () => {
    expect(kept(40, [{ fail: 0.4 }, { fail: 0.1 }], 'failures')).toBeGreaterThanOrEqual(36)
    expect(kept(40, [{ fail: 0.2 }, { fail: 0.2 }], 'failures')).toBe(0)
  }, 60_000)

  test('has an end in any case', () => {
    expect(tried(9, [{}, {}])).toMatchObject({ verdict: 'reverted', pairs: 400 })
  })
})
