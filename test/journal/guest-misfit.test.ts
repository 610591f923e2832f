// Whether a recorded snapshot of a user's machine still fits: every state, remembered state and actor must exist.

import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, createActor, createMachine, fromPromise } from 'xstate'
import { misfitOf } from '../../src/journal/guest-misfit.ts'

const child = (initial: string, states: object) => createMachine({ id: 'child', initial, states } as never)
const machine = (states: object, actors: object = {}): AnyStateMachine =>
  createMachine({ id: 'm', initial: 'a', states } as never, { actors } as never) as AnyStateMachine
const recorded = (of: AnyStateMachine, ...events: readonly string[]): unknown => {
  const actor = createActor(of).start()
  for (const type of events) actor.send({ type })
  const snapshot: unknown = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()))
  actor.stop()
  return snapshot
}
const nested = { a: { initial: 'in', states: { in: {}, h: { type: 'history' } }, on: { GO: 'b' } }, b: {} }

describe('a snapshot', () => {
  test('fits the machine that it came from, in any state', () => {
    const both = machine({
      a: { type: 'parallel', states: { x: { initial: 'p', states: { p: {} } }, y: {} } },
    })
    expect(misfitOf(both, recorded(both))).toBeUndefined()
    const atomic = createMachine({ id: 'atomic' })
    expect(misfitOf(atomic, recorded(atomic))).toBeUndefined()
    const remembering = machine(nested)
    expect(misfitOf(remembering, recorded(remembering, 'GO'))).toBeUndefined()
  })

  test('does not fit where its state is gone, at any depth', () => {
    const before = recorded(machine(nested))
    expect(misfitOf(machine({ a: {} }), before)).toBe('machine "m" has no state "a.in" any more')
    expect(misfitOf(machine({ a: {}, toString: {} }), { ...(before as object), value: 'valueOf' })).toContain(
      '"valueOf"',
    )
  })

  test('does not fit where a state that it remembers is gone', () => {
    const before = recorded(machine(nested), 'GO')
    expect(misfitOf(machine({ a: {}, b: {} }), before)).toBe('machine "m" has no state "m.a.in" any more')
  })

  test('does not fit where an actor is gone, is another kind, or lost its own state', () => {
    const states = { a: { invoke: { id: 'c', src: 'child' } } }
    const before = recorded(machine(states, { child: child('one', { one: {} }) }))
    expect(misfitOf(machine(states, { child: child('one', { one: {}, two: {} }) }), before)).toBeUndefined()
    expect(misfitOf(machine({ a: {} }), before)).toBe('machine "m" has no actor "child" any more')
    expect(misfitOf(machine(states, { child: fromPromise(async () => 1) }), before)).toBe(
      'actor "child" of machine "m" is no machine any more',
    )
    expect(misfitOf(machine(states, { child: child('two', { two: {} }) }), before)).toBe(
      'machine "child" has no state "one" any more',
    )
  })

  test('does not fit where an actor has become a machine, whichever of them it is', () => {
    const states = {
      a: { invoke: ['one', 'two'].map((id) => ({ id, src: id })) },
    }
    const promise = fromPromise(async () => 1)
    const one = child('x', { x: {} })
    const before = recorded(machine(states, { one, two: promise }))
    expect(misfitOf(machine(states, { one, two: promise }), before)).toBeUndefined()
    expect(misfitOf(machine(states, { one, two: one }), before)).toBe(
      'actor "two" of machine "m" has become a machine',
    )
    expect(misfitOf(machine(states, { one }), before)).toBe('machine "m" has no actor "two" any more')
  })

  test.each<readonly [unknown, unknown, string | undefined]>([
    // as some logic of a user's own persists itself
    [null, { transition: () => {} }, undefined],
    ['done', { transition: () => {} }, undefined],
    [{ children: {} }, { provide: 1 }, undefined],
    [{ value: 1 }, { root: 1 }, undefined],
    [7, 'no logic at all', undefined],
    [undefined, null, undefined],
    [{ value: 'x', children: {} }, null, 'actor "own" of machine "m" is no machine any more'],
  ])('of an actor that persists itself as %j is told from a machine’s (%j)', (snapshot, logic, misfit) => {
    const before = { status: 'active', value: 'a', children: { own: { src: 'own', snapshot } } }
    expect(misfitOf(machine({ a: {} }, { own: logic }), before)).toBe(misfit)
  })

  describe('of a machine whose actors have no names', () => {
    const one = child('x', { x: {} })
    const promise = fromPromise(async () => 1)
    const inline = (...srcs: readonly unknown[]): AnyStateMachine =>
      machine({ a: { initial: 'b', states: { b: { invoke: srcs.map((src) => ({ src })) } } } })
    const many = Array.from({ length: 12 }, () => promise)

    test('finds them by their state and their place in it', () => {
      const before = recorded(inline(...many, one))
      expect(Object.keys((before as { children: object }).children)).toHaveLength(13)
      expect(misfitOf(inline(...many, one), before)).toBeUndefined()
      expect(misfitOf(inline(...many, child('y', { y: {} })), before)).toBe(
        'machine "child" has no state "x" any more',
      )
      expect(misfitOf(inline(...many), before)).toBe(
        'machine "m" has no actor "xstate.invoke.12.m.a.b" any more',
      )
      expect(misfitOf(machine({ a: { initial: 'b', states: { b: {} } } }), before)).toContain(
        'has no actor "xstate.invoke.0.m.a.b"',
      )
    })

    test('finds one that is alone in its state', () => {
      const alone = (src: unknown): AnyStateMachine => machine({ a: { invoke: { src } } })
      expect(misfitOf(alone(one), recorded(alone(one)))).toBeUndefined()
      expect(misfitOf(alone(promise), recorded(alone(one)))).toBe(
        'actor "xstate.invoke.0.m.a" of machine "m" is no machine any more',
      )
    })

    test('does not take for one what only looks so', () => {
      const named = (id: string) => ({
        status: 'active',
        value: 'a',
        children: { c: { src: id, snapshot: null } },
      })
      for (const name of ['my.xstate.invoke.0.m.a', 'xstate.invoke.0.', 'xstate.invoke.x.m.a'])
        expect(misfitOf(machine({ a: {} }, { [name]: promise }), named(name)), name).toBe(
          name.endsWith('0.') ? `machine "m" has no actor "${name}" any more` : undefined,
        )
      expect(misfitOf(machine({ a: {} }), named('xstate.invoke.0.m.gone'))).toBe(
        'machine "m" has no actor "xstate.invoke.0.m.gone" any more',
      )
    })
  })

  test('of a machine that is over fits any', () => {
    const over = createMachine({ initial: 'x', states: { x: { type: 'final' } } })
    expect(misfitOf(machine({ a: {} }), recorded(over))).toBeUndefined()
  })
})
