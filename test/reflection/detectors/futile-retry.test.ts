// What is said of retries that hardly ever help, by class of failure; and which of them say nothing.

import { describe, expect, test } from 'vitest'
import type { AttemptFailure } from '../../../src/observe/attempt-record.ts'
import type { AttemptRecord } from '../../../src/observe/run-record.ts'
import { futileRetry } from '../../../src/reflection/detectors/futile-retry.ts'
import type { DeclaredStep } from '../../../src/reflection/tunables.ts'
import { attempt, failed, ran } from '../../analysis/made.ts'
import { chainOf, onlyOne, proposed, runsEach, untuned, viewed } from '../viewed.ts'

const gone: AttemptFailure = { kind: 'thrown', class: 'E_GONE', message: 'gone', retryable: true }
const busy: AttemptFailure = { ...gone, class: 'E_BUSY' }
const ask: DeclaredStep = { name: 'ask', kind: 'step', attempts: 3 }

/** Each run's attempts end so, one after the other. */
type End = AttemptFailure | 'succeeded' | 'aborted'

const tries = (
  ends: readonly End[],
  from: number,
  given: Partial<AttemptRecord> = {},
): readonly AttemptRecord[] =>
  ends.map((end, at) => {
    const began = from + 20 * at
    return typeof end === 'string'
      ? attempt('ask', began, began + 10, { outcome: end, attempt: at + 1, ...given })
      : failed('ask', began, began + 10, { failure: end, attempt: at + 1, ...given })
  })

const asked = (
  count: number,
  endsOf: (at: number) => readonly End[],
  step: DeclaredStep = ask,
  config = untuned,
) =>
  viewed(
    runsEach(count, (at, from) => ran('c', from, from + 100, { attempts: [...tries(endsOf(at), from)] })),
    [chainOf('c', [step])],
    { config },
  )

const never = (): readonly End[] => [gone, gone, gone]

describe('retries after a class of failure', () => {
  test('of which none of sixty helped are to be given up', () => {
    const tested = onlyOne(futileRetry, asked(60, never))
    expect(tested).toMatchObject({ place: { chain: 'c', step: 'ask' }, cover: 1 })
    expect(tested.p).toBeCloseTo(0.95 ** 60, 12)
    const z = 1.6448536269514722
    expect(tested.propose()).toEqual({
      sentence:
        'After "E_GONE", no retry of step "c/ask" is worth its wait: 0 of 60 such failures ended well in spite of 120 retries. Give up at once after that failure.',
      evidence: {
        runs: 60,
        n: 60,
        statistic: 'share of the failures of class E_GONE that a retry made good',
        value: 0,
        low: 0,
        // Wilson's bound of none in sixty
        high: expect.closeTo((z * z) / (60 + z * z), 9) as number,
        level: 0.9,
        facts: [
          '120 attempts were retries after "E_GONE".',
          'At most 4.3 % of such failures would be made good by a retry.',
        ],
      },
      patch: [{ op: 'add', path: '/steps/c~1ask', value: { nonRetryable: ['E_GONE'] } }],
      objective: 'attempts',
      worth: 0,
    })
  })

  test('of which one in a hundred helped are to be given up as well, but not two', () => {
    const one = onlyOne(
      futileRetry,
      asked(100, (at) => (at < 1 ? [gone, 'succeeded'] : [gone, gone])),
    )
    expect(one.p).toBeCloseTo(0.95 ** 100 + 100 * 0.05 * 0.95 ** 99, 12)
    expect(one.propose()?.evidence).toMatchObject({ n: 100, value: 0.01 })
    expect(one.propose()?.sentence).toMatch(/1 of 100 such failures ended well in spite of 100 retries/)
    const two = onlyOne(
      futileRetry,
      asked(100, (at) => (at < 2 ? [gone, 'succeeded'] : [gone, gone])),
    )
    expect(two.propose()).toBeUndefined()
  })

  test('hold in a part of them where fewer than one in twenty helped', () => {
    // in the first fifth one in twenty, in the others none
    const tested = onlyOne(
      futileRetry,
      asked(100, (at) => (at === 3 ? [gone, 'succeeded'] : [gone, gone])),
    )
    expect(tested.cover).toBeCloseTo(0.8, 12)
    // all runs are one class of inputs
    const none = onlyOne(
      futileRetry,
      asked(100, (at) => (at % 20 === 3 ? [gone, 'succeeded'] : [gone, gone])),
    )
    expect(none.cover).toBe(0)
  })

  test('are judged each class by itself, and beside what is given up already', () => {
    const config = { ...untuned, steps: { 'c/ask': { nonRetryable: ['E_OLD'] } } }
    const view = asked(
      180,
      (at) =>
        [
          [gone, gone],
          [busy, 'succeeded'],
          [gone, gone],
        ][at % 3] as End[],
      ask,
      config,
    )
    const tested = futileRetry.test(view)
    expect(tested.map((one) => one.propose()?.patch)).toEqual([
      [{ op: 'replace', path: '/steps/c~1ask/nonRetryable', value: ['E_OLD', 'E_GONE'] }],
      undefined,
    ])
    expect(tested.map((one) => one.p)).toEqual([expect.closeTo(0.95 ** 120, 12), 1])
  })

  test('that help at last help, however often they did not', () => {
    const tested = onlyOne(
      futileRetry,
      asked(60, () => [gone, gone, 'succeeded']),
    )
    expect(tested).toMatchObject({ p: 1, cover: 0 })
  })

  test('of items are told apart, and those of one run count as one run', () => {
    const view = viewed(
      runsEach(30, (_, from) =>
        ran('c', from, from + 100, {
          attempts: ['x', 'y'].flatMap((item) => tries([gone, gone], from, { item })),
        }),
      ),
      [chainOf('c', [ask])],
    )
    expect(proposed(futileRetry, view)?.evidence).toMatchObject({ n: 60, runs: 30 })
  })

  test('of one chain that came twice in a run are told apart', () => {
    const view = viewed(
      runsEach(30, (_, from) =>
        ['c', 'c~2'].map((key) =>
          ran('c', from, from + 100, { key, attempts: [...tries([gone, gone], from)] }),
        ),
      ),
      [chainOf('c', [ask])],
    )
    expect(proposed(futileRetry, view)?.evidence.n).toBe(60)
  })
})

describe('nothing is asked', () => {
  const once = { ...ask, attempts: 1 }
  const { attempts: _, ...untold } = ask
  test.for([
    ['of 59 failures', asked(59, never)],
    ['of a step that is tried once', asked(60, never, once)],
    ['of a step that says nothing of attempts', asked(60, never, untold)],
    [
      'where the config allows one attempt',
      asked(60, never, ask, { ...untuned, steps: { 'c/ask': { attempts: 1 } } }),
    ],
    [
      'of a class that is given up already',
      asked(60, never, ask, { ...untuned, steps: { 'c/ask': { nonRetryable: ['E_GONE'] } } }),
    ],
    ['of failures that were not tried again', asked(60, () => [gone])],
    ['of what never failed', asked(60, () => ['succeeded', 'succeeded'])],
    ['of what was cut off in the end', asked(60, () => [gone, 'aborted'])],
    ['where another failure came of a retry', asked(60, () => [gone, busy, gone])],
  ] as const)('%s', ([, view]) => {
    expect(futileRetry.test(view)).toEqual([])
  })
})

test('two attempts are enough, by the code or by the config', () => {
  const twice = (): readonly End[] => [gone, gone]
  expect(futileRetry.test(asked(60, twice, { ...ask, attempts: 2 }))).toHaveLength(1)
  const config = { ...untuned, steps: { 'c/ask': { attempts: 2 } } }
  expect(futileRetry.test(asked(60, twice, { ...ask, attempts: 1 }, config))).toHaveLength(1)
})

test('what it needs is said in the table', () => {
  expect(futileRetry).toMatchObject({
    row: 7,
    kind: 'futile-retry',
    class: 'A',
    needs: '60 failures of one class that were retried',
  })
})
