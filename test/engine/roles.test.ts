// Tests of several supervisors on one store: one executes, the others are clients, and one takes over.

import type { Subscription } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import {
  type AnyChain,
  CatenaryError,
  chain,
  createSupervisor,
  type Supervisor,
  type SupervisorOptions,
} from '../../src/index.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import type { Store } from '../../src/journal/store.ts'
import type { JsonPatch, Suggestion } from '../../src/reflection/suggestion.ts'
import { suggested } from '../reflection/suggested.ts'
import { createVirtualClock, type VirtualClock } from '../../src/testing/virtual-clock.ts'
import { untilAnswered } from './until.ts'

const done: string[] = []
const order = chain<{ id: number }>('order')
  .step('reserve', ({ input }) => `reserved ${input.id}`)
  .wait('approval')
  .step('ship', ({ input, steps }) => {
    done.push(`shipped ${input.id}`)
    return `${steps.reserve}: ${JSON.stringify(steps.approval)}`
  })

interface House {
  readonly clock: VirtualClock
  readonly contents: ReturnType<typeof createMemoryContents>
  open(options?: Partial<SupervisorOptions>, chains?: readonly AnyChain[]): Promise<Supervisor>
  /** Lets time go on until `work` has an answer. */
  until<T>(work: Promise<T>): Promise<T>
  stop(supervisor: Supervisor): Promise<void>
}

function house(): House {
  const clock = createVirtualClock({ now: 1_000_000 })
  const contents = createMemoryContents()
  const until = async <T>(work: Promise<T>): Promise<T> => untilAnswered(clock, work)
  return {
    clock,
    contents,
    until,
    stop: async (supervisor) => until(supervisor.stop({ drain: 0 })),
    async open(options = {}, chains = [order]) {
      const store: Store = { ...createMemoryStore(contents), shared: true }
      const supervisor = await until(createSupervisor({ chains, store, clock, ...options }))
      onTestFinished(async () => until(supervisor.stop({ drain: 0 })))
      return supervisor
    },
  }
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  return CatenaryError.is(error) ? error.code : 'none'
}

const heard = (supervisor: Supervisor): { readonly seqs: number[]; readonly by: Subscription } => {
  const seqs: number[] = []
  const by = supervisor.events$.subscribe(({ seq }: JournalEvent) => seqs.push(seq))
  onTestFinished(() => by.unsubscribe())
  return { seqs, by }
}

test('a client starts, signals, reads and follows a run that another process executes', async () => {
  const { open, until } = house()
  const executor = await open()
  const client = await open({ role: 'client' })
  expect(client.state).toBe('client')
  const run = await until(client.start(order, { id: 1 }, { id: 'one', attributes: { shop: 'a' } }))
  expect(executor.state).toBe('running')
  await until(run.pause())
  expect(await run.status()).toBe('paused')
  await until(run.resume())
  expect((await run.explain()).sentence).toContain('waiting for the signal "approval"')
  const result = run.result()
  await until(run.signal('approval', 'yes'))
  expect(await until(result)).toBe('reserved 1: "yes"')
  expect((await client.list({ attributes: { shop: 'a' } })).map(({ run: id }) => id)).toEqual(['one'])
  expect(await until((await client.get('one', order))?.settled() as Promise<unknown>)).toMatchObject({
    status: 'succeeded',
  })
  expect(await client.get('two')).toBeUndefined()
  await until(client.list())
  expect(client.graph()).toEqual(executor.graph())
})

test('what a client follows is the whole journal from then on, once and in order', async () => {
  const { open, until, clock, contents } = house()
  await open()
  const client = await open({ role: 'client' })
  await until(client.start(order, { id: 0 }))
  const { seqs } = heard(client)
  await clock.advance('1s')
  const from = contents.journal.length
  for (let id = 1; id <= 20; id++) await until(client.start(order, { id }))
  await clock.advance('1s')
  expect(seqs).toEqual(contents.journal.slice(from).map(({ seq }) => seq))
})

test('a client refuses what it cannot do, with its code', async () => {
  const { open, until } = house()
  await open()
  const client = await open({ role: 'client' })
  expect(await codeOf(client.config.change(() => {}))).toBe('EXECUTOR_ONLY')
  expect(() => client.config.current).toThrow(/only in the process that executes/)
  const error = await new Promise((resolve) => client.progress$.subscribe({ error: resolve }))
  expect(CatenaryError.is(error) && error.code).toBe('EXECUTOR_ONLY')
  const other = chain('other').step('a', () => 1)
  expect(await codeOf(client.start(other))).toBe('CHAIN_UNKNOWN')
  expect(await codeOf(client.start(order, { id: Symbol('x') } as never))).toBe('PAYLOAD_NOT_SERIALISABLE')
  const run = await until(client.start(order, { id: 1 }))
  expect(await codeOf(until(run.signal('nonsense')))).toBe('SIGNAL_UNKNOWN')
  await until(run.cancel())
  expect(await until(codeOf(run.result()))).toBe('RUN_FAILED')
  expect(await until(codeOf(run.pause()))).toBe('RUN_ENDED')
  await client.stop()
  expect(await codeOf(client.start(order, { id: 2 }))).toBe('SUPERVISOR_STOPPED')
})

test('without an executor a client says that its command was left, and the next executor carries it out', async () => {
  const { open, until, stop } = house()
  await stop(await open())
  const client = await open({ role: 'client', answerWithin: '2s' })
  expect(await until(codeOf(client.start(order, { id: 5 }, { id: 'five' })))).toBe('EXECUTOR_ABSENT')
  expect(await client.get('five')).toBeUndefined()
  await open()
  const run = await until(client.start(order, { id: 5 }, { id: 'five' }))
  expect(await run.status()).toBe('waiting')
  expect(await client.list()).toHaveLength(1)
})

test('who waits in a client that is stopped is told so', async () => {
  const { open, until } = house()
  await open()
  const client = await open({ role: 'client' })
  const run = await until(client.start(order, { id: 1 }))
  const end = codeOf(run.settled())
  await client.stop()
  expect(await end).toBe('SUPERVISOR_STOPPED')
})

test('auto executes where nobody does, and is a client where somebody does', async () => {
  const { open } = house()
  expect((await open({ role: 'auto' })).state).toMatch(/recovering|running/)
  expect((await open({ role: 'auto' })).state).toBe('client')
  expect((await open({ role: 'auto' })).state).toBe('client')
})

test('when the executor ends, one that stood by takes over within half a second, and no call is lost', async () => {
  const { open, until, stop, clock } = house()
  const first = await open({ role: 'auto' })
  const second = await open({ role: 'auto' })
  const third = await open({ role: 'client' })
  const early = await until(second.start(order, { id: 1 }, { id: 'one' }))
  const end = early.result()
  const { seqs } = heard(second)
  await clock.advance('200ms')
  await stop(first)
  // nobody executes just now
  const late = third.start(order, { id: 2 }, { id: 'two' })
  const own = second.start(order, { id: 3 }, { id: 'three' })
  const signalled = early.signal('approval', 'yes', { id: 'once' })
  const from = clock.now()
  while (second.state === 'client' && (await clock.next()));
  expect(clock.now() - from).toBeLessThanOrEqual(500)
  expect((await until(late)).id).toBe('two')
  expect((await until(own)).id).toBe('three')
  await until(signalled)
  expect(await until(end)).toBe('reserved 1: "yes"')
  expect((await third.list()).map(({ run }) => run).toSorted()).toEqual(['one', 'three', 'two'])
  await clock.advance('1s')
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index))
  expect(await codeOf(second.config.change((draft) => void (draft.concurrency = 3)))).toBe('none')
})

test('an executor that another took over stops executing, and is a client again', async () => {
  const { open, until, clock, contents } = house()
  let seized = false
  const store: Store = { ...createMemoryStore(contents), shared: true }
  const first = await open({
    role: 'auto',
    store: {
      ...store,
      ...store.client?.(),
      close: async () => store.close(),
      append(batch) {
        if (!seized) return store.append(batch)
        throw new CatenaryError('STORE_TAKEN', 'another executor has taken over')
      },
    },
  })
  const run = await until(first.start(order, { id: 9 }, { id: 'nine' }))
  const { seqs } = heard(first)
  await clock.settle()
  seized = true
  contents.executor = undefined
  const second = await open()
  const end = run.result()
  // its own engine finds out at this commit, and the signal goes through the inbox instead
  await until(run.signal('approval', 'late', { id: 'one' }))
  expect(first.state).toBe('client')
  expect(await until(end)).toBe('reserved 9: "late"')
  expect(done.filter((one) => one === 'shipped 9')).toHaveLength(1)
  expect(await until(first.settled(order, { id: 8 }, { id: 'nine' }))).toMatchObject({ status: 'succeeded' })
  expect(second.state).toBe('running')
  await clock.advance('1s')
  expect(seqs).toEqual(contents.journal.slice(-seqs.length).map(({ seq }) => seq))
})

/** A store of which one read is rejected: the `nth` of those that its executor makes. */
const readingBadly = (inner: Store, nth: number): Store & { readonly reads: number } => {
  let reads = 0
  const read = async <T>(call: () => Promise<T>): Promise<T> => {
    if (++reads === nth) throw new CatenaryError('STORE_UNAVAILABLE', 'the disk hung')
    return call()
  }
  return {
    ...inner,
    get reads() {
      return reads
    },
    shared: true,
    note: async (name) => read(async () => inner.note(name)),
    rows: async (run, after) => read(async () => inner.rows(run, after)),
    keepsakes: async (kind) => read(async () => inner.keepsakes(kind)),
  }
}

for (const nth of [1, 2, 3, 4, 5]) {
  test(`who cannot read what it takes over gives the store back, and takes it again: read ${nth}`, async () => {
    const { open, until, stop, clock, contents } = house()
    const first = await open()
    const run = await until(first.start(order, { id: 20 }, { id: 'kept' }))
    await until(run.signal('approval', 'yes', { id: 's' }))
    await until(run.settled())
    await until(first.start(order, { id: 21 }, { id: 'open' }))
    const store = readingBadly(createMemoryStore(contents), nth)
    const heir = await open({ role: 'auto', store })
    expect(heir.state).toBe('client')
    expect(store.reads).toBe(0)
    await stop(first)
    await clock.advance('1s')
    expect(store.reads).toBeGreaterThanOrEqual(nth)
    expect(heir.state).toBe('running')
    const kept = (await until(heir.get('open')))!
    await until(kept.signal('approval', 'late'))
    expect(await until(kept.settled())).toMatchObject({ status: 'succeeded' })
  })

  test(`a supervisor that cannot be made leaves the store to others: read ${nth}`, async () => {
    const { open, until, contents } = house()
    const store = readingBadly(createMemoryStore(contents), nth)
    expect(await until(codeOf(open({ store })))).toBe('STORE_UNAVAILABLE')
    expect(contents.executor).toBeUndefined()
    expect((await open()).state).toMatch(/recovering|running/)
  })
}

test('a supervisor that is refused a store which another has open leaves it open', async () => {
  const { open, until, contents } = house()
  const store: Store = { ...createMemoryStore(contents), shared: true }
  const first = await open({ store })
  expect(await until(codeOf(open({ store })))).toBe('STORE_LOCKED')
  expect(await (await until(first.start(order, { id: 22 }))).status()).toBe('waiting')
})

test('a supervisor that stood by is stopped like any other', async () => {
  const { open, stop, clock } = house()
  await open()
  const second = await open({ role: 'auto' })
  await stop(second)
  expect(second.state).toBe('stopped')
  expect(await codeOf(second.start(order, { id: 1 }))).toBe('SUPERVISOR_STOPPED')
  await clock.settle()
})

test('a role that is none is refused, and so is a client of a store that has no such side', async () => {
  expect(await codeOf(createSupervisor({ chains: [order], role: 'boss' as never }))).toBe('BAD_OPTION')
  const { client: _, ...store } = createMemoryStore()
  expect(await codeOf(createSupervisor({ chains: [order], store, role: 'client' }))).toBe('BAD_OPTION')
})

test('a question of a client is answered as in the executor, and a client signals or starts', async () => {
  const { open, until } = house()
  const quiz = chain<number>('quiz').wait('guess', undefined, {
    reply: ({ input, signal }) => (signal === input ? 'right' : 'wrong'),
  })
  const executor = await open({ role: 'auto' }, [quiz, order])
  const client = await open({ role: 'client' }, [quiz, order])
  const run = await until(client.start(quiz, 7, { id: 'q' }))
  expect(await until(run.ask('guess', 7, { id: 'ada' }))).toBe('right')
  const same = (await executor.get('q'))!
  expect(await until(same.ask('guess', 7, { id: 'ada' }))).toBe('right')
  expect(await until(codeOf(run.ask('guess', 8, { id: 'eve' })))).toBe('RUN_ENDED')
  const plain = await until(client.start(order, { id: 4 }))
  expect(await until(codeOf(plain.ask('approval')))).toBe('REPLY_ABSENT')

  const given = { id: 'both', signal: 'approval', payload: 'ok', signalId: 's' }
  const both = await until(client.signalOrStart(order, { id: 5 }, given))
  await until(executor.signalOrStart(order, { id: 5 }, given))
  await until(client.signalOrStart(order, { id: 5 }, given))
  expect(await until(both.result())).toBe('reserved 5: "ok"')
  await until(client.signalOrStart(order, { id: 5 }, given))
  expect(await until(codeOf(client.signalOrStart(order, { id: 5 }, { ...given, signalId: 't' })))).toBe(
    'RUN_ENDED',
  )
  expect((await client.waiting('approval')).map(({ input }) => input)).toEqual([{ id: 4 }])
})

test("a client's runs take what the executor's made, and its dead letters; whoever takes over knows of both", async () => {
  const house_ = house()
  let calls = 0
  const made = chain<number>('made', { memo: {} }).step('work', () => ++calls)
  const bad = chain<number>('bad', { poison: { after: 1 } }).step('fail', () => {
    throw new Error('no luck')
  })
  const chains = [made, bad]
  const executor = await house_.open({}, chains)
  const client = await house_.open({ role: 'client' }, chains)
  const heir = await house_.open({ role: 'auto' }, chains)
  const end = async (supervisor: Supervisor): Promise<unknown> => {
    const output = await house_.until(supervisor.run(made, 1))
    return [output, (await house_.until(supervisor.settled(bad, 1))).status]
  }
  expect(await end(executor)).toEqual([1, 'failed'])
  expect(await end(client)).toEqual([1, 'dead-letter'])
  await house_.stop(executor)
  expect(await end(heir)).toEqual([1, 'dead-letter'])
  expect(await end(client)).toEqual([1, 'dead-letter'])
  expect(calls).toBe(1)
})

test('a client, and one that stands by, report as the executor does', async () => {
  const { open, until, stop } = house()
  const executor = await open()
  const standBy = await until(open({ role: 'auto' }))
  const client = await open({ role: 'client' })
  const run = await until(executor.start(order, { id: 7 }))
  await until(run.signal('approval', 'yes'))
  await until(run.result())
  const reports = []
  for (const one of [executor, standBy, client]) reports.push(await until(one.analyzer.report()))
  const [first, ...others] = reports.map(({ meta, health, performance }) => ({
    seq: meta.seq,
    health,
    performance,
  }))
  expect(first?.health).toMatchObject([{ chain: 'order', evidence: { runs: 1, failed: 0 } }])
  for (const other of others) expect({ ...other, health: 0 }).toEqual({ ...first, health: 0 })
  await stop(client)
  await stop(standBy)
  await stop(executor)
})

test('a client sees the actions of the store, and the executor does and takes back what it says', async () => {
  const { open, until } = house()
  const load = chain('load').step('read', () => {
    throw new Error('no such table')
  })
  const analyze = { policy: 'ask' } as const
  const executor = await open({ analyze }, [load])
  const client = await open({ role: 'client' }, [load])
  const standby = await open({ role: 'auto', analyze }, [load])
  for (let run = 0; run < 12; run++) await until(executor.settled(load))
  const stateOf = async (of: Supervisor): Promise<unknown> => {
    const all = await until(of.analyzer.actions())
    const { id, state, policy } = all.find(({ kind }) => kind === 'quarantine') ?? {}
    return { id, state, policy }
  }
  const { id } = (await stateOf(executor)) as { readonly id: string }
  // what may be done is the executor's to say
  expect(await stateOf(client)).toEqual({ id, state: 'proposed', policy: 'off' })
  expect(await stateOf(standby)).toEqual({ id, state: 'asked', policy: 'ask' })
  await until(client.analyzer.act(id))
  expect(Object.keys(executor.config.current.chains)).toEqual(['load'])
  for (const one of [executor, client, standby])
    expect(await stateOf(one)).toMatchObject({ id, state: 'applied' })
  await until(standby.analyzer.undo(id, 'the table is there'))
  expect(executor.config.current.chains).toEqual({})
  await until(client.analyzer.dismiss(id, 'it is being mended'))
  for (const one of [executor, client, standby])
    expect(await stateOf(one)).toMatchObject({ id, state: 'dismissed' })
  expect(await codeOf(until(client.analyzer.act('none')))).toBe('ACTION_UNKNOWN')
  expect(await codeOf(until(client.analyzer.undo(id)))).toBe('ACTION_UNKNOWN')
  expect(await codeOf(client.analyzer.act(''))).toBe('BAD_OPTION')
})

test('a client sees the suggestions of the store, and the executor tries or applies what it says', async () => {
  const { open, until } = house()
  const found = (id: string, patch: readonly JsonPatch[]): Suggestion =>
    suggested({ id, place: { chain: 'order' }, sentence: 'more', patch })
  const suggest = (): readonly Suggestion[] => [
    found('step', [{ op: 'add', path: '/steps/order~1ship', value: { timeout: 5 } }]),
    found('slots', [{ op: 'replace', path: '/concurrency', value: 7 }]),
  ]
  const executor = await open({ reflect: { suggest } })
  const client = await open({ role: 'client', reflect: { suggest } })
  const standby = await open({ role: 'auto', reflect: { suggest } })
  const states = async (of: Supervisor): Promise<readonly string[]> =>
    (await until(of.reflector.suggestions())).map(({ state }) => state)
  expect(await states(client)).toEqual(['open', 'open'])
  expect(await until(client.reflector.apply('slots', { trial: false }))).toEqual({ config: 1 })
  expect(executor.config.current.concurrency).toBe(7)
  const applied = await until(standby.reflector.apply('step'))
  expect(applied).toMatchObject({ trial: expect.any(String) as string })
  for (const one of [executor, client, standby]) {
    expect(await states(one)).toEqual(['trialling', 'kept'])
    expect(await until(one.reflector.trials())).toMatchObject([
      { suggestion: 'step', by: 'person', share: 0.1 },
    ])
  }
  await until(client.reflector.dismiss('step', 'not now'))
  expect(await states(executor)).toEqual(['dismissed', 'kept'])
  expect(await codeOf(until(client.reflector.apply('none')))).toBe('SUGGESTION_UNKNOWN')
})
