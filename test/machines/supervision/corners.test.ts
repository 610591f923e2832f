// What a supervisor does with what comes at an odd moment: late, early, twice, or about a child that is gone.

import { describe, expect, test } from 'vitest'
import { badCombination } from '../../../machines/supervision/spec.ts'
import { isStrategy } from '../../../machines/supervision/strategies.ts'
import { beginSupervision } from '../../../machines/supervision/state.ts'
import { supervise } from '../../../machines/supervision/supervise.ts'
import { child, createWorld, group } from './world.ts'

const exit = (id: string, reason = 'error', life?: number) =>
  ({ type: 'exited', child: id, reason, ...(life === undefined ? {} : { life }) }) as const

test('an order to stop has its deadline, none where it may take for ever', () => {
  const of = beginSupervision(
    group([
      child('a', { shutdown: 70 }),
      child('b', { shutdown: 'infinity' }),
      child('c', { shutdown: 'brutal_kill' }),
    ]),
  )
  const at = 1_000
  expect(supervise(of, { type: 'start', at })).toEqual([{ do: 'start', child: 'a', life: 1, why: 'boot' }])
  expect(of.phase).toBe('starting')
  expect(of.children.get('a')?.status).toBe('starting')
  for (const id of ['a', 'b', 'c']) supervise(of, { type: 'started', child: id, at })
  expect(supervise(of, { type: 'stop', at })).toEqual([{ do: 'kill', child: 'c', life: 3 }])
  expect(of.phase).toBe('stopping')
  expect(supervise(of, { ...exit('c'), at })).toEqual([{ do: 'shutdown', child: 'b', life: 2, until: null }])
  expect(supervise(of, { ...exit('b'), at })).toEqual([{ do: 'shutdown', child: 'a', life: 1, until: 1_070 }])
  expect(supervise(of, { ...exit('a'), at })).toEqual([{ do: 'ended', cause: 'stop' }])
  expect([...of.children.values()].map(({ status }) => status)).toEqual(['stopped', 'stopped', 'stopped'])
})

test('stopped before it was started, it ends and touches no child; over, it hears nothing more', () => {
  const of = beginSupervision(group([child('t', { restart: 'temporary' })]))
  expect(supervise(of, { type: 'admin', call: 'x', ask: { ask: 'which-children' }, at: 0 })).toEqual([
    { do: 'reply', call: 'x', answer: { ok: false, error: 'noproc' } },
  ])
  expect(supervise(of, { type: 'stop', at: 0 })).toEqual([{ do: 'ended', cause: 'stop' }])
  for (const event of [
    { type: 'stop', at: 0 },
    { type: 'start', at: 0 },
  ] as const)
    expect(supervise(of, event)).toEqual([])
  expect(of).toMatchObject({ phase: 'stopped', queue: [], work: [], restarts: [] })
})

test('who calls while it ends is answered that it is no more, once', () => {
  const world = createWorld(group([child('a')]), { stubborn: ['a'] })
  world.tell({ type: 'stop' })
  world.said()
  expect(world.ask({ ask: 'which-children' })).toBeUndefined()
  world.tell(exit('a'))
  expect(world.said()).toEqual(['noproc', 'ended stop'])
  expect(world.of.queue).toEqual([])
})

describe('while a child starts', () => {
  test('its own exit is a start that failed', () => {
    const world = createWorld(group([child('a')]), { slow: ['a'] })
    world.tell(exit('a', 'early'))
    expect(world.said()).toEqual(['start a', 'ended start_failed'])
    expect(world.of).toMatchObject({ phase: 'failed', failedStart: { child: 'a', reason: 'early' } })
    expect(world.of.children.get('a')?.status).toBe('stopped')
  })

  test('what another says, or what an earlier life of it says, settles nothing', () => {
    const world = createWorld(group([child('a'), child('b')]), { slow: ['b'] })
    world.tell({ type: 'started', child: 'a' }, { type: 'started', child: 'b', life: 1 })
    world.tell({ type: 'start-failed', child: 'nobody', reason: 'x' }, exit('nobody'))
    expect(world.of.children.get('b')?.status).toBe('starting')
    world.tell({ type: 'started', child: 'b', life: 2 })
    expect(world.said()).toEqual(['start a', 'start b', 'up'])
  })

  test('asked for by a call, the supervisor goes on running', () => {
    const world = createWorld(group([child('a')]), { slow: ['new'] })
    world.ask({ ask: 'start-child', spec: child('new') })
    expect(world.of.phase).toBe('running')
    world.tell({ type: 'started', child: 'new' })
    world.ask({ ask: 'terminate-child', child: 'new' })
    world.ask({ ask: 'restart-child', child: 'new' })
    expect(world.of.phase).toBe('running')
  })

  test('a retry of a child that was deleted meanwhile tries nothing', () => {
    const world = createWorld(group([child('a')], { intensity: 9 }), { slow: ['a'] })
    world.tell({ type: 'started', child: 'a' }, exit('a'))
    world.said()
    world.ask({ ask: 'terminate-child', child: 'a' })
    world.ask({ ask: 'delete-child', child: 'a' })
    world.tell({ type: 'start-failed', child: 'a', reason: 'broken' })
    expect(world.said()).toEqual(['ok', 'removed a', 'ok'])
    expect(world.of.children.size).toBe(0)
    expect(world.of.phase).toBe('running')
  })
})

test('an exit of an earlier life says nothing about the present one', () => {
  const world = createWorld(
    group([child('a', { restart: 'transient' }), child('b'), child('c')], {
      strategy: 'one_for_all',
      intensity: 9,
    }),
    { slow: ['c'] },
  )
  // b and a die while c starts; b's death starts all anew, and then a ends in order
  world.tell(exit('b'), exit('a', 'error'), { type: 'started', child: 'c' })
  const again = world.of.children.get('a')!.life
  expect(again).toBeGreaterThan(1)
  world.tell(exit('a', 'normal'))
  world.said()
  world.tell({ type: 'started', child: 'c' })
  expect(world.said()).toEqual([])
  expect(world.of.children.get('a')?.status).toBe('stopped')
})

test('a deadline of a child that runs, or of none, kills nobody', () => {
  const world = createWorld(group([child('a')]))
  world.said()
  world.tell({ type: 'deadline', child: 'a' }, { type: 'deadline', child: 'nobody' })
  expect(world.said()).toEqual([])
})

describe('a child that backs off', () => {
  const spaced = child('a', { backoff: { resetAfter: 1_000 } })

  test('is started when its time has come, and not before or again', () => {
    const world = createWorld(group([spaced], { intensity: 9 }))
    world.tell(exit('a'))
    expect(world.of.phase).toBe('restarting')
    expect(world.said()).toEqual(['start a', 'up', 'back-off a 1'])
    world.tell({ type: 'due', child: 'nobody' })
    expect(world.said()).toEqual([])
    world.tell({ type: 'due', child: 'a' })
    expect(world.said()).toEqual(['start a'])
    world.tell({ type: 'due', child: 'a' })
    expect(world.said()).toEqual([])
    expect(world.of.phase).toBe('running')
  })

  test('counts its failures until it was well for so long', () => {
    const world = createWorld(group([spaced], { intensity: 9 }))
    const fails = (): readonly string[] => {
      world.tell(exit('a'), { type: 'due', child: 'a' })
      return world.said()
    }
    fails()
    world.pass(999)
    expect(fails()).toEqual(['back-off a 2', 'start a'])
    world.pass(1_000)
    expect(fails()).toEqual(['back-off a 1', 'start a'])
  })

  test('is forgotten where it is terminated, and stays so', () => {
    const world = createWorld(group([spaced], { intensity: 9 }))
    world.tell(exit('a'))
    world.said()
    expect(world.ask({ ask: 'terminate-child', child: 'a' })).toEqual({ ok: true })
    expect(world.said()).toEqual(['forget-back-off a', 'ok'])
    expect(world.of.phase).toBe('running')
    world.tell({ type: 'due', child: 'a' })
    expect(world.said()).toEqual([])
  })
})

test('a call about nobody is answered so, whatever it asks', () => {
  const world = createWorld(group([child('a')]))
  for (const ask of ['terminate-child', 'restart-child', 'delete-child', 'child-spec'] as const)
    expect(world.ask({ ask, child: 'nobody' })).toEqual({ ok: false, error: 'not_found' })
  expect(world.ask({ ask: 'child-spec', child: 'a' })).toEqual({ ok: true, spec: child('a') })
  const refused = world.ask({ ask: 'restart-child', child: 'a' })
  expect(refused).toStrictEqual({ ok: false, error: 'running' })
})

test('a strategy is one of four names', () => {
  expect(isStrategy('one_for_all')).toBe(true)
  expect(isStrategy('toString')).toBe(false)
  expect(isStrategy(['one_for_all'])).toBe(false)
  expect(isStrategy(undefined)).toBe(false)
})

test('a significant child may be where its end can count', () => {
  const significant = { significant: true, restart: 'transient' } as const
  expect(badCombination({ autoShutdown: 'any_significant' }, significant)).toBeUndefined()
  expect(badCombination({ autoShutdown: 'all_significant' }, significant)).toBeUndefined()
  expect(badCombination({ autoShutdown: 'never' }, significant)).toContain(
    "its group's autoShutdown is never",
  )
  expect(badCombination({ autoShutdown: 'never' }, { ...significant, significant: false })).toBeUndefined()
})
