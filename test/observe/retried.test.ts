import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { applyToTimeline, beginTimeline, timelineOf } from '../../src/observe/timeline.ts'
import { createRig } from '../engine/rig.ts'

test('a timeline forgets what a retry took back, told at once or event by event', async () => {
  let broken = true
  const up = chain('up')
    .step('a', () => 1)
    .step('b', () => {
      if (broken) throw new Error('broken')
    })
  const down = chain('down')
    .needs({ up })
    .step('c', () => new Promise(() => {}))
  const rig = await createRig([down])
  const run = await rig.start(down)
  await rig.until(run.settled())
  broken = false
  await rig.advance('1m')
  await rig.until(run.retry())
  await rig.advance('1s')
  const events = rig.events().filter((event) => event.run === run.id)
  const [first, ...rest] = events
  if (first?.type !== 'run.accepted') throw new Error('it begins with its acceptance')
  const told = beginTimeline(first)
  for (const event of rest) applyToTimeline(told, event)
  expect(told).toEqual(timelineOf(events))
  expect(told).toMatchObject({ retries: 1, state: { ended: undefined } })
  const shown = [...told.chains.values()].map(({ node, steps }) => [
    node.key,
    node.status,
    [...steps.values()].map(({ name, outcome, attempts }) => `${name} ${outcome} ${attempts}`),
  ])
  expect(shown).toEqual([
    ['down', 'running', ['c undefined 1']],
    ['up', 'succeeded', ['a succeeded 1', 'b succeeded 1']],
  ])
  expect((await run.explain()).sentence).toMatch(/^step c of chain down has been running since/)
})
