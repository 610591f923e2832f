// A step's statechart, run alone under plain XState.

import { describe, expect, test } from 'vitest'
import { SimulatedClock, createActor, fromPromise, toPromise } from 'xstate'
import { chain } from '../../src/chain/create-chain.ts'
import type { StepOptions } from '../../src/chain/options.ts'
import { NonRetryable } from '../../src/kernel/failure.ts'

/** Lets promises settle, without time. */
async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Runs a step that fails as often as said, and tells each state that it came through. */
async function trace(
  failures: number,
  options: StepOptions,
  error: () => Error = () => new Error('no'),
): Promise<unknown[]> {
  const one = chain('one').step(
    'work',
    ({ attempt }) => {
      if (attempt <= failures) throw error()
      return `done at ${attempt}`
    },
    options as never,
  )
  const clock = new SimulatedClock()
  const actor = createActor(one.machine, { clock })
  const states: unknown[] = []
  actor.subscribe(({ value, output }) => {
    states.push(output ?? value)
  })
  actor.start()
  for (let i = 0; i < 8; i++) {
    await settle()
    clock.increment(100_000)
  }
  await settle()
  return states
}

const states = (seen: unknown[]): unknown[] => seen.slice(0, -1)

describe('a step alone', () => {
  test('is one state where it has nothing to recover with', async () => {
    expect(await trace(0, {})).toEqual(['work', { status: 'succeeded', output: 'done at 1' }])
  })

  test('backs off between its attempts', async () => {
    const seen = await trace(2, { attempts: 3 })
    expect(states(seen)).toEqual([
      { work: 'running' },
      { work: 'recovering' },
      { work: 'backing-off' },
      { work: 'running' },
      { work: 'recovering' },
      { work: 'backing-off' },
      { work: 'running' },
    ])
    expect(seen.at(-1)).toEqual({ status: 'succeeded', output: 'done at 3' })
  })

  test('fails with its last failure when its attempts are spent', async () => {
    const seen = await trace(9, { attempts: 2 })
    expect(seen.at(-1)).toMatchObject({
      status: 'failed',
      step: 'work',
      failure: { kind: 'thrown', message: 'no' },
    })
  })

  test('is not tried again after NonRetryable', async () => {
    const seen = await trace(9, { attempts: 5 }, () => new NonRetryable('never'))
    expect(states(seen)).toEqual([{ work: 'running' }, { work: 'recovering' }])
    expect(seen.at(-1)).toMatchObject({ status: 'failed', failure: { message: 'never', retryable: false } })
  })

  test('is not tried again where its own predicate says no', async () => {
    const seen = await trace(9, { attempts: 5, backoff: { when: ({ message }) => message !== 'no' } })
    expect(states(seen)).toEqual([{ work: 'running' }, { work: 'recovering' }])
  })

  test('falls back when its attempts are spent', async () => {
    const seen = await trace(9, { attempts: 2, fallback: () => 'substitute' })
    expect(states(seen)).toEqual([
      { work: 'running' },
      { work: 'recovering' },
      { work: 'backing-off' },
      { work: 'running' },
      { work: 'recovering' },
      { work: 'falling-back' },
    ])
    expect(seen.at(-1)).toEqual({ status: 'succeeded', output: 'substitute' })
  })

  test('fails where its fallback does', async () => {
    const seen = await trace(9, {
      fallback: () => {
        throw new Error('nor this')
      },
    })
    expect(seen.at(-1)).toMatchObject({ status: 'failed', failure: { message: 'nor this' } })
  })

  test('is stubbed with machine.provide, as any XState machine', async () => {
    const two = chain('two')
      .step('first', () => 1)
      .step('second', ({ steps }) => steps.first + 1)
    const stubbed = two.machine.provide({ actors: { first: fromPromise(async () => 41) } })
    expect(await toPromise(createActor(stubbed).start())).toEqual({ status: 'succeeded', output: 42 })
  })

  test('hands over what app it was given, and its input', async () => {
    const uses = chain<number>('uses').step('add', ({ input, app }) => input + (app as { base: number }).base)
    const actor = createActor(uses.machine, { input: { input: 2, app: { base: 40 } } }).start()
    expect(await toPromise(actor)).toEqual({ status: 'succeeded', output: 42 })
  })

  test('ends as cancelled on a cancel event, and its signal aborts', async () => {
    let aborted = false
    const hangs = chain('hangs').step(
      'wait',
      async ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true
            resolve(undefined)
          })
        }),
    )
    const actor = createActor(hangs.machine).start()
    actor.send({ type: 'cancel' })
    expect(actor.getSnapshot().output).toEqual({ status: 'cancelled' })
    expect(aborted).toBe(true)
  })
})
