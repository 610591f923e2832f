// JSON patches of the config: when they fit, what they touch, and what a config says other than the code as one.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonPatch } from '../../src/reflection/suggestion.ts'
import { type Config, createConfig } from '../../src/supervision/config.ts'
import {
  isByRun,
  overlayPatch,
  recipeOf,
  touchedBy,
  withoutVersion,
} from '../../src/supervision/config-patch.ts'

const base = { concurrency: 10, hibernateAfter: 2_000, steps: {} }
const version = (value: number): JsonPatch => ({ op: 'test', path: '/version', value })
const slots: JsonPatch = { op: 'replace', path: '/concurrency', value: 9 }
const step: JsonPatch = { op: 'add', path: '/steps/a~1b', value: { timeout: 9 } }
const refused = (message: string): unknown => expect.objectContaining({ code: 'PATCH_REFUSED', message })

describe('a patch', () => {
  test('is applied whole where the config is at the version that it was made for', () => {
    const config = createConfig(base)
    config.change(recipeOf([version(0), slots, step], 0))
    expect(config.current).toMatchObject({ concurrency: 9, steps: { 'a/b': { timeout: 9 } } })
    expect(config.change(recipeOf([version(1)], 1))).toBeUndefined()
  })

  test('is refused at any other version, and where it would set the version itself', () => {
    const config = createConfig(base)
    const change = (patch: readonly JsonPatch[]) => () => config.change(recipeOf(patch, 3))
    expect(change([version(2), slots])).toThrow(
      refused('the config is at version 3, and this was made for 2; ask for suggestions anew'),
    )
    for (const op of ['add', 'replace', 'remove'] as const)
      expect(change([slots, { op, path: '/version', value: 3 }])).toThrow(
        refused('the version is counted, not set: only test it; ask for suggestions anew'),
      )
    expect(change([{ op: 'remove', path: '/steps/none' }])).toThrow(/does not fit/)
    expect(config.version).toBe(0)
  })

  test('that is to hold for a config that has gone on keeps all but the version', () => {
    const tested: JsonPatch = { op: 'test', path: '/concurrency', value: 10 }
    expect(withoutVersion([version(2), tested, slots])).toEqual([tested, slots])
  })

  test('is by run where all that it changes are steps or edges', () => {
    const edge: JsonPatch = { op: 'add', path: '/edges/a<-b', value: 'dropped' }
    const other: JsonPatch = { op: 'replace', path: '/limiters/steps/', value: 1 }
    const tested: JsonPatch = { op: 'test', path: '/concurrency', value: 10 }
    expect([[step], [edge], [step, edge, tested]].map(isByRun)).toEqual([true, true, true])
    expect([[], [tested], [step, slots], [edge, other]].map(isByRun)).toEqual([false, false, false, false])
  })
})

describe('what a patch touches', () => {
  const config: Config = {
    ...createConfig(base).current,
    steps: { 'a/b': { timeout: 5 }, '~': { attempts: 1 } },
    edges: { 'a<-b': 'dropped' },
  }
  const at = (...paths: string[]): unknown =>
    JSON.parse(
      touchedBy(
        config,
        paths.map((path): JsonPatch => ({ op: 'replace', path, value: 0 })),
      ),
    )

  test('are the entries that its places are in, whole', () => {
    expect(at('/steps/a~1b/timeout', '/concurrency', '/edges/a<-b', '/steps/~0')).toEqual([
      { timeout: 5 },
      10,
      'dropped',
      { attempts: 1 },
    ])
    expect(at('/steps/a~1b')).toEqual(at('/steps/a~1b/backoff/max'))
  })

  test('is nothing where there is no entry yet, and no more than that where it only tests or names no table', () => {
    expect(at('/steps/none/timeout', '/retryBudget/ratio')).toEqual([null, config.retryBudget.ratio])
    expect(at('/version', '/toString', '')).toEqual([])
    expect(touchedBy(config, [{ op: 'test', path: '/concurrency', value: 1 }])).toBe('[]')
  })
})

describe('what a config says other than the code', () => {
  const code = createConfig(base).current

  test('is nothing where nobody has changed it', () => {
    expect(overlayPatch(10, code)).toEqual([])
    expect(overlayPatch(10, { ...code, hibernateAfter: 5 })).toEqual([])
  })

  test('are whole entries: added where the code has none, replaced where it has one', () => {
    const now = {
      ...code,
      concurrency: 20,
      steps: { 'a/b': { timeout: 5 }, '~': {} },
      limiters: { constructor: { rate: 1 } },
      retryBudget: { ...code.retryBudget, ratio: 0.5 },
    }
    expect(overlayPatch(10, now)).toEqual([
      { op: 'add', path: '/limiters/constructor', value: { rate: 1 } },
      { op: 'replace', path: '/retryBudget/ratio', value: 0.5 },
      { op: 'replace', path: '/concurrency', value: 20 },
      { op: 'add', path: '/steps/a~1b', value: { timeout: 5 } },
      { op: 'add', path: '/steps/~0', value: {} },
    ])
  })

  test('makes the same config of what the code says', () => {
    const name = fc.string({ maxLength: 6 }).filter((one) => one !== '__proto__')
    const some = fc.record({
      concurrency: fc.integer({ min: 1, max: 30 }),
      steps: fc.dictionary(name, fc.record({ timeout: fc.integer({ min: 1 }) })),
      chains: fc.dictionary(name, fc.constant({ paused: true as const })),
      breakers: fc.dictionary(name, fc.record({ probes: fc.integer({ min: 1 }) })),
      ratio: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(some, ({ ratio, ...rest }) => {
        const now = { ...code, ...rest, retryBudget: { ...code.retryBudget, ratio } }
        const config = createConfig(base)
        config.change(recipeOf(overlayPatch(10, now), 0))
        expect(JSON.parse(JSON.stringify(config.current))).toEqual(JSON.parse(JSON.stringify(now)))
      }),
      { numRuns: 50 },
    )
  })
})
