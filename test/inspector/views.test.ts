import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import type { Run } from '../../src/engine/runs/run.ts'
import { createViews, type Views } from '../../src/inspector/views/create-views.ts'
import type { MachineNode, RunView } from '../../src/inspector/protocol.ts'
import { foldEvents } from '../../src/journal/replay-run.ts'
import { atPace, newsletter, order, release, reminder, shop } from '../browser/shop.ts'
import { createRig, type Rig } from '../engine/rig.ts'

const none = new URLSearchParams()
const viewsOf = (rig: Rig): Views =>
  createViews({
    get reader() {
      return rig.store
    },
    now: () => rig.now(),
    show: (value) => value,
  })

const shopRig = async (): Promise<Rig> => createRig(shop, { app: atPace(0) })

async function ended(rig: Rig, run: Run): Promise<void> {
  await rig.until(run.settled())
}

test('the first screen says which failure is at the root, how many runs have it and how many chains it blocks', async () => {
  const rig = await shopRig()
  for (const id of ['a', 'b']) await ended(rig, await rig.start(newsletter, { region: 'north' }, { id }))
  await ended(rig, await rig.start(newsletter, { region: 'south' }, { id: 'c' }))
  const now = await viewsOf(rig).now()
  expect(now.failures).toHaveLength(1)
  expect(now.failures[0]).toMatchObject({
    chain: 'suppliers',
    step: 'download',
    message: 'connect ECONNREFUSED 10.0.0.7:443',
    runs: 2,
  })
  expect(new Set(now.failures[0]?.blocked)).toEqual(new Set(['prices', 'catalogue', 'newsletter']))
  expect(now.state).toBe('failing')
  expect(now.sentence).toBe('2 of the last 3 runs failed, first of all in step download of chain suppliers.')
  expect(now.counts).toEqual({ failed: 2, succeeded: 1 })
  expect(now.sparklines.failed.reduce((a, b) => a + b, 0)).toBe(2)
})

test('too few runs say nothing, and what only sleeps is not stuck', async () => {
  const rig = await shopRig()
  expect(await viewsOf(rig).now()).toMatchObject({ state: 'unknown', failures: [], stuck: [] })
  await ended(rig, await rig.start(newsletter, { region: 'south' }))
  await rig.start(reminder, undefined)
  await rig.advance('1s')
  expect(await viewsOf(rig).now()).toMatchObject({ state: 'unknown', stuck: [] })
  for (let more = 0; more < 40; more++) await ended(rig, await rig.start(newsletter, { region: 'south' }))
  expect((await viewsOf(rig).now()).state).toBe('unknown')
  for (let more = 0; more < 20; more++) await ended(rig, await rig.start(newsletter, { region: 'south' }))
  // as the analyzer does, it takes 52 successes to say so
  expect(await viewsOf(rig).now()).toMatchObject({
    state: 'ok',
    sentence: 'All 61 runs that ended in the last day went well.',
  })
  const { chains } = await viewsOf(rig).chains()
  const health = Object.fromEntries(chains.map((one) => [one.id, one.health]))
  expect(health).toMatchObject({ newsletter: 'ok', prices: 'ok', release: 'unknown' })
})

test('a run that waits for a person is stuck and in the inbox, with the signal that it waits for', async () => {
  const rig = await shopRig()
  await rig.start(release, { version: '2' }, { id: 'r' })
  await rig.advance('1m')
  const views = viewsOf(rig)
  const { stuck } = await views.now()
  expect(
    stuck.map(({ run, why }) => [run, /the signal "approval" of chain release/.test(why.sentence)]),
  ).toEqual([['r', true]])
  const { items } = await views.inbox()
  expect(items).toMatchObject([
    { kind: 'approval', run: 'r', chain: 'release', signal: 'approval', input: { version: '2' } },
  ])
  const [view] = (await views.run('r', none)).chainViews
  expect(view).toMatchObject({ status: 'waiting', accepts: ['approval'] })
  expect(view?.timers).toEqual([{ name: 'approval times out', due: items[0]?.until }])
})

test('a dead letter is in the inbox with its cause and its cure', async () => {
  const load = chain<string>('load', { poison: { after: 1 } }).step('read', () => {
    throw new Error('no table')
  })
  const rig = await createRig([load])
  await ended(rig, await rig.start(load, 'a.csv', { id: 'first' }))
  await ended(rig, await rig.start(load, 'a.csv', { id: 'second' }))
  const { items } = await viewsOf(rig).inbox()
  expect(items).toMatchObject([{ kind: 'dead-letter', run: 'second', chain: 'load', input: 'a.csv' }])
  expect(items[0]?.detail).toContain('no table')
  expect(items[0]?.cure).toContain('retry')
})

test('time is split: queued for a slot, running, backing off', async () => {
  let tries = 0
  const held = Promise.withResolvers<void>()
  const busy = chain('busy').step('hold', () => held.promise)
  const flaky = chain('flaky').step(
    'call',
    () => {
      if (++tries === 1) throw new Error('not yet')
      return 'there'
    },
    { attempts: 2, backoff: { initial: '4s', jitter: 'none' } },
  )
  const rig = await createRig([busy, flaky], { concurrency: 1 })
  await rig.start(busy, undefined)
  const run = await rig.start(flaky, undefined, { id: 'f' })
  await rig.advance('10s')
  held.resolve()
  await ended(rig, run)
  const { chainViews } = await viewsOf(rig).run('f', none)
  const spans = chainViews[0]?.spans ?? []
  expect(
    spans.map(({ phase, attempt, outcome, from, to = NaN }) => [phase, attempt, outcome, to - from]),
  ).toEqual([
    ['queued', 1, undefined, 10_000],
    ['running', 1, 'failed', 0],
    ['backing-off', 1, undefined, 4_000],
    ['running', 2, 'succeeded', 0],
  ])
  expect(spans.at(-1)?.output).toBe('there')
})

test('a run is shown as it was right after any of its events, and says so', async () => {
  const rig = await shopRig()
  await ended(rig, await rig.start(newsletter, { region: 'north' }, { id: 'n' }))
  const views = viewsOf(rig)
  const events = rig.events().filter(({ run }) => run === 'n')
  const whole = await views.run('n', none)
  expect(whole.at).toMatchObject({ last: true, seq: events.at(-1)?.seq })
  let before: RunView | undefined
  for (const [index, { seq, at }] of events.entries()) {
    const view = await views.run('n', new URLSearchParams({ at: String(seq) }))
    expect(view.at).toEqual({ seq, time: at, last: index === events.length - 1 })
    expect(view.status === 'failed').toBe(index === events.length - 1)
    const spans = view.chainViews.flatMap((one) => one.spans)
    for (const { from, to = at } of spans) expect(from <= to && to <= at).toBe(true)
    // what has begun stays begun
    const known = before?.chainViews.flatMap((one) => one.spans).length ?? 0
    expect(spans.length).toBeGreaterThanOrEqual(known)
    before = view
  }
  await expect(views.run('nobody', none)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
})

test('each event is caused by an earlier one of its run, and an outcome by the start of its attempt', async () => {
  const rig = await shopRig()
  await ended(rig, await rig.start(newsletter, { region: 'south' }, { id: 's' }))
  await ended(rig, await rig.start(newsletter, { region: 'north' }, { id: 'n' }))
  for (const run of ['s', 'n']) {
    const { events } = await viewsOf(rig).events(run, none)
    const bySeq = new Map(events.map((event) => [event.seq, event]))
    expect(events.filter(({ cause }) => cause === undefined).map(({ type }) => type)).toEqual([
      'run.accepted',
    ])
    for (const event of events.slice(1)) {
      const cause = bySeq.get(event.cause ?? -1)
      expect(cause?.seq).toBeLessThan(event.seq)
      if (event.type === 'attempt.failed' || event.type === 'attempt.succeeded') {
        const { chain: of, step, item, attempt } = event
        expect(cause).toMatchObject({ type: 'attempt.started', chain: of, step, attempt })
        expect(cause?.item).toBe(item)
      }
    }
    const ends = events.filter(({ type, chain: of }) => type === 'chain.started' && of === 'prices')
    for (const { cause } of ends)
      expect(bySeq.get(cause ?? -1)).toMatchObject({ type: 'chain.ended', body: { status: 'succeeded' } })
  }
})

test('a page of events goes on behind the last one, with the same causes', async () => {
  const rig = await shopRig()
  await ended(rig, await rig.start(newsletter, { region: 'south' }, { id: 's' }))
  const views = viewsOf(rig)
  const whole = (await views.events('s', none)).events
  const pages: unknown[] = []
  for (let after = 0, more = true; more;) {
    const page = await views.events('s', new URLSearchParams({ after: String(after), limit: '7' }))
    pages.push(...page.events)
    after = page.events.at(-1)?.seq ?? after
    more = page.more
  }
  expect(pages).toEqual(whole)
})

const leaves = (node: MachineNode): readonly MachineNode[] =>
  node.states.length === 0 ? [node] : node.states.flatMap(leaves)

/** The ids that a state value of XState stands for. */
function idsOf(value: unknown, id: string): readonly string[] {
  if (typeof value === 'string') return [id, `${id}.${value}`]
  const inner = Object.entries(value as object).flatMap(([key, of]) => idsOf(of, `${id}.${key}`))
  return [id, ...inner]
}

test('the states that are lit are those that the machine is in, at every moment between two commits', async () => {
  const pace = { take: async (_ms: number): Promise<void> => undefined }
  const rig = await createRig(shop, { app: pace })
  pace.take = async (ms) => new Promise((resolve) => void rig.clock.at(rig.now() + ms, resolve))
  const runs = [
    await rig.start(newsletter, { region: 'south' }, { id: 'south' }),
    await rig.start(newsletter, { region: 'north' }, { id: 'north' }),
  ]
  const asked = await rig.start(release, { version: '2' }, { id: 'release' })
  await rig.start(reminder, undefined, { id: 'reminder' })
  const bought = await rig.start(order, { total: 3 }, { id: 'order' })
  await rig.advance('1m')
  await rig.until(bought.signal('PAY'))
  await rig.advance('1m')
  await rig.until(asked.signal('approval', { approved: true }))
  for (const run of runs) await ended(rig, run)
  const compiled = new Map(shop.map((one) => [one.id, compile((one as unknown as { spec: never }).spec)]))
  const views = viewsOf(rig)
  let compared = 0
  for (const id of ['south', 'north', 'release', 'reminder', 'order']) {
    const events = rig.events().filter(({ run }) => run === id)
    for (const [index, { seq, at }] of events.entries()) {
      // within a commit a machine passes through states that it does not stay in
      if (events[index + 1]?.at === at) continue
      const fold = foldEvents(events.slice(0, index + 1), ({ chain: of }) => compiled.get(of))
      const view = await views.run(id, new URLSearchParams({ at: String(seq) }))
      for (const { key, chain: of, status, active } of view.chainViews) {
        const chart = await views.chain(of)
        const snapshot = fold?.chains.get(key)?.snapshot as { readonly value?: unknown } | undefined
        if (snapshot?.value === undefined || chart === undefined || status === 'succeeded') continue
        const real = new Set(idsOf(snapshot.value, chart.machine.id))
        const lit = leaves(chart.machine).filter((leaf) => active.includes(leaf.id))
        for (const leaf of lit) expect(real, `${id} ${key} #${seq}`).toContain(leaf.id)
        compared += lit.length
      }
    }
  }
  expect(compared).toBeGreaterThan(30)
})

test('runs are found by the beginning of their id, chain, status and attributes, page by page', async () => {
  const rig = await shopRig()
  for (let index = 0; index < 12; index++)
    await ended(
      rig,
      await rig.start(
        newsletter,
        { region: index % 3 === 0 ? 'north' : 'south' },
        {
          id: `order-${4700 + index}`,
          attributes: { customer: index % 2 === 0 ? 'ada' : 'grace', number: 4700 + index },
        },
      ),
    )
  const views = viewsOf(rig)
  const found = async (asked: Record<string, string>): Promise<readonly string[]> =>
    (await views.runs(new URLSearchParams(asked))).runs.map(({ run }) => run)
  expect(await found({ q: 'order-4711' })).toEqual(['order-4711'])
  expect(await found({ q: 'ORDER-470', status: 'failed' })).toEqual([
    'order-4709',
    'order-4706',
    'order-4703',
    'order-4700',
  ])
  expect(await found({ 'attr.number': '4702' })).toEqual(['order-4702'])
  expect(await found({ 'attr.customer': 'ada', status: 'failed' })).toEqual(['order-4706', 'order-4700'])
  expect(await found({ chain: 'nobody' })).toEqual([])
  const first = await views.runs(new URLSearchParams({ limit: '5' }))
  const before = first.runs.at(-1)?.run ?? ''
  const second = await views.runs(new URLSearchParams({ limit: '100', before }))
  expect([...first.runs, ...second.runs]).toHaveLength(12)
  expect([first.more, second.more]).toEqual([true, false])
})

test('chains are shown as declared, also those that never ran, and do as their runs did', async () => {
  const rig = await shopRig()
  for (const region of ['south', 'south', 'north']) await ended(rig, await rig.start(newsletter, { region }))
  const { chains, edges } = await viewsOf(rig).chains()
  expect(chains.map(({ id }) => id).toSorted()).toEqual(shop.map(({ id }: AnyChain) => id).toSorted())
  expect(chains.find(({ id }) => id === 'suppliers')).toMatchObject({
    owner: 'purchasing',
    health: 'unknown',
    runs: 3,
    failed: 1,
    steps: 2,
  })
  expect(chains.find(({ id }) => id === 'release')).toMatchObject({ health: 'unknown', runs: 0 })
  expect(
    edges
      .filter(({ to }) => to === 'prices')
      .map(({ from }) => from)
      .toSorted(),
  ).toEqual(['stock', 'suppliers'])
})

test('failures that are within what is allowed are told, and are no alarm', async () => {
  let calls = 0
  const flow = chain('flow').step('work', () => {
    if (++calls % 100 === 50) throw new Error('now and then')
  })
  const rig = await createRig([flow])
  for (let turn = 0; turn < 200; turn++) await rig.until(rig.supervisor.settled(flow))
  const now = await rig.until(viewsOf(rig).now())
  expect(now).toMatchObject({
    state: 'ok',
    sentence:
      '2 of the last 200 runs failed, which is within what is allowed, first of all in step work of chain flow.',
  })
  expect(now.failures).toHaveLength(1)
})
