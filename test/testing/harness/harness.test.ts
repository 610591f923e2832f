import { AssertionError } from 'node:assert'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { chain } from '../../../src/index.ts'
import {
  assertIn,
  assertRun,
  assertWaitedFor,
  coverage,
  fail,
  flaky,
  hang,
  harness,
  slow,
  succeed,
} from '../../../src/testing.ts'
import { extendExpect } from './extend-expect.ts'

beforeAll(extendExpect)

const fetching = { attempts: 3, backoff: { initial: '1s', jitter: 'none' }, timeout: '10s' } as const
const pull = chain('pull').step('fetch', () => ['real'], fetching)

test('a test ends each attempt, and time passes only as it says', async () => {
  const t = await harness(pull)
  expect(t).toBeIn('fetch.running')
  const first = await t.attempt('fetch')
  expect(first).toMatchObject({ step: 'fetch', attempt: 1, over: false })
  await first.fail('reset')
  expect(first.over).toBe(true)
  expect(t).toBeIn('backing-off')
  await t.advance('999ms')
  expect(t).toBeIn('fetch.backing-off')
  await t.advance('1ms')
  await (await t.attempt('fetch')).succeed(['Ada'])
  expect(await t.end()).toEqual({ status: 'succeeded', output: ['Ada'], failures: [] })
  expect(t).toHaveRun('fetch', { attempts: 2, outcome: 'succeeded', lost: 0, fallback: false })
  expect(t).toHaveWaitedFor('fetch', '1s')
  expect(t.timeline()).toMatchInlineSnapshot(`
    "0 ms  fetch starts
    0 ms  fetch fails: reset
    0 ms  fetch backs off for 1 s
     1 s  fetch:backoff is due
     1 s  fetch #2 starts
     1 s  fetch #2 succeeds
     1 s  chain pull succeeded"
  `)
})

test('an attempt that is ended twice, or missing, says so', async () => {
  const t = await harness(pull)
  const first = await t.attempt('fetch')
  await expect(t.attempt('store')).rejects.toMatchObject({
    code: 'ATTEMPT_ABSENT',
    message: expect.stringContaining('its machine is in fetch, fetch.running') as string,
  })
  await expect(t.end()).rejects.toMatchObject({ code: 'RUN_UNFINISHED' })
  await first.fail('reset')
  await expect(first.succeed()).rejects.toMatchObject({ code: 'ATTEMPT_OVER' })
  await expect(t.attempt('fetch')).rejects.toThrow('backs off until')
})

test('an attempt that times out is over, and its signal is aborted', async () => {
  const t = await harness(pull)
  const first = await t.attempt('fetch')
  await t.advance('10s')
  expect(first.context.signal.aborted).toBe(true)
  expect(first.over).toBe(true)
  expect(t).toBeIn('fetch.backing-off')
})

test('an attempt that ignores the abort of its signal succeeds too late', async () => {
  const t = await harness(pull)
  const first = await t.attempt('fetch')
  first.ignoreAbort()
  await t.advance('11s')
  expect((await t.attempts('fetch')).map(({ attempt }) => attempt)).toEqual([1, 2])
  await first.succeed(['late'])
  expect(t.timeline()).toContain('fetch succeeded too late')
  await (await t.attempt('fetch')).succeed(['in time'])
  expect((await t.end()).output).toEqual(['in time'])
})

test('the function of the author runs where the test says so', async () => {
  const t = await harness(pull)
  await (await t.attempt('fetch')).real()
  expect((await t.end()).output).toEqual(['real'])
  const scripted = await harness(pull, { steps: { fetch: 'real' } })
  expect((await scripted.end()).output).toEqual(['real'])
})

test('scripts end attempts by themselves, each in its turn', async () => {
  const t = await harness(pull, {
    steps: { fetch: [fail('one'), slow('2s', fail('two')), succeed(['three'])] },
  })
  await t.advance('1m')
  expect((await t.end()).output).toEqual(['three'])
  expect(t.timeline()).toMatchInlineSnapshot(`
    "0 ms  fetch starts
    0 ms  fetch fails: one
    0 ms  fetch backs off for 1 s
     1 s  fetch:backoff is due
     1 s  fetch #2 starts
     3 s  fetch #2 fails: two
     3 s  fetch backs off for 2 s
     5 s  fetch:backoff is due
     5 s  fetch #3 starts
     5 s  fetch #3 succeeds
     5 s  chain pull succeeded"
  `)
})

test('what hangs ends by its timeout only', async () => {
  const t = await harness(pull, { steps: { fetch: hang() } })
  await t.advance('32s')
  expect(t).toBeIn('fetch.running')
  await t.advance('1s')
  expect((await t.end()).failures[0]?.failure.kind).toBe('timeout')
})

test('what is flaky by a seed fails the same attempts each time, and others by another seed', async () => {
  const many = chain('many').step('ask', () => 1, { attempts: 100, backoff: { initial: '1ms', max: '1ms' } })
  const tries = async (seed: number): Promise<number> => {
    const t = await harness(many, { steps: { ask: flaky(0.9, succeed('at last'), { seed }) } })
    await t.advance('1h')
    expect(t).toHaveRun('ask', { outcome: 'succeeded' })
    return t.events().filter(({ type }) => type === 'attempt.started').length
  }
  const found = await Promise.all([3, 3, 4].map(tries))
  expect(found[0]).toBe(found[1])
  expect(found[0]).not.toBe(found[2])
})

test('what a chain needs is given, or in the hands of the test as well', async () => {
  const report = chain('report')
    .needs({ pull })
    .step('render', ({ needs }) => needs.pull.join())
  const given = await harness(report, { needs: { pull: ['Ada'] }, steps: { render: 'real' } })
  expect((await given.end()).output).toBe('Ada')
  const failing = await harness(report, { needs: { pull: fail('no net') } })
  expect((await failing.end()).failures[0]?.failure.message).toBe('no net')
  const whole = await harness(report)
  await (await whole.attempt('pull/fetch')).succeed(['Grace'])
  const render = await whole.attempt('render')
  expect(render.context.needs).toEqual({ pull: ['Grace'] })
  await render.real()
  expect((await whole.end()).output).toBe('Grace')
  expect(whole).toHaveRun('pull/fetch', { attempts: 1 })
})

test('each item, fallback and compensation is an attempt by its name', async () => {
  const order = chain('order')
    .each(
      'pack',
      () => ['tea', 'milk'],
      (item) => item,
    )
    .step('charge', () => 1, { compensate: () => {} })
    .step('ship', () => 'by truck', { fallback: () => 'by hand' })
    .fail('refused')
  const t = await harness(order)
  await (await t.attempt('pack', 'milk')).succeed('MILK')
  await (await t.attempt('pack', 'tea')).succeed('TEA')
  await (await t.attempt('charge')).succeed(12)
  await (await t.attempt('ship')).fail('no truck')
  await (await t.attempt('ship:fallback')).real()
  await (await t.attempt('charge:compensation')).succeed()
  expect((await t.end()).status).toBe('failed')
  expect(t).toHaveRun('ship', { fallback: true, outcome: 'succeeded' })
  expect(t).toHaveRun('pack', { attempts: 2 })
})

test('signals, sleeps and slots are waited for, and how long is known', async () => {
  const order = chain('order-2')
    .wait('approval', z.string(), { timeout: '3d' })
    .sleep('nap', '1h')
    .step('close', ({ steps }) => steps.approval)
  const t = await harness(order, { steps: { close: 'real' } })
  await t.advance('2h')
  await t.signal('approval', 'yes')
  await t.occupy()
  await t.advance()
  expect(t).toBeIn('queued')
  await t.advance('5m')
  await t.free()
  expect((await t.end()).output).toBe('yes')
  expect(t).toHaveWaitedFor('approval', '2h')
  expect(t).toHaveWaitedFor('nap', { atLeast: '1h', atMost: '1h' })
  expect(t).toHaveWaitedFor('close', '5m')
})

test('assertions without a framework throw an AssertionError that says what is so', async () => {
  const t = await harness(pull)
  assertIn(t, 'running')
  assertRun(t, 'fetch', { attempts: 1, outcome: 'running' })
  assertWaitedFor(t, 'fetch', 0)
  expect(() => assertIn(t, 'failed')).toThrow(AssertionError)
  expect(() => assertIn(t, 'failed')).toThrow(
    'expected in failed, but the machine of pull is in fetch, fetch.running',
  )
  expect(() => assertRun(t, 'fetch', { attempts: 2 })).toThrow('but fetch has run: attempts 1, running')
  expect(() => assertWaitedFor(t, 'fetch', '1s')).toThrow('but fetch has waited for 0 ms')
  expect(() => assertRun(t, 'fetsch')).toThrow('has no step "fetsch": it has fetch')
})

test('a decision of the author fails, or decides, as the test says', async () => {
  const route = chain<number>('route').choose('way', (c) =>
    c
      .when(
        ({ input }) => input > 1,
        (b) => b.step('high', () => 'high'),
      )
      .otherwise((b) => b.step('low', () => 'low')),
  )
  const failing = await harness(route, { input: 5, steps: { 'way:choice': fail('no idea') } })
  expect((await failing.end()).failures[0]).toMatchObject({ step: 'way', failure: { message: 'no idea' } })
  const deciding = await harness(route, { input: 5, steps: { 'way:choice': succeed(false), low: 'real' } })
  expect((await deciding.end()).output).toBe('low')
})

test('coverage counts what was visited, and says what was not', async () => {
  const small = chain('small').step('ask', () => 1)
  expect(coverage(small).transitions.visited).toBe(0)
  const t = await harness(small)
  await (await t.attempt('ask')).succeed()
  const { states, missing } = coverage(small)
  expect(states).toEqual({ visited: 2, all: 5 })
  expect(missing.map(({ part }) => part)).toEqual([
    'queued',
    'failed',
    'cancelled',
    'any state --cancel--> cancelled',
    'ask --queued--> queued',
    'ask --lost--> ask',
    'ask --failed--> failed',
    'queued --started ask--> ask',
  ])
  await t.stop()
  expect(coverage(small).missing).toEqual(missing)
})

test.each([1, 2, 3])(
  'where a process dies over commit %i of its recovery, the next one goes on with what is durable',
  async (during) => {
    const t = await harness(pull)
    await t.crash({ during })
    await (await t.attempt('fetch')).succeed(['Ada'])
    expect(await t.end()).toMatchObject({ status: 'succeeded', output: ['Ada'] })
    const lost = t.events().filter(({ type }) => type === 'attempt.lost').length
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThan(3)
  },
)
