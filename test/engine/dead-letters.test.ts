import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import type { Run } from '../../src/engine/runs/run.ts'
import { createRig, type Rig } from './rig.ts'

const hangs = async (): Promise<never> => new Promise(() => {})

/** The process dies so often that what is in flight makes its run a dead letter. */
async function killThrice(rig: Rig, id: string): Promise<Run> {
  for (let times = 0; times < 3; times++) await rig.crash()
  const run = (await rig.until(rig.supervisor.get(id))) as Run
  expect(await rig.until(run.status())).toBe('dead-letter')
  return run
}

describe('a dead letter that is cancelled', () => {
  test('undoes what it began before it ends, also where the process dies meanwhile', async () => {
    const undone: string[] = []
    const undo =
      (name: string) =>
      ({ outcome }: { readonly outcome: string }): void =>
        void undone.push(`${name} ${outcome}`)
    const callee = chain('callee').step('inner', () => 1, { compensate: undo('inner') })
    const c = chain('c')
      .step('a', () => 1, { compensate: undo('a') })
      .call('callee', callee)
      .step('killer', hangs, { compensate: undo('killer') })
    const next = chain('next')
      .needs({ c })
      .step('x', () => 1)
    for (let crashAfter = 0; crashAfter < 12; crashAfter++) {
      undone.length = 0
      const rig = await createRig([callee, next])
      const { id } = await rig.start(next)
      await rig.advance()
      const run = await killThrice(rig, id)
      await rig.until(run.cancel('enough'))
      await rig.steps(crashAfter)
      await rig.crash()
      await rig.advance('1m')
      const again = (await rig.until(rig.supervisor.get(id))) as Run
      expect(await rig.until(again.settled())).toMatchObject({ status: 'cancelled' })
      expect([...new Set(undone)]).toEqual(['killer unknown', 'inner succeeded', 'a succeeded'])
      expect(rig.told('chain.ended', 'chain.undone')).toEqual([
        'chain.ended c/callee succeeded',
        'chain.ended next cancelled',
        'chain.undone c/callee',
        'chain.ended c cancelled',
      ])
      expect(rig.events().find(({ type }) => type === 'run.cancel-requested')).toMatchObject({
        reason: 'enough',
      })
    }
  })

  test('and dies of undoing as well, is a dead letter again, and ends by the next cancel, which says what it leaves', async () => {
    const c = chain('c')
      .step('a', () => 1, { compensate: hangs })
      .step('b', () => 2, { compensate: () => undefined })
      .fail('no')
    const rig = await createRig([c])
    const { id } = await rig.start(c)
    await rig.advance()
    const run = await killThrice(rig, id)
    await rig.until(run.cancel())
    await rig.advance()
    const again = await killThrice(rig, id)
    await rig.until(again.cancel())
    expect(await rig.until(again.settled())).toMatchObject({ status: 'cancelled' })
    expect(rig.events().find(({ type }) => type === 'chain.ended')).toMatchObject({
      status: 'cancelled',
      compensated: [{ step: 'b', outcome: 'succeeded' }],
      uncompensated: [{ step: 'a', outcome: 'succeeded' }],
    })
    await expect(rig.until(again.cancel())).rejects.toMatchObject({ code: 'RUN_ENDED' })
  })

  test('ends at once where nothing can be undone', async () => {
    const c = chain('c').step('a', hangs)
    const rig = await createRig([c])
    const { id } = await rig.start(c)
    await rig.advance()
    const run = await killThrice(rig, id)
    await rig.until(run.cancel())
    expect(rig.told('run', 'chain.ended').slice(1)).toEqual([
      'run.parked dead-letter',
      'run.cancel-requested',
      'chain.ended c cancelled',
      'run.ended cancelled',
    ])
  })

  test('by two at once is cancelled once', async () => {
    const undone: string[] = []
    const c = chain('c')
      .step('a', () => 1, { compensate: () => void undone.push('a') })
      .step('killer', hangs)
    const rig = await createRig([c])
    const { id } = await rig.start(c)
    await rig.advance()
    const run = await killThrice(rig, id)
    // the later may find it ended
    await rig.until(Promise.allSettled([run.cancel('one'), run.cancel('other')]))
    expect(await rig.until(run.settled())).toMatchObject({ status: 'cancelled' })
    expect(undone).toEqual(['a'])
    expect(rig.told('run.cancel-requested', 'run.ended')).toEqual([
      'run.cancel-requested',
      'run.ended cancelled',
    ])
  })
})
