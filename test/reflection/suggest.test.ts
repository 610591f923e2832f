// What is proposed is the same for the same evidence, can be applied and taken back exactly, and holds for a stated time.

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Detector, Tested } from '../../src/reflection/detector.ts'
import type { Evidence } from '../../src/reflection/evidence.ts'
import { applyJsonPatch } from '../../src/reflection/json-patch.ts'
import { suggest, suggesting } from '../../src/reflection/suggest.ts'
import { cleanHistory } from './clean.ts'
import { createLab } from './lab.ts'
import { planted } from './planted.ts'

let evidence: Evidence
beforeAll(async () => {
  const lab = createLab(1)
  const futile = planted.find(({ kind }) => kind === 'futile-retry')
  const { chains, starts } = futile?.plant(lab, 0.4) ?? { chains: [], starts: [] }
  const { records, declaration, recorded, now } = await lab.observe(chains, starts)
  evidence = { records, declaration, config: recorded, now }
})

describe('a suggestion', () => {
  test('is the same for the same evidence, in whatever order the runs come', () => {
    const once = suggest(evidence)
    expect(once).toHaveLength(1)
    expect(suggest(evidence)).toEqual(once)
    expect(suggest({ ...evidence, records: evidence.records.toReversed() })).toEqual(once)
  })

  test('keeps its id as evidence comes in and the config changes elsewhere', () => {
    const [before] = suggest(evidence)
    const [fewer] = suggest({ ...evidence, records: evidence.records.slice(0, 450), now: evidence.now - 1 })
    expect(fewer?.id).toBe(before?.id)
    expect(fewer?.evidence.n).toBeLessThan(before?.evidence.n ?? 0)
  })

  test('changes the config only at the version that it was made under, and is taken back exactly', () => {
    const [{ patch = [], inverse = [] } = {}] = suggest(evidence)
    expect(patch[0]).toEqual({ op: 'test', path: '/version', value: evidence.config.version })
    const config = JSON.parse(JSON.stringify(evidence.config)) as object
    applyJsonPatch(config, patch)
    expect(config).toMatchObject({ steps: { 'c/ask': { nonRetryable: ['E_GONE'] } } })
    applyJsonPatch(config, inverse)
    expect(config).toEqual(evidence.config)
    expect(() => applyJsonPatch({ ...config, version: 8 }, patch)).toThrow(/does not fit/)
  })

  test('expires, and says what must not get worse', () => {
    const [found] = suggest(evidence)
    expect(found?.expiresAt).toBeGreaterThan(evidence.now)
    expect(found?.guardrails).toEqual([
      { metric: 'failures', most: 0.005 },
      { metric: 'p95', most: 0.05 },
      { metric: 'cost', most: 0.1 },
    ])
  })

  test('is not made again once the config has it', () => {
    const steps = { 'c/ask': { nonRetryable: ['E_GONE'] } }
    expect(suggest({ ...evidence, config: { ...evidence.config, steps } })).toEqual([])
  })
})

test('it is done in parts, so that others have their turn between detectors', () => {
  const work = suggesting(evidence)
  let parts = 0
  let ended = work.next()
  for (; ended.done !== true; ended = work.next()) parts++
  expect(parts).toBeGreaterThanOrEqual(7)
  expect(ended.value).toEqual(suggest(evidence))
})

describe('of many questions asked at once', () => {
  const asking = (tests: readonly Pick<Tested, 'p' | 'cover'>[]): Detector => ({
    row: 1,
    kind: 'critical-hotspot',
    class: 'C',
    needs: 'nothing',
    test: () =>
      tests.map(({ p, cover }, at) => ({
        place: { chain: `c${at}` },
        p,
        cover,
        propose: () => ({
          sentence: 'so it is',
          evidence: { runs: 1, n: 1, statistic: 's', value: 1, low: 1, high: 1, level: 0.9, facts: [] },
          objective: 'run-duration',
          worth: 0,
          gain: {
            objective: 'run-duration',
            unit: 'ms',
            estimate: 1,
            low: 1,
            high: 1,
            level: 0.9,
            by: 'arithmetic',
          },
        }),
      })),
  })
  const clean = cleanHistory(10, 30)

  test('those stand that Benjamini and Hochberg let stand, and that hold in four fifths of the strata', () => {
    const shares = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.record({ p: shares, cover: shares }), { maxLength: 20 }), (tests) => {
        const found = suggest(clean, [asking(tests)]).map(({ place }) => place.chain)
        const inOrder = tests.map(({ p }) => p).sort((a, b) => a - b)
        const most = inOrder.findLast((p, at) => p <= (0.05 * (at + 1)) / tests.length) ?? -1
        const standing = tests.flatMap(({ p, cover }, at) => (p <= most && cover >= 0.8 ? [`c${at}`] : []))
        expect(found.toSorted()).toEqual(standing.toSorted())
      }),
    )
  })
})
