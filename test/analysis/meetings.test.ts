// How chains meet, from records made by hand; what changed since the last report; what tests visited.

import { expect, test } from 'vitest'
import {
  type ChainCoverage,
  type CoverageFile,
  mergeCoverage,
  parseCoverage,
} from '../../src/analysis/coverage.ts'
import { type Asking, evaluate } from '../../src/analysis/evaluate.ts'
import type { Interval } from '../../src/analysis/figures.ts'
import { interactionsOf } from '../../src/analysis/interactions.ts'
import type { Interactions } from '../../src/analysis/report-places.ts'
import type { Report } from '../../src/analysis/report.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import type { ChainRecord } from '../../src/observe/chain-record.ts'
import type { RunRecord } from '../../src/observe/run-record.ts'
import {
  type Made,
  attempt,
  declare,
  evidenceOf,
  hard,
  journal,
  ran,
  run,
  runsOf,
  scene,
  step,
} from './made.ts'

const meetings = (made: Made): Interactions => atOnce(interactionsOf(scene(made)))
const edge = (
  name: string,
  key: string,
  kind: 'hard' | 'optional' | 'order' = 'hard',
): ChainRecord['needs'][number] => ({ name, key, kind })

test('an edge is read where any execution read it, not read where those that could tell did not, else unknown', () => {
  const page = (
    given: Partial<ChainRecord>,
    its: Partial<RunRecord> = {},
    rows: Partial<ChainRecord> = {},
  ): unknown => {
    const ended = [
      run(
        'r',
        [
          ran('rows', 0, 1, { key: 'rows~1', ...rows }),
          ran('page', 1, 2, { needs: [edge('rows', 'rows~1')], ...given }),
        ],
        { firstSeq: 5, ...its },
      ),
    ]
    const [found] = meetings({ ended, readsSince: 5 }).edges
    return [found?.read, found?.observed, found?.n]
  }
  expect(page({})).toEqual(['no', 1, 1])
  expect(page({ reads: ['rows'] })).toEqual(['yes', 1, 1])
  expect(page({ reads: ['other'] })).toEqual(['no', 1, 1])
  // it did not come to its end, its output or that of a step was made before, or some of it was left out
  expect(page({ status: 'failed' })).toEqual(['unknown', 1, 0])
  expect(page({ status: 'failed', reads: ['rows'] })).toEqual(['yes', 1, 1])
  expect(page({ memo: true })).toEqual(['unknown', 1, 0])
  expect(page({ attempts: [attempt('a', 0, 1), attempt('s', 0, 1, { memo: true })] })).toEqual([
    'unknown',
    1,
    0,
  ])
  expect(page({ attempts: [attempt('s', 0, 1)] })).toEqual(['no', 1, 1])
  expect(page({}, { dropped: 1 })).toEqual(['unknown', 1, 0])
  // before reads were told, or nothing was made to be read
  expect(page({}, { firstSeq: 4 })).toEqual(['unknown', 1, 0])
  expect(page({}, {}, { status: 'failed' })).toEqual(['unknown', 1, 0])
  expect(page({}, {}, { key: 'else' })).toEqual([undefined, undefined, undefined])
  expect(
    meetings({ ended: [run('r', [ran('rows', 0, 1), ran('page', 1, 2, { needs: [edge('rows', 'rows')] })])] })
      .edges,
  ).toMatchObject([
    {
      from: 'rows',
      to: 'page',
      name: 'rows',
      kind: 'hard',
      follows: false,
      rule: 'all_success',
      declared: false,
      observed: 1,
      read: 'unknown',
      n: 0,
    },
  ])
})

test('edges are told as they are declared, and what was seen besides after them; each once', () => {
  const chains = [
    declare('page', [], {
      needs: [
        { name: 'rows', chain: 'rows', kind: 'hard' },
        { name: 'go', chain: 'rows', kind: 'order' },
      ],
      when: 'all_done',
    }),
    declare('late', [], { follows: [{ name: 'rows', chain: 'rows', kind: 'hard' }] }),
    declare('own', [], { own: true, needs: [{ name: 'rows', chain: 'rows', kind: 'hard' }] }),
  ]
  const consumer = (chain: string, ...needs: ChainRecord['needs']): ChainRecord =>
    ran(chain, 1, 2, { needs, rule: 'one_success' })
  const of = (id: string, ...consumers: readonly ChainRecord[]): RunRecord =>
    run(id, [ran('rows', 0, 1), ran('other', 0, 1), ...consumers])
  const ended = [
    of(
      'a',
      consumer('page', edge('rows', 'rows'), edge('go', 'rows', 'order')),
      consumer('late', edge('rows', 'rows')),
      consumer('own', edge('rows', 'rows')),
    ),
    of('b', consumer('page', edge('rows', 'rows'), edge('rows', 'other'), edge('up', 'other', 'order'))),
  ]
  expect(
    meetings({ chains, ended, readsSince: 0 }).edges.map((one) => [
      one.from,
      one.to,
      one.name,
      one.kind,
      one.follows,
      one.rule,
      one.declared,
      one.observed,
      one.read,
      one.n,
    ]),
  ).toEqual([
    ['rows', 'page', 'rows', 'hard', false, 'all_done', true, 2, 'no', 2],
    ['rows', 'page', 'go', 'order', false, 'all_done', true, 1, 'unknown', 1],
    ['rows', 'late', 'rows', 'hard', true, 'all_success', true, 1, 'no', 1],
    // of a machine of one's own it cannot be seen
    ['rows', 'own', 'rows', 'hard', false, 'all_success', true, 1, 'unknown', 0],
    ['other', 'page', 'rows', 'hard', false, 'one_success', false, 1, 'no', 1],
    ['other', 'page', 'up', 'order', false, 'one_success', false, 1, 'unknown', 1],
  ])
})

test('calls are counted by who calls what at which step, the most first, with the shortest circles', () => {
  const call = (chain: string, by: string, at: string): ChainRecord =>
    ran(chain, 0, 1, { key: `${by}/${at}/${chain}`, call: { chain: by, step: at } })
  const ended = [
    run('a', [
      ran('top', 0, 9, { key: 'top~2' }),
      call('leaf', 'top~2', 'ask'),
      call('twig', 'top~2', 'ask'),
    ]),
    run('b', [ran('top', 0, 9), call('leaf', 'top', 'ask'), call('leaf', 'top', 'again')]),
    // whose caller is not kept
    run('c', [call('top', 'leaf', 'back')]),
  ]
  const { calls, cycles } = meetings({ ended })
  expect(calls).toEqual([
    { from: 'top', step: 'ask', to: 'leaf', n: 2 },
    { from: 'leaf', step: 'back', to: 'top', n: 1 },
    { from: 'top', step: 'again', to: 'leaf', n: 1 },
    { from: 'top', step: 'ask', to: 'twig', n: 1 },
  ])
  expect(cycles.map((one) => one.toSorted())).toEqual([['leaf', 'top']])
  expect(meetings({ ended: ended.slice(0, 2) }).cycles).toEqual([])
})

test('what stops with a chain is told where anything does, the most first, a hundred at most', () => {
  const chains = [
    declare('a'),
    declare('b', [], { needs: [hard('a')] }),
    ...Array.from({ length: 101 }, (_, at) => declare(`c${at}`, [], { needs: [hard('b')] })),
  ]
  const { blast } = meetings({ chains })
  expect(
    blast.map(({ chain, downstream, chains: named }) => [chain, downstream, named.length, named[0]]),
  ).toEqual([
    ['a', 102, 100, 'b'],
    ['b', 101, 100, 'c0'],
  ])
})

test('signals are told, the most first', () => {
  const made = evidenceOf({})
  const signals = new Map([
    ['1', { chain: 'c', name: 'rare', n: 1 }],
    ['2', { chain: 'c', name: 'often', n: 5 }],
  ])
  const { signals: found } = atOnce(
    interactionsOf({ ...scene({}), survey: { ...scene({}).survey, evidence: { ...made, signals } } }),
  )
  expect(found.map(({ name, n }) => [name, n])).toEqual([
    ['often', 5],
    ['rare', 1],
  ])
})

const reportOf = (made: Made, asking: Partial<Asking> = {}): Report =>
  atOnce(evaluate(evidenceOf(made), { now: 1_000, ...asking }))

test('a report tells what it rests on: the versions that are declared or ran last, and which runs are used', () => {
  const made: Made = {
    chains: [declare('a', [], { version: 'declared' })],
    ended: [
      run('r1', [ran('a', 0, 1), ran('gone', 0, 1, { version: 'old' })]),
      run('r2', [ran('gone', 0, 5, { version: 'new' })]),
      run('r3', [], { retries: 1 }),
    ],
    open: [run('o', [ran('a', 0, undefined)])],
  }
  const { meta, schema } = reportOf(made)
  expect(schema).toBe(1)
  expect(meta).toEqual({
    at: 1_000,
    from: 0,
    to: 0,
    seq: 0,
    versions: { a: 'declared', gone: 'new' },
    runs: { used: 2, open: 1, excluded: [{ reason: 'retried by a person', count: 1 }] },
    hash: meta.hash,
  })
  expect(meta.hash).toMatch(/^\S+$/)
})

test('the hash is of all that follows from journal and time, and of neither vitals, policy nor the report before', () => {
  const steps = (n: number): Made => ({
    chains: [
      declare('c', [step('s', { writes: ['a'] }), ...Array.from({ length: n }, (_, at) => step(`t${at}`))]),
    ],
  })
  const { hash } = reportOf(steps(1)).meta
  expect(reportOf(steps(1)).meta.hash).toBe(hash)
  const vitals = { loopDelay: 1 } as unknown as NonNullable<Asking['vitals']>
  const other = reportOf(steps(1), { vitals, policy: () => 'ask', since: reportOf({}) })
  expect(other.meta.hash).toBe(hash)
  expect(other.resources.vitals).toBe(vitals)
  expect(reportOf(steps(1)).resources).not.toHaveProperty('vitals')
  const others = [
    reportOf(steps(2)),
    reportOf(steps(1), { now: 1_001 }),
    reportOf({}),
    reportOf({ ...steps(1), strays: 1 }),
    reportOf({ chains: [declare('c', [step('s', { writes: ['b'] }), step('t0')])] }),
  ]
  expect(new Set([hash, ...others.map(({ meta }) => meta.hash)]).size).toBe(6)
  // beyond what is hashed at once, the beginning counts too
  const many = (first: string): string =>
    reportOf({
      chains: [declare(first), ...Array.from({ length: 90 }, (_, at) => declare(`c${at}`, [step('s')]))],
    }).meta.hash
  expect(many('a')).not.toBe(many('b'))
  expect(many('a')).toBe(many('a'))
})

test('policies are of what can be done; practices are of what is declared', () => {
  const stale: Made = {
    chains: [declare('c', [step('s')])],
    ended: runsOf([ran('c', 0, 1, { version: '0' })]),
  }
  const policies = (asking: Partial<Asking>): unknown =>
    reportOf(stale, asking).actions.map(({ kind, policy, state }) => [kind, policy, state])
  expect(policies({})).toEqual([['re-run-stale', 'off', 'proposed']])
  expect(policies({ policy: () => 'ask' })).toEqual([['re-run-stale', 'ask', 'asked']])
  expect(reportOf(stale).practices.map(({ rule }) => rule)).toEqual(['no-timeout'])
  expect(reportOf({}).practices).toEqual([])
})

test('since the last report: states, rungs, practices, what is to be done, and times whose intervals are apart', () => {
  const report = reportOf({})
  const of = (chain: string, p50: Interval | undefined): Report['performance']['chains'][number] =>
    ({
      chain,
      duration: { n: 1, ...(p50 === undefined ? {} : { p50 }) },
    }) as unknown as Report['performance']['chains'][number]
  const first = (times: readonly (readonly [string, Interval | undefined])[], is: Made): Report => ({
    ...reportOf(is),
    performance: { ...report.performance, chains: times.map(([chain, p50]) => of(chain, p50)) },
  })
  const stub = { chains: [declare('c', [step('s', { stub: true })])] }
  const since = first([], stub)
  const { diff } = reportOf(
    { chains: [declare('c', [step('s')]), declare('d')] },
    { since: { ...since, meta: { ...since.meta, hash: 'before' } } },
  )
  expect(diff).toEqual({
    since: 'before',
    entries: [
      { section: 'health', place: 'd', was: 'none', is: 'unknown' },
      { section: 'implementation', place: 'c', was: 'declared', is: 'wired' },
      { section: 'implementation', place: 'd', was: 'none', is: 'declared' },
      { section: 'actions', place: 'write step "s" of chain "c"', was: 'to be done', is: 'none' },
    ],
  })
  const rules = (made: Made, before: Made): unknown =>
    reportOf(made, { since: reportOf(before) }).diff.entries.filter(({ section }) => section === 'practices')
  const reader = declare('r', [], { needs: [hard('c')] })
  expect(rules({ chains: [declare('c', [step('s')]), reader] }, {})).toEqual([
    { section: 'practices', place: 'c/s: no-timeout', was: 'none', is: 'broken' },
    { section: 'practices', place: 'c: no-output-schema', was: 'none', is: 'broken' },
  ])
  expect(rules({}, { chains: [declare('c', [step('s')])] })).toEqual([
    { section: 'practices', place: 'c/s: no-timeout', was: 'broken', is: 'none' },
  ])
  expect(reportOf({}).diff).toEqual({ since: null, entries: [] })
})

test('times have changed where their intervals have nothing in common', () => {
  // 10 executions of 100 to 109 ms: the median lies between the second and the ninth
  const of = (from: number, n = 10): Made => ({
    ended: runsOf(Array.from({ length: n }, (_, at) => ran('c', 0, from + at))),
  })
  const entries = (before: Made, after: Made): unknown =>
    reportOf(after, { since: reportOf(before) }).diff.entries.filter(
      ({ section }) => section === 'performance',
    )
  const entry = { section: 'performance', place: 'c' }
  expect(entries(of(100), of(200))).toEqual([{ ...entry, was: '104.5 ms', is: '204.5 ms' }])
  expect(entries(of(200), of(100))).toEqual([{ ...entry, was: '204.5 ms', is: '104.5 ms' }])
  expect(entries(of(100), of(100))).toEqual([])
  // the bounds are 101 and 108: 7 later they meet, 8 later they do not
  expect([entries(of(100), of(107)), entries(of(107), of(100))]).toEqual([[], []])
  expect([entries(of(100), of(108)), entries(of(108), of(100))]).toMatchObject([[entry], [entry]])
  // without bounds nothing is said
  expect([entries(of(100, 2), of(200)), entries(of(100), of(200, 2))]).toEqual([[], []])
  expect([entries({}, of(100)), entries(of(100), {})]).toEqual([[], []])
})

test('what several processes visited is one: a transition is visited where any of them has', () => {
  const transition = (id: string, visited: boolean, label = id): ChainCoverage['transitions'][number] => ({
    id,
    label,
    step: '',
    recovery: false,
    visited,
  })
  const of = (
    chain: string,
    version: string,
    ...transitions: ChainCoverage['transitions']
  ): ChainCoverage => ({ chain, version, transitions })
  const merged = mergeCoverage([
    {
      schema: 1,
      chains: [
        of('a', '1', transition('x', true), transition('y', false), transition('z', false, 'first')),
        of('a', '2', transition('x', false)),
      ],
    },
    {
      schema: 1,
      chains: [of('a', '1', transition('x', false), transition('y', true), transition('z', false, 'second'))],
    },
  ])
  expect([...merged]).toEqual([
    ['a\n1', of('a', '1', transition('x', true), transition('y', true), transition('z', false, 'first'))],
    ['a\n2', of('a', '2', transition('x', false))],
  ])
  expect(mergeCoverage([])).toEqual(new Map())
})

test('a file of coverage is read, and what is none is not', () => {
  const file: CoverageFile = { schema: 1, chains: [{ chain: 'a', version: '1', transitions: [] }] }
  expect(parseCoverage(JSON.stringify(file))).toEqual(file)
  expect(parseCoverage('{"schema":1,"chains":[]}')).toEqual({ schema: 1, chains: [] })
  const [one] = file.chains
  const others: readonly unknown[] = [
    null,
    1,
    {},
    { ...file, schema: 2 },
    { schema: 1 },
    { schema: 1, chains: 'a' },
    ...[null, { ...one, chain: 1 }, { ...one, version: 1 }, { ...one, transitions: {} }].map((odd) => ({
      ...file,
      chains: [one, odd],
    })),
  ]
  for (const other of others) expect(parseCoverage(JSON.stringify(other))).toBeUndefined()
  expect(parseCoverage('{')).toBeUndefined()
})

test('a journal with nothing in it has a report', () => {
  const made = evidenceOf({})
  for (const event of journal([])) made.apply(event)
  const { verdict, health, experiments, self } = atOnce(evaluate(made, { now: 0 }))
  expect([verdict.sentence, health, experiments, self]).toEqual([
    'nothing has run yet',
    [],
    [],
    { dropped: 0 },
  ])
})
