// Validation of a set of chains: every problem in one error, each with its place and its cure.

import { describe, expect, test } from 'vitest'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { breaker } from '../../src/chain/breaker.ts'
import { ready } from '../../src/chain/edge.ts'
import { limiter } from '../../src/chain/limiter.ts'
import { type Member, membersOf } from '../../src/chain/members.ts'
import { service } from '../../src/chain/service.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'

const fn = (): number => 1

/** What a supervisor with such chains is refused for. */
function refusal(...chains: readonly unknown[]): string {
  try {
    membersOf(chains as readonly Member[], {})
    return 'accepted'
  } catch (error) {
    if (CatenaryError.is(error) && error.code === 'BAD_DEFINITION') return error.message
    throw error
  }
}

describe('chains', () => {
  test('that need each other in a circle are refused with the path', () => {
    const early = chain('load').step('s', () => 1)
    const extract = chain('extract')
      .needs({ load: early })
      .step('s', () => 1)
    const report = chain('report')
      .needs({ extract })
      .step('s', () => 1)
    const load = chain('load')
      .needs({ report })
      .step('s', () => 1)
    const message = refusal(load)
    expect(message).toContain('chains need each other in a circle: load -> report -> extract -> load')
  })

  test('that are different but share an id are refused', () => {
    expect(
      refusal(
        chain('a').step('x', () => 1),
        chain('a').step('y', () => 1),
      ),
    ).toContain('two different chains have the id "a"')
  })

  test('that are none are named by their place', () => {
    expect(refusal(chain('a'), undefined, { id: 'b' })).toMatch(
      /chains\[1\] is not a chain.*chains\[2\] is not a chain/s,
    )
  })

  test('that need what is no chain are refused', () => {
    const needy = chain('needy').needs({ ghost: undefined as unknown as AnyChain<undefined> })
    expect(refusal(needy)).toContain('chain "needy": need "ghost" is not a chain')
  })

  test('are refused with all that is wrong at once', () => {
    const wrong = chain('wrong way')
      .step('failed', () => 1)
      .step('one', () => 1)
      .step('one', () => 2)
      .step('not a name', () => 3)
      .step('broken', 5 as unknown as () => number)
      .repeat('never', (b) => b, { until: () => true, max: 0 })
      .parallel('nothing', {})
    const message = refusal(wrong)
    expect(message).toMatch(/^\d+ problems in the chains:/)
    for (const part of [
      'an id is a letter',
      '"failed" is reserved',
      'two steps are called "one"',
      '"not a name" cannot name a step',
      'step "broken" was given no function',
      'repeat "never" repeats nothing',
      'max of repeat "never"',
      'parallel "nothing" has no branches',
    ]) {
      expect(message).toContain(part)
    }
  })

  test('are refused by names that every object has: tables of steps and chains would seem to hold them', () => {
    for (const name of ['toString', 'constructor', 'valueOf', 'hasOwnProperty']) {
      expect(refusal(chain('c').step(name, () => 1))).toContain(`"${name}" is reserved`)
      expect(refusal(chain(name).step('s', () => 1))).toContain('a name that every object has')
    }
  })

  test.each<readonly [string, AnyChain, string]>([
    [
      'an unknown rule',
      chain('c').needs({ n: chain('n') }, { when: 'sometimes' as never }),
      'chain "c": "sometimes" is no trigger rule: give one of all_success, ',
    ],
    [
      'a branch that cannot be named',
      chain('c').parallel('p', { '1st': (b) => b }),
      'chain "c": "1st" cannot name a branch of "p"',
    ],
    [
      'a choice of nothing',
      chain('c').choose('way', (c) => c.otherwise((b) => b)),
      'chain "c": choose "way" has no case',
    ],
    [
      'rounds that are no whole number',
      chain('c').repeat('r', (b) => b.step('s', fn), { until: () => true, max: 1.5 }),
      'chain "c": max of repeat "r" must be a whole number from 1',
    ],
    [
      'a loop without end',
      chain('c').repeat('r', (b) => b.step('s', fn), { max: 2 } as never),
      'chain "c": repeat "r" would never be over: give { until: ({ steps }) => ... }',
    ],
    [
      'items that are no function',
      chain('c').each('e', [1] as never, fn),
      'chain "c": the items of each "e" are no function: give one that returns them, as ({ input }) => input',
    ],
    [
      'items with nothing to do',
      chain('c').each('e', () => [1], undefined as never),
      'chain "c": each "e" was given neither a function nor a chain for its items',
    ],
    [
      'a call of nothing',
      chain('c').call('k', undefined as never, fn as never),
      'chain "c": call "k" was given no chain: make one with chain(id)',
    ],
    [
      'a call of a chain that needs others',
      chain('c').call('k', chain('d').needs({ e: chain('e') }) as never, fn as never),
      'chain "c": "k" runs chain "d", which needs other chains, and a called chain gets none: need it instead, or hand in what it needs as its input',
    ],
    [
      'items that run a chain that follows others',
      chain('c').each('k', () => [1], chain('d').follows({ e: chain('e') }) as never),
      'chain "c": "k" runs chain "d", which needs other chains',
    ],
    [
      'guards of items that run a chain',
      chain('c').each('k', () => [1], chain('d'), { deadline: '1s', heartbeat: '1s' } as never),
      'chain "c": each "k" runs a chain for each item, which has attempts of its own: give heartbeat, deadline to the steps of that chain',
    ],
    [
      'a compensation of items that run a chain',
      chain('c').each('k', () => [1], chain('d'), { compensate: fn }),
      'chain "c": the items of each "k" are chains, which undo themselves: give the compensation to a step of chain "d"',
    ],
    [
      'what is done once for several, and undone for one',
      chain('c').step('s', fn, { memo: { key: () => 'k' }, compensate: fn }),
      'chain "c": "s" has both memo and compensate: what one run did once for several cannot be undone for one of them, so leave one out',
    ],
    [
      'a state of a machine that compensates',
      chain('c').step('kept', fn, { compensate: fn }),
      'chain "c": "kept" is reserved for the machine where steps compensate: call it otherwise',
    ],
    ...['compensating', 'ending', 'undone'].map(
      (name) =>
        [
          `a step called ${name} that compensates`,
          chain('c').step(name, fn, { compensate: fn }),
          `chain "c": "${name}" is reserved for the machine where steps compensate: call it otherwise`,
        ] as const,
    ),
    [
      'a call of a chain that needs a service',
      chain('c').call('k', chain('d').needs({ db: ready(service('db', fn)) }) as never, fn as never),
      'chain "c": "k" runs chain "d", which needs other chains',
    ],
    [
      'an attribute of a kind that there is not',
      chain('c', { attributes: { region: 'text' } } as never),
      'chain "c": attribute "region" is declared as "text": it is one of string, number, boolean',
    ],
    [
      'a name that comes twice, one of them in a branch',
      chain('c')
        .step('s', fn)
        .parallel('p', { x: (b) => b.step('s', fn) }),
      'chain "c": two steps are called "s": names are unique in a chain, its branches included',
    ],
    [
      'two needs of one name',
      chain('c')
        .needs({ n: chain('n') })
        .follows({ n: chain('m') }),
      'chain "c": two needs are read as "n"',
    ],
    [
      'no place for any of them at once',
      chain('c', { concurrency: { limit: 0 } }),
      'chain "c": concurrency.limit must be a whole number from 1',
    ],
    [
      'half a place',
      chain('c', { concurrency: { limit: 1.5 } }),
      'chain "c": concurrency.limit must be a whole number from 1',
    ],
    [
      'an unknown way to wait for one',
      chain('c', { concurrency: { limit: 1, strategy: 'oldest' as never } }),
      "chain \"c\": concurrency.strategy is 'queue' or 'newest'",
    ],
    [
      'two limiters of one id',
      chain('c')
        .step('s', fn, { limit: { by: limiter('l', { inFlight: 1 }) } })
        .step('t', fn, { limit: { by: limiter('l', { inFlight: 2 }) } }),
      'two different limiters have the id "l": make it once and share it, or keep ids unique',
    ],
  ])('with %s are refused, and told how to mend it', (_, wrong, problem) => {
    const message = refusal(wrong)
    expect(message).toContain(`one problem in the chains:\n  - ${problem}`)
  })

  test.each([
    'succeeded',
    'failed',
    'cancelled',
    'returning',
    'timer',
    'queue',
    'queued',
    'nothing',
    'done',
    'prototype',
  ])('may not call a step %j, as their machines do', (name) => {
    expect(refusal(chain('c').step(name, fn))).toContain(`"${name}" is reserved for the machine`)
  })

  test.each(['compensating', 'ending', 'kept', 'undone'])(
    'may call a step %j as long as nothing of them is undone',
    (name) => {
      expect(refusal(chain('c').step(name, fn))).toBe('accepted')
    },
  )

  test.each(['queue', 'newest'] as const)('may be one at once, by the strategy %j', (strategy) => {
    expect(refusal(chain('c', { concurrency: { limit: 1, strategy } }))).toBe('accepted')
  })

  test('are told with all that is wrong, one a line', () => {
    expect(refusal(chain('1st'), chain('2nd'))).toBe(
      [
        '2 problems in the chains:',
        '  - chain "1st": an id is a letter, then letters, digits, "-" and "_", at most 100',
        '  - chain "2nd": an id is a letter, then letters, digits, "-" and "_", at most 100',
      ].join('\n'),
    )
  })

  test('that are only called belong to it as well, and are refused like the others', () => {
    const wrong = (id: string) => chain(id).step('done', fn)
    const message = refusal(
      chain('c')
        .call('k', wrong('called'), fn as never)
        .each('e', () => [1], wrong('each') as never),
    )
    expect(message).toContain('chain "called": "done" is reserved')
    expect(message).toContain('chain "each": "done" is reserved')
  })

  test('may share a limiter, call and need the same chain, and have every kind of step', () => {
    const shared = limiter('l', { inFlight: 1 })
    const base = chain('base').step('s', fn, { limit: { by: shared } })
    const whole = chain('whole')
      .needs({ base })
      .step('s', fn, { limit: { by: shared } })
      .call('k', base)
      .each('e', () => [1], base)
      .each('f', () => [1], fn)
      .choose('w', (c) =>
        c
          .when(
            () => true,
            (b) => b.step('x', fn),
          )
          .otherwise((b) => b),
      )
      .repeat('r', (b) => b.step('y', fn), { until: () => true, max: 1 })
      .parallel('p', { z: (b) => b })
    expect(refusal(whole, base)).toBe('accepted')
    const { specs } = membersOf([whole, whole, chain('last')], {})
    expect(specs.map(({ id }) => id)).toEqual(['whole', 'base', 'last'])
    const once = chain('once')
      .needs({ base }, { when: () => 'run' as never })
      .step('s', fn, { memo: { key: () => 'k' }, limit: { by: shared }, breaker: { by: breaker('l') } })
    expect(refusal(once)).toBe('accepted')
  })
})
