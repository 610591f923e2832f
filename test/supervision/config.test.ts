// The config overlay: versions, patches, inverses, and what makes no sense.

import { describe, expect, test } from 'vitest'
import { defaultBackoff } from '../../src/definition/backoff.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { orderOnly } from '../../src/chain/edge.ts'
import { membersOf } from '../../src/chain/members.ts'
import { type Config, createConfig } from '../../src/supervision/config.ts'
import { isByRun, recipeOf } from '../../src/supervision/config-patch.ts'
import { placesOf } from '../../src/supervision/config-places.ts'
import { plainStep } from './plain-step.ts'

const base = {
  concurrency: 10,
  hibernateAfter: 2_000,
  steps: {},
  chains: {},
  edges: {},
  limiters: {},
  breakers: {},
  retryBudget: { ratio: 0.1, window: 60_000, minimum: 600 },
}
const options = plainStep

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

  test('a name that nothing reads is refused with the one that was meant', () => {
    const config = createConfig(base)
    const change = (recipe: (draft: Config) => void) => (): unknown => config.change(recipe)
    const loose = (draft: Config): Record<string, unknown> => draft as never
    expect(change((draft) => void (loose(draft)['concurency'] = 3))).toThrow('did you mean concurrency?')
    expect(change((draft) => void (draft.steps['a/b'] = { atempts: 3 } as never))).toThrow(
      'steps["a/b"] has no option "atempts" (did you mean attempts?)',
    )
    expect(change((draft) => void (draft.steps = null as never))).toThrow('steps of the config is no table')
    expect(change((draft) => void (draft.chains['a'] = { quarantined: '' }))).toThrow('give the reason')
    expect(change((draft) => void (draft.edges['a<-b'] = 'gone' as never))).toThrow("give 'dropped'")
    expect(config.current).toEqual(base)
  })

  test('what an older or newer deployment left in it does not stand in the way of another change', () => {
    const config = createConfig(base, placesOf([]))
    config.replay({
      version: 1,
      patch: [{ op: 'add', path: ['steps', 'gone/step'], value: { tuned: 1 } }],
      inverse: [],
    })
    config.change((draft) => void (draft.concurrency = 4))
    expect(config).toMatchObject({ version: 2, current: { concurrency: 4 } })
  })

  test('only what there is can be tuned, and only as far as its author said that it may', () => {
    const up = chain('up').step('make', () => 1)
    const down = chain('down')
      .needs({ up, before: orderOnly(up) })
      .step('plain', () => 1)
      .step('same', () => 1, { pure: true })
      .each(
        'every',
        () => [1, 2],
        (one) => one,
      )
    const late = chain('late')
      .needs({ up }, { when: 'all_done' })
      .step('go', () => 1)
    const { specs } = membersOf([down, late], {})
    const config = createConfig(base, placesOf(specs))
    const refused = (recipe: (draft: Config) => void): string => {
      try {
        config.change(recipe)
      } catch (error) {
        return (error as Error).message
      }
      return 'taken'
    }
    expect(refused((draft) => void (draft.steps['down/plan'] = { attempts: 2 }))).toMatch(
      /no such step: name one of .*down\/plain/,
    )
    expect(refused((draft) => void (draft.steps['down/plain'] = { memo: {} }))).toMatch('{ pure: true }')
    expect(refused((draft) => void (draft.steps['down/plain'] = { inFlight: 2 }))).toMatch('only for an each')
    expect(refused((draft) => void (draft.chains['none'] = { paused: true }))).toMatch('no such chain')
    expect(refused((draft) => void (draft.edges['down<-none'] = 'dropped'))).toMatch('no such need')
    expect(refused((draft) => void (draft.edges['late<-up'] = 'dropped'))).toMatch('rule "all_done"')
    expect(refused((draft) => void (draft.limiters['none'] = { rate: 1 }))).toMatch('no such limiter')
    expect(config.version).toBe(0)
    expect(
      refused((draft) => {
        draft.steps['down/same'] = { memo: { ttl: 5 } }
        draft.steps['down/every'] = { inFlight: 1 }
        draft.edges['down<-before'] = 'dropped'
        draft.edges['down<-up'] = 'dropped'
      }),
    ).toBe('taken')
  })

  test('a JSON patch is a change where it was made for this version, and refused where it was not', () => {
    const config = createConfig(base)
    const patch = (version: number) =>
      recipeOf(
        [
          { op: 'test', path: '/version', value: version },
          { op: 'add', path: '/steps/a~1b', value: { timeout: 9 } },
        ],
        config.version,
      )
    const change = config.change(patch(0))
    expect(config.current.steps).toEqual({ 'a/b': { timeout: 9 } })
    expect(() => config.change(patch(0))).toThrow('the config is at version 1, and this was made for 0')
    config.revert(change!)
    expect(config.current).toEqual(base)
  })

  test('what changes steps alone can differ from run to run, and nothing else can', () => {
    const version = { op: 'test', path: '/version', value: 0 } as const
    const step = { op: 'add', path: '/steps/a~1b', value: { timeout: 9 } } as const
    const slots = { op: 'replace', path: '/concurrency', value: 9 } as const
    expect([isByRun([version, step]), isByRun([version, step, slots]), isByRun([version])]).toEqual([
      true,
      false,
      false,
    ])
  })

  test('a treated run has what its trial gives it, and no other run has', () => {
    const config = createConfig(base)
    const treated = { trial: 't', arm: 'treated', pair: 1 } as const
    const control = { ...treated, arm: 'control' } as const
    const variant = config.preview((draft) => void (draft.steps['a/b'] = { timeout: 7, inFlight: 3 }))
    config.variant('t', variant)
    expect(config.tune('a', 'b', options, treated)).toMatchObject({ timeout: 7 })
    expect(config.inFlight('a', 'b', 9, treated)).toBe(3)
    for (const arm of [control, undefined]) expect(config.tune('a', 'b', options, arm)).toBe(options)
    config.variant('t', undefined)
    expect(config.tune('a', 'b', options, treated)).toBe(options)
    expect(config.version).toBe(0)
  })
})
