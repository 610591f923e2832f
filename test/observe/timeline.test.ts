// The timeline of a run, read off its events alone.

import { expect, test } from 'vitest'
import type { Fact } from '../../src/journal/event.ts'
import { encode } from '../../src/kernel/codec.ts'
import type { StepTimeline } from '../../src/observe/step-timeline.ts'
import { timelineOf } from '../../src/observe/timeline.ts'
import { accepted, events, failure } from './events.ts'

const begin = [accepted(['a'], { a: [] }), { type: 'chain.started', chain: 'a' }] as const satisfies Fact[]
const started = (step: string, attempt: number, item?: string): Fact => ({
  type: 'attempt.started',
  chain: 'a',
  step,
  attempt,
  inFlight: 1,
  config: 0,
  ...(item === undefined ? {} : { item }),
})
const failed = (step: string, attempt: number, item?: string): Fact => ({
  type: 'attempt.failed',
  chain: 'a',
  step,
  attempt,
  failure: failure(`no ${attempt}`),
  took: 1,
  ...(item === undefined ? {} : { item }),
})
const succeeded = (step: string, attempt: number, item?: string): Fact => ({
  type: 'attempt.succeeded',
  chain: 'a',
  step,
  attempt,
  took: 1,
  ...(item === undefined ? {} : { item }),
})
const decided = (step: string, value: unknown, item?: string): Fact => ({
  type: 'decision.made',
  chain: 'a',
  step,
  payload: encode(value, 'decision'),
  ...(item === undefined ? {} : { item }),
})

function stepAfter(name: string, ...facts: readonly Fact[]): StepTimeline {
  const step = timelineOf(events(...begin, ...facts))
    ?.chains.get('a')
    ?.steps.get(name)
  if (step === undefined) throw new TypeError(`no step ${name}`)
  return step
}

test('a retry backs off until its due time, and then is tried again', () => {
  const until = [started('s', 1), failed('s', 1), decided('s:recovery', { next: 'retry', due: 900 })]
  expect([...stepAfter('s', ...until).open.values()]).toEqual([
    { phase: 'backing-off', since: 400, attempt: 1, due: 900 },
  ])
  const done = stepAfter(
    's',
    ...until,
    { type: 'timer.fired', chain: 'a', step: 's:backoff' },
    started('s', 2),
    succeeded('s', 2),
  )
  expect(done).toMatchObject({ attempts: 2, outcome: 'succeeded', startedAt: 200, endedAt: 700 })
})

test('a fallback counts as no attempt and makes the step succeed', () => {
  const step = stepAfter(
    's',
    started('s', 1),
    failed('s', 1),
    decided('s:recovery', { next: 'fallback' }),
    started('s:fallback', 1),
    succeeded('s:fallback', 1),
  )
  expect(step).toMatchObject({ attempts: 1, fallback: true, outcome: 'succeeded' })
  expect(step.failure?.message).toBe('no 1')
})

test('the items of an each are counted, and one is given up only when nothing recovers it', () => {
  const halfway = [
    decided('e:items', { keys: ['x', 'y'], items: [1, 2] }),
    started('e', 1, 'x'),
    started('e', 1, 'y'),
    failed('e', 1, 'x'),
    decided('e:recovery', { next: 'retry', due: 5_000 }, 'x'),
  ]
  expect(stepAfter('e', ...halfway)).toMatchObject({ items: { total: 2, succeeded: 0, failed: 0 } })
  const after = stepAfter(
    'e',
    ...halfway,
    { type: 'timer.fired', chain: 'a', step: 'e:backoff', item: 'x' },
    started('e', 2, 'x'),
    succeeded('e', 1, 'y'),
    failed('e', 2, 'x'),
    decided('e:recovery', { next: 'fail' }, 'x'),
  )
  expect(after.items).toEqual({ total: 2, succeeded: 1, failed: 1 })
  expect(after).toMatchObject({ attempts: 3, outcome: 'succeeded' })
  expect(after.open.size).toBe(0)
})

test('a wait is as long as the chain stood before the signal came', () => {
  const step = stepAfter('w', started('s', 1), succeeded('s', 1), {
    type: 'signal.consumed',
    chain: 'a',
    step: 'w',
    name: 'w',
    id: '1',
  })
  expect(step).toMatchObject({ startedAt: 300, endedAt: 400, outcome: 'succeeded' })
})

test('a called chain is its own, and its caller goes on when it ends', () => {
  const call = { chain: 'a', step: 'c' }
  const facts: Fact[] = [
    decided('c:input', 1),
    { type: 'chain.started', chain: 'a/c', call, of: 'b', version: '1' },
  ]
  expect([...stepAfter('c', ...facts).open.values()]).toMatchObject([{ phase: 'calling' }])
  const ended = stepAfter('c', ...facts, { type: 'chain.ended', chain: 'a/c', status: 'succeeded' })
  expect(ended).toMatchObject({ outcome: 'succeeded' })
})

test('events that do not begin with an acceptance are no timeline', () => {
  expect(timelineOf([])).toBeUndefined()
  expect(timelineOf(events({ type: 'run.paused' }))).toBeUndefined()
})
