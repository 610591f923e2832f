// What becomes of what a detector proposes: weighed against what the simulation foretells, named, and made to be taken back.

import { describe, expect, test } from 'vitest'
import type { Detector, Proposal, Tested } from '../../src/reflection/detector.ts'
import type { Evidence } from '../../src/reflection/evidence.ts'
import { suggest, suggesting } from '../../src/reflection/suggest.ts'
import type { JsonPatch, PredictedGain, Suggestion } from '../../src/reflection/suggestion.ts'
import { attempt, failed, ran } from '../analysis/made.ts'
import { inTurn } from './simulate/replayed.ts'
import { many, runsEach, untuned } from './viewed.ts'

/** Runs of one step, one in ten of which takes 500 ms and all others 50: its first attempt fails after 20. */
const history = (given: Partial<Evidence> = {}): Evidence => ({
  records: runsEach(40, (at, from) =>
    ran('c', from, from + 30 + (at % 10 === 0 ? 500 : 50), {
      attempts: [
        failed('s', from, from + 20, { next: 'retry', backoff: 10 }),
        attempt('s', from + 30, from + 30 + (at % 10 === 0 ? 500 : 50), { attempt: 2 }),
      ],
    }),
  ),
  declaration: { chains: [inTurn('c', [{ name: 's', kind: 'step', attempts: 2 }])] },
  config: { ...untuned, version: 0 },
  now: 50_000,
  ...given,
})
const gain = (given: Partial<PredictedGain> = {}): PredictedGain => ({
  objective: 'run-duration',
  unit: 'ms',
  estimate: 5,
  low: 1,
  high: 9,
  level: 0.9,
  by: 'arithmetic',
  ...given,
})
const measured: Proposal['evidence'] = {
  runs: 1,
  n: 2,
  statistic: 's',
  value: 3,
  low: 2,
  high: 4,
  level: 0.9,
  facts: ['so'],
}
const proposal = (given: Partial<Proposal> = {}): Proposal => ({
  sentence: 'so it is',
  evidence: measured,
  objective: 'run-duration',
  worth: 0,
  ...given,
})
const asking = (
  tests: readonly (Partial<Tested> & { readonly said?: Proposal | undefined })[],
  row = 1,
): Detector => ({
  row,
  kind: 'critical-hotspot',
  class: 'C',
  needs: 'nothing',
  test: () =>
    tests.map(({ said, ...given }, at) => ({
      place: { chain: `c${at}` },
      p: 0,
      cover: 1,
      propose: () => said,
      ...given,
    })),
})
const said = (given: Partial<Proposal>, evidence = history()): readonly Suggestion[] =>
  suggest(evidence, [asking([{ said: proposal(given) }])])

/** What is slow is cut off: a tenth of the runs fail, and none takes longer than 230 ms. */
const cut: readonly JsonPatch[] = [{ op: 'add', path: '/steps/c~1s', value: { timeout: 200 } }]
const once: readonly JsonPatch[] = [{ op: 'add', path: '/steps/c~1s', value: { attempts: 1 } }]
/** It changes nothing of what was recorded. */
const idle: readonly JsonPatch[] = [{ op: 'add', path: '/steps/c~1s', value: { timeout: 10_000 } }]
const cached: readonly JsonPatch[] = [{ op: 'add', path: '/steps/c~1s', value: { memo: {} } }]

describe('advice without a patch', () => {
  test('is said with the gain that its detector reckoned, and nothing to guard', () => {
    const [one, ...others] = said({ gain: gain() })
    expect(others).toEqual([])
    expect(one).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      detector: 1,
      kind: 'critical-hotspot',
      class: 'C',
      place: { chain: 'c0' },
      sentence: 'so it is',
      evidence: { ...measured, fromSeq: 1, toSeq: 40 },
      gain: gain(),
      guardrails: [],
      expiresAt: 50_000 + 7 * 24 * 3_600_000,
      config: 0,
    })
  })

  test('is not said where it gains nothing, for sure', () => {
    expect(said({})).toEqual([])
    expect(said({ gain: gain({ low: 0 }) })).toEqual([])
    expect(said({ gain: gain({ low: 0.001 }) })).toHaveLength(1)
  })

  test('has its worth measured against what was simulated only', () => {
    expect(said({ gain: gain(), worth: 1e9 })).toHaveLength(1)
  })
})

describe('a patch', () => {
  /** Each run is given the same as all others: after the first there is nothing to do. */
  const alike = (given: Partial<Evidence> = {}): Evidence => ({
    ...history(),
    records: runsEach(40, (_, from) =>
      ran('c', from, from + 100, { attempts: [attempt('s', from, from + 100, { inputHash: 'i' })] }),
    ),
    ...given,
  })

  test('is foretold by simulation, and can be taken back', () => {
    const [one] = said(
      { patch: cached, gain: gain() },
      alike({ config: { ...untuned, version: 0, steps: { 'd/t': {} } } }),
    )
    // 39 of 40 runs take 100 ms less
    expect(one?.gain).toMatchObject({ objective: 'run-duration', estimate: 97.5, by: 'simulation' })
    expect(one).toMatchObject({
      patch: [{ op: 'test', path: '/version', value: 0 }, ...cached],
      inverse: [
        { op: 'test', path: '/steps/c~1s', value: { memo: {} } },
        { op: 'remove', path: '/steps/c~1s' },
      ],
      guardrails: [
        { metric: 'failures', most: 0.005 },
        { metric: 'p95', most: 0.05 },
        { metric: 'cost', most: 0.1 },
      ],
    })
  })

  test('may have guardrails of its own', () => {
    const own = [{ metric: 'cost', most: 1 }] as const
    expect(said({ patch: cached, guardrails: own }, alike())[0]?.guardrails).toEqual(own)
  })

  test('is asked for what it is to gain', () => {
    const by = (objective: PredictedGain['objective']) => said({ patch: cached, objective }, alike())[0]?.gain
    expect(by('run-duration')).toMatchObject({ objective: 'run-duration', unit: 'ms', estimate: 97.5 })
    expect(by('chain-duration')).toMatchObject({ objective: 'run-duration', unit: 'ms', estimate: 97.5 })
    expect(by('attempts')).toMatchObject({ objective: 'attempts', unit: 'count', estimate: 0.975 })
    expect(by('failures')).toBeUndefined()
  })

  test('is worth it from such a share of what is now', () => {
    expect(said({ patch: cached, worth: 0.97 }, alike())).toHaveLength(1)
    expect(said({ patch: cached, worth: 0.98 }, alike())).toEqual([])
    expect(said({ patch: cached, worth: 0.97, objective: 'chain-duration' }, alike())).toHaveLength(1)
    expect(said({ patch: cached, worth: 0.98, objective: 'chain-duration' }, alike())).toEqual([])
    expect(said({ patch: cached, worth: 0.97, objective: 'attempts' }, alike())).toHaveLength(1)
    expect(said({ patch: cached, worth: 0.98, objective: 'attempts' }, alike())).toEqual([])
  })

  /** A third of the runs fail, after 20 ms, as they are tried once; the config allows them more. */
  const failing = (): Evidence => ({
    ...history(),
    records: runsEach(
      42,
      (at, from) =>
        ran('c', from, from + 20, {
          status: at % 3 === 0 ? 'failed' : 'succeeded',
          attempts: [at % 3 === 0 ? failed('s', from, from + 20) : attempt('s', from, from + 20)],
        }),
      (at) => ({ status: at % 3 === 0 ? 'failed' : 'succeeded' }),
    ),
    declaration: { chains: [inTurn('c', [{ name: 's', kind: 'step', attempts: 1 }])] },
  })

  test('that costs more of something else than a trial would let pass is not proposed', () => {
    // it ends what is slow, and fails a tenth of the runs
    expect(said({ patch: cut })).toEqual([])
    // one attempt less a run, and all of them fail
    expect(said({ patch: once, objective: 'attempts' })).toEqual([])
    // fewer failures, for a third more attempts
    const more: readonly JsonPatch[] = [{ op: 'add', path: '/steps/c~1s', value: { attempts: 9 } }]
    expect(said({ patch: more, objective: 'failures' }, failing())).toEqual([])
  })

  test('that changes nothing is not proposed', () => {
    expect(said({ patch: idle, gain: gain() })).toEqual([])
  })

  test('of which the simulation knows nothing has the gain that its detector reckoned', () => {
    const few = { ...history(), records: history().records.slice(0, 29) }
    expect(said({ patch: cut, gain: gain(), worth: 1e9 }, few)[0]?.gain).toEqual(gain())
    expect(said({ patch: cut }, few)).toEqual([])
  })
})

describe('what is proposed', () => {
  const fine = proposal({ gain: gain() })

  test('is named by kind, place and patch alone', () => {
    const id = (given: Partial<Proposal>, evidence = history(), row = 1): string | undefined =>
      suggest(evidence, [asking([{ said: proposal({ gain: gain(), ...given }) }], row)])[0]?.id
    const first = id({})
    expect(id({ sentence: 'other' }, history({ now: 7, config: { ...untuned, version: 4 } }), 2)).toBe(first)
    const few = { ...history(), records: history().records.slice(0, 29) }
    const [one, other] = [id({ patch: cut }, few), id({ patch: once }, few)]
    expect(new Set([first, one, other]).size).toBe(3)
    const placed = suggest(history(), [asking([{ said: fine, place: { chain: 'z' } }])])[0]?.id
    expect(placed).not.toBe(first)
  })

  test('is told the version of the config, and comes in the order of the table', () => {
    const evidence = history({ config: { ...untuned, version: 4 } })
    const all = suggest(evidence, [
      asking([{ said: fine }, { said: fine }, { said: fine }], 9),
      asking([{ said: fine, place: { chain: 'z' } }], 2),
    ])
    expect(all.map(({ detector, config }) => [detector, config])).toEqual([
      [2, 4],
      [9, 4],
      [9, 4],
      [9, 4],
    ])
    const ids = all.slice(1).map(({ id }) => id)
    expect(ids).toEqual(ids.toSorted())
  })

  test('stands beyond chance, of all that was asked, and in four fifths of what was seen', () => {
    const found = (tests: readonly Partial<Tested>[]): readonly string[] =>
      suggest(history(), [asking(tests.map((one) => ({ ...one, said: fine })))])
        .map(({ place }) => place.chain)
        .toSorted()
    expect(found([{ p: 0.05 }])).toEqual(['c0'])
    expect(found([{ p: 0.0501 }])).toEqual([])
    expect(found([{ p: 0.03 }, { p: 0.9 }])).toEqual([])
    expect(found([{ p: 0.025 }, { p: 0.9 }])).toEqual(['c0'])
    expect(found([{ cover: 0.8 }, { cover: 0.799 }, { cover: 1 - 0.2 - 1e-12 }])).toEqual(['c0', 'c2'])
  })

  test('is asked of a detector only where it stands, and may be nothing', () => {
    let asked = 0
    const propose = (): undefined => void asked++
    expect(
      suggest(history(), [
        asking([
          { p: 1, propose },
          { cover: 0, propose },
        ]),
      ]),
    ).toEqual([])
    expect(asked).toBe(0)
    expect(suggest(history(), [asking([{ propose }])])).toEqual([])
    expect(asked).toBe(1)
  })

  test('is worked out in parts: one for each detector, and one for each proposal', () => {
    const work = suggesting(
      history(),
      many(3, (at) => asking([{ said: fine }, { p: 1 }], at)),
    )
    let parts = 0
    let step = work.next()
    for (; step.done !== true; step = work.next()) parts++
    expect(parts).toBe(6)
    expect(step.value).toHaveLength(3)
  })
})

test('all detectors are asked where no others are named', () => {
  expect(suggest(history())).toEqual([])
  const work = suggesting(history())
  let parts = 0
  while (work.next().done !== true) parts++
  expect(parts).toBeGreaterThanOrEqual(7)
})
