// The fragments of a chain's machine, event by event, with nothing of them alive: where it stands, and what is then done.

import { describe, expect, test } from 'vitest'
import type { AnyActorRef } from 'xstate'
import { z } from 'zod'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { beginFold, stepInertly } from '../../src/journal/replay.ts'
import { label, partsOf } from '../../src/testing/paths/machine-parts.ts'

type Event = { readonly type: string; readonly [key: string]: unknown }
/** An event, where the machine stands after it, and the actors that then are, each with its input. */
type Row = readonly [event: Event, stands: string, actors?: Readonly<Record<string, unknown>> | undefined]

const done = (actorId: string, output?: unknown): Event => ({
  type: `xstate.done.actor.${actorId}`,
  actorId,
  output,
})
const no = { kind: 'thrown', message: 'no', retryable: true }
const failed = (actorId: string, error: unknown = no): Event => ({
  type: `xstate.error.actor.${actorId}`,
  actorId,
  error,
})
const queued = (step: string): Event => ({ type: 'attempt.queued', step })
const started = (step: string): Event => ({ type: 'attempt.started', step })
const lost = (step: string): Event => ({ type: 'attempt.lost', step })
const retry = { next: 'retry', due: 5_000 }
const nothing = {}

/** Leaves of a state's value, by path. */
function standing(value: unknown, path = ''): string {
  if (typeof value === 'string') return `${path}${value}`
  return Object.entries(value as object)
    .map(([key, inner]) => standing(inner, `${path}${key}.`).replace(/\.$/, ''))
    .join(' + ')
}

/** Folds the events, and returns what the machine then remembers, and how it ended. */
function go(one: AnyChain, rows: readonly Row[], input: object = { input: 1 }) {
  const compiled = compile(one.spec)
  let { snapshot } = beginFold(compiled, input)
  for (const [index, [event, stands, actors]] of rows.entries()) {
    snapshot = stepInertly(compiled.machine, snapshot, event)
    const where = `after event ${index + 1}, ${event.type}`
    expect(standing(snapshot.value), where).toBe(stands)
    if (actors === undefined) continue
    const inputs = Object.entries(snapshot.children as Record<string, AnyActorRef>).map(([id, ref]) => [
      id,
      (ref.getSnapshot() as { readonly input: unknown }).input,
    ])
    expect(Object.fromEntries(inputs), where).toEqual(actors)
  }
  return { ...snapshot.context, ended: snapshot.output as unknown }
}

const begun: Row = [{ type: 'nothing that it knows' }, '']
const at = (stands: string, actors?: Row[2]): Row => [begun[0], stands, actors]

describe('a step', () => {
  const plain = chain('plain').step('a', () => 1)
  const again = chain('again').step('a', () => 1, { attempts: 3 })

  test('that waits for a slot goes on as the same attempt', () => {
    const two = chain('two')
      .step('a', () => 1)
      .step('b', () => 2)
    go(two, [
      at('a', { a: { attempt: 1 } }),
      [queued('b'), 'a'],
      [queued('a'), 'queued', { 'queue:two': { step: 'a' } }],
      [started('b'), 'b', { b: { attempt: 1 } }],
      [queued('b'), 'queued', { 'queue:two': { step: 'b' } }],
      [started('a'), 'a', { a: { attempt: 1 } }],
      [done('a', 7), 'b'],
      [done('b', 8), 'succeeded', nothing],
    ])
  })

  test('that is lost begins again as another attempt, and its loss is counted', () => {
    const { tries, lost: losses } = go(plain, [
      [lost('other'), 'a', { a: { attempt: 1 } }],
      [lost('a'), 'a', { a: { attempt: 2 } }],
      [lost('a'), 'a', { a: { attempt: 3 } }],
    ])
    expect([tries, losses]).toEqual([{ a: 2 }, { a: 2 }])
  })

  test('backs off until what was decided, and is then tried again', () => {
    const { tries, failures, steps } = go(again, [
      at('a.running', { a: { attempt: 1 } }),
      [failed('a'), 'a.recovering', { 'a:recovery': {} }],
      [done('a:recovery', retry), 'a.backing-off', { 'a:backoff': { due: 5_000 } }],
      [done('a:backoff'), 'a.running', { a: { attempt: 2 } }],
      [queued('a'), 'queued', { 'queue:again': { step: 'a' } }],
      [started('a'), 'a.running', { a: { attempt: 2 } }],
      [lost('a'), 'a.running', { a: { attempt: 3 } }],
      [done('a', 'ok'), 'succeeded', nothing],
    ])
    expect({ tries, failures, steps }).toEqual({ tries: { a: 2 }, failures: { a: no }, steps: { a: 'ok' } })
  })

  test('without a time that was decided backs off until now', () => {
    go(again, [
      [failed('a'), 'a.recovering'],
      [done('a:recovery', { next: 'retry' }), 'a.backing-off', { 'a:backoff': { due: 0 } }],
    ])
  })

  test('whose recovery says nothing more, or fails itself, has failed', () => {
    expect(
      go(again, [
        [failed('a'), 'a.recovering'],
        [done('a:recovery', { next: 'fail' }), 'failed', nothing],
      ]).ended,
    ).toEqual({ status: 'failed', step: 'a', failure: no })
    const worse = { kind: 'thrown', message: 'the predicate', retryable: false }
    expect(
      go(again, [
        [failed('a'), 'a.recovering'],
        [failed('a:recovery', worse), 'failed', nothing],
      ]).ended,
    ).toEqual({ status: 'failed', step: 'a', failure: worse })
    go(again, [
      [failed('a'), 'a.recovering'],
      [done('a:recovery'), 'failed'],
    ])
  })

  test('has a fallback that is its own attempt, whose output is the step’s, and whose failure too', () => {
    const one = chain('one').step('a', () => 1, { attempts: 2, fallback: () => 2 })
    const {
      steps,
      tries,
      lost: losses,
    } = go(one, [
      [failed('a'), 'a.recovering'],
      [done('a:recovery', retry), 'a.backing-off'],
      [done('a:backoff'), 'a.running'],
      [failed('a'), 'a.recovering'],
      [done('a:recovery', { next: 'fallback' }), 'a.falling-back', { 'a:fallback': { attempt: 1 } }],
      [lost('a'), 'a.falling-back', { 'a:fallback': { attempt: 1 } }],
      [lost('a:fallback'), 'a.falling-back', { 'a:fallback': { attempt: 2 } }],
      [done('a:fallback', 'instead'), 'succeeded', nothing],
    ])
    expect({ steps, tries, losses }).toEqual({
      steps: { a: 'instead' },
      tries: { a: 2, 'a:fallback': 1 },
      losses: { 'a:fallback': 1 },
    })
    const worse = { ...no, message: 'nor this' }
    expect(
      go(one, [
        [failed('a'), 'a.recovering'],
        [done('a:recovery', { next: 'fallback' }), 'a.falling-back'],
        [failed('a:fallback', worse), 'failed'],
      ]).ended,
    ).toEqual({ status: 'failed', step: 'a', failure: worse })
  })

  test('with a deadline decides it once, also where it waits for a slot', () => {
    const one = chain('one').step('a', () => 1, { attempts: 2, deadline: '1h' })
    const { due } = go(one, [
      at('a.scheduling', { 'a:deadline': {} }),
      [done('a:deadline', 9_000), 'a.running', { a: { attempt: 1 } }],
      [queued('a'), 'queued'],
      [started('a'), 'a.running', { a: { attempt: 1 } }],
      [failed('a'), 'a.recovering'],
    ])
    expect(due).toEqual({ 'a:deadline': 9_000 })
  })

  test('says in its statechart what it was said to be', () => {
    const described = chain('described').step('a', () => 1, { description: 'asks' })
    const { machine } = compile(described.spec)
    expect(machine.states['a']?.description).toBe('asks')
    expect(compile(plain.spec).machine.states['a']?.description).toBeUndefined()
  })

  test('whose failure is no failure as data is still one', () => {
    const failureOf = (error: unknown) => go(plain, [[failed('a', error), 'failed']]).failures['a']
    expect(failureOf(new TypeError('bad'))).toEqual({ kind: 'thrown', message: 'bad', name: 'TypeError' })
    expect(failureOf('text')).toEqual({ kind: 'thrown', message: 'text' })
    expect(failureOf(null)).toEqual({ kind: 'thrown', message: 'null' })
    expect(failureOf({ message: 'no kind' })).toMatchObject({ kind: 'thrown' })
    expect(failureOf({ kind: 'no message' })).toMatchObject({ kind: 'thrown' })
  })
})

describe('a wait', () => {
  const signal = (step: string, output?: unknown): Event => ({ type: 'signal', step, output })

  test('ends with the signal of its name, and no other', () => {
    const { steps } = go(chain('c').wait('w'), [
      at('w', { w: {} }),
      [signal('other', 1), 'w'],
      [signal('w', 'yes'), 'succeeded'],
    ])
    expect(steps).toEqual({ w: 'yes' })
  })

  test.each(['fail', 'continue'] as const)('with a timeout may %s', (onTimeout) => {
    const one = chain('c').wait('w', z.unknown(), { timeout: '1h', onTimeout })
    const waits: Row[] = [
      at('w.scheduling', { 'w:due': {} }),
      [done('w:due', 7_000), 'w.waiting', { w: {}, 'w:timeout': { due: 7_000 } }],
    ]
    expect(go(one, [...waits, [signal('w', 'yes'), 'succeeded', nothing]]).steps).toEqual({ w: 'yes' })
    const late = go(one, [...waits, [done('w:timeout'), onTimeout === 'fail' ? 'failed' : 'succeeded']])
    if (onTimeout === 'fail')
      expect(late.ended).toEqual({
        status: 'failed',
        step: 'w',
        failure: {
          kind: 'timeout',
          message: 'no signal came in time for step "w"',
          retryable: false,
        },
      })
    else expect(late.steps).toEqual({ w: undefined })
    expect('w' in late.steps).toBe(onTimeout === 'continue')
  })
})

test('a sleep ends at the time that was decided, with nothing', () => {
  const { steps } = go(chain('c').sleep('nap', '1h'), [
    at('nap.scheduling', { 'nap:due': {} }),
    [done('nap:due', 8_000), 'nap.sleeping', { nap: { due: 8_000 } }],
    [done('nap'), 'succeeded', nothing],
  ])
  expect(Object.entries(steps)).toEqual([['nap', undefined]])
})

describe('a call', () => {
  const one = chain('c').call(
    'sub',
    chain('callee').step('x', () => 1),
    () => undefined,
  )

  test('decides its input, and ends as the chain does', () => {
    const { steps, held } = go(one, [
      at('sub.preparing', { 'sub:input': {} }),
      [done('sub:input', { input: 4 }), 'sub.calling', { sub: {} }],
      [done('sub', 'out'), 'succeeded', nothing],
    ])
    expect({ steps, held }).toEqual({ steps: { sub: 'out' }, held: { sub: { input: 4 } } })
  })

  test('fails with the chain, or with what decides its input', () => {
    const ended = { status: 'failed', step: 'sub', failure: no }
    expect(
      go(one, [
        [done('sub:input', {}), 'sub.calling'],
        [failed('sub'), 'failed'],
      ]).ended,
    ).toEqual(ended)
    expect(go(one, [[failed('sub:input'), 'failed']]).ended).toEqual(ended)
  })
})

describe('items', () => {
  const one = chain('c').each(
    'many',
    () => [1],
    (item) => item,
    { onFailure: 'collect' },
  )

  test('are expanded once, and handed to one actor by their keys', () => {
    const { steps, held } = go(one, [
      at('many.expanding', { 'many:items': {} }),
      [
        done('many:items', { keys: ['x', 'y'], items: [1, 2] }),
        'many.processing',
        { many: { keys: ['x', 'y'], onFailure: 'collect' } },
      ],
      [done('many', [1, 2]), 'succeeded', nothing],
    ])
    expect(steps).toEqual({ many: [1, 2] })
    expect(held).toEqual({ many: { keys: ['x', 'y'], items: [1, 2] } })
  })

  test('that fail, fail the step', () => {
    const ended = { status: 'failed', step: 'many', failure: no }
    const expanded: Row = [done('many:items', { keys: ['x'], items: [1] }), 'many.processing']
    expect(go(one, [expanded, [failed('many'), 'failed']]).ended).toEqual(ended)
    expect(go(one, [[failed('many:items'), 'failed']]).ended).toEqual(ended)
  })
})

describe('a loop', () => {
  const inner = chain('c').repeat('again', (b) => b.step('r', () => 1, { attempts: 2 }), {
    until: () => true,
    max: 3,
  })

  test('begins each round anew: tries and losses are forgotten, and every decision is told its round', () => {
    const {
      tries,
      lost: losses,
      rounds,
      steps,
    } = go(inner, [
      at('again.round.r.running', { r: { attempt: 1, item: '#1' } }),
      [lost('r'), 'again.round.r.running', { r: { attempt: 2, item: '#1' } }],
      [failed('r'), 'again.round.r.recovering', { 'r:recovery': { item: '#1' } }],
      [done('r:recovery', retry), 'again.round.r.backing-off'],
      [done('r:backoff'), 'again.round.r.running', { r: { attempt: 3, item: '#1' } }],
      [done('r', 'first'), 'again.checking', { 'again:until': { item: '#1' } }],
      [done('again:until', 'again'), 'again.round.r.running', { r: { attempt: 1, item: '#2' } }],
      [done('r', 'second'), 'again.checking', { 'again:until': { item: '#2' } }],
      [done('again:until', 'enough'), 'succeeded', nothing],
    ])
    expect({ tries, losses, rounds }).toEqual({ tries: {}, losses: {}, rounds: { again: 2 } })
    expect(steps).toEqual({ r: 'second', again: 'second' })
  })

  test('that is not done after its rounds has failed, and says how many', () => {
    expect(
      go(inner, [
        [done('r'), 'again.checking'],
        [done('again:until', 'spent'), 'failed'],
      ]).ended,
    ).toEqual({
      status: 'failed',
      step: 'again',
      failure: {
        kind: 'exhausted',
        message: 'step "again" was not done after 3 rounds',
        retryable: false,
      },
    })
    expect(
      go(inner, [
        [done('r'), 'again.checking'],
        [failed('again:until'), 'failed'],
      ]).ended,
    ).toMatchObject({ step: 'again', failure: no })
  })

  test('in a loop names both rounds, the outer first, in all that is in it', () => {
    const callee = chain('callee').step('x', () => 1)
    const both = chain('c').repeat(
      'outer',
      (b) =>
        b.repeat(
          'inner',
          (deep) =>
            deep
              .call('sub', callee, () => undefined)
              .each(
                'many',
                () => [1],
                (item) => item,
              )
              .sleep('nap', '1s')
              .step('r', () => 1, { fallback: () => 2 }),
          { until: () => true, max: 9 },
        ),
      { until: () => true, max: 9 },
    )
    const path = 'outer.round.inner.round'
    const through = (item: string): Row[] => [
      at(`${path}.sub.preparing`, { 'sub:input': { item } }),
      [done('sub:input', {}), `${path}.sub.calling`, { sub: { item } }],
      [done('sub'), `${path}.many.expanding`, { 'many:items': { item } }],
      [
        done('many:items', { keys: ['k'], items: [1] }),
        `${path}.many.processing`,
        { many: { item, keys: ['k'], onFailure: 'fail' } },
      ],
      [done('many'), `${path}.nap.scheduling`, { 'nap:due': { item } }],
      [done('nap:due', 1), `${path}.nap.sleeping`],
      [done('nap'), `${path}.r.running`, { r: { attempt: 1, item } }],
      [failed('r'), `${path}.r.recovering`, { 'r:recovery': { item } }],
      [
        done('r:recovery', { next: 'fallback' }),
        `${path}.r.falling-back`,
        { 'r:fallback': { attempt: 1, item } },
      ],
      [done('r:fallback'), 'outer.round.inner.checking', { 'inner:until': { item } }],
    ]
    go(both, [
      ...through('#1#1'),
      [done('inner:until', 'again'), `${path}.sub.preparing`],
      ...through('#1#2'),
      [done('inner:until', 'enough'), 'outer.checking', { 'outer:until': { item: '#1' } }],
      [done('outer:until', 'again'), `${path}.sub.preparing`],
      at(`${path}.sub.preparing`, { 'sub:input': { item: '#2#1' } }),
    ])
  })
})

describe('a choice', () => {
  const one = chain('c')
    .choose('way', (c) =>
      c
        .when(
          () => true,
          (b) => b.step('x', () => 1),
        )
        .when(
          () => true,
          (b) => b.step('y', () => 1),
        )
        .otherwise((b) => b),
    )
    .step('z', () => 1)

  test('goes the way that was decided, and has its output', () => {
    const { steps } = go(one, [
      at('way.choosing', { 'way:choice': {} }),
      [done('way:choice', 1), 'way.case-2.y', { y: { attempt: 1 } }],
      [queued('y'), 'way.case-2.queued', { 'queue:c/way/case-2': { step: 'y' } }],
      [started('y'), 'way.case-2.y'],
      [done('y', 'of y'), 'z'],
    ])
    expect(steps).toEqual({ y: 'of y', way: 'of y' })
    go(one, [[done('way:choice', 0), 'way.case-1.x']])
    const otherwise = go(one, [[done('way:choice', 2), 'z']])
    expect(Object.entries(otherwise.steps)).toEqual([['way', undefined]])
    expect(go(one, [[failed('way:choice'), 'failed']]).ended).toMatchObject({ step: 'way' })
  })
})

describe('branches', () => {
  const both = (onFailure: 'cancel' | 'wait') =>
    chain('c').parallel(
      'both',
      { x: (b) => b.step('x1', () => 1), y: (b) => b.step('y1', () => 1), none: (b) => b },
      { onFailure },
    )
  const [x, y, none] = ['both.branches.x', 'both.branches.y', 'both.branches.none.done']

  test.each(['cancel', 'wait'] as const)('that all succeed give an output each (%s)', (onFailure) => {
    const { steps } = go(both(onFailure), [
      at(`${x}.x1 + ${y}.y1 + ${none}`),
      [queued('x1'), `${x}.queued + ${y}.y1 + ${none}`],
      [started('x1'), `${x}.x1 + ${y}.y1 + ${none}`],
      [done('x1', 1), `${x}.done + ${y}.y1 + ${none}`],
      [done('y1', 2), 'succeeded'],
    ])
    expect(steps).toEqual({ x1: 1, y1: 2, both: { x: 1, y: 2, none: undefined } })
  })

  test('are cut short by the first failure, and settle before the chain fails', () => {
    const { ended } = go(both('cancel'), [
      [failed('x1'), 'both.settling', { 'both:settling': {} }],
      [done('both:settling'), 'failed', nothing],
    ])
    expect(ended).toEqual({ status: 'failed', step: 'x1', failure: no })
  })

  test('that wait for each other go to their own ends, and fail together', () => {
    const { ended, steps } = go(both('wait'), [
      [failed('x1'), `${x}.failed + ${y}.y1 + ${none}`],
      [done('y1', 2), 'failed'],
    ])
    expect(ended).toEqual({ status: 'failed', step: 'x1', failure: no })
    expect(steps).toEqual({ y1: 2 })
  })
})

test('a failure on purpose ends the chain with the reason that was decided', () => {
  const one = chain('c').fail(() => 'so it is')
  const name = one.spec.entries[0]?.name ?? ''
  expect(go(one, [[done(`${name}:reason`, 'so it is'), 'failed']]).ended).toEqual({
    status: 'failed',
    step: name,
    failure: { kind: 'failed', message: 'so it is', retryable: false },
  })
  expect(go(one, [[failed(`${name}:reason`), 'failed']]).ended).toMatchObject({ step: name, failure: no })
})

describe('what is undone', () => {
  const undo = { compensate: () => {} }
  const callee = chain('callee').step('x', () => 1, undo)
  const saga = chain('saga')
    .step('a', () => 1, undo)
    .call('sub', callee, () => undefined)
    .step('b', () => 1)
  const plan = [
    { step: 'sub', item: '#1', outcome: 'succeeded' },
    { step: 'a', item: 'k', outcome: 'unknown' },
  ]
  const planned = (one: Row): Row[] => [
    one,
    [done('compensating:settling'), 'compensating.planning', { 'compensating:plan': {} }],
    [done('compensating:plan', plan), 'compensating.undo-sub', { 'sub:compensation': { item: '#1' } }],
    [
      done('sub:compensation'),
      'compensating.undo-a.running',
      { 'a:compensation': { attempt: 1, item: 'k' } },
    ],
  ]
  const fails: Row = [failed('a'), 'compensating.settling', { 'compensating:settling': {} }]
  const cancelled: Row = [{ type: 'cancel' }, 'compensating.settling']
  const kept: Row[] = [
    [done('a'), 'sub.preparing'],
    [done('sub:input', {}), 'sub.calling'],
    [done('sub'), 'b'],
    [done('b', 'out'), 'kept', { kept: {} }],
    [{ type: 'cancel' }, 'kept'],
  ]
  const called = { input: 1, called: true }
  const undoneByCaller: Row = [{ type: 'compensate' }, 'compensating.settling']

  test('is undone one after the other, each with its item, and then the chain ends as it was bound to', () => {
    const last: Row = [done('a:compensation'), 'failed', nothing]
    const { undone, ended } = go(saga, [...planned(fails), last])
    expect(undone).toBe(2)
    expect(ended).toMatchObject({ status: 'failed', step: 'a', failure: no })
    expect(go(saga, [...planned(cancelled), [done('a:compensation'), 'cancelled']]).ended).toMatchObject({
      status: 'cancelled',
    })
    expect(
      go(saga, [...kept, ...planned(undoneByCaller), [done('a:compensation'), 'undone']], called).end,
    ).toBe('undone')
  })

  test('is nothing where nothing has begun', () => {
    go(saga, [
      cancelled,
      [done('compensating:settling'), 'compensating.planning'],
      [done('compensating:plan', []), 'cancelled'],
    ])
  })

  test('is not kept where nobody called the chain', () => {
    go(saga, [...kept.slice(0, 3), [done('b', 'out'), 'succeeded']])
  })

  test('is tried again after a failure or a loss, each an attempt of its own', () => {
    const {
      tries,
      lost: losses,
      failures,
    } = go(saga, [
      ...planned(fails),
      [lost('a'), 'compensating.undo-a.running', { 'a:compensation': { attempt: 1, item: 'k' } }],
      [
        lost('a:compensation'),
        'compensating.undo-a.running',
        { 'a:compensation': { attempt: 2, item: 'k' } },
      ],
      [
        failed('a:compensation'),
        'compensating.undo-a.recovering',
        { 'a:compensation:recovery': { item: 'k' } },
      ],
      [
        done('a:compensation:recovery', retry),
        'compensating.undo-a.backing-off',
        { 'a:compensation:backoff': { due: 5_000 } },
      ],
      [
        done('a:compensation:backoff'),
        'compensating.undo-a.running',
        { 'a:compensation': { attempt: 3, item: 'k' } },
      ],
    ])
    expect(tries).toEqual({ a: 1, 'a:compensation': 2 })
    expect(losses).toEqual({ 'a:compensation': 1 })
    expect(failures).toEqual({ a: no, 'a:compensation': no })
  })

  test('that has failed for good is stuck: a retry begins its tries anew, giving up ends the chain', () => {
    const stuck: Row[] = [
      ...planned(fails),
      [lost('a:compensation'), 'compensating.undo-a.running'],
      [failed('a:compensation'), 'compensating.undo-a.recovering'],
      [done('a:compensation:recovery', { next: 'fail' }), 'compensating.stuck', { 'compensating:stuck': {} }],
      [{ type: 'cancel' }, 'compensating.stuck'],
    ]
    const again = go(saga, [
      ...stuck,
      [{ type: 'retry' }, 'compensating.undo-a.running', { 'a:compensation': { attempt: 1, item: 'k' } }],
    ])
    expect([again.tries, again.lost, again.failures]).toEqual([{ a: 1 }, {}, { a: no }])
    go(saga, [...stuck, [{ type: 'give-up' }, 'failed']])
    const ofCancel = stuck.toSpliced(0, 1, cancelled)
    go(saga, [...ofCancel, [{ type: 'give-up' }, 'cancelled']])
    const ofCaller = [...kept, ...stuck.toSpliced(0, 1, undoneByCaller)]
    go(saga, [...ofCaller, [{ type: 'give-up' }, 'undone']], called)
  })

  test('of several items of one step begins the tries of each anew', () => {
    const many = [
      { step: 'a', item: 'k2', outcome: 'succeeded' },
      { step: 'a', item: 'k1', outcome: 'succeeded' },
    ]
    const { tries } = go(saga, [
      fails,
      [done('compensating:settling'), 'compensating.planning'],
      [done('compensating:plan', many), 'compensating.undo-a.running'],
      [failed('a:compensation'), 'compensating.undo-a.recovering'],
      [done('a:compensation:recovery', { next: 'retry' }), 'compensating.undo-a.backing-off'],
      [done('a:compensation:backoff'), 'compensating.undo-a.running'],
      [
        done('a:compensation'),
        'compensating.undo-a.running',
        { 'a:compensation': { attempt: 1, item: 'k1' } },
      ],
    ])
    expect(tries).toEqual({ a: 1 })
  })
})

describe('a statechart has nothing that cannot happen', () => {
  const statesOf = (one: AnyChain): readonly string[] => partsOf(compile(one.spec)).states
  const waysFrom = (one: AnyChain, from: string): readonly string[] =>
    partsOf(compile(one.spec))
      .transitions.filter((part) => part.from === from)
      .map(label)

  test('a step has only the states that its options need', () => {
    expect(statesOf(chain('c').step('a', () => 1))).toEqual([
      'a',
      'queued',
      'succeeded',
      'failed',
      'cancelled',
    ])
    const substitute = chain('c').step('a', () => 1, { fallback: () => 2 })
    expect(statesOf(substitute)).toContain('a.falling-back')
    expect(statesOf(substitute)).not.toContain('a.backing-off')
    expect(waysFrom(substitute, 'a.recovering')).toEqual(['a.recovering --fallback--> a.falling-back'])
    const again = chain('c').step('a', () => 1, { attempts: 2 })
    expect(statesOf(again)).not.toContain('a.falling-back')
    expect(waysFrom(again, 'a.recovering')).toEqual([
      'a.recovering --retry--> a.backing-off',
      'a.recovering --else--> failed',
    ])
    const late = chain('c').step('a', () => 1, { deadline: '1h' })
    expect(statesOf(late)).toContain('a.scheduling')
    expect(statesOf(late)).not.toContain('a.recovering')
  })

  test('branches settle, or fail one by one, and not both', () => {
    const both = (onFailure: 'cancel' | 'wait') =>
      chain('c').parallel('p', { x: (b) => b.step('x1', () => 1), y: (b) => b }, { onFailure })
    const [cancel, wait] = [both('cancel'), both('wait')]
    expect(statesOf(cancel)).toContain('p.settling')
    expect(statesOf(cancel)).not.toContain('p.branches.x.failed')
    expect(waysFrom(cancel, 'p.branches')).toEqual(['p.branches --done--> succeeded'])
    expect(statesOf(wait)).toContain('p.branches.x.failed')
    expect(statesOf(wait)).not.toContain('p.settling')
    expect(waysFrom(wait, 'p.branches')).toEqual([
      'p.branches --a branch failed--> failed',
      'p.branches --else--> succeeded',
    ])
  })
})
