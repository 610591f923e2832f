import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { RetryAfter } from '../../src/kernel/failure.ts'
import { createRig, type Rig } from './rig.ts'

const later = async (rig: () => Rig, ms: number): Promise<void> =>
  new Promise((resolve) => void rig().clock.at(rig().clock.now() + ms, resolve))

const fails = (): never => {
  throw new Error('broken')
}

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

  test('starts an item once whose backoff ended soon after a restart', async () => {
    let rig: Rig
    const calls = new Map<string, number>()
    const c = chain('c').each(
      'one',
      () => ['a', 'b', 'late'],
      async (item) => {
        const call = (calls.get(item) ?? 0) + 1
        calls.set(item, call)
        if (call === 1) throw new RetryAfter(item === 'late' ? 155_000 : 100_000)
        if (item !== 'late' && call === 2) return new Promise(() => {})
        await later(() => rig, item === 'a' ? 10_000 : 20_000)
        return item
      },
      { key: (item) => item, inFlight: 2, attempts: 2 },
    )
    const urgent = chain('urgent', { priority: 9 }).step('s', async () => later(() => rig, 60_000))
    rig = await createRig([c, urgent], { concurrency: 2 })
    const run = await rig.start(c)
    await rig.advance(150_000)
    await rig.crash()
    await rig.advance(6_000)
    await rig.start(urgent)
    expect(await rig.until((await rig.supervisor.get(run.id))!.result())).toEqual(['a', 'b', 'late'])
    expect(
      rig.told('attempt.started').filter((line) => line === 'attempt.started c/one/late 2'),
    ).toHaveLength(1)
  })

  test('takes items whose keys are names that every object knows', async () => {
    const words = ['constructor', 'toString', '__proto__', 'a']
    const calls: string[] = []
    const c = chain('c').each(
      'word',
      () => words,
      (word, { attempt, lastFailure }) => {
        calls.push(`${word} ${attempt}`)
        if (attempt === 1) throw new Error(`broken ${word}`)
        return lastFailure?.message
      },
      { key: (word) => word, attempts: 2 },
    )
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance()
    await rig.crash()
    expect(await rig.until((await rig.supervisor.get(run.id))!.result())).toEqual(
      words.map((word) => `broken ${word}`),
    )
    expect(calls.toSorted()).toEqual(words.flatMap((word) => [`${word} 1`, `${word} 2`]).toSorted())
  })
})
