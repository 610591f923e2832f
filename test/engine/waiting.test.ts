// Tests of the approvals inbox: who waits for which signal, since when and with what.

import { expect, test } from 'vitest'
import { setup } from 'xstate'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { createRig } from './rig.ts'

const release = chain<{ version: string }>('release')
  .step('build', ({ input }) => input.version)
  .parallel('checks', {
    law: (b) => b.wait('legal', undefined, { timeout: '2d' }),
    boss: (b) => b.wait('approval'),
  })

test('all that a run waits for is listed with since when, until when, attributes and input', async () => {
  const rig = await createRig([release])
  const run = await rig.start(release, { version: '1.2' }, { id: 'one', attributes: { team: 'a' } })
  await rig.advance('1h')
  const since = 1_000_000
  const entry = { run: 'one', chain: 'release', attributes: { team: 'a' }, input: { version: '1.2' } }
  const found = await rig.supervisor.waiting()
  expect(found.toSorted((a, b) => a.signal.localeCompare(b.signal))).toEqual([
    { ...entry, step: 'approval', signal: 'approval', since: expect.closeTo(since, -3) as number },
    {
      ...entry,
      step: 'legal',
      signal: 'legal',
      since: expect.closeTo(since, -3) as number,
      until: (found.find(({ signal }) => signal === 'legal')?.since ?? 0) + 2 * 86_400_000,
    },
  ])
  expect(await rig.supervisor.waiting('approval')).toHaveLength(1)
  expect(await rig.supervisor.waiting('nobody')).toEqual([])
  await rig.until(run.signal('approval', 'yes'))
  expect((await rig.supervisor.waiting()).map(({ signal }) => signal)).toEqual(['legal'])
  await rig.until(run.signal('legal'))
  expect(await rig.supervisor.waiting()).toEqual([])
})

test('pages of it are by run, newest first, and miss nobody', async () => {
  const rig = await createRig([release])
  for (let n = 0; n < 7; n++) await rig.start(release, { version: `${n}` }, { id: `r${n}` })
  await rig.advance('1m')
  const runs: string[] = []
  for (let before: string | undefined; ;) {
    const page = await rig.supervisor.waiting(undefined, {
      limit: 3,
      ...(before === undefined ? {} : { before }),
    })
    if (page.length === 0) break
    runs.push(...new Set(page.map(({ run }) => run)))
    before = page.at(-1)?.run
  }
  expect(runs).toEqual(['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0'])
})

test("a user's own machine is listed by the events that it takes", async () => {
  const lamp = fromMachine(
    'lamp',
    setup({}).createMachine({
      initial: 'off',
      states: { off: { on: { press: 'on' } }, on: { type: 'final' } },
    }),
  )
  const rig = await createRig([lamp])
  await rig.start(lamp, undefined, { id: 'l' })
  await rig.advance('1m')
  expect(
    (await rig.supervisor.waiting('press')).map(({ run, chain: of, signal }) => [run, of, signal]),
  ).toEqual([['l', 'lamp', 'press']])
})
