// The breaker's machine by itself: every state, and against a plain model over random outcomes.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { breakerMachine } from '../../machines/breaker.ts'
import { createWalker } from './walk.ts'

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

test('it comes through each of its states and transitions, and counts its generations', () => {
  const walker = createWalker(breakerMachine)
  const of = (type: 'succeeded' | 'failed' | 'ignored', generation: number, at = 0) =>
    ({ type, at, generation }) as const
  const asked = (at: number) => ({ type: 'asked', at }) as const
  const few = { threshold: 0.5, window: 2, minimum: 2, openFor: 100, probes: 2 }
  walker.walk(few, [
    [of('succeeded', 0), 'closed', { outcomes: '.', failures: 0, generation: 0 }],
    [of('succeeded', 9), 'closed', { outcomes: '.' }],
    [of('succeeded', 0), 'closed', { outcomes: '..', failures: 0 }],
    [of('failed', 9), 'closed', { outcomes: '..', failures: 0 }],
    [of('succeeded', 9), 'closed', { outcomes: '..' }],
    [of('failed', 0, 10), 'open', { outcomes: '.x', failures: 1, generation: 1, until: 110 }],
    [asked(109), 'open'],
    [asked(110), 'half-open', { generation: 2, trials: 1, passed: 0 }],
    [of('failed', 1), 'half-open', { trials: 1 }],
    [of('ignored', 1), 'half-open', { trials: 1 }],
    [of('ignored', 2), 'half-open', { trials: 0 }],
    [of('ignored', 2), 'half-open', { trials: 0 }],
    [asked(111), 'half-open', { trials: 1 }],
    [asked(111), 'half-open', { trials: 2 }],
    [asked(111), 'half-open', { trials: 2 }],
    [of('succeeded', 1), 'half-open', { passed: 0 }],
    [of('succeeded', 2), 'half-open', { passed: 1 }],
    [of('failed', 2, 200), 'open', { generation: 3, until: 300, trials: 0, passed: 0 }],
    [asked(300), 'half-open', { generation: 4, trials: 1, passed: 0 }],
    [of('succeeded', 4), 'half-open', { passed: 1 }],
    [of('succeeded', 4), 'closed', { generation: 5, outcomes: '', failures: 0, trials: 0, passed: 0 }],
    [of('failed', 5), 'closed', { outcomes: 'x', failures: 1 }],
    [{ type: 'tuned', terms: { ...few, window: 3, minimum: 3, openFor: 7 } }, 'closed', { window: 3 }],
    [of('failed', 5), 'closed', { outcomes: 'xx', failures: 2 }],
    [of('succeeded', 5, 400), 'open', { outcomes: 'xx.', failures: 2, until: 407, generation: 6 }],
  ])
  expect(walker.missing()).toEqual([])
})

test('what has left the window counts no more, and what is in it does, to the last one', () => {
  const of = started({ window: 3, minimum: 3, threshold: 1 })
  for (const outcome of ['failed', 'failed', 'succeeded', 'failed', 'failed'] as const) of.send(outcome)
  expect(of.context).toMatchObject({ outcomes: '.xx', failures: 2 })
  of.send('failed')
  expect(of.is).toBe('open')
})
