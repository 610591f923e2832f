// What is said of a need that is never read, by what its chains declare; and what keeps it from being said.

import { describe, expect, test } from 'vitest'
import { falseDependency } from '../../../src/reflection/detectors/false-dependency.ts'
import type { View } from '../../../src/reflection/evidence.ts'
import type { ChainRecord } from '../../../src/observe/run-record.ts'
import type { DeclaredChain, DeclaredStep, Tunables } from '../../../src/reflection/tunables.ts'
import { attempt, failed, hard, ran } from '../../analysis/made.ts'
import { chainOf, onlyOne, runsEach, untuned, viewed } from '../viewed.ts'

type Declared = Partial<DeclaredStep>

interface Made {
  readonly count?: number
  readonly upstream?: readonly Declared[]
  readonly consumer?: readonly Declared[]
  readonly first?: Partial<DeclaredChain>
  readonly last?: Partial<DeclaredChain>
  readonly ran?: (at: number, from: number) => Partial<ChainRecord>
  readonly config?: Partial<Tunables>
}

const steps = (declared: readonly Declared[]): readonly DeclaredStep[] =>
  declared.map((given, at) => ({ name: `s${at}`, kind: 'step', ...given }))

const plain = { name: 'first', key: 'first', kind: 'hard' } as const

/** Chain `last` needs `first`, and never reads it. */
function needed({
  count = 100,
  upstream = [{ pure: true }],
  consumer = [{ pure: true }],
  ...made
}: Made = {}): View {
  return viewed(
    runsEach(count, (at, from) => [
      ran('first', from, from + 10),
      ran('last', from + 10, from + 20, {
        needs: [plain],
        attempts: [attempt('s0', from + 10, from + 20)],
        ...made.ran?.(at, from),
      }),
    ]),
    [
      chainOf('first', steps(upstream), made.first),
      chainOf('last', steps(consumer), { needs: [hard('first')], ...made.last }),
    ],
    { config: { ...untuned, ...made.config } },
  )
}

describe('a need that is never read', () => {
  test('of an upstream that is pure is to be dropped', () => {
    const tested = onlyOne(falseDependency, needed())
    expect(tested).toMatchObject({ place: { chain: 'last', edge: 'last<-first' }, cover: 1 })
    expect(tested.p).toBeCloseTo(0.95 ** 100, 12)
    expect(tested.propose()).toEqual({
      sentence:
        'Chain "last" waits for "first" and never read what it returns, in 100 runs. Drop the need "first".',
      evidence: {
        runs: 100,
        n: 100,
        statistic: 'share of the executions that read first',
        value: 0,
        low: 0,
        high: expect.closeTo(1 - 0.05 ** (1 / 100), 12) as number,
        level: 0.95,
        facts: [
          'None of 100 executions read it: at most 3 % do.',
          'By what their steps declare, nothing that "first" does shows in "last".',
        ],
      },
      patch: [{ op: 'add', path: '/edges/last<-first', value: 'dropped' }],
      objective: 'run-duration',
      worth: 0.01,
    })
  })

  const writes = [{ writes: ['rows'] }]
  test.for([
    [
      'writes what its consumer neither reads nor writes',
      { upstream: writes, consumer: [{ reads: ['x'], writes: ['y'] }] },
    ],
    ['writes something, before a consumer that is pure', { upstream: writes }],
    [
      'only reads, as its consumer does',
      { upstream: [{ reads: ['rows'] }], consumer: [{ reads: ['rows'] }] },
    ],
    ['is pure, whatever its consumer does', { consumer: [{}] }],
    [
      'writes what its consumer does not write, and that reads nothing',
      { upstream: writes, consumer: [{ writes: ['y'] }] },
    ],
    ['works through items, purely', { upstream: [{ kind: 'each', pure: true }] }],
    ['sleeps beside its pure work', { upstream: [{ pure: true }, { kind: 'sleep' }] }],
    [
      'writes something, before a consumer that sleeps as well',
      { upstream: writes, consumer: [{ pure: true }, { kind: 'wait' }] },
    ],
  ] as const)('may be dropped where the upstream %s', ([, made]) => {
    expect(falseDependency.test(needed(made))).toHaveLength(1)
  })

  test.for([
    ['writes what its consumer reads', { upstream: writes, consumer: [{ reads: ['rows'] }] }],
    ['writes what its consumer writes', { upstream: writes, consumer: [{ writes: ['x', 'rows'] }] }],
    [
      'writes what the items of its consumer read',
      { upstream: writes, consumer: [{ pure: true }, { kind: 'each', reads: ['rows'] }] },
    ],
    ['writes something, and its consumer does not say what it reads', { upstream: writes, consumer: [{}] }],
    ['does not say what it does', { upstream: [{}] }],
    ['does not say what one of its steps does', { upstream: [{ writes: ['x'] }, {}] }],
    ['says it of one of its steps only', { upstream: [{ pure: true }, {}] }],
    ['writes rows of the host, pure as it says it is', { upstream: [{ pure: true, transact: true }] }],
    ['does nothing that is known', { upstream: [] }],
    ['does nothing but sleep', { upstream: [{ kind: 'sleep' }] }],
    ['calls another chain', { upstream: [{ pure: true }, { kind: 'call' }] }],
    ['has items that are another chain', { upstream: [{ kind: 'each', pure: true, chain: 'x' }] }],
    ["is a machine of the user's own", { first: { own: true } }],
    ["is needed by a machine of the user's own", { last: { own: true } }],
    ['is judged by how it ended', { last: { when: 'all_done' } }],
    ['may be missing', { last: { needs: [{ name: 'first', chain: 'first', kind: 'optional' }] } }],
    ['is not declared', { last: { needs: [hard('else')] } }],
    ['is dropped already', { config: { edges: { 'last<-first': 'dropped' } } }],
    ['was seen in 99 runs', { count: 99 }],
    ['was read once', { ran: (at) => (at === 50 ? { reads: ['first'] } : {}) }],
  ] as const satisfies readonly (readonly [string, Made])[])(
    'is not asked about where the upstream %s',
    ([, made]) => {
      expect(falseDependency.test(needed(made))).toEqual([])
    },
  )

  test.for([
    ['failed', () => ({ status: 'failed' })],
    ['never began', () => ({ startedAt: undefined })],
    ['is of another version', () => ({ version: '2' })],
    ['had no need then', () => ({ needs: [] })],
    ['had another need then', () => ({ needs: [{ ...plain, name: 'other' }] })],
    ['was another chain', () => ({ chain: 'other' })],
    ['did nothing', () => ({ attempts: [] })],
    [
      'did nothing that succeeded',
      (_: number, from: number) => ({ attempts: [failed('s0', from, from + 10)] }),
    ],
    [
      'had its outputs from before',
      (_: number, from: number) => ({ attempts: [attempt('s0', from, from, { memo: true })] }),
    ],
  ] as const satisfies readonly (readonly [string, Made['ran']])[])(
    'counts no execution that %s',
    ([, other]) => {
      const view = needed({ count: 101, ran: (at, from) => (at === 40 ? other(at, from) : {}) })
      expect(onlyOne(falseDependency, view).propose()?.evidence.n).toBe(100)
    },
  )

  test('counts an execution of which some attempt succeeded', () => {
    const attempts = (from: number) => [failed('s0', from, from + 5), attempt('s0', from + 5, from + 10)]
    const view = needed({ ran: (_, from) => ({ attempts: attempts(from) }) })
    expect(falseDependency.test(view)).toHaveLength(1)
  })

  test('is asked about for each need by itself', () => {
    const both = [hard('first'), { name: 'second', chain: 'first', kind: 'hard' }]
    const view = needed({
      last: { needs: both },
      ran: () => ({ needs: [plain, { ...plain, name: 'second' }], reads: ['second'] }),
    })
    expect(onlyOne(falseDependency, view).place.edge).toBe('last<-first')
  })
})

test('what it needs is said in the table', () => {
  expect(falseDependency).toMatchObject({
    row: 3,
    kind: 'false-dependency',
    class: 'B',
    needs: '100 executions of a chain, with effects declared by { pure, reads, writes }',
  })
})
