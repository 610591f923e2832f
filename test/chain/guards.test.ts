// Limiters, breakers and the options that name them: what is refused, all of it, with its cure.

import { describe, expect, test } from 'vitest'
import { breaker } from '../../src/chain/breaker.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { limiter } from '../../src/chain/limiter.ts'
import { collect, validateChains } from '../../src/chain/validate.ts'

describe('a limiter is refused', () => {
  test.each([
    ['that limits nothing', () => limiter('a', {}), /limits nothing: give inFlight, rate or both/],
    ['without options', () => limiter('a', undefined as never), /limits nothing/],
    ['without an id', () => limiter('', { inFlight: 1 }), /not empty/],
    ['with burst but no rate', () => limiter('a', { inFlight: 1, burst: 2 }), /burst without rate/],
    [
      'with a key that is none',
      () => limiter('a', { inFlight: 1, key: {} as never }),
      /key of limiter "a" is object/,
    ],
    [
      'with a period that is none',
      () => limiter('a', { rate: 1, per: 'soon' as never }),
      /per of limiter "a"/,
    ],
    [
      'with all that is wrong at once',
      () => limiter('a', { inFlight: 0, rate: Infinity, per: 0 }),
      /inFlight of limiter "a" is 0.*rate of limiter "a" is Infinity.*per of limiter "a" is 0/,
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
  })
})

describe('a breaker is refused', () => {
  test.each([
    ['with a threshold of nothing', () => breaker('b', { threshold: 0 }), /threshold of breaker "b" is 0/],
    ['that would never open', () => breaker('b', { window: 5, minimum: 6 }), /it would never open/],
    ['with too large a window', () => breaker('b', { window: 10_001 }), /at most 10000/],
    [
      'with all that is wrong at once',
      () => breaker('b', { probes: 0, minimum: 1.5, counts: 1 as never, openFor: 0 }),
      /minimum of breaker "b" is 1.5.*probes of breaker "b" is 0.*counts of breaker "b" is no function.*openFor of breaker "b" is 0/,
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
  })
})

describe('an option of a step is refused', () => {
  const api = limiter('api', { inFlight: 1 })
  test.each([
    ['limit', { limit: 5 }, /limit of step "s" names no limiter/],
    ['limit', { limit: breaker('b') }, /names no limiter/],
    ['limit', { limit: { by: api, cost: -1 } }, /cost of limit of step "s" is -1/],
    ['limit', { limit: { by: api, fairBy: true } }, /fairBy of limit of step "s" is boolean/],
    ['breaker', { breaker: { by: api } }, /breaker of step "s" names no breaker/],
    ['hedge', { hedge: '2s', idempotent: true }, /hedge of step "s" is no object/],
    ['hedge', { hedge: { after: '2s', max: 0 }, idempotent: true }, /max of hedge of step "s" is 0/],
    ['hedge', { hedge: { after: 0 }, idempotent: true }, /after of hedge of step "s" is 0/],
    ['heartbeat', { heartbeat: 0 }, /heartbeat of step "s" is 0/],
    ['deadline', { deadline: -1 }, /deadline of step "s" is -1/],
  ] as const)('%s: %o', (_, options, message) => {
    expect(() => chain('c').step('s', () => 1, options as never)).toThrow(message)
  })

  test('two that share an id are told apart by nobody', () => {
    const twin = limiter('api', { inFlight: 2 })
    const a = chain('a').step('s', () => 1, { limit: api })
    const b = chain('b')
      .step('s', () => 1, { limit: twin })
      .step('t', () => 1, { limit: api })
    expect(() => validateChains([a, b], collect([a.spec, b.spec]))).toThrow(
      /two different limiters have the id "api"/,
    )
    expect(() => validateChains([a], collect([a.spec]))).not.toThrow()
  })

  test('an each over a chain has no attempts of its own to guard', () => {
    const inner = chain<number>('inner').step('s', ({ input }) => input)
    const outer = chain('outer').each('e', () => [1], inner, { limit: api, deadline: '1s' })
    expect(() => validateChains([outer], collect([outer.spec]))).toThrow(
      /each "e" runs a chain for each item.*give limit, deadline to the steps of that chain/,
    )
  })
})
