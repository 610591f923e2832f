// The config of a live supervisor: a change holds, is journalled, outlasts the process, and can be taken back.

import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig } from './rig.ts'

const fails = async (): Promise<never> => {
  throw new Error('no')
}

describe('a change of the config', () => {
  test('holds for attempts that start from now on, and is named by each of them', async () => {
    const c = chain('c').step('s', fails, { attempts: 2, backoff: { initial: 1 } })
    const rig = await createRig([c])
    const change = rig.supervisor.config.change((draft) => {
      draft.steps['c/s'] = { attempts: 4 }
    })
    await rig.until(change)
    await rig.until(rig.supervisor.settled(c))
    const started = rig.events().filter(({ type }) => type === 'attempt.started')
    expect(started).toHaveLength(4)
    expect(started).toMatchObject(started.map(() => ({ config: 1 })))
  })

  test('outlasts the process, and is taken back as a change of its own', async () => {
    const c = chain('c').step('s', () => 1)
    const rig = await createRig([c], { concurrency: 5 })
    const change = async (slots: number): Promise<() => Promise<void>> =>
      rig.until(
        rig.supervisor.config.change((draft) => {
          draft.concurrency = slots
        }),
      )
    await change(9)
    await rig.crash()
    expect(rig.supervisor.config).toMatchObject({ version: 1, current: { concurrency: 9 } })
    const takeBack = await change(2)
    await rig.until(takeBack())
    await rig.crash()
    expect(rig.supervisor.config).toMatchObject({ version: 3, current: { concurrency: 9 } })
  })

  test('is in the journal before what begins because of it', async () => {
    const c = chain('c').step('s', async () => new Promise(() => {}))
    const rig = await createRig([c], { concurrency: 1 })
    for (const id of ['one', 'two']) await rig.start(c, undefined, { id })
    await rig.until(
      rig.supervisor.config.change((draft) => {
        draft.concurrency = 2
      }),
    )
    await rig.advance()
    expect(rig.told('config', 'attempt.started')).toEqual([
      'attempt.started c/s 1',
      'config.changed',
      'attempt.started c/s 1',
    ])
  })

  test('is refused where nothing may change any more, and then does not hold', async () => {
    const c = chain('c').step('s', () => 1)
    const rig = await createRig([c], { concurrency: 5 })
    await rig.until(rig.supervisor.stop())
    const change = rig.supervisor.config.change((draft) => {
      draft.concurrency = 9
    })
    await expect(change).rejects.toMatchObject({ code: 'SUPERVISOR_STOPPED' })
    expect(rig.supervisor.config).toMatchObject({ version: 0, current: { concurrency: 5 } })
  })
})
