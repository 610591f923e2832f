// Each detector finds what is planted, at three strengths, and leaves alone what only looks like it; on the real engine.

import { describe, expect, test } from 'vitest'
import { suggest } from '../../src/reflection/suggest.ts'
import type { Suggestion } from '../../src/reflection/suggestion.ts'
import { type Lab, createLab } from './lab.ts'
import { type Scenario, planted } from './planted.ts'

const seeds = [1, 2]

async function suggestions(seed: number, make: (lab: Lab) => Scenario): Promise<readonly Suggestion[]> {
  const lab = createLab(seed)
  const { chains, starts, options } = make(lab)
  const { records, declaration, recorded, now } = await lab.observe(chains, starts, options)
  expect(records.length).toBe(starts.length)
  return suggest({ records, declaration, config: recorded, now })
}

describe.each(planted)('the detector of a $kind', ({ kind, place, effects, plant, alike }) => {
  test.for(effects)('finds one of strength %d, and nothing else', async (effect) => {
    for (const seed of seeds) {
      const found = await suggestions(seed, (lab) => plant(lab, effect))
      expect(
        found.map((one) => ({ kind: one.kind, place: one.place })),
        `seed ${seed}`,
      ).toEqual([{ kind, place }])
      for (const { gain, evidence } of found) {
        expect(gain.low).toBeGreaterThan(0)
        expect(gain.low).toBeLessThanOrEqual(gain.estimate)
        expect(gain.estimate).toBeLessThanOrEqual(gain.high)
        expect(evidence.low).toBeLessThanOrEqual(evidence.value)
        expect(evidence.value).toBeLessThanOrEqual(evidence.high)
      }
    }
  })

  test.for(Object.entries(alike))('leaves alone %s', async ([, make]) => {
    for (const seed of seeds) {
      const found = await suggestions(seed, make)
      expect(
        found.map(({ sentence }) => sentence),
        `seed ${seed}`,
      ).toEqual([])
    }
  })
})
