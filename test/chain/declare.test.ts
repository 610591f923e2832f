// What a supervisor declares of its chains and services, and the hash by which that is told anew.

import { describe, expect, test } from 'vitest'
import { setup } from 'xstate'
import { z } from 'zod'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { breaker } from '../../src/chain/breaker.ts'
import { compile } from '../../src/chain/compile.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { declare } from '../../src/chain/declare.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { limiter } from '../../src/chain/limiter.ts'
import { membersOf } from '../../src/chain/members.ts'
import { group, service } from '../../src/chain/service.ts'
import type { ChainDeclaration } from '../../src/definition/declaration.ts'
import { rootOf } from '../../src/definition/service.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'

const specOf = (one: AnyChain) => (one as unknown as { spec: Parameters<typeof compile>[0] }).spec
const declared = (one: AnyChain): ChainDeclaration => {
  const [first] = declare([compile(specOf(one))], rootOf([]), 1).chains
  if (first === undefined) throw new TypeError('nothing was declared')
  return first.declare()
}
const hashOf = (one: AnyChain): string => declare([compile(specOf(one))], rootOf([]), 1).chains[0]?.hash ?? ''

const slots = limiter('slots', { inFlight: 2 })
const fuse = breaker('fuse')
const undone = chain('undone').step('do', () => 1, { compensate: () => {} })

describe('a declaration', () => {
  test('tells all options of a step that are not functions, and of functions that they are there', () => {
    const whole = chain('whole', {
      input: z.number(),
      owner: 'ops',
      tags: ['a'],
      slo: { success: 0.99, within: '30s' },
      deprecated: 'use `half`',
      concurrency: { limit: 3 },
    })
      .step('first', () => 1, {
        attempts: 3,
        timeout: '2s',
        backoff: { initial: '1s', jitter: 'none' },
        limit: { by: slots },
        breaker: { by: fuse },
        idempotent: true,
        uses: ['bank'],
        fallback: () => 2,
        output: z.number(),
      })
      .parallel('both', {
        a: (b) => b.sleep('nap', '1s'),
        b: (b) => b.wait('go', z.string(), { timeout: 5 }),
      })
      .call('inner', undone, () => undefined)
      .each(
        'all',
        () => [1],
        () => 1,
        { inFlight: 4 },
      )
    const { machine, entries, ...rest } = declared(whole)
    expect(entries.map(({ name }) => name)).toEqual(['first', 'both', 'inner', 'all'])
    expect(Object.keys(machine.states ?? {})).toEqual(
      expect.arrayContaining(['first', 'both', 'inner', 'all']),
    )
    expect(machine).not.toHaveProperty('actors')
    expect(rest).toEqual({
      id: 'whole',
      version: compile(specOf(whole)).version,
      owner: 'ops',
      tags: ['a'],
      priority: 0,
      slo: { success: 0.99, within: 30_000 },
      deprecated: 'use `half`',
      concurrency: 3,
      input: true,
      output: false,
      when: 'all_success',
      needs: [],
      follows: [],
      ready: [],
      steps: [
        {
          name: 'first',
          kind: 'step',
          attempts: 3,
          timeout: 2_000,
          backoff: { initial: 1_000, factor: 2, max: 60_000, jitter: 'none' },
          limit: 'slots',
          lets: { inFlight: 2, rate: null, per: 1000, burst: 1, cost: 1 },
          breaker: 'fuse',
          fallback: true,
          idempotent: true,
          output: true,
          uses: ['bank'],
        },
        { name: 'both', kind: 'parallel' },
        { name: 'nap', kind: 'sleep' },
        { name: 'go', kind: 'wait', timeout: 5, input: true },
        { name: 'inner', kind: 'call', chain: 'undone', compensates: true },
        { name: 'all', kind: 'each', attempts: 1, inFlight: 4 },
      ],
    })
  })

  test("has the states of a user's own machine, and those of its actors", () => {
    const lamp = setup({}).createMachine({
      id: 'lamp',
      initial: 'off',
      states: { off: { on: { press: 'on' } }, on: { type: 'final' } },
    })
    const { own, machine } = declared(fromMachine('lamp', lamp, { deprecated: true }))
    expect(own).toBe(true)
    expect(machine).toMatchObject({
      id: 'lamp',
      states: { off: { on: { press: [{ target: ['lamp.on'] }] } } },
    })
  })

  test('lists services and groups, each with the group that it is in', () => {
    const cache = service('cache', () => {}, { ready: () => true })
    const poll = service('poll', () => {}, { needs: [cache], restart: 'transient' })
    const pollers = group('pollers', { strategy: 'one_for_all' }, [poll])
    const { root } = membersOf([undone, cache, pollers], {})
    const { concurrency, services } = declare([], root, 5).besides
    expect(concurrency).toBe(5)
    expect(services.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id: 'cache', group: '', kind: 'service', restart: 'permanent', ready: true, needs: [] },
      { id: 'poll', group: 'pollers', kind: 'service', restart: 'transient', needs: ['cache'] },
      { id: 'pollers', group: '', kind: 'group', restart: 'permanent', needs: [] },
    ])
    expect(services.findIndex(({ id }) => id === 'pollers')).toBeLessThan(
      services.findIndex(({ id }) => id === 'poll'),
    )
  })

  test('has another hash where anything of it is otherwise, and the same where nothing is', () => {
    const make = (options: object = {}, step: object = {}): string =>
      hashOf(chain('c', options).step('s', () => 1, step))
    const all = [
      make(),
      make({ version: '2' }),
      make({ owner: 'ops' }),
      make({ slo: { success: 0.9 } }),
      make({ slo: { success: 0.8 } }),
      make({ deprecated: true }),
      make({ priority: 1 }),
      make({}, { timeout: 1 }),
      make({}, { attempts: 2 }),
      make({}, { attempts: 3 }),
      make({}, { pure: true }),
      hashOf(chain('c').step('t', () => 1)),
      hashOf(
        chain('c')
          .needs({ undone })
          .step('s', () => 1),
      ),
    ]
    expect(new Set(all).size).toBe(all.length)
    expect(make()).toBe(make())
  })
})

describe('an objective', () => {
  test.each([
    [{ slo: {} }, /promises nothing/],
    [{ slo: { success: 99 } }, /success of slo of chain "c" is 99: give a share/],
    [{ slo: { success: 0 } }, /give a share/],
    [{ slo: { within: 'soon' } }, /within of slo of chain "c"/],
    [{ slo: { succes: 0.9 } }, /did you mean success/],
    [{ deprecated: 3 }, /deprecated of chain "c" is 3/],
    [{ deprecated: ' ' }, /says what to use instead/],
  ])('that makes no sense is refused with its cure: %o', (options, cure) => {
    const make = (): unknown => chain('c', options as never)
    expect(make).toThrow(cure)
    expect(make).toThrow(CatenaryError)
  })
})
