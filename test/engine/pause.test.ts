// Pause and resume of a run: attempts in flight end, none starts until it is resumed.

import { expect, test } from 'vitest'
import { breaker, chain, createSupervisor, limiter } from '../../src/index.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { createRig } from './rig.ts'

test('a step that a pause held back passes its limiter and its breaker when the run goes on, in the same process', async () => {
  const api = limiter('api', { inFlight: 1 })
  const bank = breaker('bank')
  let end = (): void => {}
  const c = chain<{ region: string }>('c').parallel('both', {
    // keeps the run in memory
    busy: (b) => b.step('long', async () => new Promise<void>((resolve) => void (end = resolve))),
    guarded: (b) =>
      b.wait('go').step('s', () => 'done', {
        limit: { by: api, key: ({ input }) => input.region },
        breaker: { by: bank, key: ({ input }) => input.region },
      }),
  })
  const rig = await createRig([c])
  const run = await rig.start(c, { region: 'eu' })
  await rig.until(run.pause())
  await rig.until(run.signal('go'))
  const told = (): readonly string[] => rig.told('attempt.').filter((line) => line.includes('c/s'))
  expect(told()).toEqual(['attempt.queued c/s 1'])
  await rig.until(run.resume())
  await rig.advance()
  expect(told()).toEqual([
    'attempt.queued c/s 1',
    'attempt.queued c/s 1',
    'attempt.started c/s 1',
    'attempt.succeeded c/s 1',
  ])
  end()
  expect(await rig.until(run.result())).toEqual({ busy: undefined, guarded: 'done' })
})

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
