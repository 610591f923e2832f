// How much of what actors do is looked at: all of it below the rate, and above it a count in its place.

import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { createActor, createMachine } from 'xstate'
import type { ActorObservation } from '../../src/observe/actor-observation.ts'
import { type ActorStream, createActorStream } from '../../src/observe/actor-stream.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

/** Each event of it is three observations: the event, a microstep, a snapshot. */
const lamp = createMachine({
  initial: 'off',
  states: { off: { on: { PRESS: 'on' } }, on: { on: { PRESS: 'off' } } },
})
const perEvent = 3

function lit(options: { readonly most?: number; readonly rate?: number }) {
  const clock = createVirtualClock()
  const roots: Parameters<typeof createActorStream>[0]['roots'] = () => [[actor, undefined]]
  const stream: ActorStream = createActorStream({ ...options, clock, roots, problem: () => {} })
  const actor = createActor(lamp).start()
  const seen: ActorObservation[] = []
  const by = stream.actors$.subscribe((one) => void seen.push(one))
  onTestFinished(() => by.unsubscribe())
  const press = (times: number): void => {
    for (let time = 0; time < times; time++) actor.send({ type: 'PRESS' })
  }
  return { clock, seen, press, by }
}

/** Numbers and counts of the dropped tell of each exactly once, in order; how many were dropped. */
function whole(seen: readonly ActorObservation[]): { readonly last: number; readonly dropped: number } {
  let last = 0
  let dropped = 0
  for (const one of seen) {
    if (one.type === 'dropped') {
      expect(one.count).toBeGreaterThan(0)
      last += one.count
      dropped += one.count
    } else last++
    expect(one.number).toBe(last)
  }
  return { last, dropped }
}

test('what comes below the rate is told in full, however it comes within a second', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: perEvent, max: 300 }),
      fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 20 }),
      async (rate, presses) => {
        const { clock, seen, press } = lit({ rate })
        let done = 0
        for (const wanted of presses) {
          const times = Math.min(wanted, Math.floor(rate / perEvent))
          press(times)
          done += times
          await clock.advance('1s')
        }
        expect(whole(seen)).toEqual({ last: 1 + done * perEvent, dropped: 0 })
      },
    ),
    { numRuns: 50 },
  )
})

test('above the rate no more is told than the rate allows, and each that is not is counted in its place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 700 })), {
        maxLength: 20,
      }),
      async (rate, most, turns) => {
        const { clock, seen, press } = lit({ rate, most })
        let done = 0
        let ms = 0
        for (const [times, pause] of turns) {
          press(times)
          done += times
          ms += pause
          await clock.advance(`${pause}ms` as '1ms')
        }
        // a moment later all that was dropped has been told
        await clock.advance('1s')
        const { last, dropped } = whole(seen)
        expect(last).toBe(1 + done * perEvent)
        expect(last - dropped).toBeLessThanOrEqual(1 + rate + (ms * rate) / 1_000)
        expect(clock.pending).toBe(0)
      },
    ),
    { numRuns: 100 },
  )
})

test('those that were there before are told besides the rate', async () => {
  const { clock, seen, press } = lit({ rate: perEvent })
  press(1)
  await clock.advance('1ms')
  expect(whole(seen)).toEqual({ last: 1 + perEvent, dropped: 0 })
})

test('who leaves while too much comes leaves no timer behind, and who comes then is told anew', async () => {
  const { clock, press, by } = lit({ rate: 3 })
  press(10)
  expect(clock.pending).toBe(1)
  by.unsubscribe()
  expect(clock.pending).toBe(0)
  press(10)
  await clock.advance('1s')
  expect(clock.pending).toBe(0)
})
