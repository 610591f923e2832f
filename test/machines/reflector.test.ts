// The reflector's statechart: where it is after any order of looks, trials and their ends.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createActor, fromPromise } from 'xstate'
import { reflectorMachine } from '../../machines/reflector.ts'
import { createWalker, type Step } from './walk.ts'

function begun(propose: () => Promise<void> = async () => {}) {
  const actor = createActor(reflectorMachine.provide({ actors: { propose: fromPromise(propose) } }))
  actor.subscribe({ error: () => {} })
  return actor.start()
}

describe('the reflector', () => {
  test('goes from observing over proposing and trialling to kept or reverted, rests, and observes again', async () => {
    const actor = begun()
    const at = (): unknown => actor.getSnapshot().value
    actor.send({ type: 'look' })
    expect(at()).toBe('proposing')
    await Promise.resolve()
    await Promise.resolve()
    expect(at()).toBe('observing')
    for (const end of ['kept', 'reverted'] as const) {
      actor.send({ type: 'trial.started' })
      expect(at()).toBe('trialling')
      actor.send({ type: `trial.${end}` })
      expect(at()).toBe(end)
      actor.send({ type: 'rested' })
      expect(at()).toBe('observing')
    }
    actor.send({ type: 'stop' })
    expect(actor.getSnapshot().status).toBe('done')
  })

  test('looks once more for who asked while it was looking, and a look that fails ends where it was', async () => {
    let looks = 0
    const actor = begun(async () => {
      looks++
      throw new Error('no')
    })
    actor.send({ type: 'trial.started' })
    for (let ask = 0; ask < 3; ask++) actor.send({ type: 'look' })
    await new Promise<void>((resolve) => void setImmediate(resolve))
    expect(looks).toBe(2)
    expect(actor.getSnapshot().value).toBe('trialling')
  })

  test('is trialling whenever a trial goes on and nobody looks, whatever came in which order', async () => {
    const steps = fc.array(
      fc.constantFrom('look', 'trial.started', 'trial.kept', 'trial.reverted', 'rested'),
      {
        maxLength: 20,
      },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (events) => {
        const actor = begun()
        let trials = 0
        let last: string | undefined
        for (const type of events) {
          if (type === 'trial.started') trials++
          // one that did not begin does not end
          if ((type === 'trial.kept' || type === 'trial.reverted') && trials-- === 0) {
            trials = 0
            continue
          }
          if (type === 'trial.kept') last = 'kept'
          if (type === 'trial.reverted') last = 'reverted'
          actor.send({ type })
        }
        await new Promise<void>((resolve) => void setImmediate(resolve))
        const { value, context } = actor.getSnapshot()
        expect(context.trials).toBe(trials)
        if (trials > 0) expect(value).toBe('trialling')
        else expect(['observing', last]).toContain(value)
      }),
    )
  })
})

test('the reflector comes through each of its states and transitions', () => {
  const walker = createWalker(reflectorMachine)
  const [look, begun_, kept, reverted, rested, stop] = [
    { type: 'look' },
    { type: 'trial.started' },
    { type: 'trial.kept' },
    { type: 'trial.reverted' },
    { type: 'rested' },
    { type: 'stop' },
  ] as const
  const walk = (...steps: Step[]) => walker.walk(undefined, steps)
  walk(
    [look, 'proposing', { again: false }],
    [look, 'proposing', { again: true }],
    ['done', 'proposing', { again: false }],
    ['error', 'observing', { again: false }],
    [begun_, 'trialling', { trials: 1 }],
    [look, 'proposing'],
    [begun_, 'proposing', { trials: 2 }],
    ['done', 'trialling'],
    [look, 'proposing'],
    [kept, 'proposing', { trials: 1, last: 'kept' }],
    [reverted, 'proposing', { trials: 0, last: 'reverted' }],
    [reverted, 'proposing', { trials: 0 }],
    ['done', 'reverted', { last: 'reverted' }],
    [look, 'proposing'],
    ['error', 'reverted'],
    [rested, 'observing', { last: undefined }],
    [begun_, 'trialling', { trials: 1 }],
    [kept, 'kept', { trials: 0, last: 'kept' }],
    [look, 'proposing'],
    ['done', 'kept', { last: 'kept' }],
    [begun_, 'trialling', { trials: 1 }],
    [begun_, 'trialling', { trials: 2 }],
    // one of two: the other goes on
    [kept, 'trialling', { trials: 1, last: 'kept' }],
    [reverted, 'reverted', { trials: 0, last: 'reverted' }],
    [begun_, 'trialling', { trials: 1 }],
    [begun_, 'trialling', { trials: 2 }],
    [reverted, 'trialling', { trials: 1 }],
    [kept, 'kept', { trials: 0 }],
    [rested, 'observing', { last: undefined }],
    [rested, 'observing'],
    [look, 'proposing'],
    ['done', 'observing'],
    [begun_, 'trialling'],
    [look, 'proposing'],
    [kept, 'proposing', { last: 'kept' }],
    [rested, 'proposing', { last: undefined }],
    ['done', 'observing'],
    [stop, 'stopped'],
  )
  const places = [
    [look, 'proposing'],
    [begun_, 'trialling'],
    [kept, 'kept'],
    [reverted, 'reverted'],
  ] as const
  for (const place of places) expect(walk(place, [stop, 'stopped']).status).toBe('done')
  expect(walker.missing()).toEqual([])
})

test('a look that fails is told, with what went wrong', async () => {
  const told: unknown[] = []
  const refuse = (_: unknown, { error }: { readonly error: unknown }) => void told.push(error)
  const actor = createActor(reflectorMachine.provide({ actions: { refuse } })).start()
  actor.send({ type: 'look' })
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  expect(told).toEqual([new Error('a reflector has no work bound to it')])
})

test('each look is told as it begins, and what came of it as it ends', async () => {
  const told: string[] = []
  const actor = createActor(
    reflectorMachine.provide({
      actors: { propose: fromPromise(async () => {}) },
      actions: { begin: () => void told.push('begin'), publish: () => void told.push('publish') },
    }),
  ).start()
  for (let looks = 0; looks < 2; looks++) {
    actor.send({ type: 'look' })
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  expect(told).toEqual(['begin', 'publish', 'begin', 'publish'])
})
