import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
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
})
