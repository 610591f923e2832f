// A supervisor tells its journal what it declares, once for each change.

import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { declaredIn } from '../../src/journal/declared.ts'
import { createRunRecords } from '../../src/observe/run-records.ts'
import { createRig } from './rig.ts'

const step = (version: string) => chain('a', { version, slo: { success: 0.5 } }).step('s', () => 1)

test('each start is told, and what is declared only where it has changed', async () => {
  const rig = await createRig([step('1')])
  await rig.crash()
  await rig.crash([step('2'), chain('b').step('t', () => 2)])
  await rig.crash([step('2')])
  const told = rig.whole().filter(({ type }) => type.startsWith('engine.'))
  expect(told.map(({ type }) => type)).toEqual([
    'engine.declared',
    'engine.started',
    'engine.started',
    'engine.declared',
    'engine.started',
    'engine.declared',
    'engine.started',
  ])
  const epochs = told.flatMap((event) => (event.type === 'engine.started' ? [event.epoch] : []))
  expect(epochs).toEqual(epochs.toSorted((a, b) => a - b))
  expect(new Set(epochs).size).toBe(4)
  const { declaration } = declaredIn(rig.whole())
  expect(declaration?.chains.map(({ id, slo }) => [id, slo])).toEqual([['a', { success: 0.5 }]])
  const records = createRunRecords()
  for (const event of rig.whole()) records.apply(event)
  expect(records.declared.declaration).toEqual(declaration)
  expect(records.declared.chain('b')?.steps).toMatchObject([{ name: 't' }])
})

test('what is declared is part of events$, before any run', async () => {
  const rig = await createRig([step('1')])
  const run = await rig.start(step('1'))
  await rig.until(run.result())
  expect(
    rig
      .whole()
      .slice(0, 3)
      .map(({ type }) => type),
  ).toEqual(['engine.declared', 'engine.started', 'run.accepted'])
})
