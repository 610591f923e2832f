// The commands about actions: act and undo, for the process that executes the store.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig, type Rig } from '../engine/rig.ts'
import { place } from './spawn.ts'

const types = (rig: Rig): readonly string[] =>
  rig.events().flatMap(({ type }) => (type.startsWith('action.') ? [type] : []))

test('an action that the report lists is left for the executor, which does it and takes it back', async () => {
  const at = place()
  const load = chain('load').step('read', () => {
    throw new Error('no such table')
  })
  const open = async () => createRig([load], { file: join(at.folder, 'app.db'), analyze: { policy: 'ask' } })
  const first = await open()
  for (let run = 0; run < 12; run++) await first.until(first.supervisor.settled(load))
  await first.until(first.supervisor.stop())
  const { out } = await at.run('report', '--store', 'app.db')
  const id = /catenary act (\w+)/.exec(out.replaceAll(/\s+/g, ' '))?.[1] ?? ''
  expect(id).toMatch(/^\w{12}$/)
  expect(await at.run('act', id, '--store', 'app.db')).toMatchObject({
    code: 4,
    err: expect.stringContaining('left in the inbox') as string,
  })
  const second = await open()
  await second.advance('5s')
  expect(types(second)).toEqual(['action.taken'])
  expect(Object.keys(second.supervisor.config.current.chains)).toEqual(['load'])
  await second.until(second.supervisor.stop())
  expect((await at.run('report', '--store', 'app.db')).out.replaceAll(/\s+/g, ' ')).toContain(
    `It is applied. To take it back: catenary undo ${id}.`,
  )
  await at.run('undo', id, '--reason', 'the table is there', '--store', 'app.db')
  const third = await open()
  await third.advance('5s')
  expect(types(third)).toEqual(['action.taken', 'action.undone'])
  expect(third.supervisor.config.current.chains).toEqual({})
  await third.until(third.supervisor.stop())
}, 60_000)
