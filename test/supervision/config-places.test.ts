// What there is to be tuned: a change of the config that names anything else is refused.

import { describe, expect, test } from 'vitest'
import { breaker } from '../../src/chain/breaker.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { orderOnly, ready } from '../../src/chain/edge.ts'
import { limiter } from '../../src/chain/limiter.ts'
import { membersOf } from '../../src/chain/members.ts'
import { service } from '../../src/chain/service.ts'
import { type Config, createConfig } from '../../src/supervision/config.ts'
import { placesOf } from '../../src/supervision/config-places.ts'
import { base, type Loose, problems } from './config-change.ts'

describe('a place that there is none of is refused with those that there are', () => {
  const slots = limiter('slots', { inFlight: 2 })
  const fuse = breaker('fuse')
  const up = chain('up').step('make', () => 1)
  const cache = service('cache', () => {})
  const c = chain('c')
    .needs({ up, cache: ready(cache) })
    .step('first', () => 1, { limit: slots, fallback: () => 2 })
    .parallel('both', {
      a: (b) => b.step('pure', () => 1, { pure: true }),
      b: (b) => b.sleep('nap', 1),
    })
    .transact('rows', () => 1)
    .step('kept', () => 1, { memo: { key: () => 'k' }, breaker: fuse })
    .each(
      'all',
      () => [1],
      () => 1,
    )
  const late = chain('late')
    .needs({ up, other: orderOnly(c) }, { when: 'all_done' })
    .step('go', () => 1)
  const places = placesOf(membersOf([c, late, cache], {}).specs)
  const nothing = placesOf([])

  test('of steps: their names, what each may have, and their parts', () => {
    const names = 'c/first, c/pure, c/rows, c/kept, c/all, up/make, late/go'
    expect(places.step('c/nap', {})).toBe(`there is no such step: name one of ${names}`)
    expect(places.step('c/first:fallback', { timeout: 5 })).toBeUndefined()
    const pure = 'memo is only for steps that say they are pure: say { pure: true } where it is defined'
    const each = 'inFlight is only for an each: leave it out'
    const memo = { memo: {} }
    expect(['c/first', 'c/rows', 'c/pure', 'c/kept'].map((name) => places.step(name, memo))).toEqual([
      pure,
      pure,
      undefined,
      undefined,
    ])
    expect([places.step('c/first', { inFlight: 1 }), places.step('c/all', { inFlight: 1 })]).toEqual([
      each,
      undefined,
    ])
  })

  test('of chains, needs, limiters and breakers', () => {
    expect([places.chain('c'), places.limiter('slots'), places.breaker('fuse')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect([places.edge('c<-up'), places.edge('late<-other')]).toEqual([undefined, undefined])
    expect(places.edge('late<-up')).toBe('its chain judges it by the rule "all_done": change that in code')
    expect(places.chain('d')).toBe('there is no such chain: name one of c, up, late')
    expect(places.edge('c<-down')).toBe('there is no such need: name one of c<-up, late<-up, late<-other')
    expect(places.limiter('fuse')).toBe('there is no such limiter: name one of slots')
    expect(places.breaker('slots')).toBe('there is no such breaker: name one of fuse')
    expect(nothing.chain('c')).toBe('there is no such chain, nor any other')
  })

  test('but no more than eight of them', () => {
    const many = (count: number): string | undefined =>
      placesOf(
        membersOf(
          Array.from({ length: count }, (_, i) => chain(`c${i}`).step('s', () => 1)),
          {},
        ).specs,
      ).chain('x')
    const eight = 'there is no such chain: name one of c0, c1, c2, c3, c4, c5, c6, c7'
    expect([many(8), many(9)]).toEqual([eight, `${eight}, ...`])
  })

  test('in each table of the config, where a change brings it', () => {
    const config = createConfig(base, nothing)
    const none = (what: string): string => `there is no such ${what}, nor any other`
    const fill = (draft: Loose): void => {
      draft['steps']!['a/b'] = { timeout: 1 }
      draft['chains']!['a'] = { paused: true }
      draft['edges']!['a<-b'] = 'dropped' as never
      draft['limiters']!['l'] = { rate: 1 }
      draft['breakers']!['f'] = { probes: 1 }
    }
    expect(problems(fill, config)).toEqual([
      `steps["a/b"]: ${none('step')}`,
      `chains["a"]: ${none('chain')}`,
      `edges["a<-b"]: ${none('need')}`,
      `limiters["l"]: ${none('limiter')}`,
      `breakers["f"]: ${none('breaker')}`,
    ])
    // what an older deployment left there stays, until somebody changes it
    const change = createConfig(base).change(fill as unknown as (draft: Config) => void)
    config.replay(change!)
    expect(problems((draft) => Object.assign(draft, { concurrency: 3 }), config)).toEqual([])
    expect(problems((draft) => void (draft['limiters']!['l'] = { rate: 2 }), config)).toHaveLength(1)
  })
})
