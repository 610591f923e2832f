// Actions of the analyzer on a live supervisor: asked for or taken by itself, judged, taken back, also over crashes.

import { describe, expect, test } from 'vitest'
import type { NecessaryAction } from '../../src/analysis/report-built.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig, type Rig, type RigOptions } from './rig.ts'

/** `load` fails while `sick`; `sum` needs it, and `other` has nothing to do with them. */
async function world(given: RigOptions = {}) {
  const state = { sick: true }
  const load = chain('load').step('read', () => {
    if (state.sick) throw new Error('no such table')
    return 1
  })
  const sum = chain('sum')
    .needs({ load })
    .step('add', ({ needs }) => needs.load + 1)
  const other = chain('other').step('s', () => 1)
  const rig = await createRig([sum, other], given)
  return {
    rig,
    state,
    load,
    sum,
    async fail(count = 12) {
      for (let done = 0; done < count; done++) {
        await rig.until(rig.supervisor.settled(load))
        await rig.advance(10)
      }
    },
    act: async (id: string) => rig.until(rig.supervisor.analyzer.act(id)),
    undo: async (id: string) => rig.until(rig.supervisor.analyzer.undo(id)),
    find: async (kind: string) => find(rig, kind),
  }
}

async function find(rig: Rig, kind: string): Promise<NecessaryAction> {
  const found = (await rig.until(rig.supervisor.analyzer.actions())).find((one) => one.kind === kind)
  if (found === undefined) throw new Error(`no ${kind} is proposed`)
  return found
}

const actions = (rig: Rig): readonly string[] =>
  rig
    .events()
    .flatMap((event) =>
      event.type.startsWith('action.') || event.type === 'config.changed'
        ? [`${event.type}${'kind' in event ? ` ${event.kind}` : ''}`]
        : [],
    )

describe('quarantine', () => {
  test('under ask holds a failing chain back once a person says so, is verified, and ends in time', async () => {
    const { rig, load, fail, find: of, act } = await world({ analyze: { policy: 'ask' } })
    await fail()
    const proposed = await of('quarantine')
    expect(proposed).toMatchObject({ place: { chain: 'load' }, policy: 'ask', state: 'asked', can: true })
    expect(actions(rig)).toEqual([])
    await act(proposed.id)
    expect(actions(rig)).toEqual(['config.changed', 'action.taken quarantine'])
    expect(rig.supervisor.config.current.chains['load']?.quarantined).toMatch(
      'all of its last 12 executions failed',
    )
    await expect(rig.until(rig.supervisor.start(load))).rejects.toMatchObject({ code: 'QUARANTINED' })
    expect((await of('quarantine')).state).toBe('applied')
    await rig.advance('6m')
    expect(await of('quarantine')).toMatchObject({
      state: 'verified',
      deed: { came: 'no execution of "load" has begun since' },
    })
    await rig.advance('1h')
    expect(actions(rig).slice(2)).toEqual(['action.verified', 'config.changed', 'action.undone'])
    expect(rig.supervisor.config.current.chains).toEqual({})
    expect((await of('quarantine')).state).toBe('asked')
  })
})
