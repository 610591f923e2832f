// Tests of traces as tests: a recorded run goes again as it went, stops where the test says, and tells where it parts.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { chain } from '../../../src/index.ts'
import { readTrace, type Trace, traceText } from '../../../src/observe/trace.ts'
import { fail, type Harness, harness } from '../../../src/testing.ts'

const order = chain<{ item: string }>('order')
  .step('charge', () => 1, { attempts: 4, backoff: { initial: '1s' }, timeout: '10s', compensate: () => {} })
  .wait('approval', z.string(), { timeout: '3d' })
  .sleep('nap', '1h')
  .step('ship', () => 'shipped', { fallback: () => 'by hand' })

/** As it comes back from a file. */
async function traceOf(t: Harness): Promise<Trace> {
  return readTrace(traceText(await t.run.trace()), 'the trace')
}

async function incident(): Promise<Harness> {
  const t = await harness(order, { input: { item: 'tea' }, now: 1_000_000, seed: 9 })
  await t.advance('3s')
  await (await t.attempt('charge')).fail('declined')
  await t.advance('2s')
  await t.crash()
  await t.advance('11s')
  await t.advance('20s')
  await (await t.attempt('charge')).succeed(12)
  await t.advance('2h')
  await t.signal('approval', 'yes')
  await t.advance('90m')
  await (await t.attempt('ship')).fail('no truck')
  await (await t.attempt('ship:fallback')).succeed('by cart')
  return t
}

test('a traced run goes again with the same timeline and the same end', async () => {
  const t = await incident()
  const trace = await traceOf(t)
  const again = await harness.fromTrace(trace, order)
  expect(again.timeline()).toBe(t.timeline())
  expect(await again.end()).toEqual(await t.end())
  expect(again.events().map(({ at }) => at)).toEqual(t.events().map(({ at }) => at))
})

test('it stops where the test says, and goes on by hand', async () => {
  const trace = await traceOf(await incident())
  const t = await harness.fromTrace(trace, order, {
    until: (event) => event.type === 'signal.received',
  })
  expect(t).toMatchObject({ states: ['approval', 'approval.waiting'] })
  await t.signal('approval', 'by hand')
  await t.advance('1h')
  await (await t.attempt('ship')).succeed('by train')
  expect(await t.end()).toMatchObject({ status: 'succeeded', output: 'by train' })

  const early = await harness.fromTrace(trace, order, { until: '2s' })
  expect(early.clock.now()).toBe(1_002_000)
  expect(early.timeline().split('\n')).toEqual(['0 ms  charge starts'])
  await (await early.attempt('charge')).succeed(1)
  await early.cancel('enough')
  await (await early.attempt('charge:compensation')).succeed()
  expect((await early.end()).status).toBe('cancelled')
})

test('a chain that does otherwise since is told with the first event that differs', async () => {
  const trace = await traceOf(await incident())
  const patient = chain<{ item: string }>('order')
    .step('charge', () => 1, {
      attempts: 4,
      backoff: { initial: '1s' },
      timeout: '1h',
      compensate: () => {},
    })
    .wait('approval', z.string(), { timeout: '3d' })
    .sleep('nap', '1h')
    .step('ship', () => 'shipped', { fallback: () => 'by hand' })
  await expect(harness.fromTrace(trace, patient)).rejects.toMatchObject({
    code: 'TRACE_DIVERGED',
    message: expect.stringMatching(
      /parts from its trace at event \d+: charge #\d fails: step "charge" took longer than 10000 ms .*; instead came nothing: .*running/s,
    ) as string,
  })
  const shorter = chain<{ item: string }>('order').step('charge', () => 1, {
    attempts: 4,
    backoff: { initial: '1s' },
    timeout: '10s',
    compensate: () => {},
  })
  await expect(harness.fromTrace(trace, shorter)).rejects.toThrow(
    /signal approval|another version than recorded: order/,
  )
})

test('without exactly, the chain of now meets the same outcomes, signals and crashes by name', async () => {
  const t = await incident()
  const trace = await traceOf(t)
  const retold = chain<{ item: string }>('order')
    .step('check', () => true)
    .step('charge', () => 1, { attempts: 2, backoff: { initial: '1s' }, timeout: '10s' })
    .wait('approval', z.string(), { timeout: '3d' })
    .step('ship', () => 'shipped')
  const now = await harness.fromTrace(trace, retold, { exactly: false, steps: { check: 'real' } })
  // of two attempts none succeeded: the incident was survived by the third
  expect(await now.end()).toMatchObject({
    status: 'failed',
    failures: [{ step: 'charge', failure: { kind: 'timeout' } }],
  })
  const same = await harness.fromTrace(trace, order, { exactly: false })
  expect(await same.end()).toEqual(await t.end())
})

test('what was waited for in slots, limiters and groups of other runs is waited for again', async () => {
  const t = await harness(order, { input: { item: 'tea' }, occupied: true })
  await t.advance('5s')
  await t.free()
  await (await t.attempt('charge')).succeed(1)
  const again = await harness.fromTrace(await traceOf(t), order)
  expect(again.timeline()).toBe('0 ms  charge waits for slot\n 5 s  charge starts\n 5 s  charge succeeds')
  expect(again).toMatchObject({ states: ['approval', 'approval.waiting'] })
})

test('secrets stay out of a trace, and all else is as it was', async () => {
  const login = chain<{ password: string; user: string }>('login').step('ask', () => 1)
  const t = await harness(login, { input: { password: 'hunter2', user: 'ada' } })
  const found = new Map<string, unknown>([
    ['token', 'abc'],
    ['at', new Date(5)],
  ])
  await (await t.attempt('ask')).succeed({ found, url: 'https://ada:hunter2@host/', big: 5n, ok: true })
  const trace = await traceOf(t)
  const text = traceText(trace)
  expect(text).not.toMatch(/hunter2|abc/)
  expect(trace.redacted).toBe(5)
  const again = await harness.fromTrace(trace, login)
  expect((await again.end()).output).toEqual({
    found: new Map<string, unknown>([
      ['token', '[redacted]'],
      ['at', new Date(5)],
    ]),
    url: 'https://[redacted]@host/',
    big: 5n,
    ok: true,
  })
  const whole = await t.run.trace({ secrets: true })
  expect(traceText(whole)).toContain('hunter2')
})

test('what is no trace of this chain is refused, with what to do', async () => {
  const trace = await traceOf(await incident())
  const text = traceText(trace)
  const refused = async (given: unknown, of = order): Promise<unknown> =>
    harness.fromTrace(given as Trace, of).then(
      () => 'not at all',
      (error: unknown) => (error as Error & { code: string }).code + (error as Error).message,
    )
  const wrong = [
    [{ ...trace, schema: 2 }, 'newer release'],
    [{ ...trace, format: 'other' }, 'no trace of a run'],
    [undefined, 'no trace of a run'],
    [[], 'no trace of a run'],
    [{ ...trace, events: trace.events.toReversed() }, 'is not the next one'],
    [{ ...trace, events: trace.events.slice(1) }, 'acceptance'],
    [{ ...trace, events: [], chains: 5, run: 7 }, 'names no run; its chains'],
    [{ ...trace, events: [null] }, 'no events'],
  ] as const
  for (const [given, why] of wrong) expect(await refused(given)).toMatch(new RegExp(`^BAD_TRACE.*${why}`))
  expect(() => readTrace(text.slice(0, 900), 'x')).toThrow('x was cut off')
  expect(() => readTrace('hello', 'x')).toThrow('x is no JSON')
  expect(await refused('/nowhere/x.trace.json')).toMatch(/^BAD_TRACE.*cannot be read/)
  const other = chain<{ item: string }>('other').step('a', () => 1)
  expect(await refused(trace, other as never)).toMatch(/^BAD_TRACE.*is of order, and order is not among/)
})

const courses = chain<number>('courses')
  .step('a', () => 1, { attempts: 2, backoff: { initial: '1s' } })
  .step('b', () => 2)
  .sleep('rest', '1h')
  .step('c', () => 3)

test('it stops before the turn that makes the event, whatever event that is', async () => {
  const then = await harness(courses, { input: 1 })
  await then.advance('2s')
  await (await then.attempt('a')).fail('no')
  await then.crash()
  await then.advance('1s')
  await (await then.attempt('a')).succeed(1)
  await then.advance('5s')
  await (await then.attempt('b')).succeed(2)
  await then.advance('1h')
  await (await then.attempt('c')).succeed(3)
  const trace = await traceOf(then)
  const stops = [
    [{ type: 'run.accepted' }, 'a', ['a']],
    [{ type: 'attempt.started', step: 'a' }, 'a', ['a']],
    [{ type: 'attempt.failed' }, 'a', ['a']],
    [{ type: 'attempt.started', step: 'b' }, 'a', ['a']],
    [{ type: 'attempt.succeeded', step: 'b' }, 'b', ['b']],
    [{ type: 'timer.fired', step: 'rest' }, 'rest', []],
    [{ type: 'attempt.started', step: 'c' }, 'rest', []],
    [{ type: 'chain.ended' }, 'c', ['c']],
    [{ type: 'run.ended' }, 'c', ['c']],
  ] as const
  for (const exactly of [true, false])
    for (const [what, where, inFlight] of stops) {
      const t = await harness.fromTrace(trace, courses, {
        exactly,
        until: (event) => Object.entries(what).every(([key, value]) => event[key as 'type'] === value),
      })
      const attempts = (await t.attempts()).map(({ step }) => step)
      expect([what, exactly, t.states[0], attempts]).toEqual([what, exactly, where, inFlight])
      await t.stop()
    }
})

test("what no event is leaves the whole trace, and what is left after a stop is the test's", async () => {
  const then = await harness(courses, { input: 1, steps: { a: fail('no') } })
  await then.advance('1m')
  const trace = await traceOf(then)
  for (const exactly of [true, false]) {
    const whole = await harness.fromTrace(trace, courses, { exactly, until: () => false })
    expect((await whole.end()).status).toBe('failed')
    const t = await harness.fromTrace(trace, courses, {
      exactly,
      until: (event) => event.type === 'attempt.failed' && event.attempt === 2,
    })
    await (await t.attempt('a')).succeed(1)
    await (await t.attempt('b')).succeed(2)
    await t.advance('1h')
    await (await t.attempt('c')).succeed(3)
    expect((await t.end()).status).toBe('succeeded')
  }
})

test('options that a trace decides, and those that are none, are refused', async () => {
  const then = await harness(courses, { input: 1 })
  const trace = await traceOf(then)
  const given = { exactly: 'no', input: 2, start: {}, now: 5, occupied: true, utnil: '1s' }
  await expect(harness.fromTrace(trace, courses, given as never)).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: expect.stringMatching(
      /harness\.fromTrace\(\) has no option "input".*"start".*"now".*"occupied".*"utnil" \(did you mean until\?\).*exactly is neither true nor false/,
    ) as string,
  })
  await expect(harness.fromTrace(trace, courses, { until: 'soon' as never })).rejects.toMatchObject({
    code: 'BAD_DURATION',
  })
})
