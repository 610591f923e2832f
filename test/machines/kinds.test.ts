// Every step kind's statechart, run alone under plain XState.

import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, SimulatedClock, createActor } from 'xstate'
import { chain } from '../../src/chain/create-chain.ts'

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

/** A machine that runs alone, with every state it came through. */
function alone(machine: AnyStateMachine, input?: unknown) {
  const clock = new SimulatedClock()
  const actor = createActor(machine, { clock, input: { input } })
  const states: unknown[] = []
  actor.subscribe(({ value }) => {
    states.push(value)
  })
  actor.start()
  return {
    actor,
    clock,
    states,
    async end(): Promise<unknown> {
      await settle()
      return actor.getSnapshot().output
    },
  }
}

const failing = (): never => {
  throw new Error('no')
}

describe('parallel', () => {
  test('runs its branches side by side and returns their outputs by name', async () => {
    const both = chain('both').parallel('fork', {
      left: (b) => b.step('a', () => 1),
      right: (b) => b.step('b', () => 2).step('c', ({ steps }) => steps.b + 1),
    })
    const run = alone(both.machine)
    expect(await run.end()).toEqual({ status: 'succeeded', output: { left: 1, right: 3 } })
    expect(run.states[0]).toEqual({ fork: { branches: { left: 'a', right: 'b' } } })
  })

  test('aborts the other branches when one fails, and settles before it fails itself', async () => {
    let aborted = false
    const both = chain('both').parallel('fork', {
      bad: (b) => b.step('a', async () => failing()),
      slow: (b) =>
        b.step(
          'b',
          async ({ signal }) =>
            new Promise((resolve) => {
              signal.addEventListener('abort', () => {
                aborted = true
                resolve(undefined)
              })
            }),
        ),
    })
    const run = alone(both.machine)
    expect(await run.end()).toMatchObject({ status: 'failed', step: 'a' })
    expect(run.states).toContainEqual({ fork: 'settling' })
    expect(aborted).toBe(true)
  })

  test('lets the other branches end first where it is told to wait', async () => {
    let ended = false
    const both = chain('both').parallel(
      'fork',
      {
        bad: (b) => b.step('a', failing),
        good: (b) =>
          b.step('b', async () => {
            ended = true
          }),
      },
      { onFailure: 'wait' },
    )
    expect(await alone(both.machine).end()).toMatchObject({ status: 'failed', step: 'a' })
    expect(ended).toBe(true)
  })
})

describe('choose', () => {
  const size = chain<number>('size').choose('by', (c) =>
    c
      .when(
        ({ input }) => input > 10,
        (b) => b.step('large', () => 'large'),
      )
      .when(
        ({ input }) => input > 5,
        (b) => b.step('medium', () => 'medium'),
      )
      .otherwise((b) => b.step('small', () => 'small')),
  )

  test('takes the first case that holds, or otherwise', async () => {
    for (const [input, output] of [
      [11, 'large'],
      [6, 'medium'],
      [1, 'small'],
    ]) {
      expect(await alone(size.machine, input).end()).toEqual({ status: 'succeeded', output })
    }
  })

  test('goes on with nothing where no case holds and nothing else is said', async () => {
    const perhaps = chain<number>('perhaps')
      .choose('by', (c) =>
        c.when(
          ({ input }) => input > 10,
          (b) => b.step('large', () => 'large'),
        ),
      )
      .step('after', ({ steps }) => steps.by ?? 'nothing')
    expect(await alone(perhaps.machine, 1).end()).toEqual({ status: 'succeeded', output: 'nothing' })
  })

  test('fails where a guard throws', async () => {
    const broken = chain('broken').choose('by', (c) => c.when(failing, (b) => b.step('x', () => 1)))
    expect(await alone(broken.machine).end()).toMatchObject({
      status: 'failed',
      step: 'by',
      failure: { message: 'no' },
    })
  })
})

describe('each', () => {
  test('keeps the order of its items, and no more in flight than it may', async () => {
    let inFlight = 0
    let most = 0
    const squares = chain<number[]>('squares').each(
      'square',
      ({ input }) => input,
      async (n) => {
        most = Math.max(most, ++inFlight)
        await settle()
        inFlight--
        return n * n
      },
      { inFlight: 2 },
    )
    const run = alone(squares.machine, [1, 2, 3, 4, 5])
    for (let i = 0; i < 6; i++) await settle()
    expect(await run.end()).toEqual({ status: 'succeeded', output: [1, 4, 9, 16, 25] })
    expect(most).toBe(2)
  })

  test('runs a chain for each item', async () => {
    const double = chain<number>('double').step('twice', ({ input }) => input * 2)
    const all = chain('all').each('doubled', () => [1, 2, 3], double)
    expect(await alone(all.machine).end()).toEqual({ status: 'succeeded', output: [2, 4, 6] })
  })

  test('tries an item again after its backoff', async () => {
    const flaky = chain('flaky').each(
      'item',
      () => ['a', 'b'],
      (item, { attempt }) => (item === 'b' && attempt < 3 ? failing() : `${item}${attempt}`),
      { attempts: 3 },
    )
    const run = alone(flaky.machine)
    for (let i = 0; i < 4; i++) {
      await settle()
      run.clock.increment(100_000)
    }
    expect(await run.end()).toEqual({ status: 'succeeded', output: ['a1', 'b3'] })
  })

  test('refuses two items with one key', async () => {
    const twice = chain('twice').each(
      'item',
      () => ['a', 'a'],
      (item) => item,
      { key: (item) => item },
    )
    expect(await alone(twice.machine).end()).toMatchObject({
      status: 'failed',
      step: 'item',
      failure: { message: expect.stringContaining('two items of each "item" have the key "a"') as string },
    })
  })
})

describe('waiting', () => {
  test('for a signal that names the step', async () => {
    const approval = chain('approval')
      .wait('sign-off')
      .step('after', ({ steps }) => steps['sign-off'])
    const run = alone(approval.machine)
    run.actor.send({ type: 'signal', step: 'other', output: 'no' })
    expect(run.actor.getSnapshot().value).toBe('sign-off')
    run.actor.send({ type: 'signal', step: 'sign-off', output: 'yes' })
    expect(await run.end()).toEqual({ status: 'succeeded', output: 'yes' })
  })

  test('at most as long as it may, and then fails or goes on', async () => {
    for (const [onTimeout, end] of [
      ['fail', { status: 'failed', step: 'answer', failure: { kind: 'timeout' } }],
      ['continue', { status: 'succeeded', output: undefined }],
    ] as const) {
      const asks = chain('asks').wait('answer', undefined, { timeout: '1m', onTimeout })
      const run = alone(asks.machine)
      expect(run.actor.getSnapshot().value).toEqual({ answer: 'waiting' })
      run.clock.increment(60_000)
      expect(await run.end()).toMatchObject(end)
    }
  })

  test('for time', async () => {
    const nap = chain('nap')
      .sleep('rest', '1h')
      .step('after', () => 'up')
    const run = alone(nap.machine)
    run.clock.increment(3_599_000)
    expect(run.actor.getSnapshot().value).toEqual({ rest: 'sleeping' })
    run.clock.increment(1_000)
    expect(await run.end()).toEqual({ status: 'succeeded', output: 'up' })
  })

  test('until a time that is past not at all', async () => {
    const late = chain('late')
      .sleep('rest', () => new Date(0))
      .step('after', () => 'up')
    const run = alone(late.machine)
    run.clock.increment(0)
    expect(await run.end()).toEqual({ status: 'succeeded', output: 'up' })
  })
})

describe('call', () => {
  const half = chain<number>('half').step('halve', ({ input }) => (input % 2 === 0 ? input / 2 : failing()))

  test('runs another chain with its own input', async () => {
    const caller = chain<number>('caller').call('halved', half, ({ input }) => input + 1)
    expect(await alone(caller.machine, 5).end()).toEqual({ status: 'succeeded', output: 3 })
  })

  test('fails as the called chain did', async () => {
    const caller = chain<number>('caller').call('halved', half, ({ input }) => input)
    expect(await alone(caller.machine, 5).end()).toMatchObject({
      status: 'failed',
      step: 'halved',
      failure: { message: 'no' },
    })
  })
})

describe('repeat', () => {
  const counted = (max: number) => {
    let n = 0
    return chain('counted').repeat('loop', (b) => b.step('count', () => ++n), {
      until: ({ steps }) => steps.count === 3,
      max,
    })
  }

  test('goes round until it is enough, and returns the last round', async () => {
    expect(await alone(counted(5).machine).end()).toEqual({ status: 'succeeded', output: 3 })
  })

  test('fails when its rounds are spent', async () => {
    expect(await alone(counted(2).machine).end()).toMatchObject({
      status: 'failed',
      step: 'loop',
      failure: { kind: 'exhausted', message: 'step "loop" was not done after 2 rounds' },
    })
  })
})

describe('the end', () => {
  test('is what the chain says it returns', async () => {
    const sum = chain('sum')
      .step('a', () => 1)
      .step('b', () => 2)
      .returns(({ steps }) => steps.a + steps.b)
    expect(await alone(sum.machine).end()).toEqual({ status: 'succeeded', output: 3 })
  })

  test('is a failure where the chain says so, with its reason', async () => {
    const refuses = chain<string>('refuses').fail(({ input }) => `not for ${input}`)
    expect(await alone(refuses.machine, 'you').end()).toMatchObject({
      status: 'failed',
      failure: { kind: 'failed', message: 'not for you' },
    })
  })

  test('of a chain without steps is at once', async () => {
    expect(await alone(chain('empty').machine).end()).toEqual({ status: 'succeeded', output: undefined })
  })
})
