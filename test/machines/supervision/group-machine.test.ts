// The group's statechart: it stands where its reducer does, and its context says what is to be done.

import { expect, test } from 'vitest'
import { groupMachine } from '../../../machines/supervision/group-machine.ts'
import { createWalker, type Step } from '../walk.ts'
import { child, group } from './world.ts'

const a = child('a')
const b = child('b')
const start = { type: 'start', at: 0 } as const
const stop = { type: 'stop', at: 0 } as const
const started = (id: string) => ({ type: 'started', child: id, at: 0 }) as const
const ignored = (id: string) => ({ type: 'start-ignored', child: id, at: 0 }) as const
const notStarted = (id: string) => ({ type: 'start-failed', child: id, reason: 'broken', at: 0 }) as const
const exited = (id: string, reason = 'error') => ({ type: 'exited', child: id, reason, at: 0 }) as const

test('it stands where its supervisor does, through every state and transition', () => {
  const walker = createWalker(groupMachine)
  const walk = (spec: ReturnType<typeof group>, ...steps: Step[]) => walker.walk(spec, steps)
  const whole = walk(
    group([a, b]),
    [start, 'starting', { orders: [{ do: 'start', child: 'a', why: 'boot' }] }],
    [started('a'), 'starting', { orders: [{ do: 'start', child: 'b' }] }],
    [started('b'), 'running', { orders: [{ do: 'up' }] }],
    [exited('a'), 'restarting', { orders: [{ do: 'start', child: 'a', why: 'restart' }] }],
    [started('a'), 'running', { orders: [] }],
    [stop, 'stopping', { orders: [{ do: 'shutdown', child: 'b' }] }],
    [exited('b', 'shutdown'), 'stopping', { orders: [{ do: 'shutdown', child: 'a' }] }],
    [exited('a', 'shutdown'), 'stopped', { orders: [{ do: 'ended', cause: 'stop' }] }],
  )
  expect(whole.status).toBe('done')
  expect(walk(group([]), [stop, 'stopped', { orders: [{ do: 'ended' }] }]).status).toBe('done')
  walk(group([]), [start, 'running', { orders: [{ do: 'up' }] }], [stop, 'stopped'])
  expect(
    walk(
      group([a]),
      [start, 'starting'],
      [
        notStarted('a'),
        'failed',
        { orders: [{ do: 'ended', cause: 'start_failed', failedStart: { child: 'a', reason: 'broken' } }] },
      ],
    ).status,
  ).toBe('done')
  // what was asked for while a child started comes right after
  walk(group([a]), [start, 'starting'], [stop, 'starting', { orders: [] }], [started('a'), 'stopping'])
  walk(group([a]), [start, 'starting'], [stop, 'starting'], [ignored('a'), 'stopped'])
  walk(
    group([a, b]),
    [start, 'starting'],
    [started('a'), 'starting'],
    [exited('a'), 'starting', { orders: [] }],
    [started('b'), 'restarting', { orders: [{ do: 'up' }, { do: 'start', child: 'a' }] }],
    [stop, 'restarting'],
    [started('a'), 'stopping'],
  )
  // a budget that is spent
  const spent = group([a], { intensity: 0 })
  walk(spent, [start, 'starting'], [started('a'), 'running'], [exited('a'), 'failed'])
  const rest = group([a, b], { intensity: 0 })
  walk(
    rest,
    [start, 'starting'],
    [started('a'), 'starting'],
    [started('b'), 'running'],
    [exited('b'), 'stopping'],
    [exited('a', 'shutdown'), 'failed', { orders: [{ do: 'ended', cause: 'intensity' }] }],
  )
  walk(
    group([a]),
    [start, 'starting'],
    [started('a'), 'running'],
    [exited('a'), 'restarting'],
    [notStarted('a'), 'failed'],
  )
  const spaced = group([child('a', { backoff: { resetAfter: 1_000 } })])
  walk(
    spaced,
    [start, 'starting'],
    [started('a'), 'running'],
    [exited('a'), 'restarting', { orders: [{ do: 'back-off', child: 'a', failures: 1 }] }],
    [stop, 'stopped', { orders: [{ do: 'forget-back-off', child: 'a' }, { do: 'ended' }] }],
  )
  expect(walker.missing()).toEqual([])
})

test('what an inspector writes down of it is how many children it has, not each', () => {
  const walker = createWalker(groupMachine)
  const held = (steps: Step[]): unknown =>
    JSON.parse(JSON.stringify(walker.walk(group([a, b], { intensity: 1 }), steps).context)).held
  expect(held([])).toEqual({ phase: 'idle', children: 2, restarts: 0 })
  expect(
    held([
      [start, 'starting'],
      [started('a'), 'starting'],
      [started('b'), 'running'],
      [exited('a'), 'restarting'],
    ]),
  ).toEqual({ phase: 'restarting', children: 2, restarts: 1 })
  expect(held([[stop, 'stopped']])).toEqual({ phase: 'stopped', children: 2, restarts: 0, cause: 'stop' })
})
