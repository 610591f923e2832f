// The statechart of a service: probes, readiness, ends and lives.

import { afterAll, describe, expect, test } from 'vitest'
import { serviceMachine } from '../../../machines/supervision/service-machine.ts'
import { createWalker, type Step } from '../walk.ts'

type Probe = 'startup' | 'ready' | 'alive'

const start = (life: number, waits = false) => ({ type: 'start', life, waits }) as const
const passed = (probe: Probe) => ({ type: 'passed', probe }) as const
const failed = (probe: Probe) => ({ type: 'failed', probe }) as const
const ended = (wrong: boolean) => ({ type: 'ended', wrong }) as const
const backOff = (due: number) => ({ type: 'back-off', due }) as const
const met = { type: 'met' } as const
const said = { type: 'said' } as const
const stop = { type: 'stop' } as const

const walker = createWalker(serviceMachine)
const plain = { thresholds: {} }
const probed = { thresholds: { startup: 2, ready: 2, alive: 2 } }
const walk = (input: object, ...steps: Step[]) => walker.walk(input, steps)

// all tests of this file together come through all of it
afterAll(() => expect(walker.missing()).toEqual([]))

describe('a service without probes', () => {
  test('is ready once it says so, and unready again in its next life', () => {
    walk(
      plain,
      [start(1), 'running.unready', { life: 1, said: false, probed: true, due: null }],
      [said, 'running.ready', { said: true }],
      [said, 'running.ready'],
      [ended(true), 'failed', { life: 1 }],
      [start(2), 'running.unready', { life: 2, said: false }],
      [said, 'running.ready'],
      [ended(false), 'stopped'],
      [start(3), 'running.unready', { life: 3, said: false }],
    )
  })

  test('waits for what it needs; stopped or ended meanwhile, it has not failed', () => {
    walk(plain, [start(1, true), 'waiting', { life: 1 }], [met, 'running.unready'])
    walk(plain, [start(1, true), 'waiting'], [stop, 'stopping'], [ended(false), 'stopped'])
    walk(plain, [start(1, true), 'waiting'], [ended(true), 'stopped'])
  })

  test('that was asked to stop has failed where it ends wrongly', () => {
    walk(plain, [start(1), 'running'], [stop, 'stopping'], [ended(true), 'failed'])
    walk(plain, [start(1), 'running'], [stop, 'stopping'], [ended(false), 'stopped'])
  })

  test('backs off until its next start, or is stopped before', () => {
    walk(
      plain,
      [start(1), 'running'],
      [ended(true), 'failed', { due: null }],
      [backOff(5_000), 'backing-off', { due: 5_000 }],
      [start(2), 'running.unready', { due: null, life: 2 }],
      [ended(true), 'failed'],
      [backOff(9_000), 'backing-off', { due: 9_000 }],
      [start(3, true), 'waiting', { due: null, life: 3 }],
      [met, 'running.unready'],
      [ended(true), 'failed'],
      [start(4, true), 'waiting', { life: 4 }],
      [met, 'running'],
      [ended(true), 'failed'],
      [backOff(1), 'backing-off'],
      [stop, 'stopped'],
    )
    walk(plain, [start(1), 'running'], [ended(true), 'failed'], [stop, 'stopped'])
  })
})

describe('probes', () => {
  test('no other counts before the startup probe has passed', () => {
    walk(
      probed,
      [start(1), 'running.starting', { probed: false }],
      [said, 'running.starting', { said: true }],
      [failed('startup'), 'running.starting', { failures: { startup: 1, ready: 0, alive: 0 } }],
      [passed('startup'), 'running.unready', { failures: { startup: 0 } }],
      [failed('ready'), 'running.unready', { failures: { ready: 1 } }],
      [passed('ready'), 'running.ready', { probed: true, failures: { ready: 0 } }],
    )
    // without a readiness probe, what it said is enough
    walk(
      { thresholds: { startup: 1 } },
      [start(1), 'running.starting', { probed: true }],
      [said, 'running.starting'],
      [failed('startup'), 'failing'],
      [ended(true), 'failed'],
      [start(2), 'running.starting'],
      [said, 'running.starting'],
      [passed('startup'), 'running.ready'],
    )
    walk(
      { thresholds: { startup: 2 } },
      [start(1), 'running.starting'],
      [said, 'running.starting'],
      [failed('startup'), 'running.starting', { failures: { startup: 1 } }],
      [passed('startup'), 'running.ready', { failures: { startup: 0 } }],
    )
    walk(
      { thresholds: { startup: 1 } },
      [start(1), 'running.starting'],
      [passed('startup'), 'running.unready'],
    )
  })

  test('a startup probe that fails too often in a row ends the life', () => {
    walk(
      probed,
      [start(1), 'running.starting'],
      [failed('startup'), 'running.starting'],
      [failed('startup'), 'failing'],
      [ended(false), 'failed'],
      [start(2), 'running.starting', { failures: { startup: 0 }, life: 2 }],
      [ended(true), 'failed'],
      [backOff(7), 'backing-off'],
      [start(3), 'running.starting'],
    )
    walk(probed, [start(1, true), 'waiting'], [met, 'running.starting'])
  })

  test('ready is who said so and passed, in either order', () => {
    walk(
      { thresholds: { ready: 2 } },
      [start(1), 'running.unready', { probed: false }],
      [said, 'running.unready', { said: true }],
      [passed('alive'), 'running.unready', { probed: false }],
      [passed('ready'), 'running.ready', { probed: true }],
    )
    walk(
      { thresholds: { ready: 2 } },
      [start(1), 'running.unready'],
      [passed('ready'), 'running.unready', { probed: true, said: false }],
      [passed('alive'), 'running.unready', { probed: true }],
      [said, 'running.ready', { said: true }],
    )
  })

  test('a readiness probe that fails too often in a row withholds the service, and no more', () => {
    walk(
      probed,
      [start(1), 'running.starting'],
      [passed('startup'), 'running.unready'],
      [failed('ready'), 'running.unready', { failures: { ready: 1 } }],
      [passed('ready'), 'running.unready', { failures: { ready: 0 }, probed: true }],
      [said, 'running.ready'],
      [failed('ready'), 'running.ready', { failures: { ready: 1 } }],
      [passed('ready'), 'running.ready', { failures: { ready: 0 } }],
      [failed('ready'), 'running.ready', { probed: true }],
      [failed('ready'), 'running.unready', { failures: { ready: 2 }, probed: false }],
      [said, 'running.unready'],
      [failed('ready'), 'running.unready', { failures: { ready: 3 } }],
      [passed('ready'), 'running.ready', { failures: { ready: 0 }, probed: true }],
    )
  })

  test('a liveness probe that fails too often in a row ends the life, ready or not', () => {
    walk(
      probed,
      [start(1), 'running.starting'],
      [passed('startup'), 'running.unready'],
      [failed('alive'), 'running.unready', { failures: { alive: 1 } }],
      [failed('ready'), 'running.unready', { failures: { alive: 1, ready: 1 } }],
      [failed('alive'), 'failing'],
      [stop, 'stopping'],
      [ended(true), 'failed'],
    )
    walk(
      probed,
      [start(1), 'running.starting'],
      [passed('startup'), 'running.unready'],
      [said, 'running.unready'],
      [passed('ready'), 'running.ready'],
      [failed('alive'), 'running.ready', { failures: { alive: 1 } }],
      [passed('alive'), 'running.ready', { failures: { alive: 0 } }],
      [failed('alive'), 'running.ready'],
      [failed('alive'), 'failing'],
      [ended(true), 'failed'],
    )
  })

  test('what there is no probe for never fails', () => {
    walk(
      plain,
      [start(1), 'running.unready'],
      [said, 'running.ready'],
      ...Array.from({ length: 9 }, (): Step => [failed('ready'), 'running.ready']),
      ...Array.from({ length: 9 }, (): Step => [failed('alive'), 'running.ready']),
    )
  })
})
