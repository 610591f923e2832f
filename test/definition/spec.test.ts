// What tools read off a definition: its entries all the way down, what of it can be undone, its nodes, its names.

import { expect, test } from 'vitest'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { group, service } from '../../src/chain/service.ts'
import { compensates, undoables } from '../../src/definition/compensation.ts'
import { deprecation, objective } from '../../src/definition/objective.ts'
import { scheduleName, tickRun } from '../../src/definition/schedule.ts'
import { nodesOf, rootOf } from '../../src/definition/service.ts'
import { type ChainSpec, nested, walk } from '../../src/definition/spec.ts'

const specOf = (one: AnyChain): ChainSpec => (one as unknown as { spec: ChainSpec }).spec
const undo = (): void => {}
const one = (): number => 1

const nest = specOf(
  chain('nest')
    .step('first', one)
    .parallel('both', { a: (b) => b.step('a1', one).step('a2', one), b: (b) => b.sleep('b1', 1) })
    .choose('which', (c) =>
      c
        .when(
          () => true,
          (b) => b.step('then', one),
        )
        .when(
          () => true,
          (b) => b.repeat('again', (inner) => inner.step('round', one), { until: () => true, max: 2 }),
        )
        .otherwise((b) => b.step('else', one)),
    )
    .wait('last'),
)

test('entries are walked in the order in which they are written, each before what is in it', () => {
  expect([...walk(nest.entries)].map(({ name }) => name)).toEqual([
    'first',
    'both',
    'a1',
    'a2',
    'b1',
    'which',
    'then',
    'again',
    'round',
    'else',
    'last',
  ])
  const inside = nest.entries.map((entry) => nested(entry).map((some) => some.map(({ name }) => name)))
  expect(inside).toEqual([[], [['a1', 'a2'], ['b1']], [['then'], ['again'], ['else']], []])
})

test('what can be undone are steps and items with a compensation, and chains that undo themselves', () => {
  const firm = chain('firm').step('stay', one)
  const undone = chain('undone').step('do', one, { compensate: undo })
  const outer = specOf(
    chain('outer')
      .step('plain', one)
      .step('paid', one, { compensate: undo })
      .sleep('nap', 1)
      .parallel('both', { a: (b) => b.step('inner', one, { compensate: undo }), b: (b) => b.wait('go') })
      .each('all', () => [1], one)
      .each('sent', () => [1], one, { compensate: undo })
      .each('firms', () => [1], firm)
      .each('parts', () => [1], undone)
      .call('kept', firm, () => undefined)
      .call('called', undone, () => undefined),
  )
  const found = undoables(outer)
  expect(found.map(({ name, items, compensation }) => [name, items, compensation?.body])).toEqual([
    ['paid', false, undo],
    ['inner', false, undo],
    ['sent', true, undo],
    ['parts', true, undefined],
    ['called', false, undefined],
  ])
  expect(undoables(outer)).toBe(found)
  expect(Object.keys(found.at(-1)!)).not.toContain('compensation')
  expect([firm, undone].map((some) => compensates(specOf(some)))).toEqual([false, true])
  // it undoes nothing of its own, and what it calls does
  expect(compensates(specOf(chain('by-call').call('called', undone, () => undefined)))).toBe(true)
})

test('entries whose body or chain is missing are told by the validation, and break nothing before', () => {
  const entries = [
    { kind: 'each', name: 'e', options: {} },
    { kind: 'call', name: 'c' },
  ] as unknown as ChainSpec['entries']
  expect(undoables({ ...nest, entries })).toEqual([])
})

test('what a chain promises is kept as far as it is said', () => {
  expect(objective('c', undefined)).toEqual({})
  expect(objective('c', { success: 1 })).toStrictEqual({ slo: { success: 1 } })
  expect(objective('c', { within: '2s' })).toStrictEqual({ slo: { within: 2_000 } })
  expect(objective('c', { success: 0.5, within: 7 })).toStrictEqual({ slo: { success: 0.5, within: 7 } })
  for (const given of [
    {},
    { success: 1.01 },
    { success: 0 },
    { success: '1' as never },
    { success: Number.NaN },
  ])
    expect(() => objective('c', given)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
})

test('a chain that should be used no more says so, or what instead', () => {
  expect([undefined, false, true, 'use d'].map((given) => deprecation('c', given))).toStrictEqual([
    {},
    {},
    { deprecated: true },
    { deprecated: 'use d' },
  ])
  for (const given of [' ', 3 as never, null as never])
    expect(() => deprecation('c', given)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
})

test('the root of all services is a group with the defaults of OTP', () => {
  expect(rootOf([])).toStrictEqual({
    kind: 'group',
    id: '',
    restart: 'temporary',
    shutdown: 'infinity',
    significant: false,
    strategy: 'one_for_one',
    intensity: 1,
    period: 5_000,
    autoShutdown: 'never',
    reviveStopped: false,
    children: [],
  })
  const own = { strategy: 'rest_for_one', intensity: 0, period: 9 } as const
  expect(rootOf([], own)).toMatchObject(own)
})

test('nodes are walked in start order, each group before its children', () => {
  const run = (): void => {}
  const tree = group('outer', {}, [
    service('a', run),
    group('inner', {}, [service('b', run)]),
    service('c', run),
  ])
  const ids = [...nodesOf([tree.node, service('d', run).node])].map(({ id }) => id)
  expect(ids).toEqual(['outer', 'a', 'inner', 'b', 'c', 'd'])
})

test('a schedule is kept by its chain and its id, and its runs by the instant of their tick as well', () => {
  const name = scheduleName('report', 'nightly')
  expect(name).toBe('schedule/report/nightly')
  expect(tickRun(name, Date.parse('2026-01-01T03:00Z'))).toBe(
    'schedule/report/nightly/2026-01-01T03:00:00.000Z',
  )
})
