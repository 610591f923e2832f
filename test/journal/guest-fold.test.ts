// Where a user's own machine stands by its events: the last snapshot that was recorded, and the attempts begun since.

import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, createActor, createMachine } from 'xstate'
import type { Fact } from '../../src/journal/event.ts'
import { applyToGuest, guestFold, guestMisfit, stateOf } from '../../src/journal/guest-fold.ts'
import { type ChainFold, applyToChain } from '../../src/journal/replay.ts'
import { encode } from '../../src/kernel/codec.ts'
import { events } from '../observe/events.ts'

const machineOf = (...names: readonly string[]): AnyStateMachine =>
  createMachine({
    id: 'm',
    context: { n: 1 },
    initial: names[0] as string,
    states: Object.fromEntries(names.map((name) => [name, { on: { GO: names.at(-1) as string } }])),
  })
const machine = machineOf('a', 'b')
const chain = 'c'
const attempt = (item: string, number = 1) => ({ at: `m/${item}`, step: 'load', item, attempt: number })

/** What a guest records as it moves. */
function advanced(
  of: AnyStateMachine,
  attempts: readonly unknown[] = [],
  go = false,
): Fact & { payload: string } {
  const actor = createActor(of).start()
  if (go) actor.send({ type: 'GO' })
  const snapshot: unknown = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()))
  actor.stop()
  const timers = [{ source: 'm', target: 'm', id: 't', due: 5, event: { type: 'GO' } }]
  const payload = encode({ snapshot, timers, attempts, serial: 3 }, 'state')
  return { type: 'machine.advanced', chain, event: 'GO', value: 'a', payload }
}

const of = (item: string | undefined, number = 1) => ({
  chain,
  step: 'load',
  ...(item === undefined ? {} : { item }),
  attempt: number,
})
const started = (item?: string): Fact => ({ type: 'attempt.started', ...of(item), inFlight: 1, config: 0 })

function after(...facts: readonly Fact[]): Required<Pick<ChainFold, 'guest'>> & ChainFold {
  const fold = guestFold(machine, undefined) as Required<Pick<ChainFold, 'guest'>> & ChainFold
  for (const event of events(...facts)) expect(applyToChain(machine, fold, event)).toBeUndefined()
  return fold
}

describe('a guest that has recorded nothing', () => {
  test('has no state to go on from, and fits', () => {
    const { guest, snapshot } = after()
    expect([stateOf(guest), guestMisfit(machine, guest)]).toEqual([undefined, undefined])
    expect(snapshot.status).toBe('active')
    expect(snapshot.error).toBeUndefined()
    expect(snapshot.children).toEqual({})
  })
})

describe('a guest goes on', () => {
  test('from the state that it recorded last, with all its timers, in an object of its own', () => {
    const first = advanced(machine)
    const { guest, snapshot } = after(first, advanced(machine, [attempt('x')], true))
    expect([snapshot.value, snapshot.status, snapshot.context]).toEqual(['b', 'active', { n: 1 }])
    const state = stateOf(guest)
    expect(state).toMatchObject({ serial: 3, attempts: [attempt('x')], timers: [{ id: 't', due: 5 }] })
    ;(state as { serial: number }).serial = 9
    expect(stateOf(guest)?.serial).toBe(3)
    expect(stateOf(guestFold(machine, first.payload).guest as never)?.attempts).toEqual([])
  })

  test('from before where it moved without a state of its own', () => {
    const bare: Fact = { type: 'machine.advanced', chain, event: 'GO', value: 'b', dropped: ['x'] }
    const { guest, open, snapshot } = after(
      advanced(machine),
      started('x'),
      { type: 'attempt.lost', ...of('y') },
      bare,
    )
    expect([snapshot.value, [...open.keys()], [...guest.lost]]).toEqual(['a', ['x'], [['y', 1]]])
  })

  test('with another number for each attempt that was lost since', () => {
    const recorded = advanced(machine, [attempt('x', 2), attempt('y')])
    const { guest } = after(
      { type: 'attempt.lost', ...of('y', 8) },
      recorded,
      { type: 'attempt.lost', ...of('x', 2) },
      { type: 'attempt.lost', ...of('x', 3) },
    )
    expect(stateOf(guest)?.attempts).toEqual([attempt('x', 4), attempt('y')])
  })
})

describe('the attempts of a guest', () => {
  test('are open from their start, or their wait for a slot, to their end', () => {
    const queued: Fact = { type: 'attempt.queued', ...of('q', 2), waitsFor: 'slot' }
    expect([...after(started('x'), started(), queued).open]).toEqual([
      ['x', { step: 'load', item: 'x', attempt: 1, queued: false }],
      ['load', { step: 'load', item: 'load', attempt: 1, queued: false }],
      ['q', { step: 'load', item: 'q', attempt: 2, queued: true }],
    ])
    const failure = { kind: 'thrown' as const, message: 'no', retryable: true }
    for (const item of ['x', undefined]) {
      const ends: readonly Fact[] = [
        { type: 'attempt.succeeded', ...of(item), took: 1 },
        { type: 'attempt.failed', ...of(item), took: 1, failure },
        { type: 'attempt.lost', ...of(item) },
      ]
      for (const end of ends) expect([...after(started('w'), started(item), end).open.keys()]).toEqual(['w'])
    }
    expect([...after({ type: 'attempt.lost', ...of(undefined, 3) }).guest.lost]).toEqual([['load', 3]])
  })

  test('that it goes on without are open no more', () => {
    const { open } = after(started('x'), started('y'), { ...advanced(machine), dropped: ['x'] } as Fact)
    expect([...open.keys()]).toEqual(['y'])
    expect([...after(started('x'), advanced(machine)).open.keys()]).toEqual(['x'])
  })
})

test('what else happens to its chain leaves a guest as it is', () => {
  const fold = after(advanced(machine), started('x'))
  const before = [fold.guest.payload, [...fold.open]]
  for (const event of events(
    { type: 'timer.fired', chain, step: 'load' },
    { type: 'chain.cut-short', chain },
  ))
    applyToGuest(fold, fold.guest, event)
  expect([fold.guest.payload, [...fold.open]]).toEqual(before)
  Object.assign(fold, { snapshot: undefined })
  expect(fold.snapshot.value).toBe('a')
})

test('a guest whose state is gone says so, and its snapshot is an error', () => {
  const { payload } = advanced(machine)
  const changed = machineOf('other', 'b')
  const fold = guestFold(changed, payload)
  const misfit = 'machine "m" has no state "a" any more'
  expect(guestMisfit(changed, fold.guest as never)).toBe(misfit)
  expect([fold.snapshot.status, fold.snapshot.error]).toEqual(['error', misfit])
})
