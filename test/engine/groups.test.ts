import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig, type Rig } from './rig.ts'

const limited = chain<string>('limited', { concurrency: { key: (input: string) => input, limit: 1 } }).sleep(
  'nap',
  '1h',
)

describe('concurrency groups', () => {
  test('let in at most their limit, in order, by key', async () => {
    const rig = await createRig([limited])
    for (const [id, key] of [
      ['1', 'x'],
      ['2', 'x'],
      ['3', 'y'],
    ])
      await rig.start(limited, key, { id })
    const started = (): readonly string[] =>
      rig.events().flatMap(({ type, run }) => (type === 'chain.started' ? [run] : []))
    expect(started()).toEqual(['1', '3'])
    await rig.advance('1h')
    expect(started()).toEqual(['1', '3', '2'])
  })

  test('that cannot be named, as the key throws, fail their chain and nothing else', async () => {
    const keyed = chain<string>('keyed', {
      concurrency: {
        key: (input: string) => {
          if (input === '') throw new TypeError('no key')
          return input
        },
        limit: 1,
      },
    }).step('s', () => 1)
    const rig = await createRig([keyed])
    const bad = await rig.start(keyed, '')
    expect(await rig.until(bad.settled())).toMatchObject({
      status: 'failed',
      failures: [{ chain: 'keyed', failure: { message: 'no key' } }],
    })
    await rig.crash()
    expect(await rig.until((await rig.start(keyed, 'x')).result())).toBe(1)
  })

  test('pass over any number of cancelled runs in line', async () => {
    const rig = await createRig([limited])
    await rig.start(limited, 'x')
    const many = Array.from({ length: 5_000 }, async () => rig.supervisor.start(limited, 'x'))
    const waiting = await rig.until(Promise.all(many))
    await rig.until(Promise.all(waiting.map(async (run) => run.cancel())))
    const last = await rig.start(limited, 'x')
    await rig.advance('2h')
    expect(await rig.until(last.status())).toBe('succeeded')
  })

  test('know after a crash who is still inside', async () => {
    const rig = await createRig([limited])
    await rig.start(limited, 'x')
    await rig.start(limited, 'x')
    await rig.advance('10m')
    await rig.crash()
    expect(rig.told('chain.started')).toHaveLength(1)
    await rig.advance('50m')
    expect(rig.told('chain')).toEqual([
      'chain.started limited',
      'chain.ended limited succeeded',
      'chain.started limited',
    ])
  })

  test('know after a crash of a paused run inside', async () => {
    const rig = await createRig([limited])
    const run = await rig.start(limited, 'x')
    await rig.until(run.pause())
    await rig.crash()
    await rig.start(limited, 'x')
    expect(rig.told('chain.started')).toHaveLength(1)
  })

  const one = { concurrency: { key: () => '', limit: 1 } }
  const asks = chain('asks', one).wait('go')
  const first = chain('first').step('s', () => 1)
  test.for([
    ['itself', asks, [asks]],
    ['as a need', chain('needing').needs({ asks }), []],
    ['as a follower', first, [chain('asks', one).follows({ first }).wait('go')]],
  ] as const)(
    'keep the place of a run that sleeps inside, %s, also over a crash',
    async ([, target, others]) => {
      const rig = await createRig([target, ...others])
      await rig.start(target, undefined, { id: '1' })
      await rig.start(target, undefined, { id: '2' })
      await rig.advance('1s')
      const states = async (): Promise<readonly string[]> =>
        (await rig.until(rig.supervisor.list())).map(({ run, status }) => `${run} ${status}`).toSorted()
      const started = (): readonly string[] =>
        rig
          .events()
          .flatMap((event) => (event.type === 'chain.started' && event.chain === 'asks' ? [event.run] : []))
      expect(await states()).toEqual(['1 waiting', '2 running'])
      await rig.crash()
      await rig.advance('1s')
      expect(await states()).toEqual(['1 waiting', '2 running'])
      expect(started()).toEqual(['1'])
      await rig.until((await rig.supervisor.get('1'))!.signal('go'))
      await rig.advance('1s')
      expect(started()).toEqual(['1', '2'])
      expect(await states()).toEqual(['1 succeeded', '2 waiting'])
    },
  )

  test('pass over a run that was cancelled while it waited', async () => {
    const rig = await createRig([limited])
    await rig.start(limited, 'x')
    const second = await rig.start(limited, 'x')
    const third = await rig.start(limited, 'x')
    await rig.until(second.cancel())
    await rig.until(third.settled())
    expect(rig.now()).toBe(1_000_000 + 2 * 3_600_000)
  })
})

describe('slots', () => {
  test('go to the highest priority first, then to the run that came first', async () => {
    const order: string[] = []
    let rig: Rig
    const work = chain<string>('work').step('s', async ({ input }) => {
      order.push(input)
      await new Promise<void>((resolve) => void rig.clock.at(rig.clock.now() + 10, resolve))
    })
    rig = await createRig([work], { concurrency: 1 })
    for (const [name, priority] of [
      ['first', 0],
      ['low', 0],
      ['high', 5],
      ['also low', 0],
    ] as const) {
      await rig.start(work, name, { priority })
    }
    await rig.advance('1s')
    expect(order).toEqual(['first', 'high', 'low', 'also low'])
  })

  test('are not given to a paused run that waits for one', async () => {
    let rig: Rig
    const work = chain('work').step('s', async () => {
      await new Promise<void>((resolve) => void rig.clock.at(rig.clock.now() + 1_000, resolve))
    })
    rig = await createRig([work], { concurrency: 1 })
    await rig.start(work, undefined, { id: 'a' })
    const paused = await rig.start(work, undefined, { id: 'b' })
    await rig.start(work, undefined, { id: 'c' })
    await rig.until(paused.pause())
    await rig.advance('1m')
    const ended = (): readonly string[] =>
      rig.events().flatMap(({ type, run }) => (type === 'run.ended' ? [run] : []))
    expect(ended()).toEqual(['a', 'c'])
    await rig.until(paused.resume())
    await rig.advance('1m')
    expect(ended()).toEqual(['a', 'c', 'b'])
  })

  test('of an aborted step that goes on are held for five seconds at most', async () => {
    let rig: Rig
    const starts: number[] = []
    const deaf = chain('deaf').step('s', async () => {
      starts.push(rig.now() - 1_000_000)
      return new Promise(() => {})
    })
    rig = await createRig([deaf], { concurrency: 1 })
    const first = await rig.start(deaf)
    await rig.start(deaf)
    await rig.until(first.cancel())
    await rig.advance('1m')
    expect(starts).toEqual([0, 5_000])
  })
})

describe('concurrency groups where only the newest waits', () => {
  const newest = chain<string>('newest', {
    concurrency: { key: (input: string) => input, limit: 1, strategy: 'newest' },
  }).sleep('nap', '1h')
  const after = chain<string>('after')
    .needs({ newest })
    .step('s', () => 1)
  const statuses = async (rig: Rig): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries((await rig.supervisor.list()).map(({ run, status }) => [run, status]))

  test('cancel who waited before it, with the reason, and leave alone who has begun', async () => {
    const rig = await createRig([newest])
    for (const id of ['1', '2', '3']) await rig.start(newest, 'x', { id })
    await rig.start(newest, 'y', { id: 'other' })
    await rig.advance('1s')
    expect(await statuses(rig)).toMatchObject({
      1: 'waiting',
      2: 'cancelled',
      3: 'running',
      other: 'waiting',
    })
    const evicted = await rig.supervisor.get('2')
    expect(await rig.until((evicted as NonNullable<typeof evicted>).settled())).toMatchObject({
      status: 'cancelled',
    })
    expect(rig.events().find(({ type, run }) => type === 'chain.ended' && run === '2')).toMatchObject({
      failure: {
        kind: 'cancelled',
        message:
          'a newer execution of chain "newest" took its place in concurrency group "x", where only the newest waits',
      },
    })
    await rig.advance('1h')
    expect(rig.events().flatMap(({ type, run }) => (type === 'chain.started' ? [run] : []))).toEqual([
      '1',
      'other',
      '3',
    ])
  })

  test('end what needs the cancelled one as it would end after any cancelled chain', async () => {
    const rig = await createRig([after])
    for (const id of ['1', '2', '3']) await rig.start(after, 'x', { id })
    await rig.advance('3h')
    expect(await statuses(rig)).toEqual({ 1: 'succeeded', 2: 'failed', 3: 'succeeded' })
  })

  test('keep the newest of them over a crash, and cancel no one twice', async () => {
    const rig = await createRig([newest])
    for (const id of ['1', '2', '3']) await rig.start(newest, 'x', { id })
    await rig.crash()
    await rig.start(newest, 'x', { id: '4' })
    await rig.crash()
    await rig.advance('3h')
    expect(await statuses(rig)).toEqual({ 1: 'succeeded', 2: 'cancelled', 3: 'cancelled', 4: 'succeeded' })
    expect(rig.events().filter(({ type }) => type === 'run.ended')).toHaveLength(4)
  })

  test('with a strategy that there is not are refused', async () => {
    const bad = chain('bad', { concurrency: { limit: 1, strategy: 'oldest' as 'newest' } }).step('s', () => 1)
    await expect(createRig([bad])).rejects.toThrow(/concurrency.strategy is 'queue' or 'newest'/)
  })
})

test('the line is that of acceptance after a crash, whatever the priorities, and a run says where in it it is', async () => {
  const rig = await createRig([limited])
  for (const [id, priority] of [
    ['1', 0],
    ['2', 1],
    ['3', 9],
    ['4', 5],
  ] as const) {
    await rig.start(limited, 'tenant-7', { id, priority })
    await rig.advance('1s')
  }
  const said = async (id: string): Promise<string> => {
    const run = await rig.supervisor.get(id)
    return (await (run as NonNullable<typeof run>).explain()).sentence
  }
  expect(await said('2')).toMatch(/waits for its concurrency group "tenant-7", as the next, since/)
  await rig.crash()
  expect(await said('4')).toMatch(/waits for its concurrency group "tenant-7", 2 ahead, since/)
  await rig.until(((await rig.supervisor.get('2')) as { cancel(): Promise<void> }).cancel())
  expect(await said('4')).toMatch(/"tenant-7", 1 ahead, since/)
  await rig.advance('5h')
  expect(rig.events().flatMap(({ type, run }) => (type === 'chain.started' ? [run] : []))).toEqual([
    '1',
    '3',
    '4',
  ])
})
