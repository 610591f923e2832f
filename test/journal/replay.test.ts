// The fold of a chain's machine: nothing in it starts, and a snapshot and a called chain's end bring it where it was.

import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, assign, createActor, createMachine, fromPromise } from 'xstate'
import type { EachContext } from '../../machines/each.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import { chain } from '../../src/chain/create-chain.ts'
import type { Fact } from '../../src/journal/event.ts'
import {
  type ChainFold,
  applyToChain,
  beginFold,
  endCall,
  isKept,
  restoreFold,
  stepInertly,
  watchFolds,
} from '../../src/journal/replay.ts'
import { encode } from '../../src/kernel/codec.ts'
import { events, failure } from '../observe/events.ts'

const started = (step: string): Fact => ({
  type: 'attempt.started',
  chain: 'c',
  step,
  attempt: 1,
  inFlight: 1,
  config: 0,
})
const did = (step: string): Fact => ({ type: 'attempt.succeeded', chain: 'c', step, attempt: 1, took: 1 })
const decided = (step: string, value: unknown): Fact => ({
  type: 'decision.made',
  chain: 'c',
  step,
  payload: encode(value, 'value'),
})

/** A chain after some of its facts. */
function folded(one: AnyChain, facts: readonly Fact[], input = {}): ChainFold {
  const compiled = compile(one.spec)
  const fold = beginFold(compiled, input)
  for (const event of events(...facts)) expect(applyToChain(compiled.machine, fold, event)).toBeUndefined()
  return fold
}

describe('in a fold', () => {
  const done: string[] = []
  const machine = createMachine({
    context: { n: 0 },
    initial: 'a',
    entry: () => void done.push('entry'),
    states: {
      a: {
        invoke: { src: fromPromise(async () => void done.push('promise')) },
        on: { GO: { target: 'b', actions: assign({ n: 7 }) } },
      },
      b: { entry: () => void done.push('b') },
    },
  }) as AnyStateMachine

  test('nothing starts and no action is done, but what is assigned', async () => {
    const { snapshot, open } = beginFold({ machine }, {})
    const next = stepInertly(machine, snapshot, { type: 'GO' })
    await Promise.resolve()
    expect([snapshot.value, next.value, next.context, open.size, done]).toEqual(['a', 'b', { n: 7 }, 0, []])
  })

  test('every step is told to those who watch this machine, as long as they do', () => {
    const other = createMachine({}) as AnyStateMachine
    const told: string[] = []
    const end = watchFolds(machine, ({ type, event }) => void told.push(`${type} ${event.type}`))
    const { snapshot } = beginFold({ machine }, {})
    told.length = 0
    beginFold({ machine: other }, {})
    stepInertly(machine, snapshot, { type: 'GO' })
    expect(told).toEqual(['@xstate.microstep GO'])
    end()
    stepInertly(machine, snapshot, { type: 'GO' })
    expect(told).toHaveLength(1)
  })

  test('of a chain there is what has begun only where something can be undone', () => {
    const saga = chain('c').step('a', () => 1, { compensate: () => {} })
    const { started: known } = folded(saga, [])
    known?.note(started('a'))
    known?.note(started('b'))
    expect(known?.undos()).toEqual([{ step: 'a', outcome: 'unknown' }])
    expect(
      folded(
        chain('c').step('a', () => 1),
        [],
      ),
    ).not.toHaveProperty('started')
  })

  test('only a chain that can be undone is kept after its success, for the one that called it', () => {
    const saga = chain('c').step('a', () => 1, { compensate: () => {} })
    const facts = [started('a'), did('a')]
    expect(isKept(folded(saga, facts, { called: true }))).toBe(true)
    expect(isKept(folded(saga, facts.slice(0, 1), { called: true }))).toBe(false)
    expect(isKept(folded(saga, facts))).toBe(false)
    expect(isKept({ snapshot: { value: 'kept' } as never })).toBe(false)
  })
})

describe('a fold goes on from a snapshot', () => {
  const persisted = (one: AnyChain, { snapshot }: ChainFold): unknown =>
    JSON.parse(JSON.stringify(compile(one.spec).machine.getPersistedSnapshot(snapshot)))

  test('where it was, with nothing open', () => {
    const one = chain('c')
      .step('a', () => 1)
      .step('b', () => 2)
    const compiled = compile(one.spec)
    const at = folded(one, [started('a'), did('a'), started('b')])
    const fold = restoreFold(compiled, persisted(one, at), undefined)
    expect([fold.snapshot.value, fold.open.size]).toEqual(['b', 0])
    expect(fold).not.toHaveProperty('started')
    for (const event of events(started('b'), did('b')))
      expect(applyToChain(compiled.machine, fold, event)).toBeUndefined()
    expect(fold.snapshot.value).toBe('succeeded')
  })

  test('with what had begun in it', () => {
    const saga = chain('c').step('a', () => 1, { compensate: () => {} })
    const at = folded(saga, [])
    at.started?.note(started('a'))
    const fold = restoreFold(compile(saga.spec), persisted(saga, at), at.started?.persisted())
    expect(fold.started?.undos()).toEqual([{ step: 'a', outcome: 'unknown' }])
    expect(restoreFold(compile(saga.spec), persisted(saga, at), undefined).started?.undos()).toEqual([])
  })

  test('as often as one likes: the items of one do not change those of another', () => {
    const one = chain('c').each(
      'many',
      () => [1],
      (item) => item,
    )
    const data = persisted(one, folded(one, [decided('many:items', { keys: ['x'], items: [1] })]))
    const restored = (): ChainFold => restoreFold(compile(one.spec), data, undefined)
    const [first, second] = [restored(), restored()]
    const [event] = events({ ...started('many'), item: 'x' } as Fact)
    applyToChain(compile(one.spec).machine, first, event as never)
    const status = (fold: ChainFold): unknown =>
      (fold.snapshot.children['many'] as unknown as { _snapshot: { context: EachContext } })._snapshot.context
        .status
    expect([status(first), status(second)]).toEqual([['running'], ['waiting']])
  })
})

test('items that are none end at once, also several such in parallel', () => {
  const none = { keys: [], items: [] }
  const both = chain('c')
    .parallel('p', {
      x: (b) =>
        b.each(
          'many',
          () => [],
          (item) => item,
        ),
      y: (b) => b.step('s', () => 1),
    })
    .each(
      'more',
      () => [],
      (item) => item,
    )
  const { snapshot } = folded(both, [decided('many:items', none)])
  expect(Object.keys(snapshot.children)).toEqual(['s'])
  const { snapshot: end } = folded(both, [
    started('s'),
    decided('many:items', none),
    did('s'),
    decided('more:items', none),
  ])
  expect([end.value, end.context.steps]).toEqual([
    'succeeded',
    expect.objectContaining({ many: [], more: [] }),
  ])
})

describe('how a called chain ended', () => {
  const callee = chain('callee').step('x', () => 1)
  const one = chain('c').call('sub', callee)
  const calling = (): ChainFold => folded(one, [decided('sub:input', {})])
  const no = failure('no')
  const cancelled = { kind: 'cancelled', message: 'the called chain was cancelled', retryable: false }
  const failed = { status: 'failed', failure: no, step: 'x' } as const

  test.each([
    [
      { status: 'succeeded', output: 5 },
      { status: 'succeeded', output: 5 },
    ],
    [failed, { status: 'failed', step: 'sub', failure: no }],
    [{ status: 'cancelled' }, { status: 'failed', step: 'sub', failure: cancelled }],
  ] as const)('as %j moves the step that called it on', (outcome, output) => {
    const fold = calling()
    endCall(compile(one.spec).machine, fold, { step: 'sub' }, outcome)
    expect(fold.snapshot.output).toEqual(output)
  })

  test('is no matter where nobody waits for it', () => {
    const fold = folded(one, [])
    const before = fold.snapshot
    endCall(compile(one.spec).machine, fold, { step: 'sub' }, failed)
    expect(fold.snapshot).toBe(before)
  })

  describe('in an each', () => {
    const many = chain('c').each('many', () => [1], callee, { onFailure: 'collect' })
    const { machine } = compile(many.spec)
    const begun = (...keys: readonly string[]): ChainFold =>
      folded(many, [
        decided('many:items', { keys: ['x', 'y'], items: [1, 2] }),
        ...keys.map((item): Fact => ({
          type: 'chain.started',
          chain: `c/${item}`,
          call: { chain: 'c', step: 'many', item },
        })),
      ])

    test('ends its item, and the last ends the step', () => {
      const fold = begun('x', 'y')
      endCall(machine, fold, { step: 'many', item: 'y' }, { status: 'succeeded', output: 'of y' })
      expect(fold.snapshot.value).toEqual({ many: 'processing' })
      endCall(machine, fold, { step: 'many', item: 'x' }, { status: 'succeeded', output: 'of x' })
      expect(fold.snapshot.context.steps).toEqual({
        many: [
          { status: 'succeeded', output: 'of x' },
          { status: 'succeeded', output: 'of y' },
        ],
      })
    })

    test('fails its item, which is then decided about', () => {
      const fold = begun('x')
      endCall(machine, fold, { step: 'many', item: 'x' }, { status: 'cancelled' })
      endCall(machine, fold, { step: 'many', item: 'y' }, failed)
      const { context } = (
        fold.snapshot.children['many'] as unknown as { _snapshot: { context: EachContext } }
      )._snapshot
      // the second never began
      expect([context.status, context.failures]).toEqual([['recovering', 'waiting'], { x: cancelled }])
    })
  })
})

test('a machine that runs and its fold come to the same', () => {
  const one = chain('c').wait('w')
  const actor = createActor(one.machine, { input: { input: 3 } })
  actor.start()
  actor.send({ type: 'signal', step: 'w', output: 'yes' })
  const fold = folded(
    one,
    [{ type: 'signal.consumed', chain: 'c', step: 'w', name: 'w', id: '1', payload: '"yes"' }],
    { input: 3 },
  )
  const { context, value, output } = actor.getSnapshot()
  expect(fold.snapshot).toMatchObject({ context, value, output })
})
