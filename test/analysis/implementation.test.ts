// The ladder, from declarations and executions made by hand: each rung, each flag, and what is next.

import { describe, expect, test } from 'vitest'
import type { ChainCoverage } from '../../src/analysis/coverage.ts'
import { healthOf } from '../../src/analysis/health.ts'
import { implementationOf } from '../../src/analysis/implementation.ts'
import type { ChainImplementation, StepImplementation } from '../../src/analysis/report-built.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import type { ChainDeclaration, StepDeclaration } from '../../src/definition/declaration.ts'
import type { ChainRecord } from '../../src/observe/chain-record.ts'
import type { RunRecord } from '../../src/observe/run-record.ts'
import {
  type Made,
  attempt,
  boom,
  declare,
  failed,
  hard,
  ran,
  run,
  runsOf,
  scene,
  step,
  wait,
} from './made.ts'

function built(made: Made): readonly ChainImplementation[] {
  const seen = scene(made)
  return atOnce(implementationOf(seen, atOnce(healthOf(seen))))
}

const stepIn = (made: Made): StepImplementation | undefined => built(made)[0]?.steps[0]
const rungIn = (made: Made, rung: string): unknown => stepIn(made)?.ladder.find((one) => one.rung === rung)
const once = (chain: Partial<ChainRecord> = {}): readonly RunRecord[] =>
  runsOf([ran('c', 0, 10, { attempts: [attempt('s', 0, 10)], ...chain })])
const of = (steps: readonly StepDeclaration[], given: Partial<ChainDeclaration> = {}): Made => ({
  chains: [declare('c', steps, given)],
})

test('from the bottom to the top: what is reached, and what is missing for the next rung', () => {
  const chains = [declare('c', [step('s', { output: true })])]
  const passed = (from: string): unknown => {
    const found = built({
      chains,
      ended: runsOf(
        Array.from({ length: 60 }, (_, at) =>
          ran('c', at, at + 1, { attempts: [attempt(from, at, at + 1)] }),
        ),
      ),
    })
    return [found[0]?.rung, found[0]?.next, found[0]?.flags]
  }
  expect(stepIn({ chains })).toEqual({
    step: 's',
    kind: 'step',
    rung: 'wired',
    ladder: [
      { rung: 'declared', reached: 'yes' },
      { rung: 'contracted', reached: 'yes' },
      { rung: 'implemented', reached: 'yes' },
      { rung: 'wired', reached: 'yes' },
      {
        rung: 'tested',
        reached: 'unknown',
        why: 'nothing tells which transitions the tests take: see --coverage',
      },
      { rung: 'exercised', reached: 'no', why: 'it has not run in the events that were read' },
      { rung: 'conformant', reached: 'unknown', why: 'it has not run' },
      { rung: 'healthy', reached: 'unknown', why: 'whether its chain is well is unknown: it has not run' },
    ],
    flags: ['unknown'],
    next: 'it has not run in the events that were read',
  })
  expect(passed('s')).toEqual(['healthy', undefined, []])
  expect(passed('other')).toEqual(['wired', 'step "s": it has not run in the events that were read', []])
  expect(built({ chains, ended: once() })[0]).toMatchObject({
    rung: 'conformant',
    next: 'step "s": whether its chain is well is unknown: one success of the 52 needed',
    flags: [],
    blockedBy: [],
  })
})

test.each([
  [of([step('s')]), 'no'],
  [of([step('s', { kind: 'each' })]), 'no'],
  [of([step('s', { kind: 'wait' })]), 'yes'],
  [of([step('s', { output: true })]), 'yes'],
  // the chain's schema is that of its last step
  [of([step('s')], { output: true }), 'yes'],
  [of([step('s'), step('t')], { output: true }), 'no'],
] as const)('a contract is a schema for what comes out [%#]', (made, reached) => {
  expect(rungIn(made, 'contracted')).toEqual({
    rung: 'contracted',
    reached,
    ...(reached === 'no' ? { why: 'it has no schema for its output' } : {}),
  })
})

test('a stub is not implemented, though it may have run', () => {
  const made = { ...of([step('s', { stub: true })]), ended: once() }
  expect(stepIn(made)).toMatchObject({
    rung: 'declared',
    flags: ['stub'],
    next: 'it is a stub: write its function',
  })
})

test('what calls a chain that is not declared is not wired', () => {
  const calls = step('s', { kind: 'call', chain: 'gone' })
  expect(stepIn(of([calls]))).toMatchObject({
    rung: 'implemented',
    next: 'it calls "gone", which is not declared',
  })
  const both = { chains: [declare('c', [calls]), declare('gone')] }
  expect(stepIn(both)?.rung).toBe('wired')
})

test.each([
  ['step', 'no', ['unknown']],
  ['each', 'no', ['unknown']],
  ['call', 'no', ['unknown']],
  ['sleep', 'no', ['unknown']],
  ['wait', 'no', ['unknown']],
  ['parallel', 'unknown', []],
  ['choose', 'unknown', []],
] as const)('that a %s has not run is known where it would leave a trace', (kind, reached, flags) => {
  expect(stepIn(of([step('s', { kind })]))?.flags).toEqual(flags)
  expect(rungIn(of([step('s', { kind })]), 'exercised')).toEqual({
    rung: 'exercised',
    reached,
    why:
      reached === 'no'
        ? 'it has not run in the events that were read'
        : 'its passing leaves no event of its own',
  })
})

test('it has run where an attempt of it or a wait was seen, in the version that is declared', () => {
  const reached = (chain: Partial<ChainRecord>): unknown =>
    (rungIn({ ...of([step('s')]), ended: once(chain) }, 'exercised') as { readonly reached: string }).reached
  expect(reached({})).toBe('yes')
  expect(reached({ attempts: [], waits: [wait('s', 'signal', 0, 9)] })).toBe('yes')
  expect(reached({ attempts: [], waits: [wait('', 'gate', 0, 9)] })).toBe('no')
  expect(reached({ version: '0' })).toBe('no')
})

test('a run that stands at events that do not fit is no conformance of the chains that it is for', () => {
  const parked = {
    run: 'p',
    detail: '',
    cure: '',
    at: 0,
    seq: 0,
    chains: ['x', 'c'],
    reason: 'needs-migration',
  } as const
  const reached = (...some: NonNullable<Made['parked']>): unknown =>
    rungIn({ ...of([step('s')]), ended: once(), parked: some }, 'conformant')
  expect(reached(parked)).toEqual({
    rung: 'conformant',
    reached: 'no',
    why: 'a run of its chain stands at events that do not fit',
  })
  expect(reached({ ...parked, reason: 'dead-letter' })).toMatchObject({ reached: 'yes' })
  expect(reached({ ...parked, chains: ['x'] })).toMatchObject({ reached: 'yes' })
})

test('of a chain that is not well, the step that fails is to blame, and others are not', () => {
  const broken = (name: string | undefined): Made => ({
    ...of([step('s')]),
    ended: runsOf(
      Array.from({ length: 5 }, (_, at) =>
        ran('c', at, at + 1, {
          status: 'failed',
          step: name,
          failure: boom,
          attempts: [attempt('s', at, at + 1)],
        }),
      ),
    ),
  })
  const why = 'its chain is failing: all of its last 5 executions failed'
  for (const name of ['s', undefined])
    expect(rungIn(broken(name), 'healthy')).toEqual({ rung: 'healthy', reached: 'no', why })
  expect(rungIn(broken('t'), 'healthy')).toEqual({
    rung: 'healthy',
    reached: 'unknown',
    why: 'its chain is failing, by step "t"',
  })
})

test('a step is tested where tests took every transition of its own, in this version', () => {
  const transition = (
    id: string,
    owner: string,
    visited: boolean,
    by?: readonly string[],
  ): ChainCoverage['transitions'][number] => ({
    id,
    label: `label of ${id}`,
    step: owner,
    recovery: false,
    visited,
    ...(by === undefined ? {} : { by }),
  })
  const tested = (version: string, ...transitions: ChainCoverage['transitions']): unknown =>
    rungIn(
      { ...of([step('s')]), coverage: new Map([[`c\n${version}`, { chain: 'c', version, transitions }]]) },
      'tested',
    )
  expect(tested('1', transition('a', 's', true), transition('b', 't', false))).toEqual({
    rung: 'tested',
    reached: 'yes',
  })
  expect(tested('1')).toMatchObject({ reached: 'yes' })
  expect(tested('0', transition('a', 's', true))).toEqual({
    rung: 'tested',
    reached: 'no',
    why: 'no test has run this version of its chain',
  })
  expect(
    tested(
      '1',
      transition('a', 's', true),
      transition('b', 's', false, ['go', 'fail']),
      transition('c', 's', false),
    ),
  ).toEqual({
    rung: 'tested',
    reached: 'no',
    why: 'tests have not taken 2 of its 3 transitions, such as label of b, which comes by: go, fail',
  })
  expect(tested('1', transition('c', 's', false))).toMatchObject({
    why: 'tests have not taken 1 of its 1 transitions, such as label of c',
  })
})

describe('flaky', () => {
  const retried = (
    item?: string,
    inputHash?: string,
    second: Parameters<typeof attempt>[3] = {},
  ): ChainRecord['attempts'] => [
    failed('s', 0, 1, { item, inputHash, next: 'retry' }),
    attempt('s', 1, 2, { attempt: 2, item, inputHash, ...second }),
  ]
  const flags = (...attempts: readonly ChainRecord['attempts'][]): unknown =>
    stepIn({
      ...of([step('s')]),
      ended: runsOf(attempts.map((own, at) => ran('c', at, at + 2, { attempts: own }))),
    })?.flags

  test('is a step that three times did the same work the second time', () => {
    expect(flags(retried(), retried(), retried())).toEqual(['flaky'])
    expect(flags(retried(), retried())).toEqual([])
    expect(flags([...retried('a'), ...retried('b'), ...retried('c')])).toEqual(['flaky'])
  })

  test('is none that got other work, or where a fallback stood in, or that failed again', () => {
    const others: readonly Parameters<typeof attempt>[3][] = [
      { inputHash: 'other' },
      { item: 'other' },
      { step: 't' },
      { part: 'fallback' },
      { outcome: 'lost' },
    ]
    for (const other of others) {
      const one = retried('i', 'h', other)
      expect(flags(one, one, one)).toEqual([])
    }
    // one failure is made good once
    expect(flags([...retried(), attempt('s', 2, 3), attempt('s', 3, 4)])).toEqual([])
    // what failed in one execution is not made good in another
    const [bad, good] = retried()
    for (const one of [bad, good]) if (one === undefined) throw new Error('there are two')
    expect(
      flags(
        [bad as never],
        [good as never],
        [bad as never],
        [good as never],
        [bad as never],
        [good as never],
      ),
    ).toEqual([])
  })
})

describe('a chain', () => {
  test('stands where its lowest step does', () => {
    const made = of([step('s', { stub: true }), step('t')])
    expect(built(made)[0]).toMatchObject({
      rung: 'declared',
      next: 'step "s": it is a stub: write its function',
    })
    expect(built(of([step('t'), step('s', { stub: true })]))[0]).toMatchObject({ rung: 'declared' })
    expect(built(of([]))[0]).toEqual({
      chain: 'c',
      rung: 'declared',
      flags: ['unknown'],
      blockedBy: [],
      steps: [],
    })
  })

  test('is deprecated, unknown or stale as is declared and was seen', () => {
    expect(built(of([], { deprecated: true }))[0]?.flags).toEqual(['deprecated', 'unknown'])
    expect(built({ ...of([]), ended: once({ status: 'failed' }) })[0]?.flags).toEqual(['unknown'])
    expect(built({ ...of([]), ended: once({ version: '0' }) })[0]?.flags).toEqual(['stale'])
    expect(built({ ...of([]), ended: once() })[0]?.flags).toEqual([])
  })

  test('is skewed where another version of it goes on', () => {
    const open = (version: string, endedAt: number | undefined): Made => ({
      ...of([]),
      open: [run('o', [ran('c', 0, endedAt, { version, status: 'running' }), ran('d', 0, undefined)])],
    })
    expect(built(open('0', undefined))[0]?.flags).toContain('version-skew')
    expect(built(open('1', undefined))[0]?.flags).not.toContain('version-skew')
    expect(built(open('0', 9))[0]?.flags).not.toContain('version-skew')
  })

  test('that ran and is declared no more is an orphan, where anything is declared', () => {
    expect(
      built({ chains: [declare('d')], ended: once() }).map(({ chain, rung, flags, steps }) => [
        chain,
        rung,
        flags,
        steps,
      ]),
    ).toEqual([
      ['d', 'declared', ['unknown'], []],
      ['c', 'exercised', ['orphan'], []],
    ])
    expect(built({ ended: once() })).toEqual([])
  })

  test('says what blocks it, the last time that it was to run, once each', () => {
    const failure = (chain: string, ...blocked: readonly string[]): RunRecord['failures'][number] => ({
      chain,
      failure: { kind: 'thrown', message: '', retryable: false },
      blocked,
    })
    const blocked = (at: number, failures: readonly ReturnType<typeof failure>[]): RunRecord =>
      run(`r${at}`, [ran('c', at, at + 1, { key: 'c~2', status: 'upstream_failed' })], {
        failures,
        firstSeq: at,
      })
    const made = of([], { needs: [hard('a'), hard('b')] })
    const ended = [
      blocked(1, [failure('a', 'c~2'), failure('b', 'x'), failure('a', 'y', 'c~2'), failure('d', 'c~2')]),
    ]
    expect(built({ ...made, ended })[0]).toMatchObject({
      blockedBy: ['a', 'd'],
      flags: ['unknown', 'blocked-by'],
    })
    const after = [...ended, run('z', [ran('c', 5, 6)], { firstSeq: 9 })]
    expect(built({ ...made, ended: after })[0]).toMatchObject({ blockedBy: [], flags: [] })
    const before = Array.from({ length: 60 }, (_, at) => run(`w${at}`, [ran('c', 0, 0)]))
    // well in itself
    expect(built({ ...made, ended: [...before, ...ended] })[0]).toMatchObject({ blockedBy: [] })
  })
})
