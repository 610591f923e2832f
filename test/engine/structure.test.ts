import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig, type Rig } from './rig.ts'

const later = async (rig: () => Rig, ms: number): Promise<void> =>
  new Promise((resolve) => void rig().clock.at(rig().clock.now() + ms, resolve))

const fails = (): never => {
  throw new Error('broken')
}

describe('parallel', () => {
  test('gives the outputs of its branches by name', async () => {
    const c = chain<number>('c').parallel('both', {
      a: (b) => b.step('x', ({ input }) => input + 1),
      b: (b) => b.step('y', ({ input }) => input * 2),
    })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c, 5))).toEqual({ a: 6, b: 10 })
  })

  test('aborts the siblings of a failed branch and settles before it fails', async () => {
    let rig: Rig
    const c = chain('c').parallel('both', {
      a: (b) => b.step('x', async () => fails()),
      b: (b) => b.step('stubborn', async () => later(() => rig, 3_000)),
    })
    rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance(2_999)
    expect(rig.told('chain.ended')).toEqual([])
    await rig.advance(1)
    expect(rig.told('attempt.settled-late', 'settling', 'chain.ended')).toEqual([
      'attempt.settled-late c/stubborn 1',
      'settling.ended c/both:settling',
      'chain.ended c failed',
    ])
    expect((await rig.until(run.settled())).status).toBe('failed')
  })

  test('waits no longer than five seconds for a branch that does not heed its signal', async () => {
    const c = chain('c').parallel('both', {
      a: (b) => b.step('x', async () => fails()),
      b: (b) => b.step('deaf', async () => new Promise(() => {})),
    })
    const rig = await createRig([c])
    await rig.start(c)
    await rig.advance(4_999)
    expect(rig.told('chain.ended')).toEqual([])
    await rig.advance(1)
    expect(rig.told('chain.ended')).toEqual(['chain.ended c failed'])
  })

  test('lets the other branches end where it is told to wait', async () => {
    let rig: Rig
    const c = chain('c').parallel(
      'both',
      { a: (b) => b.step('x', fails), b: (b) => b.step('y', async () => later(() => rig, 60_000)) },
      { onFailure: 'wait' },
    )
    rig = await createRig([c])
    const run = await rig.start(c)
    expect((await rig.until(run.settled())).status).toBe('failed')
    expect(rig.told('attempt')).toContain('attempt.succeeded c/y 1')
  })

  test('journals a decision after what began beside it, so that its failure finds it begun', async () => {
    const c = chain('c').parallel('both', {
      a: (b) => b.fail('no'),
      b: (b) => b.step('x', () => 1),
    })
    const rig = await createRig([c])
    const run = await rig.start(c)
    expect((await rig.until(run.settled())).status).toBe('failed')
    expect(rig.told('attempt.started', 'decision')).toEqual([
      'attempt.started c/x 1',
      'decision.made c/fail:reason',
    ])
  })
})

describe('choose', () => {
  test('takes the first case that holds, else the last', async () => {
    const c = chain<number>('c').choose('size', (choice) =>
      choice
        .when(
          ({ input }) => input > 10,
          (b) => b.step('big', () => 'big'),
        )
        .when(
          ({ input }) => input > 5,
          (b) => b.step('middle', () => 'middle'),
        )
        .otherwise((b) => b.step('small', () => 'small')),
    )
    const rig = await createRig([c])
    const outputs = []
    for (const size of [20, 7, 1]) outputs.push(await rig.until(rig.supervisor.run(c, size)))
    expect(outputs).toEqual(['big', 'middle', 'small'])
  })
})

describe('each', () => {
  test('works through its items, no more in flight than it may, and keeps their order', async () => {
    let rig: Rig
    let inside = 0
    let most = 0
    const c = chain('c').each(
      'one',
      () => [5, 3, 1, 4],
      async (item) => {
        most = Math.max(most, ++inside)
        await later(() => rig, item * 100)
        inside--
        return item * 10
      },
      { inFlight: 2 },
    )
    rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c))).toEqual([50, 30, 10, 40])
    expect(most).toBe(2)
  })

  test('aborts the items in flight when one fails for good', async () => {
    const aborted: number[] = []
    const c = chain('c').each(
      'one',
      () => [1, 2, 3],
      async (item, { signal }) => {
        if (item === 2) throw new Error('two is bad')
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        aborted.push(item)
      },
    )
    const rig = await createRig([c])
    const run = await rig.start(c)
    expect(await rig.until(run.settled())).toMatchObject({
      failures: [{ step: 'one', failure: { message: 'item "1": two is bad' } }],
    })
    await rig.advance()
    expect(aborted).toEqual([1, 3])
    expect(rig.told('attempt.succeeded', 'attempt.failed')).toEqual(['attempt.failed c/one/1 1'])
  })

  test('collects outcomes where it is told to', async () => {
    const c = chain('c').each(
      'one',
      () => [1, 2],
      (item) => (item === 2 ? fails() : item),
      { onFailure: 'collect' },
    )
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c))).toMatchObject([
      { status: 'succeeded', output: 1 },
      { status: 'failed', failure: { message: 'broken' } },
    ])
  })

  test('recovers each item by itself, whatever its key looks like', async () => {
    const seen = new Set<string>()
    const c = chain('c').each(
      'one',
      () => ['@scope/a', 'b'],
      (item) => {
        if (seen.has(item)) return item
        seen.add(item)
        return fails()
      },
      { attempts: 2, key: (item) => item, backoff: { initial: 3_600_000, jitter: 'none' } },
    )
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.crash()
    await rig.advance('1h')
    expect(await rig.until((await rig.supervisor.get(run.id))!.result())).toEqual(['@scope/a', 'b'])
  })

  test('refuses two items with one key, and has an empty outcome for no items', async () => {
    const c = chain<string[]>('c').each(
      'one',
      ({ input }) => input,
      (item) => item,
      { key: (item) => item },
    )
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c, []))).toEqual([])
    const run = await rig.start(c, ['a', 'a'])
    expect(JSON.stringify(await rig.until(run.settled()))).toContain('have the key')
  })

  test('runs a chain for each item', async () => {
    const leaf = chain<number>('leaf').step('double', ({ input }) => input * 2)
    const c = chain('c').each('one', () => [1, 2, 3], leaf, { inFlight: 1 })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c))).toEqual([2, 4, 6])
  })
})

describe('call, repeat, sleep, fail and returns', () => {
  test('a called chain gets its input, and fails its caller', async () => {
    const leaf = chain<number>('leaf').step('s', ({ input }) => (input > 1 ? fails() : input))
    const c = chain<number>('c').call('leaf', leaf, ({ input }) => input)
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c, 1))).toBe(1)
    const run = await rig.start(c, 2)
    expect(await rig.until(run.settled())).toMatchObject({ failures: [{ chain: 'c', step: 'leaf' }] })
  })

  test('a repeat goes round until it has enough, and fails after its last round', async () => {
    const c = chain<number>('c').repeat('loop', (b) => b.step('s', ({ idempotencyKey }) => idempotencyKey), {
      until: ({ round, input }) => round === input,
      max: 3,
    })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c, 2, { id: 'r' }))).toBe('r/c/s/#2')
    const run = await rig.start(c, 9)
    expect(await rig.until(run.settled())).toMatchObject({ failures: [{ failure: { kind: 'exhausted' } }] })
  })

  test('a fallback counts its attempts anew in each round', async () => {
    const c = chain('c').repeat('loop', (b) => b.step('s', fails, { fallback: () => 'ok' }), {
      until: ({ round }) => round === 2,
    })
    const rig = await createRig([c])
    await rig.until(rig.supervisor.run(c))
    expect(rig.told('attempt.started').filter((line) => line.includes('fallback'))).toEqual([
      'attempt.started c/s:fallback/#1 1',
      'attempt.started c/s:fallback/#2 1',
    ])
  })

  test('a sleep ends at its time, also across a crash', async () => {
    const c = chain('c')
      .sleep('nap', '1h')
      .step('s', ({ now }) => now())
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance('30m')
    await rig.crash()
    await rig.advance('29m')
    expect(rig.told('timer')).toEqual([])
    expect(await rig.until((await rig.supervisor.get(run.id))!.result())).toBe(1_000_000 + 3_600_000)
  })

  test('fail ends the chain with its reason, and returns says what it gives', async () => {
    const bad = chain<number>('bad').fail(({ input }) => `${input} is too much`)
    const good = chain('good')
      .step('a', () => 1)
      .step('b', () => 2)
      .returns(({ steps }) => steps.a + steps.b)
    const rig = await createRig([bad, good])
    const run = await rig.start(bad, 7)
    expect(await rig.until(run.settled())).toMatchObject({
      failures: [{ step: 'fail', failure: { kind: 'failed', message: '7 is too much' } }],
    })
    expect(await rig.until(rig.supervisor.run(good))).toBe(3)
  })
})
