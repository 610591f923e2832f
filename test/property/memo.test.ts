// Over generated stories: of equal work one is done at a time and for all, whoever fails, is cancelled, or dies meanwhile.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import type { Run } from '../../src/engine/runs/run.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { foldEvents, type RunFold } from '../../src/journal/replay-run.ts'
import { createRig, type Rig } from '../engine/rig.ts'
import { type World, contentsAfter, eventsOf, foldOn, live, machinesOf, run as theRun } from './fold-rig.ts'

type Deed =
  | { readonly do: 'start'; readonly of: string; readonly input: number }
  | { readonly do: 'cancel' | 'pause' | 'resume' | 'retry'; readonly which: number }
  | { readonly do: 'advance'; readonly by: number }
  | { readonly do: 'crash'; readonly after: number }

const names = ['step', 'whole', 'slow', 'above', 'items', 'both']
const deeds: fc.Arbitrary<readonly Deed[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('start' as const),
        of: fc.constantFrom(...names),
        input: fc.nat(1),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('cancel', 'pause', 'resume', 'retry'), which: fc.nat(20) }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.nat(400) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), after: fc.nat(12) }) },
  ),
  { minLength: 5, maxLength: 30 },
)

/** What the bodies did: which work goes on in the process that is alive, and how often which began. */
interface Works {
  rig: Rig | undefined
  process: number
  readonly active: Map<string, string>
  readonly begun: Map<string, number>
  readonly doubled: (readonly [key: string, ...runs: string[]])[]
}

function chainsOf(works: Works, luck: number): readonly AnyChain[] {
  const work = async (
    key: string,
    { signal, runId }: { readonly signal: AbortSignal; readonly runId: string },
  ): Promise<string> => {
    const { rig, process } = works
    const count = (works.begun.get(key) ?? 0) + 1
    works.begun.set(key, count)
    const before = works.active.get(key)
    if (before !== undefined) works.doubled.push([key, before, runId])
    works.active.set(key, runId)
    // the next may begin once this one was told to stop
    signal.addEventListener('abort', () => void (works.process === process && works.active.delete(key)))
    const { clock } = rig as Rig
    await new Promise<void>((resolve) => clock.at(clock.now() + 50 + ((luck * count) % 100), resolve))
    if (works.process === process && !signal.aborted) works.active.delete(key)
    if ((luck + count * 7 + key.length) % 3 === 0) throw new Error(`no luck with ${key}`)
    return `${key} no. ${count}`
  }
  const memo = {}
  const whole = chain<number>('whole', { memo }).step('work', (context) =>
    work(`whole ${context.input}`, context),
  )
  const slow = chain<number>('slow', { memo, concurrency: { limit: 1 } })
    .sleep('nap', '10s')
    .step('work', (context) => work(`slow ${context.input}`, context))
  return [
    chain<number>('step').step('work', (context) => work(`step ${context.input}`, context), {
      memo,
      attempts: 2,
    }),
    whole,
    slow,
    chain<number>('above')
      .needs({ whole, slow })
      .step('sum', ({ needs }) => `${needs.whole}, ${needs.slow}`),
    chain<number>('items').each(
      'all',
      () => [0, 1, 0, 1, 0],
      (item, context) => work(`item ${item}`, context),
      {
        memo: { key: ({ item }) => item },
        inFlight: 3,
      },
    ),
    chain<number>('both').parallel(
      'two',
      {
        a: (b) => b.step('x', (context) => work('both', context), { memo: { key: () => 'same' } }),
        b: (b) => b.step('y', (context) => work('other', context), { memo: { key: () => 'same' } }),
      },
      { onFailure: 'wait' },
    ),
  ] as readonly AnyChain[]
}

async function live_(story: readonly Deed[], luck: number): Promise<{ rig: Rig; works: Works }> {
  const works: Works = { rig: undefined, process: 0, active: new Map(), begun: new Map(), doubled: [] }
  const chains = chainsOf(works, luck)
  const rig = await createRig(chains, { lostAttempts: 1_000 })
  works.rig = rig
  const ids: string[] = []
  for (const deed of story) {
    if (deed.do === 'start') {
      const id = `run-${ids.length}`
      ids.push(id)
      const wanted = chains.find(({ spec }) => spec.id === deed.of) as AnyChain
      const start = rig.supervisor.start as (...given: readonly unknown[]) => Promise<unknown>
      start(wanted, deed.input, { id }).catch(() => {})
    } else if (deed.do === 'advance') await rig.advance(deed.by)
    else if (deed.do === 'crash') {
      await rig.steps(deed.after)
      works.process++
      works.active.clear()
      await rig.crash()
    } else {
      const id = ids[deed.which % Math.max(1, ids.length)]
      const run = id === undefined ? undefined : ((await rig.supervisor.get(id)) as Run<never> | undefined)
      const done = deed.do === 'retry' ? run?.retry() : run?.[deed.do]()
      // it may have ended, or not have
      done?.catch(() => {})
    }
  }
  // what was asked for last may be on its way
  await rig.advance()
  for (const id of ids) ((await rig.supervisor.get(id)) as Run<never> | undefined)?.resume().catch(() => {})
  await rig.advance('10m')
  return { rig, works }
}

test('equal work is done once at a time, whatever happens to who does it', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(deeds, fc.nat(500), async (story, luck) => {
      const { rig, works } = await live_(story, luck)
      const events = rig.events()
      const retried = new Set(events.filter(({ type }) => type === 'run.retried').map(({ run }) => run))
      // a chain that had begun goes on at once when it is retried
      const doubled = works.doubled.filter(
        ([key, ...ids]) => !/^(?:whole|slow)/.test(key) || !ids.some((id) => retried.has(id)),
      )
      expect(doubled).toEqual([])
      expect(events.filter(({ type }) => type === 'run.parked')).toEqual([])
      const runs = Map.groupBy(
        events.filter(({ run }) => run.startsWith('run-')),
        ({ run }) => run,
      )
      const specs = new Map(chainsOf(works, luck).map(({ spec }) => [spec.id, compile(spec)]))
      for (const [run, own] of runs) {
        const fold = foldEvents(own, ({ chain: id }) => specs.get(id)) as RunFold
        expect(fold.divergence, run).toBeUndefined()
        expect(fold.state.ended, run).toBeDefined()
      }
      for (const hit of events) expectOrigin(hit, events)
      expect(await kept(rig)).toBeGreaterThanOrEqual(0)
      await rig.until(rig.supervisor.stop())
    }),
    { numRuns: 150 },
  )
})

/** What a run took, the run that it names had made before. */
function expectOrigin(hit: JournalEvent, events: readonly JournalEvent[]): void {
  if (hit.type !== 'attempt.succeeded' && hit.type !== 'chain.ended') return
  const { memo } = hit
  if (memo === undefined) return
  const origin = events.find(
    (event) =>
      event.run === memo.run &&
      event.at === memo.at &&
      event.type === hit.type &&
      event.memo === undefined &&
      event.payload === hit.payload,
  )
  expect(origin?.seq).toBeLessThan(hit.seq)
}

/** Each output is kept once, and is that of a success. */
async function kept(rig: Rig): Promise<number> {
  const heads = await rig.store.keepsakes('memo')
  for (const { key } of heads) {
    const keepsake = await rig.store.keepsake(key)
    const { run } = JSON.parse(keepsake?.body ?? '{}') as { readonly run: string }
    const made = rig
      .events()
      .some((event) => event.run === run && 'payload' in event && event.payload === keepsake?.payload)
    expect(made).toBe(true)
  }
  return heads.length
}

/** One run whose branches and items want the same. */
const worlds: fc.Arbitrary<World> = fc
  .record({
    keys: fc.array(fc.nat(2), { minLength: 2, maxLength: 5 }),
    items: fc.array(fc.nat(1), { maxLength: 5 }),
    attempts: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(9_999),
    hibernateAfter: fc.constantFrom(0, 86_400_000),
    cancelled: fc.boolean(),
  })
  .map(({ keys, items, attempts, ...rest }) => {
    type App = { perform(name: string, context: unknown): unknown }
    const base = chain<{ group: number }>('base', { memo: {} }).step('one', (context) =>
      (context.app as App).perform('one', context),
    )
    const branches = Object.fromEntries(
      keys.map((key, index) => [
        `b${index}`,
        (b: never) =>
          (b as unknown as typeof base).step(
            `s${index}`,
            (context) => (context.app as App).perform('one', context),
            {
              memo: { key: () => key },
              attempts,
            },
          ),
      ]),
    )
    const top = chain<{ group: number }>('top')
      .needs({ base })
      .parallel('all', branches as never, { onFailure: 'wait' })
      .each(
        'items',
        () => items,
        (item, context) => (context.app as App).perform(`i${item}`, context),
        {
          memo: { key: ({ item }) => item },
        },
      )
    const chains = new Map([base, top].map(({ spec }) => [spec.id, compile(spec)]))
    const shown = JSON.stringify({ keys, items, attempts, ...rest })
    return { chains, targets: [compile(top.spec)], ...rest, [fc.toStringMethod]: () => shown }
  })

test(
  'a run that takes outputs is the fold of its journal at every batch, and goes on from each',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const story = await live(world, createMemoryContents())
        let fold: RunFold | undefined
        for (const [index, { rows }] of story.batches.entries()) {
          for (const event of eventsOf({ journal: [...rows] })) {
            fold = foldOn(fold, event, world)
            expect(fold.divergence).toBeUndefined()
          }
          const alive = story.live[index] ?? {}
          if (fold !== undefined && Object.keys(alive).length > 0)
            expect(machinesOf(fold, world)).toEqual(alive)
        }
        for (let cut = 1; cut < story.batches.length; cut++) {
          const contents = contentsAfter(story.batches.slice(0, cut))
          await live(world, contents)
          const where = `killed after batch ${cut} of ${story.batches.length}`
          expect(contents.head(theRun)?.endedAt, where).not.toBeNull()
          expect(
            eventsOf(contents).some(({ type }) => type === 'run.parked'),
            where,
          ).toBe(false)
        }
      }),
      { numRuns: 60 },
    )
  },
)
