import { describe, expect, test } from 'vitest'
import { assign, fromPromise, setup } from 'xstate'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { NonRetryable, RetryAfter } from '../../src/kernel/failure.ts'
import { foldEvents } from '../../src/journal/replay-run.ts'
import { timelineOf } from '../../src/observe/timeline.ts'
import { createRig } from './rig.ts'

const hangs = async (): Promise<never> => new Promise(() => {})

describe('a fork', () => {
  test('goes on from a step with the past of its run, under keys of its own; the run stays as it is', async () => {
    const calls: string[] = []
    let version = 1
    const up = chain('up').step('a', ({ idempotencyKey }) => void calls.push(idempotencyKey))
    const down = chain<string>('down')
      .needs({ up })
      .step('b', ({ idempotencyKey }) => (calls.push(idempotencyKey), version))
      .step('c', ({ steps, input }) => `${input} ${steps.b}`)
    const rig = await createRig([down])
    const run = await rig.start(down, 'hello', { id: 'r', attributes: { who: 'ada' } })
    expect(await rig.until(run.result())).toBe('hello 1')
    version = 2
    const fork = await rig.until(run.fork({ at: 'b', id: 'f' }))
    expect(await rig.until(fork.result())).toBe('hello 2')
    expect(await rig.until(run.result())).toBe('hello 1')
    expect(calls).toEqual(['r/up/a', 'r/down/b', 'f/down/b'])
    const told = timelineOf(rig.events().filter((event) => event.run === 'f'))
    expect(told?.state).toMatchObject({ origin: { run: 'r' }, attributes: { who: 'ada' } })
    expect((await rig.until(run.fork({ at: 'b', id: 'f' }))).id).toBe('f')
    expect(rig.events().filter(({ type }) => type === 'run.accepted')).toHaveLength(2)
  })

  test('has what other chains had done by then, also where that was retried since', async () => {
    const calls: string[] = []
    const noting = (name: string) => () => void calls.push(name)
    const first = chain('first').step('a', noting('a')).step('b', noting('b'))
    const second = chain('second').sleep('nap', '1m').step('c', noting('c'))
    const rig = await createRig([first, second])
    const run = await rig.start([first, second])
    await rig.until(run.settled())
    await rig.until(run.retry({ from: { chain: 'first', step: 'b' } }))
    await rig.until(run.settled())
    expect(calls).toEqual(['a', 'b', 'c', 'b'])
    const fork = await rig.until(run.fork({ at: 'c' }))
    expect((await rig.until(fork.settled())).status).toBe('succeeded')
    expect(calls).toEqual(['a', 'b', 'c', 'b', 'c'])
  })

  test('of an item whose failure ends its each leaves no backoff of another behind', async () => {
    const c = chain('c').each(
      'one',
      () => ['slow', 'fatal'],
      async (item) => {
        throw item === 'slow' ? new RetryAfter(60_000) : new NonRetryable('no')
      },
      { key: (item) => item, attempts: 2 },
    )
    const rig = await createRig([c], { faults: { slowest: 20 } })
    const run = await rig.start(c)
    await rig.until(run.settled())
    // by then the backoff of the other is over
    await rig.advance('2m')
    const fatal = rig.events().findLast(({ type }) => type === 'attempt.failed')
    const fork = await rig.until(run.fork({ at: fatal?.seq ?? 0, id: 'f' }))
    expect((await rig.until(fork.settled())).status).toBe('failed')
    await rig.advance('2m')
    const told = rig.events().filter(({ run: of }) => of === 'f')
    expect(told.at(-1)?.type).toBe('run.ended')
  })

  test('of a live run begins what was under way again, and is as durable as any run', async () => {
    let stuck = true
    const c = chain('c')
      .step('a', () => 'a')
      .parallel('both', {
        left: (b) => b.step('l', async () => (stuck ? hangs() : 'l')),
        right: (b) => b.step('r', () => 'r').wait('go'),
      })
    const rig = await createRig([c])
    const run = await rig.start(c, undefined, { id: 'r' })
    await rig.until(run.signal('go', 1, { id: 'one' }))
    await rig.advance('1s')
    stuck = false
    for (const { seq } of rig
      .events()
      .filter((event) => event.run === 'r')
      .slice(1)) {
      const origin = (await rig.supervisor.get(run.id))!
      const { id } = await rig.until(origin.fork({ at: seq }))
      await rig.crash()
      const fork = (await rig.supervisor.get(id))!
      // heard once: where its past has the signal, this one changes nothing
      if ((await fork.status()) !== 'succeeded') await rig.until(fork.signal('go', 1, { id: 'one' }))
      expect(await rig.until(fork.result()), `seq ${seq}`).toEqual({ left: 'l', right: 1 })
    }
  })

  test('is not held to account for the attempts that its origin lost', async () => {
    const c = chain('c').step('a', hangs)
    const rig = await createRig([c])
    const { id } = await rig.start(c)
    await rig.advance()
    for (let times = 0; times < 3; times++) await rig.crash()
    const dead = (await rig.until(rig.supervisor.get(id)))!
    expect(await rig.until(dead.status())).toBe('dead-letter')
    const last = rig.events().findLast(({ type }) => type === 'attempt.started')!
    await rig.until(dead.fork({ at: last.seq, id: 'f' }))
    await rig.advance()
    const statuses: string[] = []
    for (let times = 0; times < 3; times++) {
      await rig.crash()
      const fork = (await rig.until(rig.supervisor.get('f')))!
      statuses.push(await rig.until(fork.status()))
    }
    expect(statuses).toEqual(['running', 'running', 'dead-letter'])
  })

  test('at a time has the past up to then', async () => {
    const c = chain('c')
      .step('a', () => 'a')
      .sleep('rest', '1h')
      .step('b', ({ steps }) => steps.a)
    const rig = await createRig([c])
    const run = await rig.start(c)
    const then = rig.now() + 60_000
    expect(await rig.until(run.result())).toBe('a')
    const fork = await rig.until(run.fork({ at: new Date(then) }))
    expect(await rig.until(fork.result())).toBe('a')
    const own = rig.events().filter((event) => event.run === fork.id)
    expect(own.filter(({ type }) => type === 'timer.fired')).toHaveLength(1)
  })

  test('of a machine of the user goes on from the state that it had', async () => {
    const calls: string[] = []
    const machine = setup({
      actors: {
        work: fromPromise<void, string>(async ({ input }) => void calls.push(input)),
      },
    }).createMachine({
      initial: 'one',
      states: {
        one: { invoke: { src: 'work', input: 'first', onDone: 'idle' } },
        idle: { on: { GO: 'two' } },
        two: { invoke: { src: 'work', input: 'second', onDone: 'over' } },
        over: { type: 'final' },
      },
    })
    const guest = fromMachine('guest', machine)
    const rig = await createRig([guest])
    const run = await rig.start(guest)
    await rig.advance('1s')
    const then = rig.events().at(-1)?.seq ?? 0
    await rig.until(run.send({ type: 'GO' } as never))
    await rig.until(run.result())
    const fork = await rig.until(run.fork({ at: then }))
    await rig.until(fork.send({ type: 'GO' } as never))
    await rig.until(fork.result())
    expect(calls).toEqual(['first', 'second', 'second'])

    // also between an outcome and the state that came of it: the attempt begins again
    const outcome = rig.events().find(({ type }) => type === 'attempt.succeeded')
    const cut = await rig.until(run.fork({ at: outcome?.seq ?? 0 }))
    await rig.advance('1s')
    const begun = rig
      .events()
      .flatMap((event) =>
        event.type === 'attempt.started' && event.run === cut.id ? [`${event.item} ${event.attempt}`] : [],
      )
    expect(begun.length).toBeGreaterThan(1)
    expect(new Set(begun).size, begun.join(', ')).toBe(begun.length)
  })

  test('of a machine of the user takes each signal once, wherever it is cut', async () => {
    const machine = setup({
      types: { context: {} as { readonly taken: readonly string[] } },
      actors: { work: fromPromise<void>(async () => {}) },
    }).createMachine({
      context: { taken: [] },
      initial: 'waiting',
      states: {
        waiting: {
          on: {
            GO: { target: 'working', actions: assign({ taken: ({ context }) => [...context.taken, 'go'] }) },
            END: { target: 'over', actions: assign({ taken: ({ context }) => [...context.taken, 'end'] }) },
          },
        },
        working: { invoke: { src: 'work', onDone: 'waiting' } },
        over: { type: 'final' },
      },
      output: ({ context }) => context.taken,
    })
    const nap = chain('nap').sleep('nap', '1m')
    const guest = fromMachine('guest', machine).needs({ nap })
    const rig = await createRig([guest])
    const run = await rig.start(guest)
    for (const type of ['GO', 'GO', 'END']) await rig.until(run.send({ type } as never))
    expect(await rig.until(run.result())).toEqual(['go', 'go', 'end'])
    const past = rig.events().filter((event) => event.run === run.id)
    const sent = past.findLastIndex(({ type }) => type === 'signal.received')
    expect(past.filter(({ type }) => type === 'signal.consumed')).toHaveLength(3)
    for (const { seq } of past.slice(sent, -2)) {
      const fork = await rig.until(run.fork({ at: seq, id: `f${seq}` }))
      expect(await rig.until(fork.result()), `seq ${seq}`).toEqual(['go', 'go', 'end'])
      const begun = rig
        .events()
        .flatMap((event) =>
          event.type === 'attempt.started' && event.run === fork.id ? [`${event.item} ${event.attempt}`] : [],
        )
      expect(new Set(begun).size, `seq ${seq}: ${begun.join(', ')}`).toBe(begun.length)
    }
  })

  test('is refused where nothing was left to do, before the run began, and where it was undoing', async () => {
    const c = chain('c')
      .step('a', () => 1, { compensate: () => {} })
      .step('b', () => {
        throw new Error('no')
      })
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.until(run.settled())
    const last = rig.events().at(-1)?.seq ?? 0
    await expect(rig.until(run.fork({ at: last }))).rejects.toThrow(/was undoing what it had done/)
    await expect(rig.until(run.fork({ at: 0 }))).rejects.toThrow(/after that/)
    await expect(rig.until(run.fork({ at: 'x' }))).rejects.toMatchObject({ code: 'STEP_UNKNOWN' })
    await expect(rig.until(run.fork({ at: 1.5 }))).rejects.toMatchObject({ code: 'BAD_OPTION' })
    const plain = chain('plain').step('a', () => 1)
    const other = await createRig([plain])
    const done = await other.start(plain)
    await other.until(done.result())
    await expect(other.until(done.fork({ at: 1e9 }))).rejects.toThrow(/nothing was left to do/)
  })
})

test('a fork cut right before the end of a chain that is kept to be undone ends it', async () => {
  const charged = chain('charged').step('charge', () => 'receipt', { compensate: () => undefined })
  const order = chain('order').call('pay', charged)
  const rig = await createRig([order, charged])
  const run = await rig.start(order, undefined, { id: 'r' })
  expect(await rig.until(run.result())).toBe('receipt')
  const end = rig.events().find((event) => event.type === 'chain.ended' && event.chain !== 'order')!
  const fork = await rig.until(run.fork({ at: end.seq - 1 }))
  expect(await rig.until(fork.result())).toBe('receipt')
})

describe('a fork cut at any moment around what a chain calls', () => {
  const atEnd = setup({}).createMachine({ initial: 'end', states: { end: { type: 'final' } } })
  const callees = {
    plain: chain<string>('callee').step('charge', () => 'receipt'),
    empty: chain<string>('callee').each(
      'none',
      () => [],
      () => 1,
    ),
    failing: chain<string>('callee').fail('no'),
    kept: chain<string>('callee').step('charge', () => 'receipt', { compensate: () => undefined }),
    machine: fromMachine('callee', atEnd),
  }

  for (const [kind, callee] of Object.entries(callees)) {
    const callers: Readonly<Record<string, AnyChain>> = {
      call: chain('caller')
        .call('pay', callee, () => 'x')
        .step('after', () => 'sent'),
      each: chain('caller')
        .each('pay', () => ['x', 'y', 'z'], callee, { inFlight: 2 })
        .step('after', () => 'sent'),
    }
    for (const [by, caller] of Object.entries(callers)) {
      test(`ends as its run did, and calls nothing twice: ${by} of a ${kind} chain`, async () => {
        const rig = await createRig([caller, callee])
        const startsOf = (run: string): readonly string[] =>
          rig
            .events()
            .flatMap((event) => (event.type === 'chain.started' && event.run === run ? [event.chain] : []))
        const run = await rig.start(caller, undefined, { id: 'r' })
        const { status } = await rig.until(run.settled())
        expect(status).toBe(kind === 'failing' ? 'failed' : 'succeeded')
        const past = rig.events().filter((event) => event.run === 'r')
        const known = new Map([caller, callee].map((one) => [one.id, compile(one.spec)]))
        for (const { seq } of past.slice(0, -2)) {
          const fork = await rig.until(run.fork({ at: seq, id: `f${seq}` }))
          expect(await rig.until(fork.settled()), `seq ${seq}`).toMatchObject({ status })
          expect(startsOf('r'), `seq ${seq}`).toEqual(expect.arrayContaining([...startsOf(fork.id)]))
          const events = rig.events().filter((event) => event.run === fork.id)
          expect(
            foldEvents(events, (node) => known.get(node.chain))?.divergence,
            `seq ${seq}`,
          ).toBeUndefined()
        }
      })
    }
  }
})
