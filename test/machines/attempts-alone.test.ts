// What surrounds attempts, in a chain that runs alone under plain XState: heeded, or left out, as the pages say.

import { expect, test, vi } from 'vitest'
import { SimulatedClock, createActor } from 'xstate'
import { breaker } from '../../src/chain/breaker.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { limiter } from '../../src/chain/limiter.ts'
import type { ChainOutcome } from '../../src/definition/compiled-chain.ts'

const never = async (): Promise<never> => new Promise(() => {})

/** Runs a chain's machine to its end on simulated time, a tenth of a second after the other. */
async function alone(machine: Parameters<typeof createActor>[0], input?: unknown): Promise<ChainOutcome> {
  const clock = new SimulatedClock()
  const actor = createActor(machine, { clock, input: { input } } as never)
  actor.start()
  for (let tick = 0; tick < 2_000 && actor.getSnapshot().status === 'active'; tick++) {
    await new Promise((resolve) => void setImmediate(resolve))
    clock.increment(100)
  }
  return actor.getSnapshot().output as ChainOutcome
}

test('a hedge is made, without asking anybody', async () => {
  let calls = 0
  const { machine } = chain('c').step('s', async () => (++calls === 2 ? 'second' : never()), {
    idempotent: true,
    hedge: { after: '2s' },
  })
  expect(await alone(machine)).toEqual({ status: 'succeeded', output: 'second' })
})

test('a missed heartbeat is a failed try, and a deadline the last', async () => {
  const kinds: unknown[] = []
  const { machine } = chain('c').step(
    's',
    async ({ lastFailure, deadline }) => {
      kinds.push([lastFailure?.kind, typeof deadline])
      return never()
    },
    { attempts: 9, heartbeat: '3s', deadline: '5s', backoff: { initial: 1 } },
  )
  expect(await alone(machine)).toMatchObject({ status: 'failed', failure: { kind: 'deadline' } })
  expect(kinds).toEqual([
    [undefined, 'number'],
    ['lost', 'number'],
  ])
})

test('an item of an each has its deadline', async () => {
  const { machine } = chain('c').each(
    'e',
    () => ['a', 'b'],
    async (item) => (item === 'a' ? never() : item),
    {
      deadline: '5s',
      onFailure: 'collect',
    },
  )
  expect(await alone(machine)).toMatchObject({
    output: [
      { status: 'failed', failure: { kind: 'deadline' } },
      { status: 'succeeded', output: 'b' },
    ],
  })
})

test('limiters and breakers are left out', async () => {
  const counts = vi.fn(() => true)
  const { machine } = chain('c').each(
    'e',
    () => [1, 2, 3],
    (item) => {
      if (item === 1) throw new Error('down')
      return item
    },
    {
      limit: { by: limiter('api', { inFlight: 1 }), cost: 9 },
      breaker: breaker('bank', { minimum: 1, window: 1, counts }),
      onFailure: 'collect',
    },
  )
  expect(await alone(machine)).toMatchObject({ output: [{ status: 'failed' }, { output: 2 }, { output: 3 }] })
  expect(counts).not.toHaveBeenCalled()
})
