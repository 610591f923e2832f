// The retry budget of a supervisor: retries beyond it wait, and the journal and explain() say so.

import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig } from './rig.ts'

const failing = (attempts = 2) =>
  chain('c').step(
    's',
    () => {
      throw new Error('down')
    },
    { attempts, backoff: { initial: 1, jitter: 'none' } },
  )

test('retries beyond it wait until there is room, and are told to', async () => {
  const c = failing()
  const rig = await createRig([c], { retryBudget: { ratio: 0, window: '60s', minimum: 2 } })
  const runs = []
  for (const id of ['r1', 'r2', 'r3', 'r4', 'r5']) runs.push(await rig.start(c, undefined, { id }))
  await rig.advance('10s')
  expect(rig.told('run.ended')).toHaveLength(2)
  const waits = rig.events().flatMap((event) => (event.type === 'attempt.queued' ? [event.waitsFor] : []))
  expect(waits).toEqual(['retry-budget', 'retry-budget', 'retry-budget'])
  const told = await Promise.all(runs.map(async (run) => rig.until(run.explain())))
  expect(told.filter(({ sentence }) => sentence.includes('waits for the retry budget'))).toHaveLength(3)
  await rig.advance('62s')
  expect(rig.told('run.ended')).toHaveLength(4)
  await rig.advance('62s')
  expect(rig.told('run.ended')).toHaveLength(5)
})

test('a run that waits for it can be cancelled, and gives its turn to the next', async () => {
  const c = failing()
  const rig = await createRig([c], { retryBudget: { ratio: 0, window: '60s', minimum: 1 } })
  await rig.start(c)
  await rig.advance('1s')
  const second = await rig.start(c)
  const third = await rig.start(c)
  await rig.advance('1s')
  await rig.until(second.cancel())
  await rig.advance('62s')
  expect(await rig.until(third.settled())).toMatchObject({
    status: 'failed',
    failures: [{ failure: { message: 'down' } }],
  })
  expect(rig.told('attempt.started')).toHaveLength(5)
})

test('the first attempts, and those run again because their process died, are no retries', async () => {
  let end = false
  const c = chain('c').step('s', async () => (end ? 1 : new Promise(() => {})))
  const rig = await createRig([c], { retryBudget: { ratio: 0, minimum: 0 } })
  await rig.start(c)
  await rig.advance()
  end = true
  await rig.crash()
  await rig.advance('1s')
  expect(rig.told('run.ended')).toEqual(['run.ended succeeded'])
})

test('false is none, and a change of it lets those go that wait', async () => {
  const c = failing(50)
  const none = await createRig([c], { retryBudget: false })
  await none.until(none.supervisor.settled(c))
  expect(none.told('attempt.started')).toHaveLength(50)
  const rig = await createRig([c], { retryBudget: { ratio: 0, minimum: 0 } })
  const run = await rig.start(c)
  await rig.advance('10m')
  expect(rig.told('attempt.started')).toHaveLength(1)
  await rig.until(rig.supervisor.config.change((draft) => void (draft.retryBudget.minimum = 100)))
  expect(await rig.until(run.settled())).toMatchObject({ status: 'failed' })
})

test('nonsense is refused with the rest', async () => {
  await expect(createRig([], { retryBudget: { ratio: 2, window: '60s', minimum: -1 } })).rejects.toThrow(
    /ratio of retryBudget is 2.*minimum of retryBudget is -1/,
  )
  await expect(createRig([], { retryBudget: 7 as never })).rejects.toMatchObject({ code: 'BAD_OPTION' })
})
