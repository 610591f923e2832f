// Good practice, a row for each rule: what breaks it in full, and what is near and does not.

import { expect, test } from 'vitest'
import { practicesOf } from '../../src/analysis/practices.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import type {
  ChainDeclaration,
  ServiceDeclaration,
  StepDeclaration,
} from '../../src/definition/declaration.ts'
import { declare, hard, step } from './made.ts'

const found = (
  chains: readonly ChainDeclaration[],
  services: readonly ServiceDeclaration[] = [],
  concurrency = 10,
): ReturnType<typeof atOnce<readonly unknown[]>> => atOnce(practicesOf({ chains, services, concurrency }))

/** What is said of a step before another one. */
const ofStep = (
  given: Partial<StepDeclaration>,
  chain: Partial<ChainDeclaration> = {},
  concurrency = 10,
): readonly unknown[] =>
  found(
    [declare('c', [step('s', { timeout: 1, ...given }), step('last', { timeout: 1 })], chain)],
    [],
    concurrency,
  ).map((one) => {
    const { chain: of, step: name, ...rest } = one as { readonly chain: string; readonly step?: string }
    expect([of, name]).toEqual(['c', 's'])
    return rest
  })
const without = { timeout: undefined } as unknown as Partial<StepDeclaration>

const noTimeout = {
  rule: 'no-timeout',
  severity: 'medium',
  cure: "give it a timeout, such as { timeout: '30s' }, or a heartbeat where it may take long",
  sentence:
    'step "s" of chain "c" has no timeout: a call that never answers keeps its slot and its run for ever',
}
test('a step without any limit of time', () => {
  expect(ofStep(without)).toEqual([noTimeout])
  expect(ofStep({ ...without, kind: 'each' })).toEqual([noTimeout])
  for (const given of [
    { deadline: 1 },
    { heartbeat: 1 },
    { transact: true },
    { chain: 'x', kind: 'each' },
    { kind: 'sleep' },
  ] as const)
    expect(ofStep({ ...without, ...given })).toEqual([])
  expect(ofStep(without, { deadline: 1 })).toEqual([])
})

test('retries of what may do harm a second time', () => {
  const broken = (effect: string): unknown => ({
    rule: 'retry-without-idempotency',
    severity: 'high',
    cure: 'say { idempotent: true } once a repeat does no harm: context.idempotencyKey is the same for every attempt',
    sentence: `step "s" of chain "c" is tried up to 3 times, and ${effect}, but does not say that a repeat does no harm`,
  })
  const rules = (given: Partial<StepDeclaration>): readonly unknown[] =>
    ofStep({ breaker: 'b', compensates: true, ...given })
  expect(rules({ attempts: 3, uses: ['bank'] })).toEqual([broken('calls "bank"')])
  expect(rules({ attempts: 3, writes: ['a', 'b', 'c'], uses: ['bank'] })).toEqual([
    broken('writes "a", "b" and "c"'),
  ])
  expect(rules({ attempts: 3, writes: [], kind: 'each' })).toEqual([broken('writes ')])
  for (const given of [
    { attempts: 1 },
    {},
    { attempts: 3, idempotent: true },
    { attempts: 3, pure: true },
    { attempts: 3, transact: true },
    { attempts: 3, chain: 'x', kind: 'each' },
  ] as const)
    expect(rules({ writes: ['a'], ...given })).toEqual([])
  expect(rules({ attempts: 3 })).toEqual([])
})

test('what is written and cannot be undone', () => {
  expect(ofStep({ writes: ['a', 'b'] })).toEqual([
    {
      rule: 'effect-without-compensation',
      severity: 'medium',
      cure: 'give it { compensate }, make it idempotent, or move it to the end of its chain',
      sentence: 'step "s" of chain "c" writes "a" and "b" and cannot be undone when a later step fails',
    },
  ])
  for (const given of [
    { compensates: true },
    { idempotent: true },
    { pure: true },
    { transact: true },
    { kind: 'call', chain: 'x' },
  ] as const)
    expect(ofStep({ writes: ['a'], ...given })).toEqual([])
  expect(found([declare('c', [step('s', { timeout: 1, writes: ['a'] })])])).toEqual([])
})

test('a signal that is not checked, and one that may never come', () => {
  const schema = {
    rule: 'no-schema',
    severity: 'medium',
    cure: 'give the wait a schema: what comes from outside is then checked before a step sees it',
    sentence: 'step "s" of chain "c" takes a signal from outside without a schema',
  }
  const end = {
    rule: 'wait-without-end',
    severity: 'low',
    cure: 'give it { timeout, onTimeout }, or the chain a deadline, if nobody may ever answer',
    sentence: 'step "s" of chain "c" waits for ever where no signal comes',
  }
  expect(ofStep({ kind: 'wait', ...without })).toEqual([schema, end])
  expect(ofStep({ kind: 'wait', input: true, ...without })).toEqual([end])
  expect(ofStep({ kind: 'wait', input: true, ...without }, { deadline: 1 })).toEqual([])
  expect(ofStep({ kind: 'wait', input: true })).toEqual([])
})

test('an each that takes all slots', () => {
  const rule = {
    rule: 'unbounded-each',
    severity: 'low',
    cure: 'give it an inFlight below the concurrency of the supervisor, so that others have their turn',
    sentence:
      'step "s" of chain "c" works on 10 items at once, where the supervisor has 10 slots for all chains',
  }
  expect(ofStep({ kind: 'each', inFlight: 10 })).toEqual([rule])
  expect(ofStep({ kind: 'each', inFlight: 11 })).toMatchObject([{ rule: 'unbounded-each' }])
  expect(ofStep({ kind: 'each', inFlight: 9 })).toEqual([])
  expect(ofStep({ kind: 'each' })).toEqual([])
  expect(ofStep({ kind: 'step', inFlight: 10 })).toEqual([])
  expect(ofStep({ kind: 'each', inFlight: 10 }, {}, 0)).toEqual([])
})

test('retries against what does not answer', () => {
  const rule = {
    rule: 'port-without-breaker',
    severity: 'low',
    cure: 'share a breaker among all steps that use it, so that nobody waits for what does not answer',
    sentence: 'step "s" of chain "c" retries against "a" and "b" without a breaker',
  }
  const given = { uses: ['a', 'b'], idempotent: true } as const
  expect(ofStep({ ...given, attempts: 2 })).toEqual([rule])
  expect(ofStep({ ...given, attempts: 2, breaker: 'x' })).toEqual([])
  expect(ofStep({ ...given, attempts: 1 })).toEqual([])
  expect(ofStep(given)).toEqual([])
  expect(ofStep({ attempts: 2 })).toEqual([])
})

test('what needs a chain that should be used no more, and what hands on what it never promised', () => {
  const old = declare('old', [], { deprecated: 'use new', output: true })
  const user = declare('user', [], { needs: [hard('old'), hard('plain')] })
  const plain = declare('plain', [], { deprecated: true })
  expect(
    found([
      old,
      plain,
      user,
      declare('also', [], { needs: [hard('plain')] }),
      declare('follows', [], { follows: [hard('old')] }),
    ]),
  ).toEqual([
    {
      rule: 'needs-deprecated',
      severity: 'medium',
      cure: 'need what it says instead',
      chain: 'user',
      sentence: 'chain "user" needs "old" and "plain", which is deprecated',
    },
    {
      rule: 'needs-deprecated',
      severity: 'medium',
      cure: 'need what it says instead',
      chain: 'also',
      sentence: 'chain "also" needs "plain", which is deprecated',
    },
    {
      rule: 'no-output-schema',
      severity: 'low',
      cure: 'give the chain { output: schema }: others then cannot be handed what it never promised',
      chain: 'plain',
      sentence: 'chain "plain" hands its output to "user" and "also" without a schema',
    },
  ])
  const order = { name: 'a', chain: 'a', kind: 'order' } as const
  expect(found([declare('a'), declare('b', [], { needs: [order] })])).toEqual([])
  expect(found([declare('a', [], { own: true }), declare('b', [], { needs: [hard('a')] })])).toEqual([])
  expect(found([declare('a', [], { output: true }), declare('b', [], { needs: [hard('a')] })])).toEqual([])
})

test('a service that others wait for, without a probe that says whether it is ready', () => {
  const service = (id: string, given: Partial<ServiceDeclaration> = {}): ServiceDeclaration => ({
    id,
    group: '',
    kind: 'service',
    restart: 'permanent',
    needs: [],
    ...given,
  })
  const waits = declare('c', [], { ready: ['db'] })
  expect(found([waits], [service('db')])).toEqual([
    {
      rule: 'service-without-readiness',
      severity: 'low',
      chain: 'db',
      sentence: 'service "db" has no readiness probe, and "c" waits for it',
      cure: 'give it { ready }: one that says once that it is ready is never asked whether it still is',
    },
  ])
  expect(found([waits], [service('db'), service('web', { needs: ['db'] })])).toMatchObject([
    { sentence: 'service "db" has no readiness probe, and "c" and "web" wait for it' },
  ])
  expect(found([waits], [service('db', { ready: true })])).toEqual([])
  expect(found([waits], [service('db', { kind: 'group' })])).toEqual([])
  expect(found([], [service('db')])).toEqual([])
})

test('the worst come first, and of equal ones as they are declared', () => {
  const chains = [
    declare('a', [
      step('wait', { kind: 'wait', input: true }),
      step('call', { timeout: 1, attempts: 2, uses: ['x'], breaker: 'x' }),
    ]),
    declare('b', [step('do')]),
    declare('d', [step('wait', { kind: 'wait' })]),
  ]
  expect(found(chains).map((one) => (one as { readonly rule: string }).rule)).toEqual([
    'retry-without-idempotency',
    'no-timeout',
    'no-schema',
    'wait-without-end',
    'wait-without-end',
  ])
})
