// The reducer against the documentation of OTP's `supervisor`, scenario by scenario.

import { describe, expect, test } from 'vitest'
import { badCombination } from '../../../machines/supervision/spec.ts'
import { isStrategy } from '../../../machines/supervision/strategies.ts'
import { child, createWorld, group } from './world.ts'

const abc = [child('a'), child('b'), child('c')]
const exit = (id: string, reason = 'error') => ({ type: 'exited' as const, child: id, reason })

describe('starting and stopping', () => {
  test('children start from left to right and stop from right to left', () => {
    const world = createWorld(group(abc))
    expect(world.said()).toEqual(['start a', 'start b', 'start c', 'up'])
    world.tell({ type: 'stop' })
    expect(world.said()).toEqual(['stop c', 'stop b', 'stop a', 'ended stop'])
    expect(world.of.phase).toBe('stopped')
  })

  test('a failed start stops those that had started, in reverse, and fails the supervisor', () => {
    const world = createWorld(group(abc), { starts: { c: ['failed'] } })
    expect(world.said()).toEqual(['start a', 'start b', 'start c', 'stop b', 'stop a', 'ended start_failed'])
    expect(world.of).toMatchObject({ phase: 'failed', failedStart: { child: 'c', reason: 'broken' } })
  })

  test('an ignored child keeps its spec, unless it is temporary', () => {
    const world = createWorld(group([child('a'), child('t', { restart: 'temporary' })]), {
      starts: { a: ['ignored'], t: ['ignored'] },
    })
    expect(world.said()).toEqual(['start a', 'start t', 'removed t', 'up'])
    expect(world.ask({ ask: 'count-children' })).toEqual({
      ok: true,
      counts: { specs: 1, active: 0, supervisors: 0, workers: 1 },
    })
  })

  test('who ignores its deadline is killed; infinity has none; brutal_kill asks nobody', () => {
    const world = createWorld(
      group([
        child('a', { shutdown: 'infinity' }),
        child('b', { shutdown: 'brutal_kill' }),
        child('c', { shutdown: 70 }),
      ]),
      { stubborn: ['a', 'c'] },
    )
    world.said()
    world.tell({ type: 'stop' })
    expect(world.said()).toEqual(['stop c'])
    world.tell({ type: 'deadline', child: 'c' })
    expect(world.said()).toEqual(['kill c', 'kill b', 'stop a'])
    world.tell(exit('a', 'shutdown'))
    expect(world.said()).toEqual(['ended stop'])
  })

  test('the deadline of an earlier life kills nobody', () => {
    const world = createWorld(group(abc), { stubborn: ['b'] })
    world.ask({ ask: 'terminate-child', child: 'b' })
    world.tell(exit('b'))
    world.ask({ ask: 'restart-child', child: 'b' })
    world.ask({ ask: 'terminate-child', child: 'b' })
    world.said()
    world.tell({ type: 'deadline', child: 'b', life: 2 })
    expect(world.said()).toEqual([])
    world.tell({ type: 'deadline', child: 'b', life: 4 })
    expect(world.said()).toEqual(['kill b', 'ok'])
  })

  test('a stop before the start ends it; what comes after its end changes nothing', () => {
    const world = createWorld(group(abc))
    world.tell({ type: 'stop' })
    world.said()
    world.tell({ type: 'stop' }, exit('a'), { type: 'due', child: 'a' }, { type: 'start' })
    expect(world.said()).toEqual([])
    expect(world.ask({ ask: 'which-children' })).toEqual({ ok: false, error: 'noproc' })
  })
})

describe('strategies', () => {
  test.each([
    ['one_for_one', ['start b']],
    ['rest_for_one', ['stop c', 'start b', 'start c']],
    ['one_for_all', ['stop c', 'stop a', 'start a', 'start b', 'start c']],
  ] as const)('%s takes along whom it should', (strategy, expected) => {
    const world = createWorld(group(abc, { strategy }))
    world.said()
    world.tell(exit('b'))
    expect(world.said()).toEqual(expected)
    expect(world.of.restarts).toHaveLength(1)
    expect(isStrategy(strategy)).toBe(true)
  })

  test('temporary siblings that a group restart stops do not come back, nor does their spec', () => {
    const world = createWorld(
      group([child('t', { restart: 'temporary' }), child('b')], { strategy: 'one_for_all' }),
    )
    world.said()
    world.tell(exit('b'))
    expect(world.said()).toEqual(['stop t', 'removed t', 'start b'])
  })

  test('a group restart revives who had ended or was terminated, as OTP does', () => {
    const world = createWorld(
      group([child('a', { restart: 'transient' }), child('b'), child('c')], { strategy: 'one_for_all' }),
    )
    world.tell(exit('a', 'normal'))
    world.ask({ ask: 'terminate-child', child: 'c' })
    world.said()
    world.tell(exit('b'))
    expect(world.said()).toEqual(['start a', 'start b', 'start c'])
  })

  test('without reviveStopped it leaves them as they are', () => {
    const world = createWorld(
      group([child('a', { restart: 'transient' }), child('b'), child('c'), child('d')], {
        strategy: 'one_for_all',
        reviveStopped: false,
      }),
    )
    world.tell(exit('a', 'normal'))
    world.ask({ ask: 'terminate-child', child: 'c' })
    world.said()
    world.tell(exit('b'))
    expect(world.said()).toEqual(['stop d', 'start b', 'start d'])
  })
})

describe('restart types', () => {
  test.each([
    ['permanent', 'normal', true],
    ['permanent', 'shutdown', true],
    ['permanent', 'error', true],
    ['transient', 'normal', false],
    ['transient', 'shutdown', false],
    ['transient', 'killed', true],
    ['transient', 'error', true],
    ['temporary', 'normal', false],
    ['temporary', 'error', false],
  ] as const)('%s after %s: restarted is %s', (restart, reason, again) => {
    const world = createWorld(group([child('a', { restart })]))
    world.said()
    world.tell(exit('a', reason))
    const gone = restart === 'temporary' ? ['removed a'] : []
    expect(world.said()).toEqual(again ? ['start a'] : gone)
  })
})

describe('intensity', () => {
  test('more than intensity restarts within period end it with all its children', () => {
    const world = createWorld(group(abc, { intensity: 2 }))
    world.said()
    world.tell(exit('a'), exit('b'))
    expect(world.said()).toEqual(['start a', 'start b'])
    world.tell(exit('a'))
    expect(world.said()).toEqual(['stop c', 'stop b', 'ended intensity'])
    expect(world.of.phase).toBe('failed')
  })

  test('restarts that are older than period are forgotten', () => {
    const world = createWorld(group(abc))
    world.tell(exit('a'))
    world.pass(5_001)
    world.tell(exit('a'))
    expect(world.of.phase).toBe('running')
    world.pass(5_000)
    world.tell(exit('a'))
    expect(world.of.cause).toBe('intensity')
  })

  test('with intensity 0 the first failure ends it', () => {
    const world = createWorld(group(abc, { intensity: 0 }))
    world.said()
    world.tell(exit('c'))
    expect(world.said()).toEqual(['stop b', 'stop a', 'ended intensity'])
  })

  test('each failed restart costs one', () => {
    const world = createWorld(group([child('a')], { intensity: 3 }), {
      starts: { a: ['started', 'failed', 'failed', 'failed'] },
    })
    world.said()
    world.tell(exit('a'))
    expect(world.said()).toEqual(['start a', 'start a', 'start a', 'ended intensity'])
  })

  test('a group restart costs one, however many it takes along', () => {
    const world = createWorld(group(abc, { strategy: 'one_for_all' }))
    world.tell(exit('a'))
    expect(world.of).toMatchObject({ phase: 'running', restarts: [0] })
  })
})

describe('a group restart in which one does not start', () => {
  test('under one_for_all those just started are stopped, and the group is done anew', () => {
    const world = createWorld(group(abc, { strategy: 'one_for_all', intensity: 2 }), {
      starts: { b: ['started', 'failed'] },
    })
    world.said()
    world.tell(exit('c'))
    expect(world.said()).toEqual([
      'stop b',
      'stop a',
      'start a',
      'start b',
      'stop a',
      'start a',
      'start b',
      'start c',
    ])
    expect(world.of).toMatchObject({ phase: 'running', restarts: [0, 0] })
  })

  test('under rest_for_one the next attempt begins at the one that failed', () => {
    const world = createWorld(group(abc, { strategy: 'rest_for_one', intensity: 2 }), {
      starts: { b: ['started', 'failed'] },
    })
    world.said()
    world.tell(exit('a'))
    expect(world.said()).toEqual(['stop c', 'stop b', 'start a', 'start b', 'start b', 'start c'])
  })

  test('calls that came meanwhile have their turn before the next attempt', () => {
    const world = createWorld(group([child('a')], { intensity: 3 }), { slow: ['a'] })
    world.tell({ type: 'started', child: 'a' }, exit('a'))
    world.said()
    expect(world.ask({ ask: 'terminate-child', child: 'a' })).toBeUndefined()
    world.tell({ type: 'start-failed', child: 'a', reason: 'broken' })
    expect(world.said()).toEqual(['ok'])
    expect(world.of).toMatchObject({ phase: 'running', restarting: 0 })
  })
})

describe('what happens meanwhile', () => {
  test('a sibling that ends while its group is being stopped is not asked, and costs nothing', () => {
    const world = createWorld(group(abc, { strategy: 'one_for_all' }), { stubborn: ['c'] })
    world.said()
    world.tell(exit('a'))
    expect(world.said()).toEqual(['stop c'])
    expect(world.of.phase).toBe('restarting')
    world.tell(exit('b'), exit('c', 'shutdown'))
    expect(world.said()).toEqual(['start a', 'start b', 'start c'])
    expect(world.of).toMatchObject({ phase: 'running', restarts: [0] })
  })

  test('a sibling that the restart does not touch has its turn afterwards', () => {
    const world = createWorld(group(abc, { strategy: 'rest_for_one', intensity: 5 }), { stubborn: ['c'] })
    world.said()
    world.tell(exit('b'), exit('a'))
    expect(world.said()).toEqual(['stop c'])
    world.tell(exit('c', 'shutdown'))
    expect(world.said()).toEqual(['start b', 'start c', 'stop c'])
    world.tell(exit('c', 'shutdown'))
    expect(world.said()).toEqual(['stop b', 'start a', 'start b', 'start c'])
  })

  test('the end of a life before the present one says nothing', () => {
    const world = createWorld(group([child('a')]))
    world.tell(exit('a'))
    world.said()
    world.tell({ type: 'exited', child: 'a', life: 1, reason: 'error' })
    expect(world.said()).toEqual([])
  })
})

describe('significant children', () => {
  const significant = { restart: 'transient', significant: true } as const
  const two = [child('a', significant), child('b', significant), child('c')]

  test('any_significant: the first that ends by itself ends all', () => {
    const world = createWorld(group(two, { autoShutdown: 'any_significant' }))
    world.said()
    world.tell(exit('c'), exit('a', 'normal'))
    expect(world.said()).toEqual(['start c', 'stop c', 'stop b', 'ended auto_shutdown'])
    expect(world.of.phase).toBe('stopped')
  })

  test('all_significant: the last one does', () => {
    const world = createWorld(group(two, { autoShutdown: 'all_significant' }))
    world.tell(exit('b', 'normal'))
    expect(world.of.phase).toBe('running')
    world.said()
    world.tell(exit('a', 'shutdown'))
    expect(world.said()).toEqual(['stop c', 'ended auto_shutdown'])
  })

  test('a stop by us or for a sibling does not count, nor a failure that is mended', () => {
    const world = createWorld(
      group(two, { autoShutdown: 'any_significant', strategy: 'one_for_all', intensity: 9 }),
    )
    world.ask({ ask: 'terminate-child', child: 'a' })
    world.tell(exit('c'), exit('b', 'error'))
    expect(world.of.phase).toBe('running')
  })

  test('a significant temporary child counts however it ends', () => {
    const spec = group([child('a', { restart: 'temporary', significant: true })], {
      autoShutdown: 'any_significant',
    })
    const world = createWorld(spec)
    world.tell(exit('a', 'error'))
    expect(world.of.cause).toBe('auto_shutdown')
  })

  test('significant and permanent, and significant where nothing shuts down, are refused', () => {
    expect(
      badCombination({ autoShutdown: 'any_significant' }, { restart: 'permanent', significant: true }),
    ).toMatch('permanent')
    expect(badCombination({ autoShutdown: 'never' }, { restart: 'transient', significant: true })).toMatch(
      'autoShutdown',
    )
    const world = createWorld(group([]))
    expect(world.ask({ ask: 'start-child', spec: child('x', significant) })).toMatchObject({
      error: 'bad_combination',
    })
  })
})

describe('calls', () => {
  test('terminate keeps the spec, and deletes that of a temporary child', () => {
    const world = createWorld(group([child('a'), child('t', { restart: 'temporary' })]))
    expect(world.ask({ ask: 'terminate-child', child: 'a' })).toEqual({ ok: true })
    expect(world.ask({ ask: 'terminate-child', child: 'a' })).toEqual({ ok: true })
    expect(world.ask({ ask: 'terminate-child', child: 't' })).toEqual({ ok: true })
    expect(world.ask({ ask: 'terminate-child', child: 't' })).toEqual({ ok: false, error: 'not_found' })
    expect(world.ask({ ask: 'which-children' })).toEqual({
      ok: true,
      children: [{ id: 'a', status: 'stopped', kind: 'worker' }],
    })
  })

  test('restart and delete want a child that does not run', () => {
    const world = createWorld(group([child('a')]))
    expect(world.ask({ ask: 'restart-child', child: 'a' })).toEqual({ ok: false, error: 'running' })
    expect(world.ask({ ask: 'delete-child', child: 'a' })).toEqual({ ok: false, error: 'running' })
    expect(world.ask({ ask: 'restart-child', child: 'x' })).toEqual({ ok: false, error: 'not_found' })
    expect(world.ask({ ask: 'delete-child', child: 'x' })).toEqual({ ok: false, error: 'not_found' })
    world.ask({ ask: 'terminate-child', child: 'a' })
    expect(world.ask({ ask: 'restart-child', child: 'a' })).toEqual({ ok: true, status: 'running' })
    world.ask({ ask: 'terminate-child', child: 'a' })
    expect(world.ask({ ask: 'delete-child', child: 'a' })).toEqual({ ok: true })
    expect(world.ask({ ask: 'child-spec', child: 'a' })).toEqual({ ok: false, error: 'not_found' })
  })

  test('a child that is between two restarts is restarting, to all calls but terminate', () => {
    const world = createWorld(group([child('a', { backoff: { resetAfter: 1_000 } })]))
    world.tell(exit('a'))
    expect(world.ask({ ask: 'restart-child', child: 'a' })).toEqual({ ok: false, error: 'restarting' })
    expect(world.ask({ ask: 'delete-child', child: 'a' })).toEqual({ ok: false, error: 'restarting' })
    expect(world.ask({ ask: 'start-child', spec: child('a') })).toEqual({
      ok: false,
      error: 'already_present',
    })
    expect(world.ask({ ask: 'which-children' })).toMatchObject({ children: [{ status: 'restarting' }] })
    expect(world.ask({ ask: 'count-children' })).toMatchObject({ counts: { active: 0, workers: 1 } })
    expect(world.ask({ ask: 'terminate-child', child: 'a' })).toEqual({ ok: true })
    world.said()
    world.tell({ type: 'due', child: 'a' })
    expect(world.said()).toEqual([])
  })

  test('start adds behind the others; who is there already is told as what it is', () => {
    const world = createWorld(group([child('a')], { maxChildren: 2 }), { starts: { x: ['failed'] } })
    expect(world.ask({ ask: 'start-child', spec: child('a') })).toEqual({
      ok: false,
      error: 'already_started',
    })
    world.ask({ ask: 'terminate-child', child: 'a' })
    expect(world.ask({ ask: 'start-child', spec: child('a') })).toEqual({
      ok: false,
      error: 'already_present',
    })
    expect(world.ask({ ask: 'start-child', spec: child('x') })).toEqual({
      ok: false,
      error: 'start_failed',
      reason: 'broken',
    })
    expect(world.ask({ ask: 'start-child', spec: child('x') })).toEqual({ ok: true, status: 'running' })
    expect(world.ask({ ask: 'start-child', spec: child('y') })).toEqual({ ok: false, error: 'max_children' })
    expect(world.ask({ ask: 'which-children' })).toMatchObject({ children: [{ id: 'x' }, { id: 'a' }] })
  })

  test('a start of a stopped child that fails leaves it stopped, and costs nothing', () => {
    const world = createWorld(group([child('a')]), { starts: { a: ['started', 'failed'] } })
    world.ask({ ask: 'terminate-child', child: 'a' })
    expect(world.ask({ ask: 'restart-child', child: 'a' })).toMatchObject({
      ok: false,
      error: 'start_failed',
    })
    expect(world.of).toMatchObject({ restarts: [], phase: 'running' })
  })

  test('count tells specs, active ones, supervisors and workers', () => {
    const world = createWorld(
      group([child('a'), child('s', { kind: 'supervisor' }), child('t', { restart: 'transient' })]),
    )
    world.tell(exit('t', 'normal'))
    expect(world.ask({ ask: 'count-children' })).toEqual({
      ok: true,
      counts: { specs: 3, active: 2, supervisors: 1, workers: 2 },
    })
  })
})

describe('simple_one_for_one', () => {
  const dynamic = group([], { strategy: 'simple_one_for_one', maxChildren: 3, intensity: 2 })

  test('children come by calls, keep no spec when they end, and all stop at once', () => {
    const world = createWorld(dynamic, { stubborn: ['a', 'b'] })
    for (const id of ['a', 'b', 't'])
      world.ask({ ask: 'start-child', spec: child(id, { restart: id === 't' ? 'temporary' : 'transient' }) })
    expect(world.ask({ ask: 'start-child', spec: child('d') })).toEqual({ ok: false, error: 'max_children' })
    expect(world.ask({ ask: 'count-children' })).toEqual({
      ok: true,
      counts: { specs: 1, active: 3, supervisors: 0, workers: 3 },
    })
    world.tell(exit('t', 'error'))
    world.said()
    world.tell({ type: 'stop' })
    expect(world.said()).toEqual(['stop a', 'stop b'])
    world.tell(exit('b', 'shutdown'), { type: 'deadline', child: 'a' })
    expect(world.said()).toEqual(['removed b', 'kill a', 'removed a', 'ended stop'])
  })

  test('a failed child alone is restarted, and terminate forgets it', () => {
    const world = createWorld(dynamic, { starts: { a: ['started', 'failed'] } })
    world.ask({ ask: 'start-child', spec: child('a') })
    world.ask({ ask: 'start-child', spec: child('b') })
    world.said()
    world.tell(exit('a'))
    expect(world.said()).toEqual(['start a', 'start a'])
    expect(world.ask({ ask: 'restart-child', child: 'a' })).toEqual({
      ok: false,
      error: 'simple_one_for_one',
    })
    expect(world.ask({ ask: 'delete-child', child: 'a' })).toEqual({ ok: false, error: 'simple_one_for_one' })
    expect(world.ask({ ask: 'terminate-child', child: 'a' })).toEqual({ ok: true })
    expect(world.ask({ ask: 'which-children' })).toMatchObject({ children: [{ id: 'b' }] })
  })
})

describe('backoff', () => {
  const backoff = { resetAfter: 10_000 }

  test('waits before each attempt; the wait spends nothing, the attempt does', () => {
    const world = createWorld(group([child('a', { backoff }), child('b')]), {
      starts: { a: ['started', 'failed'] },
    })
    world.said()
    world.tell(exit('a'))
    expect(world.said()).toEqual(['back-off a 1'])
    expect(world.of).toMatchObject({ phase: 'restarting', restarts: [] })
    world.pass(6_000)
    world.tell({ type: 'due', child: 'a' })
    expect(world.said()).toEqual(['start a', 'back-off a 2'])
    expect(world.of.restarts).toEqual([6_000])
    world.tell({ type: 'due', child: 'a' })
    expect(world.said()).toEqual(['stop b', 'ended intensity'])
  })

  test('a child that was well for long enough begins anew', () => {
    const world = createWorld(group([child('a', { backoff })], { intensity: 9 }))
    const fail = (after: number): void => {
      world.pass(after)
      world.said()
      world.tell(exit('a'))
      expect(world.of.children.get('a')?.failures).toBe(expected.shift())
      world.tell({ type: 'due', child: 'a' })
    }
    const expected = [1, 2, 3, 1]
    for (const after of [0, 9_999, 1, 10_000]) fail(after)
  })

  test('a group restart and a stop call off the waits of those that they take along', () => {
    const world = createWorld(
      group([child('a', { backoff }), child('b')], { strategy: 'one_for_all', intensity: 5 }),
    )
    world.tell(exit('a'))
    world.said()
    world.tell(exit('b'))
    expect(world.said()).toEqual(['forget-back-off a', 'start a', 'start b'])
    world.tell(exit('a'))
    world.said()
    world.tell({ type: 'stop' })
    expect(world.said()).toEqual(['stop b', 'forget-back-off a', 'ended stop'])
  })
})
