import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig, type Rig } from './rig.ts'

const hangs = async (): Promise<never> => new Promise(() => {})

describe('starting', () => {
  const one = chain('one', { input: z.object({ n: z.number() }) }).step('s', ({ input }) => input.n)

  test('refuses a priority and attributes that no store can keep, and goes on', async () => {
    const rig = await createRig([one])
    for (const options of [{ priority: Number.NaN }, { priority: {} }, { attributes: { a: 1n } }]) {
      await expect(rig.start(one, { n: 1 }, { id: 'r', ...options })).rejects.toMatchObject({
        code: 'BAD_OPTION',
      })
    }
    expect(await rig.until((await rig.start(one, { n: 1 }, { id: 'r' })).result())).toBe(1)
  })

  test('the same id twice gives the same run, also at once and after it ended', async () => {
    const rig = await createRig([one])
    const [a, b] = await rig.until(
      Promise.all([
        rig.supervisor.start(one, { n: 1 }, { id: 'r' }),
        rig.supervisor.start(one, { n: 2 }, { id: 'r' }),
      ]),
    )
    expect(a.id).toBe(b.id)
    expect(await rig.until(a.result())).toBe(1)
    const again = await rig.start(one, { n: 3 }, { id: 'r' })
    expect(await rig.until(again.result())).toBe(1)
    expect(rig.told('run.accepted')).toHaveLength(1)
  })

  test('with an input that does not fit, or cannot be kept, is refused with the path', async () => {
    const any = chain<unknown>('any').step('s', () => 1)
    const rig = await createRig([one, any], { maxPayload: 100 })
    await expect(rig.until(rig.supervisor.start(one, { n: 'x' } as never))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('n: ') as string,
    })
    await expect(rig.until(rig.supervisor.start(any, { a: [() => {}] }))).rejects.toMatchObject({
      code: 'PAYLOAD_NOT_SERIALISABLE',
      message: expect.stringContaining('a[0] is a function') as string,
    })
    await expect(rig.until(rig.supervisor.start(any, 'x'.repeat(200)))).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    })
    expect(rig.events()).toEqual([])
  })

  test('a chain that is not registered is refused', async () => {
    const rig = await createRig([one])
    await expect(rig.until(rig.supervisor.start(chain('two'), undefined))).rejects.toMatchObject({
      code: 'CHAIN_UNKNOWN',
    })
  })
})

describe('commands', () => {
  test('a pause lets attempts in flight end and starts none, also across a crash', async () => {
    let rig: Rig
    const c = chain('c')
      .step(
        'a',
        async () => new Promise<void>((resolve) => void rig.clock.at(rig.clock.now() + 100, resolve)),
      )
      .step('b', () => 'b')
    rig = await createRig([c])
    const run = await rig.start(c)
    await rig.until(run.pause())
    await rig.advance('1m')
    expect(rig.told('attempt')).toEqual([
      'attempt.started c/a 1',
      'attempt.succeeded c/a 1',
      'attempt.queued c/b 1',
    ])
    await rig.crash()
    await rig.advance('1m')
    const again = (await rig.supervisor.get(run.id))!
    expect(await rig.until(again.status())).toBe('paused')
    await rig.until(again.resume())
    expect(await rig.until(again.result())).toBe('b')
  })

  test('a paused run keeps the deadlines of its waits, also across a crash', async () => {
    const c = chain('c')
      .wait('a', undefined, { timeout: '1h', onTimeout: 'continue' })
      .step('s', ({ steps }) => steps.a ?? 'none')
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.until(run.pause())
    await rig.advance('30m')
    await rig.crash()
    await rig.advance('31m')
    expect(rig.told('timer', 'attempt')).toEqual(['timer.fired c/a:timeout', 'attempt.queued c/s 1'])
    const again = (await rig.supervisor.get(run.id))!
    await rig.until(again.signal('a', 'too late'))
    await rig.until(again.resume())
    expect(await rig.until(again.result())).toBe('none')
  })

  test('a cancel aborts what runs, ends what waits, and beats a pause', async () => {
    const aborted: string[] = []
    const c = chain('c').parallel('both', {
      a: (b) =>
        b.step('x', async ({ signal }) => {
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
          aborted.push('x')
        }),
      b: (b) => b.wait('never'),
    })
    const d = chain('d')
      .needs({ c })
      .step('s', () => 1)
    const rig = await createRig([d])
    const run = await rig.start(d)
    await rig.until(run.pause())
    await rig.until(run.cancel('enough'))
    expect(await rig.until(run.settled())).toMatchObject({ status: 'cancelled' })
    await rig.advance()
    expect(aborted).toEqual(['x'])
    expect(rig.told('chain.ended')).toEqual(['chain.ended c cancelled', 'chain.ended d cancelled'])
    await expect(rig.until(run.cancel())).rejects.toMatchObject({ code: 'RUN_ENDED' })
  })

  test('a cancel of a caller cancels the chain that it called, and the run ends', async () => {
    const leaf = chain('leaf').wait('never')
    const c = chain('c').call('leaf', leaf)
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.until(run.cancel())
    expect((await rig.until(run.settled())).status).toBe('cancelled')
    expect(rig.told('run.ended')).toHaveLength(1)
  })

  test('a cancel ends a run that was parked', async () => {
    const c = chain('c').step('killer', hangs)
    const rig = await createRig([c])
    const run = await rig.start(c)
    for (let n = 0; n < 3; n++) await rig.crash()
    const parked = (await rig.supervisor.get(run.id))!
    await rig.until(parked.cancel())
    expect((await rig.until(parked.settled())).status).toBe('cancelled')
  })

  test('a stop leaves the rest to the next start', async () => {
    const c = chain('c')
      .step('a', hangs)
      .step('b', () => 'b')
    const rig = await createRig([c])
    await rig.start(c, undefined, { id: 'r' })
    const stopping = rig.supervisor.stop({ drain: '1s' })
    await expect(rig.until(rig.supervisor.start(c))).rejects.toMatchObject({ code: 'SUPERVISOR_STOPPED' })
    await rig.until(stopping)
    expect(rig.now()).toBe(1_001_000)
    expect(rig.told('run.ended')).toEqual([])
  })

  test('a stop waits for fallbacks, and for what undoes a chain, as for any attempt', async () => {
    let rig: Rig
    const done: string[] = []
    const slowly = (name: string) => async (): Promise<void> => {
      await new Promise<void>((resolve) => void rig.clock.at(rig.clock.now() + 1_000, resolve))
      done.push(name)
    }
    const fails = (): never => {
      throw new Error('no')
    }
    const falls = chain('falls').step('a', fails, { fallback: slowly('fallback') })
    const undoes = chain('undoes')
      .step('a', () => 1, { compensate: slowly('a undone') })
      .step('b', () => 1, { compensate: slowly('b undone') })
      .step('bad', fails)
    rig = await createRig([falls, undoes])
    await rig.start(falls)
    await rig.start(undoes)
    await rig.advance()
    await rig.until(rig.supervisor.stop({ drain: '5s' }))
    expect(done.toSorted()).toEqual(['a undone', 'b undone', 'fallback'])
    expect(rig.told('attempt.lost', 'attempt.settled-late')).toEqual([])
    expect(rig.now()).toBe(1_002_000)
  })

  test('a stop tells those who wait for an end that it will not come here', async () => {
    const c = chain('c').wait('never')
    const rig = await createRig([c])
    const run = await rig.start(c)
    const result = run.result().catch((error: { code: string }) => error.code)
    await rig.until(rig.supervisor.stop())
    expect(await rig.until(result)).toBe('SUPERVISOR_STOPPED')
  })

  test('a store that fails during a stop leaves the supervisor failed', async () => {
    let rig: Rig
    const c = chain('c').step(
      's',
      async () => new Promise<void>((resolve) => void rig.clock.at(rig.clock.now() + 100, resolve)),
    )
    rig = await createRig([c])
    await rig.start(c)
    rig.store.failNext('failBefore')
    await rig.until(rig.supervisor.stop())
    expect(rig.supervisor.state).toBe('failed')
  })
})

test('a command to a supervisor that has failed says so, and not that the run has ended', async () => {
  const stuck = chain('stuck').step('s', hangs)
  const rig = await createRig([stuck])
  const run = await rig.start(stuck)
  await rig.advance()
  rig.store.failNext('failBefore')
  await expect(rig.until(run.pause())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await expect(rig.until(run.cancel())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
})
