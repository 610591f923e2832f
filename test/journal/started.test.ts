// What of a chain has begun that can be undone: what its facts say that is to be undone, and what is known of it.

import { describe, expect, test } from 'vitest'
import type { Undoable } from '../../src/definition/compensation.ts'
import type { Fact } from '../../src/journal/event.ts'
import { Started, noteStarted } from '../../src/journal/started.ts'
import { encode } from '../../src/kernel/codec.ts'
import type { Failure } from '../../src/kernel/failure.ts'

const undo: Undoable['compensation'] = { body: () => {}, options: {} as never }
const undoable = new Map<string, Undoable>([
  ['pay', { name: 'pay', compensation: undo, items: false }],
  ['many', { name: 'many', compensation: undo, items: true }],
  ['sub', { name: 'sub', items: false }],
])
const chain = 'c'
const at = (step: string, item?: string) => ({
  chain,
  step,
  ...(item === undefined ? {} : { item }),
  attempt: 1,
})
const began = (step: string, item?: string): Fact => ({
  type: 'attempt.started',
  ...at(step, item),
  inFlight: 1,
  config: 0,
})
const did = (step: string, payload?: string, item?: string): Fact => ({
  type: 'attempt.succeeded',
  ...at(step, item),
  took: 1,
  ...(payload === undefined ? {} : { payload }),
})
const thrown: Failure = { kind: 'thrown', message: 'no', retryable: true }
const timeout: Failure = { ...thrown, kind: 'timeout' }
const failed = (step: string, failure = thrown, item?: string): Fact => ({
  type: 'attempt.failed',
  ...at(step, item),
  failure,
  took: 1,
})
const lost = (step: string, item?: string): Fact => ({ type: 'attempt.lost', ...at(step, item) })
const expanded = (step: string, keys: readonly string[], item?: string): Fact => ({
  type: 'decision.made',
  ...at(`${step}:items`, item),
  payload: encode({ keys, items: keys.map((key) => `item ${key}`) }, 'items'),
})

function after(...facts: readonly Fact[]): Started {
  const started = new Started(undoable)
  for (const fact of facts) started.note(fact)
  return started
}

describe('what is to be undone', () => {
  test.each<readonly [string, readonly Fact[], 'succeeded' | 'unknown' | undefined]>([
    ['has not begun', [], undefined],
    ['has begun', [began('pay')], 'unknown'],
    ['has succeeded', [began('pay'), did('pay')], 'succeeded'],
    ['has failed by itself', [began('pay'), failed('pay')], undefined],
    ['was given up while it worked', [began('pay'), failed('pay', timeout)], 'unknown'],
    ['was lost', [began('pay'), lost('pay')], 'unknown'],
    [
      'was lost, and then failed by itself',
      [began('pay'), lost('pay'), began('pay'), failed('pay')],
      'unknown',
    ],
    ['was lost, and then succeeded', [began('pay'), lost('pay'), began('pay'), did('pay')], 'succeeded'],
    ['failed, and then succeeded', [began('pay'), failed('pay'), began('pay'), did('pay')], 'succeeded'],
    ['succeeded, and has begun again', [began('pay'), did('pay'), began('pay')], 'unknown'],
    [
      'failed, and succeeded by its fallback',
      [began('pay'), failed('pay'), began('pay:fallback'), did('pay:fallback')],
      'succeeded',
    ],
    [
      'was given up, and succeeded by its fallback',
      [began('pay'), failed('pay', timeout), began('pay:fallback'), did('pay:fallback')],
      'unknown',
    ],
    [
      'failed, with a fallback that was lost',
      [began('pay'), failed('pay'), began('pay:fallback'), lost('pay:fallback')],
      'unknown',
    ],
    [
      'failed, and its fallback too',
      [began('pay'), failed('pay'), began('pay:fallback'), failed('pay:fallback')],
      undefined,
    ],
    ['cannot be undone', [began('read'), did('read')], undefined],
    ['is what undoes another', [began('pay:compensation'), did('pay:compensation')], undefined],
    ['ended without a beginning', [did('pay'), failed('pay', timeout), lost('pay')], undefined],
  ])('where a step %s', (_, facts, outcome) => {
    expect(after(...facts).undos()).toEqual(outcome === undefined ? [] : [{ step: 'pay', outcome }])
  })

  test('is the last that began first, each item and each round for itself', () => {
    const started = after(
      began('many', 'x'),
      began('pay'),
      began('many', 'y'),
      did('many', undefined, 'x'),
      failed('many', thrown, 'y'),
      began('many', 'y'),
      began('pay', '#2'),
      did('pay'),
    )
    expect(started.undos()).toStrictEqual([
      { step: 'pay', item: '#2', outcome: 'unknown' },
      { step: 'many', item: 'y', outcome: 'unknown' },
      { step: 'pay', outcome: 'succeeded' },
      { step: 'many', item: 'x', outcome: 'succeeded' },
    ])
  })

  test('is a called chain that runs or has succeeded, as one that has not undoes itself', () => {
    const calls = (...ends: readonly boolean[]): unknown => {
      const started = new Started(undoable)
      started.called('sub', undefined)
      for (const end of ends) started.returned('sub', undefined, end)
      return started.undos()
    }
    expect(calls()).toEqual([{ step: 'sub', outcome: 'unknown' }])
    expect(calls(true)).toEqual([{ step: 'sub', outcome: 'succeeded' }])
    expect(calls(false)).toEqual([])
    expect(calls(true, false)).toEqual([])
    const other = new Started(undoable)
    other.returned('sub', 'x', true)
    expect(other.undos()).toEqual([])
  })

  test('is everything where nobody says what can be', () => {
    const started = new Started(undefined)
    started.note(began('read'))
    started.note(expanded('read', ['x']))
    expect(started.undos()).toEqual([{ step: 'read', outcome: 'unknown' }])
    expect(started.itemOf('read', 'x')).toBeUndefined()
    expect(started.calls).toBe(false)
  })
})

test('a chain calls others where something undoable has no compensation of its own', () => {
  expect(new Started(undoable).calls).toBe(true)
  expect(new Started(new Map([...undoable].slice(0, 2))).calls).toBe(false)
})

describe('what is known for a compensation', () => {
  test('is what the step returned last', () => {
    const started = after(began('pay'), did('pay', '{"id":1}'), began('pay', 'x'), did('pay', '2', 'x'))
    expect(started.outputOf('pay', undefined)).toEqual({ id: 1 })
    expect(started.outputOf('pay', 'x')).toBe(2)
    expect(started.outputOf('pay', 'y')).toBeUndefined()
    expect(after(began('pay'), did('pay')).outputOf('pay', undefined)).toBeUndefined()
    expect(after(began('pay')).outputOf('pay', undefined)).toBeUndefined()
  })

  test('is the item that its key names', () => {
    const started = after(expanded('many', ['x', 'y']))
    expect(started.itemOf('many', 'x')).toBe('item x')
    expect(started.itemOf('many', 'y')).toBe('item y')
    expect(started.itemOf('many', 'z')).toBeUndefined()
    expect(started.itemOf('many')).toBeUndefined()
    expect(started.itemOf('man', 'y/x')).toBeUndefined()
    expect(after(expanded('many', [''])).itemOf('many')).toBe('item ')
  })

  test('is of the round that the key names', () => {
    const started = after(expanded('many', ['x'], '#1'), expanded('many', ['x', 'z'], '#1#2'), began('pay'))
    expect(started.itemOf('many', '#1/x')).toBe('item x')
    expect(started.itemOf('many', '#1#2/z')).toBe('item z')
    expect(started.itemOf('many', '#1/z')).toBeUndefined()
    expect(started.itemOf('many', '#3/x')).toBeUndefined()
    expect(started.itemOf('many', 'x')).toBeUndefined()
  })

  test('is nothing of items that cannot be undone one by one, nor of other decisions', () => {
    const started = after(expanded('sub', ['x']), expanded('other', ['x']), {
      type: 'decision.made',
      ...at('many:deadline'),
      payload: '{"keys":["x"],"items":[1]}',
    })
    started.note({ type: 'decision.made', ...at('many:items') })
    expect(started.persisted().expansions).toEqual([])
  })
})

describe('as a snapshot keeps it', () => {
  const facts = [began('pay'), did('pay', '1'), began('many', 'x'), expanded('many', ['x'])]

  test('it is the same after a restart', () => {
    const started = after(...facts)
    const data = JSON.parse(JSON.stringify(started.persisted())) as ReturnType<Started['persisted']>
    const restored = new Started(undoable, data)
    expect(restored.undos()).toEqual(started.undos())
    expect(restored.outputOf('pay', undefined)).toBe(1)
    expect(restored.itemOf('many', 'x')).toBe('item x')
    expect(restored.persisted()).toEqual(started.persisted())
    expect(after().persisted()).toEqual({ begun: [], expansions: [] })
  })

  test('it is a copy: what happens later changes neither the one nor the other', () => {
    const data = after(...facts).persisted()
    const text = JSON.stringify(data)
    const one = new Started(undoable, data)
    const kept = one.persisted()
    one.note(began('pay'))
    one.note(lost('many', 'x'))
    expect([JSON.stringify(data), JSON.stringify(kept)]).toEqual([text, text])
  })
})

describe('facts of a run', () => {
  const call = { chain: 'caller', step: 'sub', item: 'x' }
  const nodes = new Map([
    ['callee', { call }],
    ['caller', {}],
  ])
  const told = (...facts: readonly (Fact & { readonly chain: string })[]) => {
    const of = new Map(['caller', 'callee'].map((key) => [key, new Started(undoable)]))
    for (const fact of facts) noteStarted((key) => of.get(key), nodes, fact)
    return Object.fromEntries([...of].map(([key, started]) => [key, started.undos()]))
  }
  const calling: Fact & { readonly chain: string } = { type: 'chain.started', chain: 'callee', call }

  test('tell a chain of its attempts', () => {
    expect(told({ ...began('pay'), chain: 'callee' })).toEqual({
      caller: [],
      callee: [{ step: 'pay', outcome: 'unknown' }],
    })
  })

  test('tell a caller of the chain that it called', () => {
    const sub = { step: 'sub', item: 'x' }
    expect(told(calling).caller).toEqual([{ ...sub, outcome: 'unknown' }])
    expect(told(calling, { type: 'chain.ended', chain: 'callee', status: 'succeeded' }).caller).toEqual([
      { ...sub, outcome: 'succeeded' },
    ])
    expect(told(calling, { type: 'chain.ended', chain: 'callee', status: 'failed' }).caller).toEqual([])
  })

  test('tell nobody where nobody called, or where nothing of the chain can be undone', () => {
    expect(
      told(
        { type: 'chain.started', chain: 'caller' },
        { type: 'chain.ended', chain: 'caller', status: 'succeeded' },
        { type: 'chain.ended', chain: 'stranger', status: 'succeeded' },
        { ...began('pay'), chain: 'stranger' },
        { type: 'chain.started', chain: 'more', call: { chain: 'stranger', step: 'sub' } },
      ),
    ).toEqual({ caller: [], callee: [] })
    expect(() =>
      noteStarted(() => undefined, nodes, { type: 'chain.ended', chain: 'callee', status: 'failed' }),
    ).not.toThrow()
  })
})
