// What survives of a user's machine, and what a crash costs it: attempts, delays, events, versions, volatile actors.

import { describe, expect, test, vi } from 'vitest'
import { assign, createMachine, fromCallback, fromPromise, raise, sendTo, setup } from 'xstate'
import { attemptOf } from '../../src/execution/guest-actors.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { createBench } from './guests/bench.ts'

const day = 86_400_000

const waiter = setup({
  types: {
    context: {} as { got: string[] },
    events: {} as { type: 'A' | 'B'; text?: string } | { type: 'END' },
  },
}).createMachine({
  context: { got: [] },
  initial: 'first',
  states: {
    first: {
      on: {
        A: {
          target: 'second',
          actions: assign({ got: ({ context, event }) => [...context.got, `A${event.text}`] }),
        },
      },
    },
    second: {
      on: {
        B: { actions: assign({ got: ({ context, event }) => [...context.got, `B${event.text}`] }) },
        END: 'end',
      },
    },
    end: { type: 'final' },
  },
  output: ({ context }) => context.got,
})

describe('an attempt of a machine', () => {
  const machineOf = (body: (attempt: number) => Promise<string>) => {
    let calls = 0
    return setup({ actors: { work: fromPromise(async () => body(++calls)) } }).createMachine({
      context: { result: '' },
      initial: 'working',
      states: {
        working: {
          invoke: {
            id: 'w',
            src: 'work',
            onDone: { target: 'done', actions: assign({ result: ({ event }) => event.output }) },
          },
        },
        done: { type: 'final' },
      },
      output: ({ context }) => context.result,
    })
  }

  test('begins only when its start is durable', async () => {
    const started = vi.fn<() => void>()
    const work = fromMachine(
      'work',
      machineOf(async () => (started(), 'x')),
    )
    const bench = await createBench([work])
    const run = await bench.settle(bench.supervisor.start(work))
    expect(await bench.settle(run.result())).toBe('x')
    const dead = await bench.kill()
    expect(started).toHaveBeenCalledTimes(1)
    started.mockClear()
    // nothing that is written reaches the disk any more
    const silent = await createBench([work])
    await silent.kill()
    void silent.supervisor.start(work).catch(() => {})
    await silent.clock.settle()
    expect(started).not.toHaveBeenCalled()
    await dead.stop()
  })

  test('that was in flight is lost with its process, and runs again under the same key', async () => {
    const work = fromMachine(
      'work',
      machineOf(async (call) => (call === 1 ? new Promise(() => {}) : `call ${call}`)),
    )
    const bench = await createBench([work])
    const run = await bench.settle(bench.supervisor.start(work, undefined, { id: 'r' }))
    await bench.clock.settle()
    const next = await bench.kill()
    expect(await next.settle((await next.supervisor.get(run.id, work))!.result())).toBe('call 2')
    const attempts = next.journal().filter(({ type }) => type.startsWith('attempt.'))
    expect(attempts).toMatchObject([
      { type: 'attempt.started', step: 'work', item: 'w#1', attempt: 1 },
      { type: 'attempt.lost', step: 'work', item: 'w#1', attempt: 1 },
      { type: 'attempt.started', step: 'work', item: 'w#1', attempt: 2 },
      { type: 'attempt.succeeded', step: 'work', item: 'w#1', attempt: 2 },
    ])
    await next.stop()
  })

  test('that is lost three times makes the run a dead letter', async () => {
    const work = fromMachine(
      'work',
      machineOf(async () => new Promise(() => {})),
    )
    let bench = await createBench([work])
    await bench.settle(bench.supervisor.start(work, undefined, { id: 'r' }))
    for (let life = 0; life < 3; life++) {
      await bench.clock.settle()
      bench = await bench.kill()
    }
    await bench.clock.settle()
    expect(await (await bench.supervisor.get('r'))!.status()).toBe('dead-letter')
    await bench.stop()
  })

  test('waits for a slot, and for the end of a pause', async () => {
    const work = fromMachine(
      'work',
      machineOf(async (call) => `call ${call}`),
    )
    const holder = chain('holder').step('hold', async () => new Promise<void>(() => {}))
    const bench = await createBench([work, holder], { concurrency: 1 })
    const held = await bench.settle(bench.supervisor.start(holder))
    const run = await bench.settle(bench.supervisor.start(work))
    await bench.clock.settle()
    expect(bench.journal().at(-2)).toMatchObject({ type: 'attempt.queued', waitsFor: 'slot' })
    await bench.settle(run.pause())
    await bench.settle(held.cancel())
    await bench.clock.advance('10s')
    await bench.settle(run.resume())
    expect(await bench.settle(run.result())).toBe('call 1')
    await bench.stop()
  })

  test('is aborted when its run is cancelled', async () => {
    const aborted = vi.fn<() => void>()
    const machine = setup({
      actors: {
        endless: fromPromise(
          async ({ signal }) =>
            new Promise((_, reject) =>
              signal.addEventListener('abort', () => (aborted(), reject(new Error('x')))),
            ),
        ),
      },
    }).createMachine({ invoke: { src: 'endless' }, after: { [day]: {} } })
    const endless = fromMachine('endless', machine)
    const bench = await createBench([endless])
    const run = await bench.settle(bench.supervisor.start(endless))
    await bench.clock.settle()
    await bench.settle(run.cancel('enough'))
    expect(await bench.settle(run.settled())).toMatchObject({ status: 'cancelled' })
    expect(aborted).toHaveBeenCalledTimes(1)
    await bench.stop()
    expect(bench.clock.pending).toBe(0)
  })
})

describe('a delay of a machine', () => {
  const sleeper = (delay: number) =>
    createMachine({
      context: { fired: [] as string[] },
      entry: raise({ type: 'RING' }, { delay }),
      on: { RING: '.done' },
      initial: 'asleep',
      states: { asleep: {}, done: { type: 'final' } },
      output: 'awake',
    })

  test('of 1,000 days ends after 1,000 days, whatever happens in between', async () => {
    const long = fromMachine('long', sleeper(1_000 * day))
    let bench = await createBench([long])
    await bench.settle(bench.supervisor.start(long, undefined, { id: 'r' }))
    for (let life = 0; life < 3; life++) {
      await bench.clock.advance('100d')
      bench = await bench.kill()
    }
    await bench.clock.advance('699d')
    expect(await (await bench.supervisor.get('r'))!.status()).toBe('waiting')
    await bench.clock.advance('2d')
    expect(await (await bench.supervisor.get('r', long))!.status()).toBe('succeeded')
    await bench.stop()
  })

  test('that fell due while nothing ran fires at once, the earliest first', async () => {
    const machine = createMachine({
      context: { order: [] as string[] },
      entry: [raise({ type: 'LATE' }, { delay: 3_000_000 }), raise({ type: 'EARLY' }, { delay: 2_000_000 })],
      on: {
        '*': { actions: assign({ order: ({ context, event }) => [...context.order, event.type] }) },
        LATE: { target: '.done', actions: assign({ order: ({ context }) => [...context.order, 'LATE'] }) },
      },
      initial: 'asleep',
      states: { asleep: {}, done: { type: 'final' } },
      output: ({ context }) => context.order,
    })
    const both = fromMachine('both', machine)
    const bench = await createBench([both])
    await bench.settle(bench.supervisor.start(both, undefined, { id: 'r' }))
    const next = await bench.kill([both], day)
    const run = (await next.supervisor.get('r', both))!
    expect(await next.settle(run.result())).toEqual(['EARLY', 'LATE'])
    await next.stop()
  })
})

test('a delay for an actor that is gone fires for nobody, and wakes nobody', async () => {
  const child = createMachine({ initial: 'x', states: { x: { on: { END: 'y' } }, y: { type: 'final' } } })
  const machine = setup({ actors: { child } }).createMachine({
    initial: 'a',
    states: {
      a: {
        invoke: { id: 'child', src: 'child', onDone: 'b' },
        entry: [sendTo('child', { type: 'POKE' }, { delay: day }), sendTo('child', { type: 'END' })],
      },
      b: { on: { GO: 'c' } },
      c: { type: 'final' },
    },
  })
  const poking = fromMachine('poking', machine)
  const bench = await createBench([poking])
  const run = await bench.settle(bench.supervisor.start(poking))
  await bench.clock.advance('2d')
  expect(await bench.supervisor.list({ status: ['waiting'] })).toMatchObject([{ wakeAt: null }])
  await bench.settle(run.send({ type: 'GO' }))
  expect(await run.status()).toBe('succeeded')
  await bench.stop()
})

describe('an event from outside', () => {
  const wait = fromMachine('wait', waiter)

  test('is durable once it is sent, and one with an id is delivered once', async () => {
    const bench = await createBench([wait])
    const run = await bench.settle(bench.supervisor.start(wait, undefined, { id: 'r' }))
    await bench.settle(run.send({ type: 'A', text: '1' }))
    await bench.settle(run.send({ type: 'B', text: '2' }, { id: 'once' }))
    const next = await bench.kill()
    const again = (await next.supervisor.get('r', wait))!
    await next.settle(again.send({ type: 'B', text: '2' }, { id: 'once' }))
    await next.settle(again.send({ type: 'B', text: '2' }))
    await next.settle(again.send({ type: 'END' }))
    expect(await next.settle(again.result())).toEqual(['A1', 'B2', 'B2'])
    await expect(next.settle(again.send({ type: 'END' }))).rejects.toMatchObject({ code: 'RUN_ENDED' })
    await next.stop()
  })

  test('may come as a signal, also before the machine can take it', async () => {
    const bench = await createBench([wait])
    const run = await bench.settle(bench.supervisor.start(wait))
    for (const text of ['1', '2', '3']) await bench.settle(run.signal('B', { text }))
    expect(await bench.supervisor.list({ signal: 'A' })).toHaveLength(1)
    await bench.settle(run.signal('A', { text: '0' }))
    await bench.clock.settle()
    await bench.settle(run.signal('END'))
    expect(await bench.settle(run.result())).toEqual(['A0', 'B1', 'B2', 'B3'])
    await bench.stop()
  })

  test('waits for a machine that has not begun', async () => {
    let open = (): void => {}
    const gate = chain('gate').step('open', async () => new Promise<void>((resolve) => (open = resolve)))
    const later = wait.needs({ gate })
    const bench = await createBench([later])
    const run = await bench.settle(bench.supervisor.start(later))
    await bench.settle(run.send({ type: 'A', text: 'early' }))
    open()
    await bench.clock.settle()
    await bench.settle(run.send({ type: 'END' }))
    expect(await bench.settle(run.result())).toEqual(['Aearly'])
    await bench.stop()
  })

  test('that the machine ignores leaves no trace', async () => {
    const bench = await createBench([wait])
    const run = await bench.settle(bench.supervisor.start(wait))
    const before = bench.journal().length
    await bench.settle(run.send({ type: 'END' }))
    expect(bench.journal()).toHaveLength(before)
    await bench.stop()
  })

  test('is refused by a run without a machine', async () => {
    const steps = chain('steps').wait('go')
    const bench = await createBench([steps])
    const run = await bench.settle(bench.supervisor.start(steps))
    await expect(bench.settle(run.send({ type: 'A' } as never))).rejects.toMatchObject({
      code: 'SIGNAL_UNKNOWN',
    })
    await bench.stop()
  })
})

describe('a machine that was changed under a live run', () => {
  const stateful = (states: object) =>
    fromMachine('changing', createMachine({ id: 'm', initial: 'a', states } as never))
  const go = { type: 'GO' } as never
  const before = stateful({ a: { on: { GO: 'b' } }, b: { on: { GO: 'c' } }, c: { type: 'final' } })

  test('goes on where every state that it is in still exists', async () => {
    const after = stateful({ a: {}, b: { on: { GO: 'd' } }, d: { on: { GO: 'c' } }, c: { type: 'final' } })
    expect(after.version).not.toBe(before.version)
    const bench = await createBench([before])
    const run = await bench.settle(bench.supervisor.start(before, undefined as never, { id: 'r' }))
    await bench.settle(run.send(go))
    const next = await bench.kill([after])
    const again = (await next.supervisor.get('r', after))!
    await next.settle(again.send(go))
    expect(await again.status()).toBe('waiting')
    await next.settle(again.send(go))
    expect(await again.status()).toBe('succeeded')
    await next.stop()
  })

  test('is parked, with the cure, where one is gone', async () => {
    const after = stateful({ a: { on: { GO: 'c' } }, c: { type: 'final' } })
    const bench = await createBench([before])
    const run = await bench.settle(bench.supervisor.start(before, undefined as never, { id: 'r' }))
    await bench.settle(run.send(go))
    const next = await bench.kill([after])
    const again = (await next.supervisor.get('r', after))!
    await next.settle(again.pause())
    expect(await again.status()).toBe('needs-migration')
    const parked = next.journal().find(({ type }) => type === 'run.parked')
    expect(parked).toMatchObject({
      detail: expect.stringContaining('machine "m" has no state "b" any more') as string,
      cure: expect.stringContaining('under its old version') as string,
    })
    const last = await next.kill([before])
    // the old machine is back, so it goes on where it was: paused
    expect(await (await last.supervisor.get('r'))!.status()).toBe('paused')
    await last.stop()
  })
})

describe('a volatile actor', () => {
  test('starts again after a crash, keeps its run in memory and is not journalled', async () => {
    let listeners = 0
    let emit: (event: { type: 'TICK' }) => void = () => {}
    const machine = setup({
      types: { context: {} as { ticks: number }, events: {} as { type: 'TICK' } | { type: 'END' } },
      actors: {
        ticker: fromCallback<{ type: 'TICK' }>(({ sendBack }) => {
          listeners++
          emit = (event) => sendBack(event)
          return () => void listeners--
        }),
      },
    }).createMachine({
      context: { ticks: 0 },
      initial: 'on',
      states: {
        on: {
          invoke: { src: 'ticker' },
          on: { TICK: { actions: assign({ ticks: ({ context }) => context.ticks + 1 }) }, END: 'off' },
        },
        off: { type: 'final' },
      },
      output: ({ context }) => context.ticks,
    })
    const ticking = fromMachine('ticking', machine, { volatile: ['ticker'] })
    const bench = await createBench([ticking])
    await bench.settle(bench.supervisor.start(ticking, undefined, { id: 'r' }))
    await bench.clock.advance('1h')
    expect(listeners).toBe(1)
    emit({ type: 'TICK' })
    await bench.clock.settle()
    listeners = 0
    const next = await bench.kill()
    const run = (await next.supervisor.get('r', ticking))!
    expect(listeners).toBe(1)
    emit({ type: 'TICK' })
    await next.settle(run.send({ type: 'END' }))
    expect(await next.settle(run.result())).toBe(2)
    expect(listeners).toBe(0)
    expect(next.journal().filter(({ type }) => type.startsWith('attempt.'))).toEqual([])
    await next.stop()
  })
})

test('a thousand machines leave nothing behind', async () => {
  const many = fromMachine('many', waiter)
  const bench = await createBench([many])
  const runs = await bench.settle(
    Promise.all(Array.from({ length: 1_000 }, async () => bench.supervisor.start(many))),
  )
  await bench.settle(Promise.all(runs.map(async (run) => run.send({ type: 'A', text: '' }))))
  await bench.settle(Promise.all(runs.map(async (run) => run.send({ type: 'END' }))))
  const results = await bench.settle(Promise.all(runs.map(async (run) => run.result())))
  expect(results).toHaveLength(1_000)
  await bench.stop()
  expect(bench.clock.pending).toBe(0)
})

test('a promise may reach its machine while it runs, and knows which attempt it is', async () => {
  const machine = setup({
    types: { context: {} as { done: number[]; key: string } },
    actors: {
      work: fromPromise<string>(async ({ self, system }) => {
        const attempt = attemptOf(self)
        self._parent?.send({ type: 'PROGRESS', done: attempt?.attempt })
        await Promise.resolve()
        system.get('counter')?.send({ type: 'COUNT' })
        const app = attempt?.app as { name: string } | undefined
        return `${attempt?.idempotencyKey} with ${app?.name}`
      }),
      counter: createMachine({
        context: { count: 0 },
        on: { COUNT: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
      }),
    },
  }).createMachine({
    id: 'm',
    context: { done: [], key: '' },
    invoke: { src: 'counter', systemId: 'counter', id: 'counter' },
    on: {
      PROGRESS: {
        actions: assign({ done: ({ context, event }) => [...context.done, event['done'] as number] }),
      },
    },
    initial: 'working',
    states: {
      working: {
        invoke: {
          id: 'w',
          src: 'work',
          onDone: { target: 'done', actions: assign({ key: ({ event }) => event.output }) },
        },
      },
      done: { type: 'final' },
    },
    output: ({ context }) => context,
  })
  const talking = fromMachine('talking', machine)
  const bench = await createBench([talking], { app: { name: 'the app' } })
  const run = await bench.settle(bench.supervisor.start(talking, undefined, { id: 'r' }))
  expect(await bench.settle(run.result())).toEqual({ done: [1], key: 'r/talking/work/w#1 with the app' })
  const advanced = bench.journal().filter(({ type }) => type === 'machine.advanced')
  expect(advanced).toMatchObject([
    { event: 'xstate.init', value: 'working' },
    { event: 'PROGRESS', value: 'working' },
    { event: 'COUNT', value: 'working' },
    { event: 'xstate.done.actor.w', value: 'done' },
  ])
  await bench.stop()
})

test('a run says where its machine is and what it waits for', async () => {
  const machine = createMachine({
    initial: 'open',
    states: { open: { on: { GO: 'shut' }, after: { 60_000: 'shut' } }, shut: { on: { GO: 'open' } } },
  })
  const door = fromMachine('door', machine)
  const bench = await createBench([door])
  const run = await bench.settle(bench.supervisor.start(door))
  const { sentence, causes } = await run.explain()
  expect(sentence).toContain('the machine of chain door is in "open"')
  expect(sentence).toContain('waiting for GO or its delay until')
  expect(causes).toMatchObject([{ kind: 'machine', state: 'open', takes: ['GO'], until: 60_000 }])
  await bench.clock.advance('1h')
  expect((await run.explain()).causes).toMatchObject([{ kind: 'machine', state: 'shut', since: 60_000 }])
  await bench.stop()
})

test('an event for a machine that has not begun waits for that one, and no other takes it', async () => {
  const asked = setup({ types: { events: {} as { type: 'POKE' | 'GO' } } }).createMachine({
    initial: 'a',
    states: { a: { on: { POKE: 'b' } }, b: { on: { GO: 'c' } }, c: { type: 'final' } },
  })
  const early = fromMachine('early', asked)
  const late = fromMachine('late', asked).needs({ gate: chain('gate').wait('open') })
  const bench = await createBench([early, late])
  const run = await bench.settle(bench.supervisor.start([early, late], undefined, { id: 'r' }))
  await bench.settle(run.send({ type: 'GO' } as never, { to: 'late' }))
  await bench.settle(run.send({ type: 'POKE' } as never, { to: 'early' }))
  expect(await run.status()).toBe('waiting')
  const next = await bench.kill(undefined, 1_000)
  const again = (await next.supervisor.get('r'))!
  await next.settle(again.signal('open'))
  await next.settle(again.send({ type: 'POKE' } as never, { to: 'late' }))
  await next.settle(again.send({ type: 'GO' } as never, { to: 'early' }))
  expect(await again.status()).toBe('succeeded')
  await next.stop()
})
