// The breaker's machine by itself: every state, and against a plain model over random outcomes.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { breakerMachine } from '../../machines/breaker.ts'

const terms = { threshold: 0.5, window: 100, minimum: 20, openFor: 60_000, probes: 1 }

function started(given: Partial<typeof terms> = {}) {
  const actor = createActor(breakerMachine, { input: { ...terms, ...given } }).start()
  const send = (
    type: 'succeeded' | 'failed' | 'ignored',
    at = 0,
    generation = actor.getSnapshot().context.generation,
  ) => actor.send({ type, at, generation })
  return {
    send,
    ask: (at: number) => actor.send({ type: 'asked', at }),
    get is() {
      return actor.getSnapshot().value
    },
    get context() {
      return actor.getSnapshot().context
    },
  }
}

describe('closed', () => {
  test('opens at half of the last outcomes, once there are enough', () => {
    const of = started()
    for (let at = 0; at < 19; at++) of.send('failed', at)
    expect(of.is).toBe('closed')
    of.send('failed', 19)
    expect(of.is).toBe('open')
    expect(of.context.until).toBe(60_019)
  })

  test('the outcome that makes them enough may be a success', () => {
    const of = started()
    for (let at = 0; at < 10; at++) of.send('failed')
    for (let at = 0; at < 9; at++) of.send('succeeded')
    expect(of.is).toBe('closed')
    of.send('succeeded')
    expect(of.is).toBe('open')
  })

  test('forgets what has left the window', () => {
    const of = started({ window: 20, threshold: 0.6 })
    for (let at = 0; at < 10; at++) of.send('failed')
    for (let at = 0; at < 20; at++) of.send('succeeded')
    expect(of.context).toMatchObject({ failures: 0, outcomes: '.'.repeat(20) })
  })
})

describe('open and half-open', () => {
  const open = (given = {}) => {
    const of = started({ window: 1, minimum: 1, ...given })
    of.send('failed', 0)
    expect(of.is).toBe('open')
    return of
  }

  test('nobody is asked before its time, and then a probe', () => {
    const of = open()
    of.ask(59_999)
    expect(of.is).toBe('open')
    of.ask(60_000)
    expect(of.is).toBe('half-open')
    expect(of.context.trials).toBe(1)
    of.ask(60_001)
    expect(of.context.trials).toBe(1)
  })

  test('closes once as many probes succeeded as it asks for, and begins anew', () => {
    const of = open({ probes: 2 })
    of.ask(60_000)
    of.ask(60_000)
    of.send('succeeded')
    expect(of.is).toBe('half-open')
    of.send('succeeded')
    expect(of.is).toBe('closed')
    expect(of.context).toMatchObject({ outcomes: '', failures: 0 })
  })

  test('opens again by one failure, and for the whole time', () => {
    const of = open({ probes: 2 })
    of.ask(60_000)
    of.ask(60_000)
    of.send('succeeded')
    of.send('failed', 70_000)
    expect(of.is).toBe('open')
    expect(of.context.until).toBe(130_000)
  })

  test('a probe that came to nothing gives its turn to another', () => {
    const of = open()
    of.ask(60_000)
    of.send('ignored')
    of.ask(60_001)
    expect(of.context.trials).toBe(1)
  })

  test('what was let through before says nothing now', () => {
    const of = open()
    of.ask(60_000)
    const before = of.context.generation - 2
    of.send('succeeded', 60_001, before)
    expect(of.is).toBe('half-open')
    of.send('failed', 60_002, before)
    expect(of.is).toBe('half-open')
  })
})

test('it is open exactly when the share of failures among the last outcomes says so', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 200 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 30 }),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      (outcomes, window, least, threshold) => {
        const minimum = Math.min(least, window)
        const of = started({ window, minimum, threshold })
        const seen: boolean[] = []
        for (const failed of outcomes) {
          of.send(failed ? 'failed' : 'succeeded')
          seen.push(failed)
          const last = seen.slice(-window)
          const failures = last.filter(Boolean).length
          const opens = failures > 0 && last.length >= minimum && failures >= threshold * last.length
          expect(of.is).toBe(opens ? 'open' : 'closed')
          if (opens) return
        }
      },
    ),
  )
})
