// Why a run stands where it stands, in sentences that are true.

import { expect, test } from 'vitest'
import { awaitedOf, explain } from '../../src/engine/runs/explain.ts'
import type { Fact } from '../../src/journal/event.ts'
import { encode } from '../../src/kernel/codec.ts'
import { formatTime } from '../../src/kernel/local-time.ts'
import { timelineOf } from '../../src/observe/timeline.ts'
import { createMachine } from 'xstate'
import { chain, createSupervisor, fromMachine } from '../../src/index.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { accepted, events, failure } from '../observe/events.ts'

const now = 10_000
const begin: readonly Fact[] = [accepted(['a'], { a: [] }), { type: 'chain.started', chain: 'a' }]

function sentenceOf(
  facts: readonly Fact[],
  awaited: readonly { step: string; chain?: string }[] = [],
): string {
  const timeline = timelineOf(events(...facts))
  if (timeline === undefined) throw new TypeError('no run')
  return explain(timeline, awaited, now).sentence
}

const at = (ms: number): string => formatTime(ms, now)
const started = (item?: string): Fact => ({
  type: 'attempt.started',
  chain: 'a',
  step: 's',
  attempt: 1,
  inFlight: 1,
  config: 0,
  ...(item === undefined ? {} : { item }),
})
const decided = (step: string, value: unknown): Fact => ({
  type: 'decision.made',
  chain: 'a',
  step,
  payload: encode(value, 'decision'),
})

test('a signal: which, of what chain, since when, and that nothing else blocks', () => {
  expect(sentenceOf(begin, [{ step: 'approval' }])).toBe(
    `waiting for the signal "approval" of chain a since ${at(100)}; nothing else blocks it`,
  )
  expect(sentenceOf([...begin, decided('approval:due', 70_000)], [{ step: 'approval' }])).toBe(
    `waiting for the signal "approval" of chain a since ${at(200)}, at most until ${at(70_000)}; nothing else blocks it`,
  )
})

test('steps of one name in two chains: both wait, where a head names the signal twice', () => {
  const both: readonly Fact[] = [
    accepted(['a', 'b'], { a: [], b: [] }),
    { type: 'chain.started', chain: 'a' },
    decided('approval:due', 70_000),
    { type: 'chain.started', chain: 'b' },
  ]
  const b: Fact = {
    type: 'decision.made',
    chain: 'b',
    step: 'approval:due',
    payload: encode(80_000, 'decision'),
  }
  const waiting = (of: string, since: number, until: number): string =>
    `waiting for the signal "approval" of chain ${of} since ${at(since)}, at most until ${at(until)}`
  expect(sentenceOf([...both, b], awaitedOf({ signals: ',approval,approval,' }))).toBe(
    `${waiting('a', 200, 70_000)}; ${waiting('b', 400, 80_000)}`,
  )
  expect(sentenceOf(both, awaitedOf({ signals: ',approval,approval,' }))).toBe(
    `${waiting('a', 200, 70_000)}; waiting for the signal "approval" of chain b since ${at(300)}`,
  )
})

test('a signal whose chain nobody knows is not said to be the one that stands still', () => {
  const facts: readonly Fact[] = [
    accepted(['a', 'b'], { a: [], b: [] }),
    { type: 'chain.started', chain: 'b' },
    {
      type: 'machine.advanced',
      chain: 'b',
      event: 'xstate.init',
      value: 'resting',
      payload: encode({}, 'snapshot'),
    },
    { type: 'chain.started', chain: 'a' },
    started(),
  ]
  // a branch of chain a may wait beside its attempt
  expect(sentenceOf(facts, [{ step: 'GO' }, { step: 'approval' }, { step: 'approval' }])).toBe(
    [
      `waiting for the signal "GO" since ${at(300)}`,
      `waiting for the signal "approval" since ${at(300)}`,
      `step s of chain a has been running since ${at(400)} (attempt 1)`,
    ].join('; '),
  )
})

test('a chain that waits for nothing is about to go on', () => {
  expect(sentenceOf(begin)).toBe('chain a is about to go on')
})

test('an attempt in flight, and the chains that wait for it', () => {
  const facts = [
    accepted(['b'], { a: [], b: ['a'] }),
    { type: 'chain.started', chain: 'a' } as const,
    started(),
  ]
  expect(sentenceOf(facts)).toBe(
    `step s of chain a has been running since ${at(200)} (attempt 1); chain b waits for a`,
  )
})

test('a backoff, with what failed and how long it still takes', () => {
  const facts: Fact[] = [
    ...begin,
    started(),
    { type: 'attempt.failed', chain: 'a', step: 's', attempt: 1, failure: failure('no route'), took: 1 },
    decided('s:recovery', { next: 'retry', due: 15_000 }),
  ]
  expect(sentenceOf(facts)).toBe(
    `step s of chain a backs off until ${at(15_000)} (5 s from now), as attempt 1 failed with "no route"; nothing else blocks it`,
  )
})

test('what has backed off is about to begin, an item waits for its turn', () => {
  const backed: readonly Fact[] = [
    started('x'),
    {
      type: 'attempt.failed',
      chain: 'a',
      step: 's',
      attempt: 1,
      item: 'x',
      failure: failure('no route'),
      took: 1,
    },
    { ...decided('s:recovery', { next: 'retry', due: 15_000 }), item: 'x' } as Fact,
    { type: 'timer.fired', chain: 'a', step: 's:backoff', item: 'x' },
  ]
  expect(sentenceOf([...begin, ...backed])).toBe(
    'step s of chain a is about to begin; nothing else blocks it',
  )
  expect(sentenceOf([...begin, decided('s:items', { keys: ['x', 'y'] }), ...backed])).toBe(
    `item x of step s of chain a waits for its turn since ${at(700)}; nothing else blocks it`,
  )
})

test('a sleep, and one whose time has passed', () => {
  expect(sentenceOf([...begin, decided('rest:due', 70_000)])).toBe(
    `step rest of chain a sleeps until ${at(70_000)} (1 min from now); nothing else blocks it`,
  )
  expect(sentenceOf([...begin, decided('rest:due', 9_000)])).toContain('(which has passed)')
})

test('items of an each are counted rather than listed', () => {
  const facts = [
    ...begin,
    decided('s:items', { keys: ['x', 'y', 'z'], items: [1, 2, 3] }),
    started('x'),
    started('y'),
  ]
  expect(sentenceOf(facts)).toBe(
    `2 items of step s of chain a have been running since ${at(300)} (the longest in attempt 1)`,
  )
})

test('a queue for a slot, a pause, a cancel that is under way', () => {
  const queued = (waitsFor: string): Fact => ({
    type: 'attempt.queued',
    chain: 'a',
    step: 's',
    attempt: 1,
    waitsFor,
  })
  expect(sentenceOf([...begin, queued('slot')])).toBe(
    `step s of chain a waits for a free slot since ${at(200)}, as every slot is taken; nothing else blocks it`,
  )
  expect(sentenceOf([...begin, { type: 'run.paused' }, queued('pause')])).toBe(
    `paused since ${at(200)}, until someone resumes it; step s of chain a is held back by the pause since ${at(300)}`,
  )
  expect(sentenceOf([...begin, started(), { type: 'run.cancel-requested' }])).toMatch(
    /^being cancelled since/,
  )
})

test('a chain that has all it needs but not its turn', () => {
  expect(sentenceOf([accepted(['a'], { a: [] })])).toBe(
    'chain a has all that it needs, and waits for its turn; nothing else blocks it',
  )
})

test('a parked run and its cure, and a run that has ended', () => {
  const parked: Fact = { type: 'run.parked', reason: 'dead-letter', detail: 'it dies', cure: 'mend it' }
  expect(sentenceOf([...begin, started(), parked])).toBe(
    `parked as dead-letter since ${at(300)}: it dies; to go on: mend it`,
  )
  expect(sentenceOf([...begin, { type: 'run.ended', status: 'cancelled', failures: [] }])).toBe(
    `ended as cancelled at ${at(200)}`,
  )
})

test('signals of several chains are not mixed up', () => {
  const two: Fact[] = [
    accepted(['a', 'b'], { a: [], b: [] }),
    { type: 'chain.started', chain: 'a' },
    { type: 'chain.started', chain: 'b' },
  ]
  expect(sentenceOf(two, [{ step: 'x', chain: 'b' }])).toContain('the signal "x" of chain b')
  expect(sentenceOf(two, [{ step: 'x' }, { step: 'y' }])).toBe(
    `waiting for the signal "x" since ${at(200)}; waiting for the signal "y" since ${at(200)}`,
  )
})

test('a run explains itself, whether it is in memory or not', async () => {
  const clock = createVirtualClock({ now })
  let release = (): void => {}
  const order = chain('order').parallel('both', {
    work: (b) => b.step('pack', async () => new Promise<void>((resolve) => (release = resolve))),
    ask: (b) => b.wait('approval'),
  })
  const supervisor = await createSupervisor({ chains: [order], clock })
  const run = await supervisor.start(order)
  await clock.advance('1s')
  expect((await run.explain()).sentence).toBe(
    `waiting for the signal "approval" of chain order since ${at(now)}; step pack of chain order has been running since ${at(now)} (attempt 1)`,
  )
  release()
  await clock.advance('1s')
  const { sentence, causes } = await run.explain()
  expect(sentence).toBe(
    `waiting for the signal "approval" of chain order since ${at(11_000)}; nothing else blocks it`,
  )
  expect(causes).toMatchObject([{ kind: 'signal', chain: 'order', step: 'approval' }])
  await supervisor.stop()
})

test("a user's own machine says in which state it is, and what it takes", async () => {
  const clock = createVirtualClock({ now })
  const door = fromMachine(
    'door',
    createMachine({
      initial: 'closed',
      states: {
        closed: { on: { open: 'ajar' } },
        ajar: { on: { close: 'closed', smash: 'broken' } },
        broken: { type: 'final' },
      },
    }),
  )
  const supervisor = await createSupervisor({ chains: [door], clock })
  const run = await supervisor.start(door)
  await clock.settle()
  await run.send({ type: 'open' })
  await clock.settle()
  expect((await run.explain()).sentence).toBe(
    `the machine of chain door is in "ajar" since ${at(now)}, waiting for close or smash; nothing else blocks it`,
  )
  await supervisor.stop()
})

test('a run that failed says what failed first, and what that blocked', async () => {
  const load = chain('load').step('read', () => {
    throw new Error('no such file')
  })
  const report = chain('report')
    .needs({ load })
    .step('print', () => 'printed')
  await using supervisor = await createSupervisor({ chains: [report], clock: createVirtualClock() })
  const run = await supervisor.start(report)
  await run.settled()
  const { sentence, causes } = await run.explain()
  expect(sentence).toContain('; step read of chain load failed with "no such file", which blocked report')
  expect(causes).toMatchObject([
    { kind: 'ended', failures: [{ chain: 'load', step: 'read', blocked: ['report'] }] },
  ])
})
