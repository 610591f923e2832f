// What is said of attempts that wait for one another though they take no longer side by side, and what keeps it from being said.

import { describe, expect, test } from 'vitest'
import { type Levelled, growthOf } from '../../../src/reflection/detectors/growth.ts'
import { underConcurrency } from '../../../src/reflection/detectors/under-concurrency.ts'
import type { View } from '../../../src/reflection/evidence.ts'
import type { AttemptRecord, RunRecord } from '../../../src/observe/run-record.ts'
import type { DeclaredStep, Tunables } from '../../../src/reflection/tunables.ts'
import { attempt, ran } from '../../analysis/made.ts'
import { chainOf, many, onlyOne, runsEach, untuned, viewed } from '../viewed.ts'

describe('how much longer attempts take beside others', () => {
  /** So many at each level, half of them a tenth slower and half a tenth faster, as `slope` of the logarithm has it. */
  const levels = (counts: readonly number[], slope: number, of = 's', noise = 0.1): readonly Levelled[] =>
    counts.flatMap((count, at) =>
      many(count, (one) => ({
        of,
        level: at + 1,
        ms: Math.exp(slope * (at + 1) + (one % 2 === 0 ? noise : -noise)) * 100,
      })),
    )

  test('is the slope of the logarithm with its upper bound, for as many more as there are places', () => {
    const growth = growthOf(levels([20, 20, 20], 0.05), 4)
    expect(growth).toMatchObject({ n: 60, levels: 3 })
    // around their mean of 2: 40 points at a distance of 1, and 60 with a residual of 0.1
    const error = Math.sqrt((60 * 0.01) / 58 / 40)
    expect(growth?.high).toBeCloseTo(Math.exp((0.05 + 1.6448536269514722 * error) * 4) - 1, 9)
    expect(growthOf(levels([20, 20, 20], -0.05), 4)?.high).toBeLessThan(0)
  })

  test('of steps that differ is against the mean of each', () => {
    const slow = levels([20, 20, 20], 0.05).map((one) => ({ ...one, of: 't', ms: one.ms * 1000 }))
    const both = growthOf([...levels([20, 20, 20], 0.05), ...slow], 4)
    const error = Math.sqrt((120 * 0.01) / 118 / 80)
    expect(both).toMatchObject({ n: 120, levels: 3 })
    expect(both?.high).toBeCloseTo(Math.exp((0.05 + 1.6448536269514722 * error) * 4) - 1, 9)
  })

  test('is not known where fewer than three levels were seen twenty times', () => {
    expect(growthOf(levels([20, 20, 19], 0), 4)).toBeUndefined()
    expect(growthOf(levels([20, 20], 0), 4)).toBeUndefined()
    expect(growthOf(levels([20, 20, 20, 19], 0), 4)).toMatchObject({ n: 79, levels: 3 })
  })

  test('leaves out steps that were hardly ever seen', () => {
    const rare = levels([7, 6, 6], 0, 'rare')
    expect(growthOf([...levels([20, 20, 20], 0), ...rare], 4)?.n).toBe(60)
    expect(growthOf([...levels([20, 20, 20], 0), ...levels([7, 7, 6], 0, 'seen')], 4)?.n).toBe(80)
  })

  test('takes no time as a tenth of a millisecond', () => {
    const none = many(60, (at) => ({ of: 's', level: 1 + (at % 3), ms: 0 }))
    expect(growthOf(none, 4)?.high).toBeCloseTo(0, 12)
  })
})

const work: DeclaredStep = { name: 'work', kind: 'step' }

interface Made {
  readonly count?: number
  /** Of its attempt's 100 ms. */
  readonly waited?: (at: number) => number
  readonly took?: (at: number) => number
  readonly attempts?: (at: number, from: number) => Partial<AttemptRecord>
  readonly runs?: (at: number) => Partial<RunRecord>
  readonly config?: Partial<Tunables>
}

/** Runs of one attempt each, which waited for a slot as long as it then took: with one to three in flight. */
function queued({ count = 60, waited = () => 100, took = () => 100, ...made }: Made = {}): View {
  return viewed(
    runsEach(
      count,
      (at, from) => {
        const [ms, by] = [took(at), waited(at)]
        return ran('c', from, from + by + ms, {
          attempts: [
            attempt('work', from, from + by + ms, {
              startedAt: from + by,
              took: ms,
              waits: [{ for: 'slot', ms: by }],
              inFlight: 1 + (at % 3),
              ...made.attempts?.(at, from),
            }),
          ],
        })
      },
      made.runs,
    ),
    [chainOf('c', [work])],
    { config: { ...untuned, concurrency: 4, ...made.config } },
  )
}

describe('attempts that wait for slots', () => {
  test('for half of their time, and are no slower side by side, get more of them', () => {
    // one has waited a little more: the share has an interval
    const tested = onlyOne(underConcurrency, queued({ waited: (at) => (at % 2 === 0 ? 90 : 110) }))
    expect(tested).toMatchObject({ place: { chain: '' }, cover: 1 })
    expect(tested.p).toBeLessThan(1e-12)
    const proposal = tested.propose()
    expect(proposal).toMatchObject({
      evidence: {
        runs: 60,
        n: 60,
        statistic: 'share of their time that attempts waited for a place',
        value: 0.5,
        level: 0.9,
        facts: [
          'They were seen with 3 different numbers of others at work.',
          'Twice as many would make them at most 0 % slower, as far as up to 4 tell.',
        ],
      },
      objective: 'run-duration',
      worth: 0.05,
    })
    expect(proposal?.evidence.low).toBeGreaterThan(0.48)
    expect(proposal?.evidence.low).toBeLessThan(0.5)
    expect(proposal?.evidence.high).toBeGreaterThan(0.5)
    expect(proposal?.evidence.high).toBeLessThan(0.52)
  })

  test('are proposed twice as many where nobody can tell how far fewer would do', () => {
    // with so few in flight, twice as many are beyond what the simulation answers
    const proposal = onlyOne(underConcurrency, queued()).propose()
    expect(proposal?.patch).toEqual([{ op: 'replace', path: '/concurrency', value: 8 }])
    expect(proposal?.sentence).toBe(
      'Attempts wait for one of 4 places for 50 % of their time, and take no longer where more are at work. Allow 8 at once.',
    )
    const single = onlyOne(underConcurrency, queued({ config: { concurrency: 1 } })).propose()
    expect(single?.sentence).toMatch(/^Attempts wait for the one place that there is for 50 % of their time/)
  })

  test('for a fifth of their time are as they should be', () => {
    const fifth = onlyOne(underConcurrency, queued({ waited: () => 25 }))
    expect(fifth.cover).toBe(0)
    expect(fifth.propose()).toBeUndefined()
    expect(onlyOne(underConcurrency, queued({ waited: () => 24 }))).toMatchObject({ p: 1, cover: 0 })
    const more = onlyOne(underConcurrency, queued({ waited: () => 26 }))
    expect(more).toMatchObject({ p: 0, cover: 1 })
    expect(more.propose()?.evidence.value).toBeCloseTo(26 / 126, 12)
  })

  test('in one fifth of the time only are no reason', () => {
    const tested = onlyOne(underConcurrency, queued({ waited: (at) => (at < 12 ? 500 : 1) }))
    expect(tested.cover).toBeCloseTo(0.2, 12)
    // of the runs' shares it is the mean that counts
    expect(tested.p).toBeGreaterThan(0.05)
  })

  test('are asked about from sixty runs on in which something was done', () => {
    expect(underConcurrency.test(queued({ count: 59 }))).toEqual([])
    const idle = queued({
      count: 61,
      waited: (at) => (at === 5 ? 0 : 100),
      took: (at) => (at === 5 ? 0 : 100),
    })
    expect(onlyOne(underConcurrency, idle).propose()?.evidence.runs).toBe(60)
  })

  test('and become slower by a quarter or more at twice as many are left alone', () => {
    // four more at e^(4 s) times as long, to a hair
    const slower = (by: number) => queued({ took: (at) => 100 * by ** (((at % 3) + 1) / 4) })
    expect(underConcurrency.test(slower(1.2501))).toEqual([])
    expect(underConcurrency.test(slower(1.2499))).toHaveLength(1)
    expect(onlyOne(underConcurrency, slower(1.1)).propose()?.evidence.facts[1]).toMatch(/at most 10 % slower/)
  })

  test.for([
    ['ran under another config', { runs: () => ({ config: 7 }) }],
    ['were never seen at three levels', { attempts: () => ({ inFlight: 1 }) }],
    ['all failed', { attempts: () => ({ outcome: 'failed' }) }],
    ['were answered from what was kept', { attempts: () => ({ memo: true }) }],
    ['never began', { attempts: () => ({ inFlight: 0 }) }],
  ] as const satisfies readonly (readonly [string, Made])[])('that %s are not asked about', ([, made]) => {
    expect(underConcurrency.test(queued(made))).toEqual([])
  })

  test('of which one never began count the others', () => {
    const view = queued({ count: 61, attempts: (at) => (at === 30 ? { inFlight: 0, took: undefined } : {}) })
    expect(onlyOne(underConcurrency, view).propose()?.evidence).toMatchObject({ runs: 61, n: 60 })
  })

  test('for something else than slots are no reason', () => {
    const view = queued({ attempts: () => ({ waits: [{ for: 'limiter:api', ms: 100 }] }) })
    expect(onlyOne(underConcurrency, view)).toMatchObject({ p: 1, cover: 0 })
  })
})

describe('items that wait for the places of their each', () => {
  const items: DeclaredStep = { name: 'work', kind: 'each', inFlight: 2 }
  interface Work {
    readonly step?: DeclaredStep
    /** When each item begins, after the run. */
    readonly begins?: readonly number[]
    readonly config?: Partial<Tunables>
    readonly given?: Partial<AttemptRecord>
    readonly runs?: Partial<RunRecord>
  }
  /** Items of 100 ms each: the later ones waited as long as they take, for those before them. */
  const worked = ({
    step = items,
    begins = [0, 0, 0, 100, 100, 100],
    config = {},
    given,
    runs = {},
  }: Work = {}): View =>
    viewed(
      runsEach(
        60,
        (_, from) =>
          ran('c', from, from + 200, {
            // in no order
            attempts: begins.toReversed().map((after, at) =>
              attempt('work', from, from + after + 100, {
                item: `${at}`,
                startedAt: from + after,
                took: 100,
                waits: after === 0 ? [] : [{ for: 'in-flight', ms: after }],
                ...given,
              }),
            ),
          }),
        () => runs,
      ),
      [chainOf('c', [step], { entries: [{ kind: 'each', name: 'work' }] })],
      { config: { ...untuned, concurrency: 100, ...config } },
    )
  const ofItems = (view: View) => underConcurrency.test(view).filter(({ place }) => place.step !== undefined)
  const [, four, eight] = [2, 4, 8].map((inFlight) => ({ ...items, inFlight }))

  test('get more of them, where they take no longer beside each other', () => {
    const [tested, ...others] = ofItems(worked())
    expect(others).toEqual([])
    expect(tested).toMatchObject({ place: { chain: 'c', step: 'work' }, p: 0, cover: 1 })
    const { sentence, evidence, patch } = tested?.propose() ?? {}
    expect(sentence).toBe(
      'Items of step "c/work" wait for one of 2 places for 33 % of their time, and take no longer where more are at work. Allow 3 at once.',
    )
    expect(evidence).toMatchObject({ runs: 60, n: 360, value: 1 / 3 })
    // three beside each other, and none of those before
    expect(evidence?.facts[0]).toMatch(/with 3 different numbers/)
    expect(patch).toEqual([{ op: 'add', path: '/steps/c~1work', value: { inFlight: 3 } }])
  })

  test('get as many as four fifths of the gain of twice as many need', () => {
    const allowed = (count: number): string | undefined => {
      const begins = Array.from({ length: count }, (_, at) => (at < 4 ? 0 : 400))
      const [tested] = ofItems(worked({ step: four as DeclaredStep, begins }))
      return /Allow \d at once/.exec(tested?.propose()?.sentence ?? '')?.[0]
    }
    // four in a first turn: one is left, two, or three
    expect([5, 6, 7].map(allowed)).toEqual(['Allow 5 at once', 'Allow 6 at once', 'Allow 8 at once'])
  })

  test('are counted beside each other to the millisecond', () => {
    const levels = (begins: readonly number[]): string | undefined =>
      ofItems(worked({ step: eight as DeclaredStep, begins }))[0]?.propose()?.evidence.facts[0]
    // the fourth begins as the first three end, or just before
    expect(levels([0, 0, 0, 100, 500])).toMatch(/with 3 different/)
    expect(levels([0, 0, 0, 99, 500])).toMatch(/with 4 different/)
  })

  test.for([
    ['as many as there are', { name: 'work', kind: 'each' }],
    ['no items', { ...items, kind: 'step' }],
    ['chains of their own', { ...items, chain: 'x' }],
  ] as const satisfies readonly (readonly [string, DeclaredStep])[])(
    'are not asked about where they are %s',
    ([, step]) => {
      expect(ofItems(worked({ step }))).toEqual([])
    },
  )

  test('are as many as the config says', () => {
    const config = { steps: { 'c/work': { inFlight: 4 } } }
    expect(ofItems(worked({ step: { name: 'work', kind: 'each' }, config }))[0]?.propose()?.sentence).toMatch(
      /one of 4 places/,
    )
  })

  test('count only under the config as it is, and only what worked', () => {
    expect(ofItems(worked({ runs: { config: 3 } }))).toEqual([])
    expect(ofItems(worked({ given: { outcome: 'failed' } }))).toEqual([])
    expect(ofItems(worked({ given: { endedAt: undefined } }))).toEqual([])
    expect(ofItems(worked({ given: { startedAt: undefined } }))).toEqual([])
  })
})

test('what it needs is said in the table', () => {
  expect(underConcurrency).toMatchObject({
    row: 8,
    kind: 'under-concurrency',
    class: 'A',
    needs: '60 ended runs, at several levels of concurrency',
  })
})
