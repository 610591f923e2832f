// What the config makes of a step's options, and how it is asked: by steps, chains, edges, limiters, breakers and trials.

import { describe, expect, test } from 'vitest'
import { defaultBackoff } from '../../src/definition/backoff.ts'
import type { StepOptionsSpec } from '../../src/definition/spec.ts'
import { type Config, createConfig } from '../../src/supervision/config.ts'
import { tuned } from '../../src/supervision/tuned.ts'
import { plainStep } from './plain-step.ts'

const base = { concurrency: 10, hibernateAfter: 2_000, steps: {} }
const options: StepOptionsSpec = { ...plainStep, nonRetryable: ['EOLD'] }

describe('a step', () => {
  test('has what is said of it, and the rest as its author said', () => {
    expect(tuned(options, {})).toStrictEqual(options)
    const bare = { ...options }
    delete (bare as { timeout?: number }).timeout
    expect(tuned(bare, { backoff: {} })).toStrictEqual(bare)
    expect(tuned(options, { attempts: 9 })).toStrictEqual({ ...options, attempts: 9 })
    expect(tuned(options, { timeout: 9 })).toStrictEqual({ ...options, timeout: 9 })
    expect(tuned(options, { nonRetryable: [] })).toStrictEqual({ ...options, nonRetryable: [] })
    expect(tuned(options, { backoff: { max: 5, jitter: 'none' } }).backoff).toEqual({
      ...defaultBackoff,
      max: 5,
      jitter: 'none',
    })
  })

  test('is used again only where its author says that it may be, under its author’s key', () => {
    const memo = { version: '7', key: () => 'k', ttl: 50 } as never
    const of = (change: Partial<StepOptionsSpec>, said: { ttl?: number }): unknown =>
      tuned({ ...options, ...change }, { memo: said }).memo
    expect('memo' in tuned(options, { memo: {} })).toBe(false)
    expect(of({ pure: true }, {})).toStrictEqual({ version: '1' })
    expect(of({ pure: true }, { ttl: 9 })).toStrictEqual({ version: '1', ttl: 9 })
    expect(of({ memo }, {})).toStrictEqual(memo)
    expect(of({ memo }, { ttl: 9 })).toStrictEqual({ ...(memo as object), ttl: 9 })
    expect(tuned({ ...options, memo }, {}).memo).toBe(memo)
  })
})

describe('a config', () => {
  const said = (recipe: (draft: Config) => void): ReturnType<typeof createConfig> => {
    const config = createConfig(base)
    config.change(recipe)
    return config
  }

  test('holds a chain back while it says why', () => {
    const config = said((draft) => {
      draft.chains['a'] = { quarantined: 'it writes twice', paused: true }
      draft.chains['b'] = { paused: true }
      draft.chains['c'] = {}
    })
    expect(['a', 'b', 'c', 'd'].map((chain) => config.held(chain))).toEqual([
      'it is quarantined: it writes twice',
      'it is paused',
      undefined,
      undefined,
    ])
    config.change((draft) => void (draft.chains = {}))
    expect(config.held('a')).toBeUndefined()
  })

  test('has the terms of limiters and breakers, each over its author’s', () => {
    const limit = { inFlight: 1, rate: null, per: 1_000, burst: 1 }
    const fuse = { threshold: 0.5, window: 10, minimum: 5, openFor: 60, probes: 1 }
    const config = said((draft) => {
      draft.limiters['l'] = { rate: 5 }
      draft.breakers['f'] = { probes: 2 }
    })
    expect([config.limiter('l', limit), config.limiter('f', limit)]).toEqual([{ ...limit, rate: 5 }, limit])
    expect([config.breaker('f', fuse), config.breaker('l', fuse)]).toEqual([{ ...fuse, probes: 2 }, fuse])
  })

  test('that begins with something said has it said, without a version', () => {
    const config = createConfig({
      ...base,
      steps: { 'a/b': { timeout: 1, inFlight: 2 } },
      chains: { a: { paused: true } },
      edges: { 'a<-up': 'dropped' },
    })
    expect(config.tune('a', 'b', options).timeout).toBe(1)
    expect([config.inFlight('a', 'b', 9), config.inFlight('a', 'c', 9)]).toEqual([2, 9])
    expect(config.held('a')).toBe('it is paused')
    expect([config.drops(), config.dropped('a', 'up'), config.dropped('a', 'down')]).toEqual([
      true,
      true,
      false,
    ])
    expect(config.version).toBe(0)
  })

  test('that the code speaks is no change, and is refused where it makes no sense', () => {
    const config = createConfig(base)
    config.base((draft) => {
      draft.concurrency = 3
      draft.steps['a/b'] = { timeout: 4 }
    })
    expect(config).toMatchObject({ version: 0, current: { concurrency: 3 } })
    expect(config.tune('a', 'b', options).timeout).toBe(4)
    expect(() => config.base((draft) => void (draft.concurrency = 0))).toThrow('concurrency is 0')
    expect(config.current.concurrency).toBe(3)
  })

  test('shows what a change would make of it, or why it would be refused, and stays as it is', () => {
    const config = createConfig(base)
    expect(config.preview((draft) => void (draft.concurrency = 3))).toEqual({
      ...config.current,
      concurrency: 3,
    })
    expect(() => config.preview((draft) => void (draft.concurrency = 0))).toThrow('concurrency is 0')
    expect(() => config.preview((draft) => void ((draft as { x?: 1 }).x = 1))).toThrow('no option "x"')
    expect(config).toMatchObject({ version: 0, current: { concurrency: 10 } })
  })

  test('takes back each change by itself, and nothing that is as it was', () => {
    const config = createConfig(base)
    const slots = config.change((draft) => void (draft.concurrency = 20))
    config.change((draft) => void (draft.hibernateAfter = 5))
    expect(config.revert(slots!)).toMatchObject({
      version: 3,
      inverse: [{ op: 'replace', path: ['concurrency'], value: 20 }],
    })
    expect(config.current).toMatchObject({ concurrency: 10, hibernateAfter: 5 })
    expect(config.revert({ ...slots!, inverse: [] })).toBeUndefined()
    expect(config.version).toBe(3)
  })

  test('counts a recorded change that makes no sense any more, and leaves it out', () => {
    const config = createConfig(base)
    const patch = [{ op: 'replace' as const, path: ['concurrency'], value: 0 }]
    config.replay({ version: 7, patch, inverse: [] })
    expect(config).toMatchObject({ version: 7, current: { concurrency: 10 } })
    expect(config.change((draft) => void (draft.concurrency = 2))?.version).toBe(8)
  })

  test('of a trial holds for its treated runs, of needs as of steps', () => {
    const config = createConfig(base)
    const treated = { trial: 't', arm: 'treated', pair: 1 } as const
    const other = { ...treated, trial: 'u' }
    config.variant('t', { steps: {}, edges: { 'a<-up': 'dropped' } })
    expect([config.drops(treated), config.drops(other), config.drops()]).toEqual([true, false, false])
    expect([config.dropped('a', 'up', treated), config.dropped('a', 'up')]).toEqual([true, false])
    expect(config.tune('a', 'b', options, treated)).toBe(options)
    config.change((draft) => {
      draft.steps['a/b'] = { timeout: 4 }
      draft.edges['b<-up'] = 'dropped'
    })
    // its trial says otherwise
    expect(config.tune('a', 'b', options, treated)).toBe(options)
    expect(config.dropped('b', 'up', treated)).toBe(false)
    expect(config.tune('a', 'b', options, other).timeout).toBe(4)
    expect([config.drops(), config.drops({ ...treated, arm: 'control' })]).toEqual([true, true])
  })
})
