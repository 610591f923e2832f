// What a function that nobody waits for any more returns in the end: recorded, and fed to nothing.

import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig, type Rig } from './rig.ts'

/** A step whose function minds no signal, and ends when told. */
function createStubborn() {
  const ends: (() => void)[] = []
  const c = chain('c').step(
    's',
    async () =>
      new Promise<string>((resolve) => {
        ends.push(() => resolve('too late'))
      }),
    { timeout: '1m' },
  )
  const end = (): void => {
    for (const one of ends.splice(0)) one()
  }
  return { c, end }
}

test.for([
  ['was cancelled', 'cancelled', async (rig: Rig) => rig.until((await rig.supervisor.get('r'))!.cancel())],
  ['failed of its time limit', 'failed', async (rig: Rig) => rig.advance('2m')],
] as const)('follows the end of a run that %s', async ([, status, end]) => {
  const { c, end: endLate } = createStubborn()
  const rig = await createRig([c])
  const run = await rig.start(c, undefined, { id: 'r' })
  await rig.advance('1s')
  await end(rig)
  await rig.advance('1m')
  expect(await rig.until(run.status())).toBe(status)
  expect(rig.told().at(-1)).toBe(`run.ended ${status}`)
  endLate()
  await rig.advance('1s')
  expect(rig.told().slice(-2)).toEqual([`run.ended ${status}`, 'attempt.settled-late c/s 1'])
  expect(rig.events().at(-1)).toMatchObject({ run: 'r', outcome: 'succeeded' })
  await rig.crash()
  expect(await rig.until((await rig.supervisor.get('r'))!.settled())).toMatchObject({ status })
  expect((await rig.until((await rig.supervisor.get('r'))!.explain())).causes).toMatchObject([
    { kind: 'ended', status },
  ])
})

test('is nobody’s where the supervisor has stopped', async () => {
  const { c, end: endLate } = createStubborn()
  const rig = await createRig([c])
  await rig.start(c, undefined, { id: 'r' })
  await rig.advance('1s')
  await rig.until(rig.supervisor.stop({ drain: 10 }))
  const before = rig.told()
  endLate()
  await rig.advance('1s')
  expect(rig.told()).toEqual(before)
})
