// Inspectors: they see everything in order, and cannot break what they watch.

import { describe, expect, test } from 'vitest'
import { createActor, createMachine } from 'xstate'
import { deferInspection } from '../../src/observe/inspection.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

const toggle = createMachine({
  initial: 'off',
  states: { off: { on: { flip: 'on' } }, on: { on: { flip: 'off' } } },
})

describe('an inspector', () => {
  test('that throws is told once, and the actor goes on', async () => {
    const clock = createVirtualClock()
    const problems: string[] = []
    const inspect = deferInspection(
      () => {
        throw new Error('no')
      },
      clock,
      (message) => problems.push(message),
    )
    const actor = createActor(toggle, { inspect }).start()
    actor.send({ type: 'flip' })
    await clock.settle()
    actor.send({ type: 'flip' })
    await clock.settle()
    expect(actor.getSnapshot().value).toBe('off')
    expect(problems).toEqual(['the inspector threw: Error: no'])
  })

  test('that throws what has no text, to one who throws when told, breaks nothing', async () => {
    const clock = createVirtualClock()
    const inspect = deferInspection(
      () => {
        throw Object.create(null) as Error
      },
      clock,
      () => {
        throw new Error('the logger is broken')
      },
    )
    const actor = createActor(toggle, { inspect }).start()
    actor.send({ type: 'flip' })
    await clock.settle()
    expect(actor.getSnapshot().value).toBe('on')
  })

  test('sees events in the order in which they happened', async () => {
    const clock = createVirtualClock()
    const seen: string[] = []
    const inspect = deferInspection(
      (event) => {
        if (event.type === '@xstate.event') seen.push(event.event.type)
      },
      clock,
      () => {},
    )
    const actor = createActor(toggle, { inspect }).start()
    actor.send({ type: 'flip' })
    expect(seen).toEqual([])
    await clock.settle()
    expect(seen).toEqual(['xstate.init', 'flip'])
  })

  test('that is too slow loses events, and says so once', async () => {
    const clock = createVirtualClock()
    const problems: string[] = []
    let seen = 0
    const inspect = deferInspection(
      () => seen++,
      clock,
      (message) => problems.push(message),
    )
    const actor = createActor(toggle, { inspect }).start()
    for (let i = 0; i < 20_000; i++) actor.send({ type: 'flip' })
    await clock.settle()
    expect(seen).toBe(10_000)
    expect(problems).toEqual(['the inspector is too slow: events are dropped'])
  })
})
