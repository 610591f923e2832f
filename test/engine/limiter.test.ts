// Limiters in a supervisor: who goes when, what the journal and explain() say of those who wait, and that nothing leaks.

import { describe, expect, test } from 'vitest'
import { breaker } from '../../src/chain/breaker.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { limiter } from '../../src/chain/limiter.ts'
import type { StepContext } from '../../src/definition/context.ts'
import { createRig } from './rig.ts'

/** Steps that end when the test says so. */
function gate() {
  const open = new Map<string, () => void>()
  let most = 0
  let now = 0
  const order: string[] = []
  return {
    order,
    get most() {
      return most
    },
    get now() {
      return now
    },
    body: async ({ runId, signal }: Pick<StepContext, 'runId' | 'signal'>): Promise<string> => {
      order.push(runId)
      most = Math.max(most, ++now)
      await new Promise<void>((resolve) => {
        open.set(runId, resolve)
        signal.addEventListener('abort', () => resolve())
      })
      now--
      return runId
    },
    end: (run: string): void => open.get(run)?.(),
  }
}

describe('slots', () => {
  test('at most so many attempts are in flight over all runs, first come first served', async () => {
    const api = limiter('api', { inFlight: 2 })
    const { body, end, order, ...of } = gate()
    const c = chain('c').step('s', body, { limit: api })
    const rig = await createRig([c])
    for (const id of ['r1', 'r2', 'r3', 'r4']) await rig.start(c, undefined, { id })
    await rig.advance()
    expect(order).toEqual(['r1', 'r2'])
    end('r2')
    await rig.advance()
    expect(order).toEqual(['r1', 'r2', 'r3'])
    end('r1')
    end('r3')
    await rig.advance()
    end('r4')
    await rig.advance()
    expect(order).toEqual(['r1', 'r2', 'r3', 'r4'])
    expect(of.most).toBeLessThanOrEqual(2)
    expect(rig.told('run.ended')).toHaveLength(4)
  })

  test('one that waits is queued for the limiter, holds no slot of the pool, and explain() says so', async () => {
    const api = limiter('api', { inFlight: 1 })
    const { body, end } = gate()
    const c = chain('c').step('s', body, { limit: api })
    const free = chain('free').step('s', () => 1)
    const rig = await createRig([c, free], { concurrency: 2 })
    await rig.start(c, undefined, { id: 'r1' })
    const second = await rig.start(c, undefined, { id: 'r2' })
    await rig.advance()
    expect(rig.events().find(({ type }) => type === 'attempt.queued')).toMatchObject({
      run: 'r2',
      waitsFor: 'limiter:api',
    })
    const { sentence } = await rig.until(second.explain())
    expect(sentence).toMatch(/^step s of chain c waits for limiter "api" since .*; nothing else blocks it$/)
    // the second slot of the pool is free for others
    expect(await rig.until(rig.supervisor.run(free))).toBe(1)
    end('r1')
    await rig.advance()
    end('r2')
    expect(await rig.until(second.result())).toBe('r2')
  })

  test('one that then waits for a slot of the pool is said to do so', async () => {
    const api = limiter('api', { inFlight: 1 })
    const { body, end } = gate()
    const c = chain('c').step('s', body, { limit: api })
    const other = chain('other').step('s', body)
    const rig = await createRig([c, other], { concurrency: 2 })
    await rig.start(c, undefined, { id: 'r1' })
    await rig.start(c, undefined, { id: 'r2' })
    await rig.start(other, undefined, { id: 'o1' })
    await rig.start(other, undefined, { id: 'o2' })
    await rig.advance()
    end('r1')
    await rig.advance()
    const waits = rig
      .events()
      .flatMap((event) => (event.type === 'attempt.queued' && event.run === 'r2' ? [event.waitsFor] : []))
    expect(waits).toEqual(['limiter:api', 'slot'])
    for (const id of ['o1', 'o2', 'r2']) {
      end(id)
      await rig.advance()
    }
    expect(rig.told('run.ended')).toHaveLength(4)
  })

  test('a cancelled one leaves the line, one that runs gives its place back', async () => {
    const api = limiter('api', { inFlight: 1 })
    const { body, end, order } = gate()
    const c = chain('c').step('s', body, { limit: api })
    const rig = await createRig([c])
    const runs = []
    for (const id of ['r1', 'r2', 'r3']) runs.push(await rig.start(c, undefined, { id }))
    await rig.advance()
    await rig.until(runs[1]!.cancel())
    await rig.until(runs[0]!.cancel())
    await rig.advance()
    expect(order).toEqual(['r1', 'r3'])
    end('r3')
    expect(await rig.until(runs[2]!.result())).toBe('r3')
  })

  test('those that wait take turns by what fairBy tells of their input', async () => {
    const api = limiter('api', { inFlight: 1 })
    const { body, end, order } = gate()
    const c = chain<string>('c').step('s', body, { limit: { by: api, fairBy: ({ input }) => input } })
    const rig = await createRig([c])
    for (const [id, tenant] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['a3', 'a'],
      ['b1', 'b'],
    ] as const)
      await rig.start(c, tenant, { id })
    await rig.advance()
    for (const id of ['a1', 'a2', 'b1', 'a3']) {
      end(id)
      await rig.advance()
    }
    expect(order).toEqual(['a1', 'a2', 'b1', 'a3'])
  })

  test('keys have slots of their own, and costs count', async () => {
    const api = limiter('api', { inFlight: 3, key: ({ input }) => (input as { of: string }).of })
    const { body, end, order } = gate()
    const c = chain<{ of: string; cost: number }>('c').step('s', body, {
      limit: { by: api, cost: ({ input }) => input.cost },
    })
    const rig = await createRig([c])
    await rig.start(c, { of: 'a', cost: 2 }, { id: 'a1' })
    await rig.start(c, { of: 'a', cost: 2 }, { id: 'a2' })
    await rig.start(c, { of: 'a', cost: 1 }, { id: 'a3' })
    await rig.start(c, { of: 'b', cost: 3 }, { id: 'b1' })
    await rig.advance()
    // a3 would fit, and does not pass who came before it
    expect(order).toEqual(['a1', 'b1'])
    end('a1')
    await rig.advance()
    expect(order).toEqual(['a1', 'b1', 'a2', 'a3'])
  })

  test('a slot stays taken until the function has really ended, or is abandoned', async () => {
    const api = limiter('api', { inFlight: 1 })
    const started: string[] = []
    const c = chain('c').step(
      's',
      async ({ runId }) => {
        started.push(runId)
        if (runId === 'r1') await new Promise(() => {})
        return 1
      },
      { limit: api, timeout: '1s' },
    )
    const rig = await createRig([c])
    await rig.start(c, undefined, { id: 'r1' })
    await rig.start(c, undefined, { id: 'r2' })
    await rig.advance('2s')
    expect(started).toEqual(['r1'])
    await rig.advance('4.5s')
    expect(started).toEqual(['r1', 'r2'])
  })
})

describe('tokens', () => {
  test('come with time, by one timer while somebody waits', async () => {
    const api = limiter('api', { rate: 2, per: '1s', burst: 1 })
    const at: number[] = []
    const c = chain('c').step('s', ({ now }) => void at.push(now() - 1_000_000), { limit: api })
    const rig = await createRig([c])
    for (const id of ['r1', 'r2', 'r3', 'r4']) await rig.start(c, undefined, { id })
    await rig.advance('5s')
    expect(at).toEqual([0, 500, 1_000, 1_500])
  })

  test('are not spent by one that is cancelled while it waits', async () => {
    const api = limiter('api', { rate: 1, per: '10s' })
    const at: number[] = []
    const c = chain('c').step('s', ({ now }) => void at.push(now() - 1_000_000), { limit: api })
    const rig = await createRig([c])
    await rig.start(c)
    const second = await rig.start(c)
    await rig.start(c)
    await rig.advance('1s')
    await rig.until(second.cancel())
    await rig.advance('30s')
    expect(at).toEqual([0, 10_000])
  })
})

describe('what its author says', () => {
  test.each([
    [
      'throws',
      (): number => {
        throw new Error('no key')
      },
      { kind: 'thrown', message: 'no key', retryable: false },
    ],
    [
      'is no number',
      (): number => 'much' as never,
      { kind: 'refused', code: 'BAD_OPTION', retryable: false },
    ],
    ['is a promise', (async () => 1) as never, { code: 'DECISION_ASYNC', retryable: false }],
    ['never fits', (): number => 99, { kind: 'refused', code: 'LIMIT_TOO_SMALL', retryable: false }],
  ] as const)('a cost that %s fails the attempt as data, and calls nothing', async (_, cost, failure) => {
    const api = limiter('api', { inFlight: 2 })
    const called: number[] = []
    const c = chain('c').step('s', () => void called.push(1), {
      attempts: 3,
      limit: { by: api, cost },
    })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.settled(c))).toMatchObject({
      status: 'failed',
      failures: [{ failure }],
    })
    expect(called).toEqual([])
    expect(rig.told('attempt')).toEqual(['attempt.started c/s 1', 'attempt.failed c/s 1'])
  })

  test('items of an each are limited one by one, and may tell their own cost', async () => {
    const api = limiter('api', { inFlight: 4 })
    let now = 0
    let most = 0
    const c = chain<number[]>('c').each(
      'e',
      ({ input }) => input,
      async (cost, { signal }) => {
        most = Math.max(most, (now += cost))
        await Promise.resolve()
        signal.throwIfAborted()
        now -= cost
        return cost
      },
      { limit: { by: api, cost: ({ item }) => item }, inFlight: 10 },
    )
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c, [3, 2, 1, 4, 1]))).toEqual([3, 2, 1, 4, 1])
    expect(most).toBe(4)
  })
})

test('after a crash those that waited wait again, and all end', async () => {
  const api = limiter('api', { inFlight: 1, rate: 1, per: '1s' })
  const c = chain('c').step('s', async () => 1, { limit: api })
  const rig = await createRig([c])
  for (const id of ['r1', 'r2', 'r3']) await rig.start(c, undefined, { id })
  await rig.advance()
  await rig.crash()
  await rig.advance('10s')
  expect(rig.told('run.ended')).toEqual(['run.ended succeeded', 'run.ended succeeded', 'run.ended succeeded'])
})

test('a pause holds back one that waits, which gives up its place until it goes on', async () => {
  const api = limiter('api', { inFlight: 1 })
  const { body, end, order } = gate()
  const c = chain('c').step('s', body, { limit: api })
  const rig = await createRig([c])
  await rig.start(c, undefined, { id: 'r1' })
  const second = await rig.start(c, undefined, { id: 'r2' })
  await rig.start(c, undefined, { id: 'r3' })
  await rig.advance()
  await rig.until(second.pause())
  end('r1')
  await rig.advance()
  expect(order).toEqual(['r1', 'r3'])
  await rig.until(second.resume())
  end('r3')
  await rig.advance()
  expect(order).toEqual(['r1', 'r3', 'r2'])
})

test('a change of the config holds at once, for those that wait too', async () => {
  const api = limiter('api', { inFlight: 1 })
  const { body, order } = gate()
  const c = chain('c').step('s', body, { limit: api })
  const rig = await createRig([c])
  for (const id of ['r1', 'r2', 'r3']) await rig.start(c, undefined, { id })
  await rig.advance()
  await rig.until(rig.supervisor.config.change((draft) => void (draft.limiters['api'] = { inFlight: 3 })))
  await rig.advance()
  expect(order).toEqual(['r1', 'r2', 'r3'])
})

test('the supervisor’s inspector sees the machine of each key', async () => {
  const seen = new Set<string>()
  const api = limiter('api', { inFlight: 1, key: ({ input }) => input as string })
  const bank = breaker('bank')
  const c = chain<string>('c').step('s', async () => 1, { limit: api, breaker: bank })
  const rig = await createRig([c], {
    inspect: ({ actorRef }) =>
      void seen.add((actorRef as unknown as { readonly id?: string } | undefined)?.id ?? ''),
  })
  await rig.until(rig.supervisor.run(c, 'eu'))
  await rig.until(rig.supervisor.run(c, 'us'))
  await rig.advance('1s')
  expect([...seen]).toEqual(expect.arrayContaining(['limiter:api/eu', 'limiter:api/us', 'breaker:bank']))
  await rig.until(rig.supervisor.stop())
})
