// What a change of the config is refused with: nonsense, and names that nothing reads.

import { describe, expect, test } from 'vitest'
import { createConfig } from '../../src/supervision/config.ts'
import { base, type Loose, problems } from './config-change.ts'

const step = (tuning: object): readonly string[] =>
  problems((draft) => (draft['steps']!['a/b'] = tuning as never))
const above0 = 'a number above 0'
const ms = 'milliseconds above 0'

describe('a value that makes no sense is refused with its cure, and what makes some is taken', () => {
  const whole = 'a whole number from 1'
  const share = 'a share of at most 1'
  const limit = (terms: object) => (draft: Loose) => void (draft['limiters']!['l'] = terms as never)
  const fuse = (terms: object) => (draft: Loose) => void (draft['breakers']!['f'] = terms as never)
  const budget = (terms: object) => (draft: Loose) => void Object.assign(draft['retryBudget']!, terms)
  const so = (values: object) => (draft: Loose) => void Object.assign(draft, values)

  test.each<[string, string, (value: unknown) => (draft: Loose) => void, unknown[], unknown[]]>([
    ['concurrency', whole, (concurrency) => so({ concurrency }), [0, 1.5, '5', null], [1, 7]],
    [
      'hibernateAfter',
      'milliseconds from 0',
      (hibernateAfter) => so({ hibernateAfter }),
      [-1, Number.NaN, '5'],
      [0, 5],
    ],
    [
      'inFlight of limiter l',
      above0,
      (inFlight) => limit({ inFlight }),
      [0, Infinity, '5'],
      [null, 0.5, undefined],
    ],
    ['rate of limiter l', above0, (rate) => limit({ rate }), [0, -1, Infinity], [null, 0.5]],
    ['per of limiter l', above0, (per) => limit({ per }), [0, null, '1s'], [1_000]],
    ['burst of limiter l', above0, (burst) => limit({ burst }), [0, null], [9]],
    ['threshold of breaker f', share, (threshold) => fuse({ threshold }), [0, 1.01, null, '1'], [1e-9, 1]],
    ['window of breaker f', whole, (window) => fuse({ window }), [0, 0.5], [1]],
    ['minimum of breaker f', whole, (minimum) => fuse({ minimum }), [0, -1], [1]],
    ['probes of breaker f', whole, (probes) => fuse({ probes }), [0, Infinity], [2]],
    ['openFor of breaker f', ms, (openFor) => fuse({ openFor }), [0, null, Infinity], [5]],
    ['ratio of retryBudget', share, (ratio) => budget({ ratio }), [-0.1, 1.1, '0.5', null], [0, 1]],
    ['window of retryBudget', ms, (window) => budget({ window }), [0, null], [5]],
    ['minimum of retryBudget', 'a number from 0', (minimum) => budget({ minimum }), [-1, null, '3'], [0, 5]],
  ])('%s: %s', (what, cure, make, wrong, right) => {
    for (const value of wrong) {
      const said = typeof value === 'number' ? String(value) : JSON.stringify(value)
      expect(problems(make(value))).toEqual([`${what} is ${said}: give ${cure}`])
    }
    for (const value of right) expect(problems(make(value))).toEqual([])
  })

  test('of a step, all at once', () => {
    expect(
      step({ attempts: 1, inFlight: 1, timeout: 0.5, memo: { ttl: 1 }, nonRetryable: ['timeout'] }),
    ).toEqual([])
    expect(step({ memo: {}, nonRetryable: [], backoff: {} })).toEqual([])
    expect(
      step({ attempts: 0, inFlight: 2.5, timeout: null, memo: { ttl: Infinity }, nonRetryable: [''] }),
    ).toEqual([
      `attempts of a/b is 0: give ${whole}`,
      `inFlight of a/b is 2.5: give ${whole}`,
      `timeout of a/b is null: give ${ms}`,
      `ttl of the memo of a/b is Infinity: give ${ms}`,
      'nonRetryable of a/b is [""]: give a list of codes, names or kinds of failures',
    ])
    for (const nonRetryable of ['timeout', [5], { some: true }])
      expect(step({ nonRetryable })).toEqual([expect.stringMatching(/^nonRetryable of a\/b is /)])
  })

  test('of a backoff, in every part that is given; the others stay the author’s', () => {
    for (const given of [{ max: 5 }, { initial: '2h' }, { factor: 1 }, { jitter: 'decorrelated' }])
      expect(step({ backoff: given })).toEqual([])
    const wrong = step({ backoff: { initial: 'soon', max: null, factor: 0.9, jitter: 'some' } })
    expect(wrong).toEqual([
      expect.stringMatching(/^initial of backoff of a\/b is "soon": give milliseconds, or a text/),
      expect.stringMatching(/^max of backoff of a\/b is null: give milliseconds, or a text/),
      'factor of backoff of a/b is 0.9: give 1 for waits that stay the same, or more',
      'jitter of backoff of a/b is "some": give one of full, decorrelated, none',
    ])
    expect(step({ backoff: { factor: '2' } })).toHaveLength(1)
  })

  test('of a chain and an edge', () => {
    const chainOf = (tuning: object): readonly string[] =>
      problems((draft) => (draft['chains']!['c'] = tuning as never))
    expect(chainOf({ quarantined: 'it writes twice', paused: true })).toEqual([])
    expect(chainOf({ quarantined: '', paused: false })).toEqual([
      'quarantined of c is "": give the reason as a text, or delete it',
      'paused of c is false: give true, or delete it',
    ])
    expect(chainOf({ quarantined: 5 })).toHaveLength(1)
    const edge = (how: unknown): readonly string[] =>
      problems((draft) => (draft['edges']!['a<-b'] = how as never))
    expect([edge('dropped'), edge('gone')]).toEqual([
      [],
      [`edge a<-b is "gone": give 'dropped', or delete it`],
    ])
  })
})

describe('a name that nothing reads is refused', () => {
  const read = (draft: Loose): void => {
    Object.assign(draft, { concurrency: 1, hibernateAfter: 1 })
    const backoff = { initial: 1, factor: 2, max: 3, jitter: 'none' }
    draft['steps']!['a/b'] = {
      attempts: 1,
      timeout: 1,
      backoff,
      nonRetryable: ['x'],
      memo: { ttl: 1 },
      inFlight: 1,
    }
    draft['chains']!['a'] = { quarantined: 'x', paused: true }
    draft['edges']!['a<-b'] = 'dropped' as never
    draft['limiters']!['l'] = { inFlight: 1, rate: 1, per: 1, burst: 1 }
    draft['breakers']!['f'] = { threshold: 1, window: 1, minimum: 1, openFor: 1, probes: 1 }
    Object.assign(draft['retryBudget']!, { ratio: 1, window: 1, minimum: 1 })
  }

  test('and all others are taken, of every table', () => {
    expect(problems(read)).toEqual([])
  })

  test('in every table, with the one that was meant', () => {
    const wrong = problems((draft) => {
      Object.assign(draft, { concurency: 1 })
      draft['steps']!['a/b'] = { atempts: 1, backoff: { facto: 1 }, memo: { tll: 1 } }
      draft['chains']!['a'] = { pausd: true }
      draft['limiters']!['l'] = { burts: 1 }
      draft['breakers']!['f'] = { probe: 1 }
      Object.assign(draft['retryBudget']!, { rati: 1 })
    })
    expect(wrong).toEqual([
      'the config has no option "concurency" (did you mean concurrency?)',
      'steps["a/b"] has no option "atempts" (did you mean attempts?)',
      'backoff of steps["a/b"] has no option "facto" (did you mean factor?)',
      'memo of steps["a/b"] has no option "tll" (did you mean ttl?)',
      'chains["a"] has no option "pausd" (did you mean paused?)',
      'limiters["l"] has no option "burts" (did you mean burst?)',
      'breakers["f"] has no option "probe" (did you mean probes?)',
      'retryBudget has no option "rati" (did you mean ratio?)',
    ])
  })

  test('and so is what is no object where one belongs', () => {
    const gone = (table: string) => (draft: Loose) => void ((draft as Record<string, unknown>)[table] = 5)
    for (const table of ['steps', 'chains', 'edges', 'limiters', 'breakers'])
      expect(problems(gone(table))).toEqual([`${table} of the config is no table: give an object, by name`])
    const empty = problems((draft) => {
      for (const table of ['steps', 'chains', 'limiters', 'breakers']) draft[table]!['x'] = null as never
      ;(draft as Record<string, unknown>)['retryBudget'] = null
    })
    expect(empty.map((one) => one.replace(/ are no object: give .*/, ''))).toEqual([
      'options of steps["x"]',
      'options of chains["x"]',
      'options of limiters["x"]',
      'options of breakers["x"]',
      'options of retryBudget',
    ])
  })

  test('unless it was there before, of another deployment', () => {
    const config = createConfig(base)
    const patch = [{ op: 'add' as const, path: ['chains', 'a'], value: { colour: 'red' } }]
    config.replay({ version: 1, patch, inverse: [] })
    expect(problems((draft) => void (draft['chains']!['b'] = { colour: 'red' }), config)).toHaveLength(1)
    expect(problems((draft) => void (draft['chains']!['b'] = { paused: true }), config)).toEqual([])
    expect(config.current.chains).toEqual({ a: { colour: 'red' }, b: { paused: true } })
  })
})
