// What is measured of attempts and chains, case by case, on journals that the engine wrote.

import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { limiter } from '../../src/chain/limiter.ts'
import type { AttemptRecord, ChainRecord, RunRecord } from '../../src/observe/run-record.ts'
import { createRunRecords } from '../../src/observe/run-records.ts'
import { applyToTimeline, beginTimeline, type RunTimeline, timelineOf } from '../../src/observe/timeline.ts'
import { createRig, type Rig } from '../engine/rig.ts'

function recordsOf(rig: Rig): ReadonlyMap<string, RunRecord> {
  const records = createRunRecords()
  for (const event of rig.whole()) records.apply(event)
  return new Map([...records.open, ...records.ended])
}
const chainOf = (rig: Rig, run: string, key: string): ChainRecord => {
  const found = recordsOf(rig).get(run)?.chains.get(key)
  if (found === undefined) throw new TypeError(`no chain ${key} of run ${run}`)
  return found
}
const attemptsOf = (rig: Rig, run: string, key: string): readonly AttemptRecord[] =>
  chainOf(rig, run, key).attempts
const sleeping = async (rig: Rig, ms: number): Promise<void> =>
  new Promise((resolve) => void rig.clock.at(rig.clock.now() + ms, resolve))

test('an attempt that waits for a slot says so, and for how long', async () => {
  const slow = chain('slow').step('work', async (): Promise<void> => sleeping(rig, 300))
  const rig: Rig = await createRig([slow], { concurrency: 1 })
  const [first, second] = [await rig.start(slow), await rig.start(slow)]
  await rig.until(second.result())
  const [one] = attemptsOf(rig, first.id, 'slow')
  const [two] = attemptsOf(rig, second.id, 'slow')
  expect(one).toMatchObject({ waits: [], outcome: 'succeeded', inFlight: 1, took: 300 })
  expect(two?.waits).toEqual([{ for: 'slot', ms: (two?.startedAt ?? 0) - (two?.enqueuedAt ?? 0) }])
  expect(two?.startedAt).toBe(one?.endedAt)
})

test('each thing that an attempt waits for, one after the other, has its own time', async () => {
  const narrow = limiter('narrow', { inFlight: 1 })
  const flow = chain('flow').step('work', async (): Promise<void> => sleeping(rig, 200), {
    limit: { by: narrow },
  })
  const other = chain('other').step('work', async (): Promise<void> => sleeping(rig, 500))
  const rig: Rig = await createRig([flow, other], { concurrency: 2 })
  await rig.start(flow)
  const waits = await rig.start(flow)
  await rig.advance('50ms')
  await rig.start(other)
  await rig.until(waits.result())
  const [attempt] = attemptsOf(rig, waits.id, 'flow')
  expect(attempt?.waits.map((wait) => wait.for)).toContain('limiter:narrow')
  const total = attempt?.waits.reduce((sum, { ms }) => sum + ms, 0)
  expect(total).toBe((attempt?.startedAt ?? 0) - (attempt?.enqueuedAt ?? 0))
})

test('what follows a failure is part of it, and the next attempt could begin when its backoff was over', async () => {
  let tries = 0
  const shaky = chain('shaky')
    .step(
      'try',
      () => {
        if (++tries < 3) throw Object.assign(new Error('x'.repeat(500)), { code: 'EBUSY' })
        throw new Error('never')
      },
      { attempts: 3, backoff: { initial: 100, jitter: 'none' }, fallback: () => 'instead' },
    )
    .fail(() => 'on purpose')
  const rig = await createRig([shaky])
  const run = await rig.start(shaky)
  await rig.until(run.settled())
  const [one, two, three, instead] = attemptsOf(rig, run.id, 'shaky')
  expect(one).toMatchObject({ attempt: 1, outcome: 'failed', next: 'retry', backoff: 100 })
  expect(one?.failure).toMatchObject({ kind: 'thrown', class: 'EBUSY', retryable: true })
  expect(one?.failure?.message).toHaveLength(200)
  expect(two).toMatchObject({
    attempt: 2,
    next: 'retry',
    backoff: 200,
    enqueuedAt: (one?.endedAt ?? 0) + 100,
  })
  expect(three).toMatchObject({ attempt: 3, next: 'fallback', failure: { class: 'Error' } })
  expect(instead).toMatchObject({ step: 'try', part: 'fallback', outcome: 'succeeded' })
  const { waits, status, failure } = chainOf(rig, run.id, 'shaky')
  expect(waits.map((wait) => [wait.step, wait.for, (wait.to ?? 0) - wait.from])).toEqual([
    ['try', 'backoff', 100],
    ['try', 'backoff', 200],
  ])
  expect([status, failure?.message]).toEqual(['failed', 'on purpose'])
})

test('equal input has an equal hash, whatever run it is in; another input, or another step before, another', async () => {
  const flow = chain<{ n: number; noise: number }>('flow')
    .step('even', ({ input }) => input.n % 2)
    .step('next', () => 1)
  const up = chain<{ n: number }>('up').step('give', ({ input }) => input.n % 2)
  const down = chain<{ n: number }>('down')
    .needs({ up })
    .step('take', () => 1)
  const rig = await createRig([flow, down])
  const hashes = async (n: number): Promise<readonly (string | undefined)[]> => {
    const run = await rig.start(flow, { n, noise: 0 })
    await rig.until(run.result())
    return attemptsOf(rig, run.id, 'flow').map(({ inputHash }) => inputHash)
  }
  const [a, b, c] = [await hashes(1), await hashes(1), await hashes(2)]
  expect(a).toEqual(b)
  expect(a[0]).not.toBe(a[1])
  expect(c[0]).not.toBe(a[0])
  expect(c[1]).not.toBe(a[1])
  expect(a.every((one) => one !== undefined)).toBe(true)
  const run = await rig.start(down, { n: 1 })
  await rig.until(run.result())
  const { readyAt, startedAt } = chainOf(rig, run.id, 'down')
  expect(readyAt).toBe(chainOf(rig, run.id, 'up').endedAt)
  expect(startedAt).toBeGreaterThanOrEqual(readyAt ?? Infinity)
})

test('an item of an each has the same input hash in any list, and waits for its turn in it', async () => {
  const flow = chain('flow')
    .wait('list')
    .each(
      'all',
      ({ steps }) => steps.list as readonly number[],
      async () => sleeping(rig, 100),
      {
        key: (item) => `k${item}`,
        inFlight: 1,
      },
    )
  const rig: Rig = await createRig([flow])
  const items = async (list: readonly number[]): Promise<readonly AttemptRecord[]> => {
    const run = await rig.start(flow)
    await rig.until(run.signal('list', list))
    await rig.until(run.result())
    return attemptsOf(rig, run.id, 'flow')
  }
  const first = await items([1, 2, 3])
  expect(first.map(({ item, waits }) => [item, waits])).toEqual([
    ['k1', []],
    ['k2', [{ for: 'in-flight', ms: 100 }]],
    ['k3', [{ for: 'in-flight', ms: 200 }]],
  ])
  expect(new Set(first.map(({ inputHash }) => inputHash)).size).toBe(3)
  const again = await items([1, 2, 3])
  expect(again.map(({ inputHash }) => inputHash)).toEqual(first.map(({ inputHash }) => inputHash))
})

test('signals, timers and calls are waits of the chain; a pause is time of the run', async () => {
  const inner = chain('inner').sleep('nap', '1s')
  const flow = chain('flow')
    .wait('go')
    .sleep('rest', '2s')
    .call('sub', inner, () => undefined)
  const rig = await createRig([flow])
  const run = await rig.start(flow)
  await rig.advance('5s')
  await rig.until(run.pause())
  await rig.advance('3s')
  await rig.until(run.resume())
  await rig.until(run.signal('go', 1))
  await rig.until(run.result())
  const record = recordsOf(rig).get(run.id)
  expect(record).toMatchObject({ pausedMs: expect.any(Number), status: 'succeeded', retries: 0 })
  expect(record?.pausedMs).toBeGreaterThanOrEqual(3_000)
  const waits = record?.chains
    .get('flow')
    ?.waits.map((wait) => [wait.step, wait.for, (wait.to ?? 0) - wait.from])
  expect(waits).toEqual([
    ['go', 'signal', expect.any(Number)],
    ['rest', 'timer', 2_000],
    ['sub', 'call', 1_000],
  ])
  expect(waits?.[0]?.[2]).toBeGreaterThanOrEqual(8_000)
})

test('signals of rounds are waits of these, with a limit or without', async () => {
  const flow = chain('flow')
    .repeat('limited', (b) => b.wait('go', undefined, { timeout: '1m' }), {
      until: ({ round }) => round > 1,
      max: 3,
    })
    .repeat('open', (b) => b.wait('on'), { until: ({ round }) => round > 1, max: 3 })
  const rig = await createRig([flow])
  const run = await rig.start(flow)
  for (const name of ['go', 'go', 'on', 'on']) {
    await rig.advance('5s')
    await rig.until(run.signal(name, 1))
  }
  await rig.until(run.result())
  const { waits } = chainOf(rig, run.id, 'flow')
  expect(waits.map((one) => [one.step, one.item, one.for])).toEqual([
    ['go', '#1', 'signal'],
    ['go', '#2', 'signal'],
    ['on', undefined, 'signal'],
    ['on', undefined, 'signal'],
  ])
  for (const [at, { from, to = 0 }] of waits.entries()) {
    expect(to - from).toBeGreaterThanOrEqual(5_000)
    expect(from).toBeGreaterThanOrEqual(waits[at - 1]?.to ?? 0)
  }
})

test('what a retry takes back stays measured, and is marked', async () => {
  let broken = true
  const flow = chain('flow')
    .step('a', () => 1)
    .step('b', () => {
      if (broken) throw new Error('broken')
    })
  const rig = await createRig([flow])
  const run = await rig.start(flow)
  await rig.until(run.settled())
  broken = false
  await rig.advance('1m')
  await rig.until(run.retry())
  await rig.until(run.result())
  const record = recordsOf(rig).get(run.id)
  expect(record).toMatchObject({ retries: 1, status: 'succeeded', failures: [] })
  expect(record?.pausedMs).toBeGreaterThanOrEqual(60_000)
  const told = attemptsOf(rig, run.id, 'flow').map(({ step, outcome, rewound }) => [step, outcome, rewound])
  expect(told).toEqual([
    ['a', 'succeeded', false],
    ['b', 'failed', true],
    ['b', 'succeeded', false],
  ])
})

test('a fork has the attempts that it copied, marked as copies', async () => {
  const flow = chain('flow')
    .step('a', () => 1)
    .step('b', () => 2)
  const rig = await createRig([flow])
  const run = await rig.start(flow)
  await rig.until(run.result())
  const fork = await rig.until(run.fork({ at: 'b' }))
  await rig.until(fork.result())
  const record = recordsOf(rig).get(fork.id)
  expect(record?.origin?.run).toBe(run.id)
  expect(attemptsOf(rig, fork.id, 'flow').map(({ step, copied }) => [step, copied])).toEqual([
    ['a', true],
    ['b', false],
  ])
})

test('whoever comes late to a run folds the timeline that all others have', async () => {
  const flow = chain('flow')
    .step('a', () => 1)
    .wait('go')
    .step('b', () => 2)
  const rig = await createRig([flow])
  const run = await rig.start(flow)
  await rig.advance('1s')
  let timeline: RunTimeline | undefined
  const late = rig.supervisor.events({ after: 0 }).subscribe((event) => {
    if (event.run !== run.id) return
    if (timeline !== undefined) applyToTimeline(timeline, event)
    else if (event.type === 'run.accepted') timeline = beginTimeline(event)
  })
  await rig.until(run.signal('go', 1))
  await rig.until(run.result())
  await rig.advance('1s')
  late.unsubscribe()
  expect(timeline).toEqual(timelineOf(rig.events().filter((event) => event.run === run.id)))
  expect([...(timeline?.chains.get('flow')?.steps.keys() ?? [])]).toEqual(['a', 'go', 'b'])
})
