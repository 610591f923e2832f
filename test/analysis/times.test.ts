import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig, type Rig } from '../engine/rig.ts'
import { reportOn, work } from './journals.ts'

/** A rig whose chains work for so long (ms). */
async function rigOf(
  make: (take: (ms: number) => Promise<void>) => Parameters<typeof createRig>[0],
): Promise<Rig> {
  let rig: Rig | undefined
  const take = async (ms: number): Promise<void> => work(() => rig as Rig, ms)
  rig = await createRig(make(take))
  return rig
}

test('the critical path says where the time of a run went, what each step would save, and what has room', async () => {
  const rig = await rigOf((take) => {
    const long = chain('long').step('dig', async () => take(100))
    const short = chain('short').step('dig', async () => take(30))
    const end = chain('end')
      .needs({ long, short })
      .step('gather', async () => take(50))
    return [end]
  })
  const run = await rig.start({ id: 'end' } as never)
  await rig.until(run.result())
  const { n, path } = reportOn(rig).performance.critical
  expect(n).toBe(1)
  const of = (id: string): unknown => path.find((one) => one.chain === id && one.step !== undefined)
  // without `dig` of `long`, the run would still wait for `short`
  expect(of('long')).toMatchObject({ n: 1, share: { estimate: 0.667 }, drag: { estimate: 70 } })
  expect(of('end')).toMatchObject({ n: 1, share: { estimate: 0.333 }, drag: { estimate: 50 } })
  expect(of('short')).toMatchObject({ n: 0, drag: { estimate: 0 }, slack: 70 })
})

test('branches that run side by side share the path: each saves only what the others leave', async () => {
  const rig = await rigOf((take) => [
    chain('both').parallel('do', {
      a: (b) => b.step('slow', async () => take(80)),
      b: (b) => b.step('fast', async () => take(60)),
    }),
  ])
  await rig.until((await rig.start({ id: 'both' } as never)).result())
  const { path } = reportOn(rig).performance.critical
  expect(path.map(({ step, share, drag }) => [step, share.estimate, drag.estimate])).toEqual([
    ['slow', 1, 20],
  ])
})

test('waits are told by what is waited for, out of all of a chain’s time', async () => {
  const rig = await rigOf((take) => [
    chain('waits')
      .sleep('nap', 40)
      .step(
        'twice',
        async ({ attempt }) => {
          await take(10)
          if (attempt === 1) throw new Error('once more')
        },
        { attempts: 2, backoff: { initial: 20, jitter: 'none' } },
      )
      .wait('go'),
  ])
  const run = await rig.start({ id: 'waits' } as never)
  await rig.advance(170)
  await rig.until(run.signal('go'))
  await rig.until(run.result())
  const { waits } = reportOn(rig).interactions
  expect(waits.map(({ cause, ms, n }) => [cause, ms, n])).toEqual([
    ['signal', 90, 1],
    ['timer', 40, 1],
    ['backoff', 20, 1],
  ])
  const shares = waits.reduce((sum, { share }) => sum + share, 0)
  expect(shares).toBeCloseTo(150 / 170)
})

test('steps tell attempts, retries, what was cut off, and the slowest items', async () => {
  const rig = await rigOf((take) => [
    chain('items').each(
      'do',
      () => [5, 50, 20],
      async (ms) => take(ms),
      {
        key: (ms) => `takes ${ms}`,
        timeout: 30,
        onFailure: 'collect',
      },
    ),
  ])
  await rig.until((await rig.start({ id: 'items' } as never)).result())
  const [step] = reportOn(rig).performance.steps
  expect(step).toMatchObject({ n: 3, attempts: 3, failed: 1, cutOff: 1, retried: 0 })
  expect(step?.duration).toMatchObject({ n: 2, p50: { estimate: 12.5 } })
  expect(step?.slowest?.map(({ item, took }) => [item, took])).toEqual([
    ['takes 20', 20],
    ['takes 5', 5],
  ])
})

test('a fallback that stands in is counted, and is no success of the step itself', async () => {
  const rig = await rigOf(() => [
    chain<number>('one').step(
      'do',
      ({ input }) => {
        if (input % 2 === 0) throw new Error('even')
        return input
      },
      { fallback: () => 0 },
    ),
  ])
  for (const input of [1, 2, 3, 4]) await rig.until((await rig.start({ id: 'one' } as never, input)).result())
  expect(reportOn(rig).performance.steps[0]).toMatchObject({ n: 4, attempts: 4, failed: 2, fellBack: 2 })
})

test('a sample bounds a p95 from 59 observations on, and no p99 below 299', async () => {
  const rig = await rigOf((take) => [chain<number>('one').step('do', async ({ input }) => take(input))])
  for (let ms = 1; ms <= 58; ms++) await rig.until((await rig.start({ id: 'one' } as never, ms)).result())
  expect(reportOn(rig).performance.steps[0]?.duration.p95?.high).toBeUndefined()
  await rig.until((await rig.start({ id: 'one' } as never, 59)).result())
  const { duration } = reportOn(rig).performance.steps[0] ?? {}
  expect(duration?.p95?.high).toBe(59)
  expect(duration?.p99?.high).toBeUndefined()
})
