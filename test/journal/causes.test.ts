// What each recorded event means to the machine of its chain: where it stands after it, and which events it cannot take.

import { describe, expect, test } from 'vitest'
import type { EachContext } from '../../machines/each.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import { chain } from '../../src/chain/create-chain.ts'
import type { Fact } from '../../src/journal/event.ts'
import { type ChainFold, applyToChain, beginFold } from '../../src/journal/replay.ts'
import { encode } from '../../src/kernel/codec.ts'
import { events, failure } from '../observe/events.ts'

/** A fact, and where the machine stands after it, or what is said against it. */
type Row = readonly [fact: Fact, stands?: unknown]

const of = (step: string, item?: string) => ({ chain: 'c', step, ...(item === undefined ? {} : { item }) })
const no = failure('no')
const queued = (step: string, item?: string, attempt = 1): Fact => ({
  type: 'attempt.queued',
  ...of(step, item),
  attempt,
  waitsFor: 'slot',
})
const started = (step: string, item?: string, attempt = 1, deadline?: number): Fact => ({
  type: 'attempt.started',
  ...of(step, item),
  attempt,
  inFlight: 1,
  config: 0,
  deadline,
})
const did = (step: string, output: unknown, item?: string, attempt = 1): Fact => ({
  type: 'attempt.succeeded',
  ...of(step, item),
  attempt,
  took: 1,
  payload: encode(output, 'output'),
})
const failed = (step: string, item?: string, attempt = 1): Fact => ({
  type: 'attempt.failed',
  ...of(step, item),
  attempt,
  took: 1,
  failure: no,
})
const lost = (step: string, item?: string, attempt = 1): Fact => ({
  type: 'attempt.lost',
  ...of(step, item),
  attempt,
})
const decided = (step: string, value: unknown, item?: string): Fact => ({
  type: 'decision.made',
  ...of(step, item),
  payload: encode(value, 'value'),
})
const fired = (step: string, item?: string): Fact => ({ type: 'timer.fired', ...of(step, item) })
const settled = (step: string): Fact => ({ type: 'settling.ended', ...of(step) })
const retry = { next: 'retry', due: 50 }
const ok = undefined

function folded(one: AnyChain, ...rows: readonly Row[]): ChainFold {
  const compiled = compile(one.spec)
  const fold = beginFold(compiled, { input: 1 })
  const all = events(...rows.map(([fact]) => fact))
  for (const [index, [, stands]] of rows.entries()) {
    const event = all[index] as (typeof all)[number]
    const divergence = applyToChain(compiled.machine, fold, event)
    const where = `after event ${event.seq}, ${event.type}`
    const last = index === rows.length - 1
    if (divergence !== undefined) {
      expect(divergence, where).toEqual({ seq: event.seq, type: event.type, detail: stands })
      expect(last).toBe(true)
    } else if (stands !== undefined) expect(fold.snapshot.value, where).toEqual(stands)
  }
  return fold
}

const open = (fold: ChainFold): readonly string[] =>
  [...fold.open].map(([key, { queued: waits }]) => `${key}${waits ? ' waits' : ''}`)
const itemsOf = (fold: ChainFold, step: string): EachContext =>
  (fold.snapshot.children[step] as unknown as { _snapshot: { context: EachContext } })._snapshot.context

describe('an attempt', () => {
  const two = chain('c')
    .step('a', () => 1, { attempts: 3 })
    .step('b', () => 2)

  test('is open from its start to its end, and its output moves the chain on', () => {
    const fold = folded(two, [started('a'), { a: 'running' }])
    expect([...fold.open]).toEqual([['a', { step: 'a', item: undefined, attempt: 1, queued: false }]])
    expect(open(folded(two, [started('a')], [did('a', 5), 'b']))).toEqual([])
    const ended = folded(
      two,
      [started('a')],
      [did('a', 5)],
      [started('b')],
      [did('b', { n: 6 }), 'succeeded'],
    )
    expect(ended.snapshot.output).toEqual({ status: 'succeeded', output: { n: 6 } })
    expect(ended.snapshot.context).toMatchObject({ steps: { a: 5, b: { n: 6 } } })
  })

  test('that returned nothing has no payload', () => {
    const { payload: _, ...bare } = did('a', 1) as Fact & { payload: string }
    expect(folded(two, [started('a')], [bare as Fact, 'b']).snapshot.context.steps).toEqual({ a: undefined })
  })

  test('waits for a slot once, whatever it comes to wait for next, and goes on as the same', () => {
    const waits = folded(two, [queued('a'), 'queued'], [queued('a'), 'queued'])
    expect([...waits.open]).toEqual([['a', { step: 'a', item: undefined, attempt: 1, queued: true }]])
    expect(open(folded(two, [queued('a')], [started('a'), { a: 'running' }]))).toEqual(['a'])
  })

  test('that fails is decided about, backs off, and is tried again', () => {
    const fold = folded(
      two,
      [started('a')],
      [failed('a'), { a: 'recovering' }],
      [decided('a:recovery', retry), { a: 'backing-off' }],
      [fired('a:backoff'), { a: 'running' }],
      [started('a', undefined, 2), { a: 'running' }],
    )
    expect(fold.snapshot.context).toMatchObject({
      tries: { a: 1 },
      failures: { a: no },
      due: { 'a:backoff': 50 },
    })
    expect(fold.open.get('a')?.attempt).toBe(2)
  })

  test('that is lost is open no more, and is counted', () => {
    const fold = folded(two, [started('a')], [lost('a'), { a: 'running' }])
    expect(open(fold)).toEqual([])
    expect(fold.snapshot.context).toMatchObject({ lost: { a: 1 } })
  })

  test('whose recovery fails, fails with it', () => {
    const worse = failure('worse')
    const { snapshot } = folded(
      two,
      [started('a')],
      [failed('a')],
      [{ type: 'decision.failed', ...of('a:recovery'), failure: worse }, 'failed'],
    )
    expect(snapshot.output).toMatchObject({ status: 'failed', step: 'a', failure: worse })
  })

  test.each<readonly [string, readonly Row[]]>([
    ['starts before its step', [[started('b'), 'no actor "b" is in progress']]],
    ['succeeds without a start', [[did('a', 1, undefined, 2), 'attempt 2 of "a" is not in flight']]],
    ['fails without a start', [[failed('a'), 'attempt 1 of "a" is not in flight']]],
    ['ends twice', [[started('a')], [did('a', 1)], [did('a', 1), 'attempt 1 of "a" is not in flight']]],
    [
      'is lost where nothing runs',
      [[lost('b'), 'the machine is in {"a":"running"} and does not take attempt.lost']],
    ],
    [
      'waits for a slot where it does not run',
      [[queued('b'), 'the machine is in {"a":"running"} and does not take attempt.queued']],
    ],
    [
      'has a decision that nobody waits for',
      [
        [
          decided('b:recovery', retry),
          'the machine is in {"a":"running"} and does not take xstate.done.actor.b:recovery',
        ],
      ],
    ],
    [
      'has a timer that nobody set',
      [
        [
          fired('a:backoff'),
          'the machine is in {"a":"running"} and does not take xstate.done.actor.a:backoff',
        ],
      ],
    ],
    [
      'has a failure that nobody waits for',
      [
        [
          { type: 'decision.failed', ...of('way:choice'), failure: no },
          'the machine is in {"a":"running"} and does not take xstate.error.actor.way:choice',
        ],
      ],
    ],
  ])('that %s does not fit the machine', (_, rows) => {
    const [, last] = rows.at(-1) as Row
    expect(last).toBeTypeOf('string')
    folded(two, ...rows)
  })

  test('changes nothing by what only observers are told', () => {
    const fold = beginFold(compile(two.spec), {})
    const before = fold.snapshot
    const told: readonly Fact[] = [
      { type: 'attempt.hedged', ...of('a'), attempt: 1 },
      { type: 'attempt.settled-late', ...of('a'), attempt: 1, outcome: 'succeeded' },
      { type: 'chain.queued', chain: 'c', waitsFor: 'memo' },
      { type: 'chain.started', chain: 'c' },
    ]
    for (const event of events(...told)) expect(applyToChain(compile(two.spec).machine, fold, event)).toBe(ok)
    expect([fold.snapshot === before, fold.open.size]).toEqual([true, 0])
  })
})

describe('what comes from elsewhere', () => {
  test('is a signal, for the step that waits', () => {
    const taken: Fact = { type: 'signal.consumed', ...of('w'), name: 'w', id: '1', payload: '"yes"' }
    expect(folded(chain('c').wait('w'), [taken, 'succeeded']).snapshot.context.steps).toEqual({ w: 'yes' })
  })

  test('is the end of a sleep', () => {
    folded(
      chain('c').sleep('nap', '1h'),
      [decided('nap:due', 9), { nap: 'sleeping' }],
      [fired('nap'), 'succeeded'],
    )
  })

  test('is that a chain is cut short, for a reason or none', () => {
    const one = chain('c').step('a', () => 1)
    expect(folded(one, [{ type: 'chain.cut-short', chain: 'c' }, 'cancelled']).snapshot.output).toEqual({
      status: 'cancelled',
    })
    const late = folded(one, [{ type: 'chain.cut-short', chain: 'c', failure: no }, 'cancelled'])
    expect(late.snapshot.output).toMatchObject({ status: 'failed', failure: no })
  })

  test('is that what was aborted has settled', () => {
    const both = chain('c').parallel('p', {
      x: (b) => b.step('a', () => 1),
      y: (b) => b.step('b', () => 2),
    })
    const fold = folded(
      both,
      [started('a')],
      [started('b')],
      [failed('a'), { p: 'settling' }],
      [settled('p:settling'), 'failed'],
    )
    // its late end is still to be told
    expect(open(fold)).toEqual(['b'])
  })
})

describe('a chain that undoes what it did', () => {
  const inner = chain('inner').step('x', () => 1, { compensate: () => {} })
  const saga = chain('c')
    .step('a', () => 1, { compensate: () => {} })
    .call('sub', inner)
    .wait('w')
  const plan = [
    { step: 'sub', outcome: 'succeeded' },
    { step: 'a', outcome: 'succeeded' },
  ]
  const undoing: readonly Row[] = [
    [{ type: 'chain.cut-short', chain: 'c' }, { compensating: 'settling' }],
    [settled('compensating:settling'), { compensating: 'planning' }],
    [decided('compensating:plan', plan), { compensating: 'undo-sub' }],
    [{ type: 'call.undone', ...of('sub:compensation') }, { compensating: { 'undo-a': 'running' } }],
    [started('a:compensation')],
  ]

  test('undoes one after the other, and ends as it was bound to', () => {
    const { snapshot } = folded(saga, ...undoing, [did('a:compensation', null), 'cancelled'])
    expect(snapshot.output).toEqual({ status: 'cancelled', compensated: plan })
  })

  test('has nothing open any more once all that was aborted has settled', () => {
    expect(open(folded(saga, [started('a')], ...undoing.slice(0, 1)))).toEqual(['a'])
    expect(open(folded(saga, [started('a')], ...undoing.slice(0, 2)))).toEqual([])
  })

  test.each([
    ['compensation.retried', { compensating: { 'undo-a': 'running' } }],
    ['compensation.given-up', 'cancelled'],
  ] as const)('stands still where that fails, until it is a %s', (type, stands) => {
    folded(
      saga,
      ...undoing,
      [failed('a:compensation'), { compensating: { 'undo-a': 'recovering' } }],
      [decided('a:compensation:recovery', { next: 'fail' }), { compensating: 'stuck' }],
      [{ type, chain: 'c' }, stands],
    )
  })

  test('is undone after its success, where its caller asks for it', () => {
    const compiled = compile(inner.spec)
    const fold = beginFold(compiled, { called: true })
    const facts: readonly Fact[] = [started('x'), did('x', 1), { type: 'chain.undo-requested', chain: 'c' }]
    const stands = events(...facts).map((event) => {
      expect(applyToChain(compiled.machine, fold, event)).toBe(ok)
      return fold.snapshot.value
    })
    expect(stands).toEqual(['x', 'kept', { compensating: 'settling' }])
  })
})

describe('items', () => {
  const each = (onFailure: 'fail' | 'collect' = 'fail') =>
    chain('c').each(
      'many',
      () => [1],
      (item) => item,
      { attempts: 2, onFailure },
    )
  const expanded = (keys: readonly string[], item?: string): Row => [
    decided('many:items', { keys, items: keys }, item),
  ]
  const processing = { many: 'processing' }

  test('succeed each by itself, and together once the last has', () => {
    const half: readonly Row[] = [
      expanded(['x', 'y']),
      [started('many', 'x'), processing],
      [started('many', 'y', 1, 700), processing],
      [did('many', 'of y', 'y'), processing],
    ]
    const fold = folded(each(), ...half)
    expect(open(fold)).toEqual(['many/x'])
    expect(itemsOf(fold, 'many')).toMatchObject({ status: ['running', 'succeeded'], deadlines: { y: 700 } })
    const { snapshot } = folded(each(), ...half, [did('many', 'of x', 'x'), 'succeeded'])
    expect(snapshot.context.steps).toEqual({ many: ['of x', 'of y'] })
  })

  test('that are none have all succeeded', () => {
    expect(
      folded(each(), [...expanded([]).slice(0, 1), 'succeeded'] as unknown as Row).snapshot.context.steps,
    ).toEqual({
      many: [],
    })
  })

  test('wait for slots without their chain', () => {
    const fold = folded(each(), expanded(['x']), [queued('many', 'x'), processing])
    expect(open(fold)).toEqual(['many/x waits'])
    expect(open(folded(each(), expanded(['x']), [queued('many', 'x')], [started('many', 'x')]))).toEqual([
      'many/x',
    ])
  })

  test('fail, are decided about, back off, and are lost each by itself', () => {
    const rows: readonly Row[] = [
      expanded(['x', 'y']),
      [started('many', 'x')],
      [failed('many', 'x'), processing],
      [decided('many:recovery', retry, 'x'), processing],
    ]
    expect(itemsOf(folded(each(), ...rows), 'many')).toMatchObject({
      status: ['backing-off', 'waiting'],
      due: { x: 50 },
      tries: { x: 1 },
      failures: { x: no },
    })
    const on: readonly Row[] = [...rows, [fired('many:backoff', 'x'), processing], [started('many', 'x', 2)]]
    expect(open(folded(each(), ...on))).toEqual(['many/x'])
    const fold = folded(each(), ...on, [lost('many', 'x', 2), processing])
    expect(open(fold)).toEqual([])
    expect(itemsOf(fold, 'many')).toMatchObject({
      status: ['waiting', 'waiting'],
      tries: { x: 2 },
      lost: { x: 1 },
    })
  })

  test.each(['fail', 'collect'] as const)('that fail for good %s', (onFailure) => {
    const { snapshot } = folded(
      each(onFailure),
      expanded(['x']),
      [started('many', 'x')],
      [failed('many', 'x')],
      [decided('many:recovery', { next: 'fail' }, 'x'), onFailure === 'fail' ? 'failed' : 'succeeded'],
    )
    expect(snapshot.output).toEqual(
      onFailure === 'fail'
        ? { status: 'failed', step: 'many', failure: { ...no, message: 'item "x": no' } }
        : { status: 'succeeded', output: [{ status: 'failed', failure: no }] },
    )
  })

  test.each<readonly [Fact, string]>([
    [started('many', 'z'), 'there is no item "z"'],
    [started('many'), 'there is no item ""'],
    [fired('many:backoff', 'x'), 'item "x" is waiting, not backing-off'],
    [lost('many', 'x'), 'item "x" is waiting, not running'],
    [did('many', 1, 'x'), 'attempt 1 of "many" is not in flight'],
    [failed('many', 'x'), 'attempt 1 of "many" is not in flight'],
    [decided('many:recovery', retry, 'x'), 'item "x" is waiting, not recovering'],
  ])('do not take %j out of turn', (fact, detail) => {
    folded(each(), expanded(['x']), [fact, detail])
  })

  test('in a loop go by their own keys, whatever the round', () => {
    const loop = chain('c').repeat(
      'again',
      (b) =>
        b.each(
          'many',
          () => [1],
          (item) => item,
          { attempts: 2 },
        ),
      {
        until: () => true,
        max: 3,
      },
    )
    const fold = folded(
      loop,
      expanded(['x', 'y'], '#1'),
      [started('many', '#1/x')],
      [failed('many', '#1/x')],
      [decided('many:recovery', retry, '#1/x')],
      [fired('many:backoff', '#1/x')],
      [started('many', '#1/x', 2)],
      [lost('many', '#1/x', 2)],
      [started('many', '#1/y')],
      [did('many', 'of y', '#1/y')],
    )
    expect(itemsOf(fold, 'many')).toMatchObject({ status: ['waiting', 'succeeded'], outputs: [null, 'of y'] })
  })

  test('that call chains begin with them', () => {
    const callee = chain('callee').step('s', () => 1)
    const called = (item?: string): Fact => ({
      type: 'chain.started',
      chain: `c/many/${item}`,
      call: { chain: 'c', step: 'many', ...(item === undefined ? {} : { item }) },
    })
    const one = chain('c').each('many', () => [1], callee)
    const fold = folded(one, expanded(['x', 'y']), [called('y'), processing], [called(), processing])
    expect(itemsOf(fold, 'many').status).toEqual(['waiting', 'running'])
    folded(one, expanded(['x']), [called('x'), processing], [called('x'), 'item "x" is running, not waiting'])
    // before the items are known, and where the step is no each
    folded(one, [called('x'), { many: 'expanding' }])
  })
})
