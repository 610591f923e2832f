// What watches over one attempt: hedges, heartbeats, deadlines.

import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { limiter } from '../../src/chain/limiter.ts'
import { createRig } from './rig.ts'

const never = async (): Promise<never> => new Promise(() => {})
const aborted = async (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

describe('a hedge', () => {
  test('calls again within the attempt; the first success wins and the other is aborted', async () => {
    const told: string[] = []
    let calls = 0
    const c = chain('c').step(
      's',
      async ({ signal, attempt, idempotencyKey, runId }) => {
        const call = ++calls
        expect([attempt, idempotencyKey]).toEqual([1, `${runId}/c/s`])
        if (call === 2) return `call ${call}`
        return aborted(signal).catch((error: unknown) => {
          told.push(String(error))
          throw error
        })
      },
      { idempotent: true, hedge: { after: '2s' } },
    )
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c))).toBe('call 2')
    expect(rig.now()).toBe(1_002_000)
    expect(told).toEqual(['AbortError: another call of the step was faster'])
    expect(rig.told('attempt')).toEqual([
      'attempt.started c/s 1',
      'attempt.hedged c/s 1',
      'attempt.succeeded c/s 1',
      ...rig.told('attempt.settled-late'),
    ])
  })

  test('is not made where the first call answers in time, and a failure waits for nobody', async () => {
    let calls = 0
    const c = chain('c').step(
      's',
      async () => {
        calls++
        throw new Error('at once')
      },
      { idempotent: true, hedge: { after: '2s' } },
    )
    const rig = await createRig([c])
    await rig.until(rig.supervisor.settled(c))
    await rig.advance('10s')
    expect(calls).toBe(1)
    expect(rig.now() - 10_000).toBe(1_000_000)
  })

  test('a call that fails leaves the others; the last failure is the attempt’s', async () => {
    const rig = await createRig([])
    let calls = 0
    const c = chain('c').step(
      's',
      async ({ signal }) => {
        const call = ++calls
        const clock = rig.clock
        await new Promise<void>((resolve) => void clock.at(clock.now() + 3_000, resolve))
        expect(signal.aborted).toBe(false)
        throw new Error(`call ${call}`)
      },
      { idempotent: true, hedge: { after: '2s', max: 1 } },
    )
    await rig.crash([c])
    expect(await rig.until(rig.supervisor.settled(c))).toMatchObject({
      failures: [{ failure: { message: 'call 2' } }],
    })
  })

  test('goes through the limiter, or is not made', async () => {
    const api = limiter('api', { inFlight: 1 })
    let calls = 0
    const c = chain('c').step(
      's',
      async () => {
        calls++
        return never()
      },
      { idempotent: true, hedge: { after: '1s' }, limit: api, timeout: '5s' },
    )
    const rig = await createRig([c])
    await rig.until(rig.supervisor.settled(c))
    expect(calls).toBe(1)
    expect(rig.told('attempt.hedged')).toEqual([])
  })

  test('gives the limiter back what all its calls took', async () => {
    const api = limiter('api', { inFlight: 2 })
    let calls = 0
    const c = chain('c').step('s', async () => (++calls % 2 === 0 ? 'ok' : never()), {
      idempotent: true,
      hedge: { after: '1s' },
      limit: api,
    })
    const all = chain('all').step('s', () => 'all', { limit: { by: api, cost: 2 } })
    const rig = await createRig([c, all])
    expect(await rig.until(rig.supervisor.run(c))).toBe('ok')
    expect(await rig.until(rig.supervisor.run(all))).toBe('all')
  })

  test('needs idempotent: true', () => {
    expect(() => chain('c').step('s', () => 1, { hedge: { after: '2s' } })).toThrow(/idempotent: true/)
  })
})

describe('a heartbeat', () => {
  test('that is missed fails the attempt as lost, aborts its signal, and spends a try', async () => {
    const seen: unknown[] = []
    const c = chain('c').step(
      's',
      async ({ attempt, heartbeat, lastHeartbeat, lastFailure, signal }) => {
        seen.push([attempt, lastHeartbeat, lastFailure?.kind])
        heartbeat({ at: attempt * 10 })
        return aborted(signal)
      },
      { attempts: 2, heartbeat: '30s', backoff: { initial: 1, jitter: 'none' } },
    )
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.settled(c))).toMatchObject({
      failures: [
        { failure: { kind: 'lost', retryable: true, message: 'step "s" gave no sign of life for 30000 ms' } },
      ],
    })
    expect(seen).toEqual([
      [1, undefined, undefined],
      [2, { at: 10 }, 'lost'],
    ])
    expect(rig.now()).toBe(1_060_001)
    expect(rig.told('attempt.lost')).toEqual([])
  })

  test('that comes in time keeps the attempt alive', async () => {
    const rig = await createRig([])
    const c = chain('c').step(
      's',
      async ({ heartbeat }) => {
        for (let beat = 0; beat < 5; beat++) {
          const { clock } = rig
          await new Promise<void>((resolve) => void clock.at(clock.now() + 20_000, resolve))
          heartbeat()
        }
        return 'done'
      },
      { heartbeat: '30s' },
    )
    await rig.crash([c])
    expect(await rig.until(rig.supervisor.run(c))).toBe('done')
    expect(rig.now()).toBe(1_100_000)
  })

  test('what it said outlasts a crash between two attempts, and one that cannot be recorded is refused where it is said', async () => {
    const seen: unknown[] = []
    const c = chain('c').step(
      's',
      ({ attempt, heartbeat, lastHeartbeat }) => {
        seen.push(lastHeartbeat)
        if (attempt === 1) heartbeat({ row: 7 })
        if (attempt === 2) heartbeat(() => {})
        if (attempt < 4) throw new Error('no')
        return 1
      },
      { attempts: 4, backoff: { initial: '1m', jitter: 'none' } },
    )
    const rig = await createRig([c])
    await rig.start(c, undefined, { id: 'r' })
    await rig.advance('10s')
    await rig.crash()
    await rig.advance('1h')
    expect(seen).toEqual([undefined, { row: 7 }, { row: 7 }, { row: 7 }])
    const second = rig.events().filter(({ type }) => type === 'attempt.failed')[1]
    expect(second).toMatchObject({ failure: { message: expect.stringContaining('heartbeat') as string } })
  })
})

describe('a deadline', () => {
  test('holds over all attempts, waits included, and no retry begins after it', async () => {
    const c = chain('c').step('s', never, {
      attempts: 10,
      timeout: '10s',
      deadline: '25s',
      backoff: { initial: '1s', jitter: 'none' },
    })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.settled(c))).toMatchObject({
      failures: [{ failure: { kind: 'deadline', retryable: false } }],
    })
    expect(rig.now()).toBe(1_025_000)
    expect(rig.told('attempt.started')).toHaveLength(3)
  })

  test('is the same after a crash, in the context too', async () => {
    const seen: unknown[] = []
    const c = chain('c').step(
      's',
      async ({ deadline }) => {
        seen.push(deadline)
        return never()
      },
      { deadline: '60s' },
    )
    const rig = await createRig([c])
    const run = await rig.start(c, undefined, { id: 'r' })
    await rig.advance('20s')
    await rig.crash()
    const again = await rig.until(rig.supervisor.get(run.id))
    expect(await rig.until(again!.settled())).toMatchObject({ failures: [{ failure: { kind: 'deadline' } }] })
    expect(seen).toEqual([1_060_000, 1_060_000])
    expect(rig.now()).toBe(1_060_000)
  })

  test('passes for one that waits in line as well, and a fallback then steps in', async () => {
    const api = limiter('api', { inFlight: 1 })
    const hog = chain('hog').step('s', never, { limit: api })
    const c = chain('c').step('s', () => 'called', { limit: api, deadline: '5s', fallback: () => 'too late' })
    const rig = await createRig([hog, c])
    await rig.start(hog)
    await rig.advance()
    expect(await rig.until(rig.supervisor.run(c))).toBe('too late')
    expect(rig.now()).toBe(1_005_000)
  })

  test('of an item begins with its first attempt, and stands after a crash', async () => {
    const seen: unknown[] = []
    const c = chain('c').each(
      'e',
      () => ['a', 'b'],
      async (item, { deadline }) => {
        seen.push([item, deadline])
        return item === 'a' ? never() : item
      },
      { deadline: '30s', onFailure: 'collect', key: (item) => item, inFlight: 1 },
    )
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance('10s')
    await rig.crash()
    const again = await rig.until(rig.supervisor.get(run.id))
    expect(await rig.until(again!.result())).toMatchObject([
      { status: 'failed', failure: { kind: 'deadline' } },
      { status: 'succeeded', output: 'b' },
    ])
    expect(seen).toEqual([
      ['a', 1_030_000],
      ['a', 1_030_000],
      ['b', 1_060_000],
    ])
  })
})
