// What the simulator foretells of a change is what the real engine then does; what it cannot know it refuses to say.

import { describe, expect, test } from 'vitest'
import type { JsonPatch } from '../../src/reflection/suggestion.ts'
import { type WhatIf, whatIf } from '../../src/reflection/simulate/what-if.ts'
import { createLab, type Observed } from './lab.ts'
import { planted } from './planted.ts'
import { randomHistory } from './random-history.ts'

const changes: readonly (readonly JsonPatch[])[] = [
  [{ op: 'replace', path: '/concurrency', value: 3 }],
  [{ op: 'replace', path: '/concurrency', value: 8 }],
  [{ op: 'add', path: '/limiters/api', value: { inFlight: 2 } }],
]

const meanDuration = ({ records }: Observed): number =>
  records.reduce((sum, { acceptedAt, endedAt = 0 }) => sum + endedAt - acceptedAt, 0) / records.length

const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? Infinity

function answerOf(answer: WhatIf): Extract<WhatIf, { readonly answered: true }> {
  if (!answer.answered) throw new Error(answer.why)
  return answer
}

describe('what the simulator foretells', () => {
  test('of another concurrency or limiter is the gain that the engine then has, within a tenth at the median', async () => {
    const errors: number[] = []
    for (const seed of [1, 2, 3]) {
      const { records, declaration, recorded, ...rest } = await randomHistory(seed)
      const before = meanDuration({ records, declaration, recorded, ...rest })
      for (const patch of changes) {
        const foretold = answerOf(whatIf({ records, declaration, recorded }, patch)).gains.duration.estimate
        const gain = before - meanDuration(await randomHistory(seed, { patch }))
        // what moves next to nothing has no relative error
        if (Math.abs(gain) < 0.05 * before) continue
        errors.push(Math.abs(foretold - gain) / Math.abs(gain))
      }
    }
    expect(errors.length).toBeGreaterThanOrEqual(6)
    expect(at(errors, 0.5)).toBeLessThanOrEqual(0.1)
    expect(at(errors, 0.9)).toBeLessThanOrEqual(0.25)
  })
  test('of each planted case is the gain that the engine then has', async () => {
    for (const { kind, place, plant, effects } of planted) {
      const lab = createLab(1)
      const { chains, starts, options } = plant(lab, effects[2] ?? 0)
      const patch = place.step === 'work' ? each : patches[kind]
      if (patch === undefined) continue
      const was = await lab.observe(chains, starts, options)
      const again = createLab(1)
      const other = plant(again, effects[2] ?? 0)
      const is = await again.observe(other.chains, other.starts, { ...other.options, patch })
      const { records, declaration, recorded } = was
      const { gains } = answerOf(whatIf({ records, declaration, recorded }, patch))
      const gain = meanDuration(was) - meanDuration(is)
      expect(Math.abs(gains.duration.estimate - gain) / gain, kind).toBeLessThanOrEqual(0.1)
    }
  })
})

const each: readonly JsonPatch[] = [{ op: 'add', path: '/steps/c~1work', value: { inFlight: 8 } }]

const patches: Readonly<Record<string, readonly JsonPatch[]>> = {
  'false-dependency': [{ op: 'add', path: '/edges/last<-first', value: 'dropped' }],
  'timeout-too-loose': [{ op: 'add', path: '/steps/c~1call', value: { timeout: 600 } }],
  'futile-retry': [{ op: 'add', path: '/steps/c~1ask', value: { nonRetryable: ['E_GONE'] } }],
  'under-concurrency': [{ op: 'replace', path: '/concurrency', value: 8 }],
  'cacheable-step': [{ op: 'add', path: '/steps/c~1resolve', value: { memo: {} } }],
}

describe('the simulator refuses to answer', () => {
  const refusal = async (patch: readonly JsonPatch[], seed = 1): Promise<string | undefined> => {
    const { records, declaration, recorded } = await randomHistory(seed)
    const answer = whatIf({ records, declaration, recorded }, patch)
    return answer.answered ? undefined : answer.why
  }

  test('where twice as many attempts as were ever in flight would be', async () => {
    expect(await refusal([{ op: 'replace', path: '/concurrency', value: 9 }])).toMatch(/more than 2 times/)
    expect(await refusal([{ op: 'replace', path: '/concurrency', value: 8 }])).toBeUndefined()
  })

  test('where a limiter would let through more than twice as many', async () => {
    expect(await refusal([{ op: 'add', path: '/limiters/api', value: { inFlight: 3 } }])).toMatch(
      /never seen/,
    )
  })

  test('where calls would be waited for that were always cut off before', async () => {
    const lab = createLab(1)
    const tight = planted.find(({ kind }) => kind === 'timeout-too-tight')
    const { chains, starts } = tight?.plant(lab, 750) ?? { chains: [], starts: [] }
    const { records, declaration, recorded } = await lab.observe(chains, starts)
    const patch: JsonPatch = { op: 'add', path: '/steps/c~1call', value: { timeout: 2000 } }
    const answer = whatIf({ records, declaration, recorded }, [patch])
    expect(answer).toMatchObject({ answered: false, why: expect.stringContaining('nobody knows') as unknown })
  })

  test('of too few runs', async () => {
    const { records, declaration, recorded } = await randomHistory(1)
    const answer = whatIf({ records: records.slice(0, 29), declaration, recorded }, changes[0] ?? [])
    expect(answer).toMatchObject({ answered: false, why: expect.stringContaining('29 runs') as unknown })
  })
})
