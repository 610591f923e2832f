// Breakers in a supervisor: what opens them, what they refuse without a call, and what the journal tells of it.

import { describe, expect, test } from 'vitest'
import { breaker } from '../../src/chain/breaker.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { limiter } from '../../src/chain/limiter.ts'
import { NonRetryable } from '../../src/kernel/failure.ts'
import { type Rig, createRig } from './rig.ts'

const trips = { window: 4, minimum: 2, openFor: '60s' } as const

/** A chain that calls a service which is well or not, and how often it was called. */
function service(options: object, guard = breaker('bank', trips)) {
  const of = { well: false, calls: 0 }
  const c = chain<string | undefined>('c').step(
    's',
    () => {
      of.calls++
      if (!of.well) throw new Error('down')
      return 'paid'
    },
    { breaker: guard, ...options },
  )
  return { of, c }
}

const failures = async (rig: Rig, c: ReturnType<typeof service>['c'], times: number): Promise<void> => {
  for (let at = 0; at < times; at++) await rig.until(rig.supervisor.settled(c))
}

describe('an open breaker', () => {
  test('refuses without a call, says when to come back, and is told by the run that opened it', async () => {
    const { of, c } = service({})
    const rig = await createRig([c])
    await failures(rig, c, 2)
    const opened = rig.events().find(({ type }) => type === 'breaker.opened')
    const failed = rig.events().findLast(({ type }) => type === 'attempt.failed')
    expect(opened).toMatchObject({ breaker: 'bank', failures: 2, of: 2, until: 1_060_000, run: failed?.run })
    const result = await rig.until(rig.supervisor.settled(c))
    expect(result).toMatchObject({
      status: 'failed',
      failures: [{ failure: { kind: 'refused', code: 'BREAKER_OPEN', retryable: true } }],
    })
    const wait = result.status === 'failed' ? (result.failures[0]?.failure.retryAfter ?? 0) : 0
    expect(wait).toBeGreaterThanOrEqual(60_000)
    expect(wait).toBeLessThan(66_000)
    expect(of.calls).toBe(2)
  })

  test('is tried again when its time has come, and closes by a success', async () => {
    const { of, c } = service({ attempts: 2, backoff: { initial: 1, jitter: 'none' } })
    const rig = await createRig([c])
    await failures(rig, c, 1)
    of.well = true
    expect(await rig.until(rig.supervisor.run(c))).toBe('paid')
    expect(rig.now()).toBeGreaterThanOrEqual(1_060_000)
    expect(rig.told('breaker')).toEqual(['breaker.opened', 'breaker.half-opened', 'breaker.closed'])
    expect(of.calls).toBe(3)
  })

  test('opens again by a failure of its probe', async () => {
    const { of, c } = service({})
    const rig = await createRig([c])
    await failures(rig, c, 2)
    await rig.advance('61s')
    await failures(rig, c, 2)
    expect(of.calls).toBe(3)
    expect(rig.told('breaker')).toEqual(['breaker.opened', 'breaker.half-opened', 'breaker.opened'])
  })

  test('lets a fallback step in at once', async () => {
    const { of, c } = service({ fallback: () => 'by hand' })
    const rig = await createRig([c])
    await failures(rig, c, 2)
    expect(await rig.until(rig.supervisor.run(c))).toBe('by hand')
    expect(of.calls).toBe(2)
  })
})

describe('half-open', () => {
  test('no more probes are under way than it allows, and a probe that is cancelled gives its turn back', async () => {
    const guard = breaker('bank', trips)
    const ends: (() => void)[] = []
    let well = false
    const c = chain('c').step(
      's',
      async ({ signal }) => {
        if (!well) throw new Error('down')
        await new Promise<void>((resolve) => {
          ends.push(resolve)
          signal.addEventListener('abort', () => resolve())
        })
      },
      { breaker: guard },
    )
    const rig = await createRig([c])
    for (const _ of [1, 2]) await rig.until(rig.supervisor.settled(c))
    well = true
    await rig.advance('61s')
    const first = await rig.start(c)
    await rig.advance()
    expect(await rig.until(rig.supervisor.settled(c))).toMatchObject({
      failures: [
        {
          failure: {
            code: 'BREAKER_OPEN',
            message: 'breaker "bank" is half-open, and its probes are under way',
          },
        },
      ],
    })
    await rig.until(first.cancel())
    await rig.advance()
    const second = await rig.start(c)
    await rig.advance()
    expect(ends).toHaveLength(2)
    ends[1]?.()
    expect(await rig.until(second.settled())).toMatchObject({ status: 'succeeded' })
    expect(rig.told('breaker').at(-1)).toBe('breaker.closed')
  })
})

describe('what counts', () => {
  test('neither input that does not fit nor a cancelled run', async () => {
    const guard = breaker('bank', { ...trips, minimum: 1 })
    const odd = {
      '~standard': { version: 1, vendor: 'odd', validate: () => ({ issues: [{ message: 'odd' }] }) },
    } as const
    const c = chain('c').step('s', () => 1, { breaker: guard, input: odd })
    const slow = chain('slow').step('s', async () => new Promise(() => {}), { breaker: guard })
    const rig = await createRig([c, slow])
    await rig.until(rig.supervisor.settled(c))
    const run = await rig.start(slow)
    await rig.advance()
    await rig.until(run.cancel())
    expect(rig.told('breaker')).toEqual([])
  })

  test('a timeout does, and what the author says does or does not', async () => {
    const slow = breaker('slow', { ...trips, minimum: 1 })
    const hers = breaker('hers', { ...trips, minimum: 1, counts: ({ name }) => name !== 'NonRetryable' })
    const broken = breaker('broken', {
      ...trips,
      minimum: 1,
      counts: () => {
        throw new Error('no idea')
      },
    })
    const a = chain('a').step('s', async () => new Promise(() => {}), { breaker: slow, timeout: 10 })
    const fails = (): never => {
      throw new NonRetryable('not found')
    }
    const b = chain('b').step('s', fails, { breaker: hers })
    const c = chain('c').step('s', fails, { breaker: broken })
    const rig = await createRig([a, b, c])
    for (const one of [a, b, c]) await rig.until(rig.supervisor.settled(one))
    const opened = rig.events().flatMap((event) => (event.type === 'breaker.opened' ? [event.breaker] : []))
    expect(opened).toEqual(['slow', 'broken'])
  })

  test('each key by itself', async () => {
    const { of, c } = service({}, breaker('bank', { ...trips, key: ({ input }) => input as string }))
    const rig = await createRig([c])
    for (const _ of [1, 2]) await rig.until(rig.supervisor.settled(c, 'eu'))
    await rig.until(rig.supervisor.settled(c, 'us'))
    expect(of.calls).toBe(3)
    expect(rig.events().find(({ type }) => type === 'breaker.opened')).toMatchObject({ breaker: 'bank/eu' })
  })
})

test('one that opens while an attempt waits refuses it as it starts, and frees what it held', async () => {
  const guard = breaker('bank', { ...trips, minimum: 1 })
  const api = limiter('api', { inFlight: 1 })
  let end: (() => void) | undefined
  let calls = 0
  const c = chain('c').step(
    's',
    async () => {
      calls++
      await new Promise<void>((resolve) => void (end = resolve))
      throw new Error('down')
    },
    { breaker: guard, limit: api },
  )
  const open = chain('open').step('s', () => 1, { limit: api })
  const rig = await createRig([c, open])
  await rig.start(c, undefined, { id: 'r1' })
  const second = await rig.start(c, undefined, { id: 'r2' })
  await rig.advance()
  end?.()
  expect(await rig.until(second.settled())).toMatchObject({
    failures: [{ failure: { code: 'BREAKER_OPEN' } }],
  })
  expect(calls).toBe(1)
  expect(await rig.until(rig.supervisor.run(open))).toBe(1)
})

test('items of an each are refused one by one, and recovered as they say', async () => {
  const guard = breaker('bank', { ...trips, minimum: 1 })
  let calls = 0
  const c = chain('c').each(
    'e',
    () => [1, 2, 3],
    (n) => {
      if (++calls === 1) throw new Error('down')
      return n
    },
    { breaker: guard, attempts: 3, inFlight: 1, backoff: { initial: 1 } },
  )
  const rig = await createRig([c])
  expect(await rig.until(rig.supervisor.run(c))).toEqual([1, 2, 3])
  expect(calls).toBe(4)
  expect(rig.told('breaker')).toEqual(['breaker.opened', 'breaker.half-opened', 'breaker.closed'])
})

test('a refused attempt that waited is moved on from its queue', async () => {
  const guard = breaker('bank', { ...trips, minimum: 1 })
  const c = chain('c').step(
    's',
    () => {
      throw new Error('down')
    },
    { breaker: guard, attempts: 2, fallback: () => 'else', backoff: { initial: 1 } },
  )
  const busy = chain('busy').step(
    's',
    async ({ signal }) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
  )
  const rig = await createRig([c, busy], { concurrency: 1 })
  expect(await rig.until(rig.supervisor.run(c))).toBe('else')
  const hog = await rig.start(busy)
  await rig.advance()
  const waits = await rig.start(c)
  await rig.advance('30s')
  await rig.until(hog.cancel())
  expect(await rig.until(waits.result())).toBe('else')
})

test('a fallback that stepped in shows in explain(), after what the run waits for and after its end', async () => {
  const { c } = service({ fallback: () => 'by hand' })
  const after = c.wait('sign-off')
  const rig = await createRig([after])
  const run = await rig.start(after)
  await rig.advance('1s')
  const stepped = 'the fallback of step s of chain c stepped in, as its attempts failed with "down"'
  const { sentence } = await rig.until(run.explain())
  expect(sentence).toContain(`nothing else blocks it; ${stepped}`)
  await rig.until(run.signal('sign-off'))
  await rig.until(run.result())
  const ended = await rig.until(run.explain())
  expect(ended.sentence).toContain(`; ${stepped}`)
  expect(ended.causes.map(({ kind }) => kind)).toEqual(['ended', 'fallback'])
})
