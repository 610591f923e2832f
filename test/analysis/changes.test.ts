import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { createRig, type Rig } from '../engine/rig.ts'
import { reportOn, work } from './journals.ts'

/** Runs that take so long (ms), give or take a fifth. */
async function history(durations: readonly number[], seed: number): Promise<Rig> {
  let rig: Rig | undefined
  const random = createRandom(seed)
  const timed = chain<number>('timed').step('do', async ({ input }) =>
    work(() => rig as Rig, input * (0.8 + 0.4 * random())),
  )
  rig = await createRig([timed])
  for (const duration of durations) await rig.until(rig.supervisor.run(timed, duration))
  return rig
}

test('a change of level is told with the first run after it, and how long runs took on either side', async () => {
  const rig = await history([...Array<number>(40).fill(100), ...Array<number>(30).fill(160)], 1)
  const [change, ...others] = reportOn(rig).performance.changes
  expect(others).toEqual([])
  expect(change).toMatchObject({ chain: 'timed', metric: 'duration', n: 70 })
  const runs = rig.whole().flatMap((event) => (event.type === 'run.accepted' ? [event.run] : []))
  expect(runs.indexOf(change?.run ?? '')).toBe(40)
  expect(change?.before).toBeGreaterThan(80)
  expect(change?.before).toBeLessThan(120)
  expect(change?.after).toBeGreaterThan(140)
})

test('no change is told of runs that only vary, nor of too few', async () => {
  for (let seed = 1; seed <= 20; seed++)
    expect(reportOn(await history(Array<number>(60).fill(100), seed)).performance.changes).toEqual([])
  const few = await history([...Array<number>(60).fill(100), ...Array<number>(10).fill(300)], 1)
  expect(reportOn(few).performance.changes).toEqual([])
})
