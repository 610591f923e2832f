// Pause and resume of a run: attempts in flight end, none starts until it is resumed.

import { expect, test } from 'vitest'
import { chain, createSupervisor } from '../../src/index.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

test('a step that a pause held back runs after the resume, also where every slot is free', async () => {
  const clock = createVirtualClock()
  let finish = (): void => {}
  const two = chain('two')
    .step('first', async () => new Promise<void>((resolve) => (finish = resolve)))
    .step('second', () => 'done')
  const supervisor = await createSupervisor({ chains: [two], clock })
  const run = await supervisor.start(two)
  await clock.settle()
  await run.pause()
  finish()
  await clock.settle()
  expect(await run.status()).toBe('paused')
  await run.resume()
  await clock.settle()
  expect(await run.status()).toBe('succeeded')
  expect(await run.result()).toBe('done')
})
