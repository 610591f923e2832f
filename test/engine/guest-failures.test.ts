// Whatever a user's machine throws is the chain's failure, never the host's, and leaves nothing behind that runs.

import { describe, expect, test, vi } from 'vitest'
import { type AnyStateMachine, assign, createMachine, fromCallback, fromPromise, setup } from 'xstate'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { createBench } from './guests/bench.ts'

const boom = (): never => {
  throw new TypeError('boom')
}
const go = { type: 'GO' }

const throwers: Readonly<Record<string, AnyStateMachine>> = {
  'the context factory': createMachine({ context: () => boom() }),
  'an initial entry action': createMachine({ entry: boom }),
  'a guard': createMachine({ on: { GO: { guard: boom, actions: () => {} } } }),
  'a guard of always': createMachine({
    initial: 'a',
    states: { a: { on: { GO: 'b' } }, b: { always: { guard: boom, target: 'a' } } },
  }),
  'an action': createMachine({ on: { GO: { actions: boom } } }),
  'an assign': createMachine({ context: {}, on: { GO: { actions: assign(boom) } } }),
  'the input of an actor': setup({ actors: { p: fromPromise(async () => 1) } }).createMachine({
    initial: 'a',
    states: { a: { on: { GO: 'b' } }, b: { invoke: { src: 'p', input: boom } } },
  }),
  'a delay': setup({ delays: { odd: boom } }).createMachine({
    initial: 'a',
    states: { a: { on: { GO: 'b' } }, b: { after: { odd: 'a' } } },
  }),
  'the output': createMachine({
    initial: 'a',
    states: { a: { on: { GO: 'b' } }, b: { type: 'final' } },
    output: boom,
  }),
  'a promise that nobody catches': setup({
    actors: { p: fromPromise(async () => boom()) },
  }).createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: { invoke: { src: 'p' } } } }),
  'a promise before it is one': setup({ actors: { p: fromPromise(boom) } }).createMachine({
    initial: 'a',
    states: { a: { on: { GO: 'b' } }, b: { invoke: { src: 'p' } } },
  }),
  'an action of a child machine': setup({
    actors: { child: createMachine({ entry: boom }) },
  }).createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: { invoke: { src: 'child' } } } }),
}

describe('a chain fails, and the host goes on, when there throws', () => {
  test.each(Object.entries(throwers))('%s', async (_, machine) => {
    const uncaught = vi.fn<(error: unknown) => void>()
    process.on('uncaughtException', uncaught)
    const thrower = fromMachine('thrower', machine)
    const bench = await createBench([thrower])
    const run = await bench.settle(bench.supervisor.start(thrower))
    await bench.settle(run.send(go as never).catch(() => {}))
    const result = await bench.settle(run.settled())
    process.off('uncaughtException', uncaught)
    expect(result).toMatchObject({
      status: 'failed',
      failures: [
        { chain: 'thrower', failure: { kind: 'thrown', message: expect.stringContaining('boom') as string } },
      ],
    })
    await bench.stop()
    expect(bench.clock.pending).toBe(0)
    expect(uncaught).not.toHaveBeenCalled()
  })
})

describe('a failed machine', () => {
  test('names the actor whose failure it did not catch', async () => {
    const failing = fromMachine('failing', throwers['a promise that nobody catches'] as AnyStateMachine)
    const bench = await createBench([failing])
    const run = await bench.settle(bench.supervisor.start(failing))
    await bench.settle(run.send(go as never))
    expect(await bench.settle(run.settled())).toMatchObject({
      failures: [{ step: 'p', failure: { name: 'TypeError', message: 'boom' } }],
    })
    await bench.stop()
  })

  test('aborts the promises, stops the delays and disposes of the callbacks of its whole tree', async () => {
    const aborted: string[] = []
    const disposed = vi.fn<() => void>()
    const child = setup({
      actors: {
        endless: fromPromise(async ({ signal }) => {
          signal.addEventListener('abort', () => aborted.push('endless'))
          await new Promise(() => {})
        }),
        listener: fromCallback(() => disposed),
      },
    }).createMachine({ invoke: [{ src: 'endless' }, { src: 'listener' }], after: { 60_000: {} } })
    const machine = setup({ actors: { child } }).createMachine({
      invoke: { src: 'child', id: 'child' },
      on: { GO: { actions: boom } },
    })
    const tree = fromMachine('tree', machine, { volatile: ['listener'] })
    const bench = await createBench([tree])
    const run = await bench.settle(bench.supervisor.start(tree))
    await bench.clock.settle()
    await bench.settle(run.send(go as never))
    expect(await bench.settle(run.settled())).toMatchObject({ status: 'failed' })
    expect(aborted).toEqual(['endless'])
    expect(disposed).toHaveBeenCalledTimes(1)
    await bench.stop()
    expect(bench.clock.pending).toBe(0)
  })

  test('cleans up after a child machine whose failure its parent catches', async () => {
    const aborted: string[] = []
    const child = setup({
      actors: {
        endless: fromPromise(async ({ signal }) => {
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
          aborted.push('endless')
        }),
      },
    }).createMachine({ invoke: { src: 'endless' }, on: { GO: { actions: boom } } })
    const machine = setup({ actors: { child } }).createMachine({
      initial: 'a',
      states: {
        a: {
          invoke: { src: 'child', id: 'child', onError: 'b' },
          on: { GO: { actions: ({ self }) => self.getSnapshot().children['child']?.send(go) } },
        },
        b: {},
      },
    })
    const parent = fromMachine('parent', machine)
    const bench = await createBench([parent])
    const run = await bench.settle(bench.supervisor.start(parent))
    await bench.clock.settle()
    await bench.settle(run.send(go as never))
    await bench.clock.settle()
    expect(aborted).toEqual(['endless'])
    expect(await run.status()).toBe('waiting')
    await bench.stop()
  })
})

describe('what would hold or outlive the host fails the chain', () => {
  const failureOf = async (machine: AnyStateMachine): Promise<unknown> => {
    const bad = fromMachine('bad', machine)
    const bench = await createBench([bad])
    const result = await bench.settle(bench.supervisor.settled(bad))
    await bench.stop()
    return 'failures' in result ? result.failures[0]?.failure : result
  }

  test('a circle of always', async () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { always: 'b' }, b: { always: 'a' } },
    })
    expect(await failureOf(machine)).toMatchObject({
      message: expect.stringContaining('Infinite loop') as string,
    })
  })

  test('a machine that sends itself events for ever', async () => {
    const machine = createMachine({
      entry: ({ self }) => self.send(go),
      on: { GO: { actions: ({ self }) => self.send(go) } },
    })
    expect(await failureOf(machine)).toMatchObject({
      message: expect.stringContaining('without end') as string,
    })
  })

  test('a context that cannot be stored, with its path', async () => {
    const machine = createMachine({ context: { handlers: { click: () => {} } } })
    expect(await failureOf(machine)).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('context.handlers.click is a function') as string,
    })
  })

  test('an actor that was spawned inline', async () => {
    const machine = createMachine({
      context: ({ spawn }) => ({ ref: spawn(createMachine({}), { id: 'inline' }) }),
    })
    expect(await failureOf(machine)).toMatchObject({
      message: expect.stringContaining('name it in setup({ actors })') as string,
    })
  })

  test('two actors of one id, of which only one could come back', async () => {
    const child = createMachine({})
    const machine = setup({ actors: { child } }).createMachine({
      context: ({ spawn }) => ({ refs: [spawn('child', { id: 'same' }), spawn('child', { id: 'same' })] }),
    })
    expect(await failureOf(machine)).toMatchObject({
      message: expect.stringContaining('an id of its own') as string,
    })
  })
})
