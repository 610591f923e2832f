// What a run's events say of it: its chains, whether it stands still, what was signalled, and how it ended.

import { describe, expect, test } from 'vitest'
import type { Fact, JournalEvent } from '../../src/journal/event.ts'
import type { PlanNode } from '../../src/journal/run-plan.ts'
import { type RunState, acceptRun, applyToRun } from '../../src/journal/run-state.ts'
import { encode } from '../../src/kernel/codec.ts'
import { accepted, events, failure } from '../observe/events.ts'

type Accepted = Fact & { readonly type: 'run.accepted' }

/** The state after the facts; the first of them accepts it. */
function stateOf(...facts: readonly Fact[]): RunState {
  const [first, ...rest] = events(...facts)
  const state = acceptRun(first as JournalEvent & { readonly type: 'run.accepted' })
  for (const event of rest) applyToRun(state, event)
  return state
}

const diamond = accepted(['d'], { a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }) as Accepted
const node = (state: RunState, key: string) => state.nodes.get(key)
const signal = (id: string, more: object = {}): Fact => ({
  type: 'signal.received',
  name: 'go',
  id,
  ...more,
})

describe('a run that is accepted', () => {
  test('waits with all its chains, and knows who waits for whom', () => {
    const state = stateOf(diamond)
    expect([...state.nodes.values()].map(({ key, status }) => [key, status])).toEqual([
      ['a', 'pending'],
      ['b', 'pending'],
      ['c', 'pending'],
      ['d', 'pending'],
    ])
    expect([...state.dependents]).toEqual([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
    ])
    expect(state).toMatchObject({
      run: 'r',
      targets: ['d'],
      several: false,
      acceptedAt: 0,
      priority: 0,
      attributes: {},
      paused: false,
      cancelRequested: false,
      signals: [],
      lastSeq: 1,
    })
    expect(state.signalIds.size).toBe(0)
    for (const absent of ['deadline', 'tick', 'input', 'parked', 'ended'] as const)
      expect(state[absent]).toBeUndefined()
    for (const absent of ['arm', 'origin', 'freshAfter']) expect(state).not.toHaveProperty(absent)
  })

  test('keeps what it was asked for', () => {
    const asked = {
      priority: 7,
      deadline: 900,
      tick: { scheduledAt: 60 },
      attributes: { customer: 'x', big: true },
      arm: { experiment: 'e', arm: 'b' } as never,
      payload: '{"n":1}',
    }
    const { payload, ...kept } = asked
    expect(stateOf({ ...diamond, ...asked })).toMatchObject({ ...kept, input: payload })
  })

  test('has its output by chain where several were asked for, also as a list of one', () => {
    expect(stateOf({ ...diamond, targets: ['c', 'd'] }).several).toBe(true)
    expect(stateOf({ ...diamond, several: true }).several).toBe(true)
  })

  test('as a fork uses no output that was made before', () => {
    const origin = { run: 'other', seq: 4, copied: 2 }
    const state = acceptRun({ ...diamond, origin, seq: 9, at: 77, run: 'fork' })
    expect([state.origin, state.freshAfter, state.lastSeq]).toEqual([origin, 77, 9])
  })

  test('gives each chain its own input, the run’s, or none', () => {
    const planned = (key: string): PlanNode => ({ ...(diamond.plan[0] as PlanNode), key })
    const state = stateOf({
      ...diamond,
      payload: '1',
      plan: [
        { ...planned('own'), input: '2', ready: ['db'], deadline: 500, dropped: ['x'] },
        planned('runs'),
        { ...planned('none'), noInput: true },
      ],
    })
    expect([...state.nodes.values()].map(({ input }) => input)).toEqual(['2', '1', undefined])
    expect(node(state, 'own')).toEqual({
      key: 'own',
      chain: 'a',
      version: '1',
      needs: [],
      rule: 'all_success',
      ready: ['db'],
      status: 'pending',
      input: '2',
      output: undefined,
      deadline: 500,
    })
    expect(node(state, 'runs')).not.toHaveProperty('ready')
    expect(node(state, 'runs')).not.toHaveProperty('deadline')
  })
})

describe('a chain of a run', () => {
  test('runs, and ends with its output', () => {
    const started: Fact = { type: 'chain.started', chain: 'a' }
    expect(node(stateOf(diamond, started), 'a')?.status).toBe('running')
    expect(node(stateOf(diamond, started), 'a')).not.toHaveProperty('memo')
    const kept = stateOf(
      diamond,
      { ...started, memo: 'key' },
      { type: 'chain.ended', chain: 'a', status: 'succeeded', payload: '5' },
    )
    expect(node(kept, 'a')).toMatchObject({ status: 'succeeded', output: '5', memo: 'key' })
    expect(node(kept, 'a')).not.toHaveProperty('failure')
    expect(node(kept, 'a')).not.toHaveProperty('step')
    expect([node(kept, 'b')?.status, kept.lastSeq]).toEqual(['pending', 3])
  })

  test('that fails says at which step, and with what', () => {
    const no = failure('no')
    const state = stateOf(diamond, {
      type: 'chain.ended',
      chain: 'a',
      status: 'failed',
      failure: no,
      step: 's',
    })
    expect(node(state, 'a')).toMatchObject({ status: 'failed', failure: no, step: 's', output: undefined })
  })

  test('that was called joins the run with its own input, and waits for nobody', () => {
    const call = { chain: 'a', step: 'sub', item: 'x' }
    const state = stateOf(diamond, {
      type: 'chain.started',
      chain: 'a/sub/x',
      call,
      of: 'callee',
      version: 'v2',
      deadline: 400,
      payload: '9',
    })
    expect(node(state, 'a/sub/x')).toEqual({
      key: 'a/sub/x',
      chain: 'callee',
      version: 'v2',
      needs: [],
      rule: 'all_success',
      call,
      deadline: 400,
      status: 'running',
      input: '9',
      output: undefined,
    })
    // as a journal of an older release says it
    const bare = node(stateOf(diamond, { type: 'chain.started', chain: 'old' }), 'old')
    expect(bare).toMatchObject({ chain: 'old', version: '' })
    expect(bare).not.toHaveProperty('call')
    expect(bare).not.toHaveProperty('deadline')
  })

  test('that is not of the run changes nothing as it ends', () => {
    const state = stateOf(diamond, { type: 'chain.ended', chain: 'z', status: 'succeeded' })
    expect([...state.nodes.keys()]).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('people', () => {
  test('pause a run, and let it go on', () => {
    expect(stateOf(diamond, { type: 'run.paused' }).paused).toBe(true)
    expect(stateOf(diamond, { type: 'run.paused' }, { type: 'run.resumed' }).paused).toBe(false)
  })

  test('ask for its end, which is not yet its end', () => {
    const { cancelRequested, ended } = stateOf(diamond, { type: 'run.cancel-requested' })
    expect([cancelRequested, ended]).toEqual([true, undefined])
  })

  test('see why it is parked, until it is no more', () => {
    const why = { reason: 'dead-letter' as const, detail: 'it failed', cure: 'mend it' }
    const parked: Fact = { type: 'run.parked', ...why, diverged: 3 }
    expect(stateOf(diamond, parked).parked).toStrictEqual(why)
    const before = [{ run: 'q', at: 1, chain: 'a', message: 'no' }]
    expect(stateOf(diamond, { ...parked, failed: before }).parked).toStrictEqual({ ...why, failed: before })
    expect(stateOf(diamond, parked, { type: 'run.unparked' }).parked).toBeUndefined()
  })

  test('signal it: signals stay in order until each is consumed, and their ids for good', () => {
    const state = stateOf(diamond, signal('1'), signal('2', { to: 'a', payload: '7' }), signal('3'), {
      type: 'signal.consumed',
      chain: 'a',
      step: 'w',
      name: 'go',
      id: '1',
    })
    expect(state.signals).toStrictEqual([
      { name: 'go', id: '2', payload: '7', to: 'a' },
      { name: 'go', id: '3', payload: undefined },
    ])
    expect([...state.signalIds]).toEqual(['1', '2', '3'])
  })
})

test('a run ends at a time, as something, and says all that failed first', () => {
  const failures = [{ chain: 'a', failure: failure('no'), blocked: ['b'] }]
  expect(stateOf(diamond, { type: 'run.ended', status: 'failed', failures }).ended).toEqual({
    status: 'failed',
    failures,
    at: 100,
  })
})

test('what only machines and observers need changes nothing but the place in the journal', () => {
  const before = stateOf(diamond)
  const after = stateOf(diamond, { type: 'timer.fired', chain: 'a', step: 'nap' })
  expect(after).toEqual({ ...before, lastSeq: 2 })
})

describe('a retry', () => {
  const ended: readonly Fact[] = [
    diamond,
    { type: 'chain.started', chain: 'a', memo: 'ka' },
    { type: 'chain.ended', chain: 'a', status: 'succeeded', payload: '1' },
    { type: 'chain.started', chain: 'b', memo: 'kb' },
    { type: 'chain.started', chain: 'b/sub', call: { chain: 'b', step: 'sub' }, of: 'callee' },
    { type: 'chain.ended', chain: 'b/sub', status: 'succeeded', payload: '2' },
    { type: 'chain.ended', chain: 'b', status: 'failed', failure: failure('no'), step: 's' },
    { type: 'chain.ended', chain: 'd', status: 'upstream_failed' },
    { type: 'run.cancel-requested' },
    { type: 'run.parked', reason: 'dead-letter', detail: '', cure: '' },
    { type: 'run.ended', status: 'failed', failures: [] },
  ]
  const again = (more: object): RunState => stateOf(...ended, { type: 'run.retried', back: [], ...more })

  test('makes the run live again, and leaves what it does not take back', () => {
    const state = again({})
    expect(state).toMatchObject({ cancelRequested: false })
    expect([state.ended, state.parked]).toEqual([undefined, undefined])
    expect(state).not.toHaveProperty('freshAfter')
    expect(node(state, 'a')).toMatchObject({ status: 'succeeded', output: '1', memo: 'ka' })
    expect(node(state, 'b')).toMatchObject({ status: 'failed', step: 's' })
  })

  test('has a chain go on from the middle of it, under the key of its output', () => {
    const state = again({ back: [{ chain: 'b', to: 4 }] })
    expect(node(state, 'b')).toMatchObject({ status: 'running', output: undefined, memo: 'kb' })
    expect(node(state, 'b')).not.toHaveProperty('failure')
    expect(node(state, 'b')).not.toHaveProperty('step')
    expect(node(state, 'b/sub')?.status).toBe('succeeded')
  })

  test('has a chain begin anew, as if it never had', () => {
    const state = again({
      back: [
        { chain: 'gone', to: 0 },
        { chain: 'a', to: 0 },
        { chain: 'd', to: 0 },
      ],
    })
    expect(node(state, 'a')).toEqual(node(stateOf(diamond), 'a'))
    expect(node(state, 'd')?.status).toBe('pending')
    expect(state.nodes.has('gone')).toBe(false)
  })

  test('forgets a called chain that is to begin anew, and keeps one that goes on', () => {
    expect(again({ back: [{ chain: 'b/sub', to: 0 }] }).nodes.has('b/sub')).toBe(false)
    expect(node(again({ back: [{ chain: 'b/sub', to: 5 }] }), 'b/sub')).toMatchObject({
      status: 'running',
      output: undefined,
    })
  })

  test('from a place that was named uses no output that was made before', () => {
    expect(again({ from: { chain: 'a' } }).freshAfter).toBe(1_100)
  })

  test('has signals consumed again before those that came since', () => {
    const first = { name: 'go', id: '1', payload: undefined }
    const state = stateOf(
      diamond,
      signal('1'),
      { type: 'signal.consumed', chain: 'a', step: 'w', name: 'go', id: '1' },
      signal('2'),
      { type: 'run.retried', back: [], payload: encode([first], 'signals') },
    )
    expect(state.signals.map(({ id }) => id)).toEqual(['1', '2'])
  })
})
