// A user's own machine as a chain: what it is given, what it gives, where it may stand, and what is refused.

import { describe, expect, test } from 'vitest'
import {
  assign,
  createMachine,
  fromCallback,
  fromObservable,
  fromPromise,
  fromTransition,
  setup,
  spawnChild,
} from 'xstate'
import { of } from 'rxjs'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'
import { createBench } from './guests/bench.ts'

const doubler = setup({
  types: { input: {} as number, context: {} as { n: number }, output: {} as number },
  actors: { double: fromPromise<number, number>(async ({ input }) => input * 2) },
}).createMachine({
  id: 'doubler',
  context: ({ input }) => ({ n: input }),
  initial: 'doubling',
  states: {
    doubling: {
      invoke: {
        src: 'double',
        input: ({ context }) => context.n,
        onDone: { target: 'done', actions: assign({ n: ({ event }) => event.output }) },
      },
    },
    done: { type: 'final' },
  },
  output: ({ context }) => context.n,
})

const refusal = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    if (CatenaryError.is(error) && error.code === 'BAD_DEFINITION') return error.message
    throw error
  }
  return 'not refused'
}

describe('a chain of a machine', () => {
  const double = fromMachine('double', doubler)

  test('takes the chain input as its own and gives its output', async () => {
    const bench = await createBench([double])
    expect(await bench.settle(bench.supervisor.run(double, 21))).toBe(42)
    await bench.stop()
  })

  test('is needed, called and run for each item as any chain is', async () => {
    const needing = chain<number>('needing')
      .needs({ double })
      .step('add', ({ needs }) => needs.double + 1)
    const calling = chain<number>('calling').call('twice', double, ({ input }) => input)
    const all = chain<number[]>('all').each('every', ({ input }) => input, double)
    const bench = await createBench([needing, calling, all])
    const { supervisor } = bench
    expect(await bench.settle(supervisor.run(needing, 4))).toBe(9)
    expect(await bench.settle(supervisor.run(calling, 5))).toBe(10)
    expect(await bench.settle(supervisor.run(all, [1, 2, 3]))).toEqual([2, 4, 6])
    await bench.stop()
  })

  test('maps its input from the chain input and from what it needs', async () => {
    const rate = chain<{ amount: number }>('rate').step('ask', () => 3)
    const convert = fromMachine('convert', doubler, {
      input: ({ input, needs }: { input: { amount: number }; needs: { rate: number } }) =>
        input.amount * needs.rate,
    }).needs({ rate })
    const bench = await createBench([convert])
    expect(await bench.settle(bench.supervisor.run(convert, { amount: 7 }))).toBe(42)
    await bench.stop()
  })

  test('fails where the option `failed` says why, although its machine is done', async () => {
    const strict = fromMachine('strict', doubler, {
      failed: (snapshot) => (snapshot.context.n > 10 ? `${snapshot.context.n} is too much` : undefined),
    })
    const bench = await createBench([strict])
    expect(await bench.settle(bench.supervisor.run(strict, 5))).toBe(10)
    const { status, ...rest } = await bench.settle(bench.supervisor.settled(strict, 6))
    expect(status).toBe('failed')
    expect(rest).toMatchObject({
      failures: [{ chain: 'strict', failure: { kind: 'failed', message: '12 is too much' } }],
    })
    await bench.stop()
  })

  test('leaves the machine that it was made from as it was', () => {
    expect(doubler.implementations.actors).not.toBe(double.machine.implementations.actors)
    expect(doubler.options.maxIterations).toBe(Infinity)
  })

  test('has a version that follows its structure and the author', () => {
    const config = { ...doubler.config, states: { ...doubler.config.states, more: {} } }
    const renamed = createMachine(config as never, doubler.implementations as never)
    expect(fromMachine('double', doubler).version).toBe(double.version)
    expect(fromMachine('double', doubler, { version: '2' }).version).not.toBe(double.version)
    expect(fromMachine('double', renamed as never).version).not.toBe(double.version)
    expect(double.definition.machine).toMatchObject({ id: 'doubler', actors: { double: 'promise' } })
  })

  test('runs for a caller without a supervisor', async () => {
    const { createActor, toPromise } = await import('xstate')
    const calling = chain<number>('calling').call('twice', double, ({ input }) => input)
    const actor = createActor(calling.machine, { input: { input: 8 } })
    actor.start()
    expect(await toPromise(actor)).toEqual({ status: 'succeeded', output: 16 })
  })
})

describe('a machine that cannot be durable is refused', () => {
  test('with every problem at once, each with its cure', () => {
    const child = setup({ actors: { ticks: fromCallback(() => {}) } }).createMachine({ id: 'child' })
    const machine = setup({
      actors: { child, prices: fromObservable(() => of(1)), sum: fromTransition((n: number) => n, 0) },
    }).createMachine({
      id: 'bad',
      initial: 'a',
      states: {
        a: { invoke: [{ src: fromPromise(async () => 1) }, { src: 'missing' as never }] },
        b: { entry: spawnChild(fromPromise(async () => 1)) },
        c: { invoke: { src: 'sum' } },
      },
    })
    const message = refusal(() => fromMachine('bad', machine, { volatile: ['nobody'] }))
    expect(message.split('\n  - ').slice(1)).toEqual([
      expect.stringContaining('actor "ticks" of machine "child" is a callback'),
      expect.stringContaining('actor "prices" of machine "bad" is an observable'),
      expect.stringContaining('state "bad.a" invokes an inline actor: name it in setup({ actors })'),
      expect.stringContaining('state "bad.a" starts the actor "missing", which machine "bad" does not know'),
      expect.stringContaining('state "bad.b" spawns an inline actor'),
      expect.stringContaining('volatile names "nobody"'),
    ])
  })

  test('unless what cannot be restored is listed as volatile', () => {
    const machine = setup({ actors: { ticks: fromCallback(() => {}) } }).createMachine({
      invoke: [{ src: 'ticks' }, { id: 'inline', src: fromPromise(async () => 1) as never }],
    })
    expect(refusal(() => fromMachine('ok', machine, { volatile: ['ticks', 'inline'] }))).toBe('not refused')
  })

  test('where it is no machine', () => {
    expect(refusal(() => fromMachine('none', (() => {}) as never))).toContain('was given no state machine')
  })
})
