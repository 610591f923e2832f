// The config overlay: versions, patches, inverses, and what makes no sense.

import { describe, expect, test } from 'vitest'
import { defaultBackoff } from '../../src/definition/backoff.ts'
import type { StepOptionsSpec } from '../../src/definition/spec.ts'
import { createConfig } from '../../src/supervision/config.ts'

const base = {
  concurrency: 10,
  hibernateAfter: 2_000,
  steps: {},
  limiters: {},
  breakers: {},
  retryBudget: { ratio: 0.1, window: 60_000, minimum: 600 },
}
const options: StepOptionsSpec = {
  attempts: 3,
  backoff: defaultBackoff,
  timeout: 100,
  idempotent: false,
  pure: false,
  stub: false,
  reads: [],
  writes: [],
  uses: [],
}

describe('the config overlay', () => {
  test('a change has a version, a patch and its inverse, and can be taken back', () => {
    const config = createConfig(base)
    const change = config.change((draft) => {
      draft.concurrency = 20
    })
    expect(change).toMatchObject({
      version: 1,
      patch: [{ op: 'replace', path: ['concurrency'], value: 20 }],
      inverse: [{ op: 'replace', path: ['concurrency'], value: 10 }],
    })
    expect(config.revert(change!)?.version).toBe(2)
    expect(config.current).toEqual(base)
  })

  test('a change that changes nothing is none', () => {
    const config = createConfig(base)
    expect(config.change(() => {})).toBeUndefined()
    expect(config.version).toBe(0)
  })

  test('nonsense is refused whole, and nothing of it holds', () => {
    const config = createConfig(base)
    expect(() =>
      config.change((draft) => {
        draft.concurrency = 0
        draft.steps['a/b'] = { attempts: 1.5, timeout: -1 }
      }),
    ).toThrow(/concurrency is 0.*attempts of a\/b is 1.5.*timeout of a\/b is -1/s)
    expect(config.current).toEqual(base)
  })

  test('a step is tuned by its own entry only', () => {
    const config = createConfig(base)
    expect(config.tune('a', 'b', options)).toBe(options)
    config.change((draft) => {
      draft.steps['a/b'] = { attempts: 5, backoff: { factor: 3 } }
    })
    expect(config.tune('a', 'c', options)).toBe(options)
    expect(config.tune('a', 'b', options)).toMatchObject({
      attempts: 5,
      timeout: 100,
      backoff: { ...defaultBackoff, factor: 3 },
    })
  })

  test('recorded changes are made again over what the code says now', () => {
    const first = createConfig(base)
    const change = first.change((draft) => {
      draft.steps['a/b'] = { timeout: 50 }
    })
    const second = createConfig({ ...base, concurrency: 99 })
    second.replay(change!)
    expect(second.current).toEqual({ ...base, concurrency: 99, steps: { 'a/b': { timeout: 50 } } })
    expect(second.version).toBe(1)
  })

  test('a recorded change whose target is gone is left out', () => {
    const config = createConfig(base)
    config.replay({
      version: 4,
      patch: [{ op: 'replace', path: ['steps', 'x/y', 'timeout'], value: 1 }],
      inverse: [],
    })
    expect([config.version, config.current]).toEqual([4, base])
  })
})
