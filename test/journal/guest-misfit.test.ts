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

  test('of a machine that is over fits any', () => {
    const over = createMachine({ initial: 'x', states: { x: { type: 'final' } } })
    expect(misfitOf(machine({ a: {} }), recorded(over))).toBeUndefined()
  })
})
