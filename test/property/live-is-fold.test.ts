// Over generated chains: a live run is the fold of its events at every prefix, and goes on from every prefix alike.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldRun } from '../../src/engine/runs/activate.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { type RunFold, foldEvents } from '../../src/journal/replay-run.ts'
import {
  type World,
  contentsAfter,
  eventsOf,
  foldOn,
  live,
  machinesOf,
  plain,
  run,
  worlds,
  worldsWith,
} from './fold-rig.ts'

const foldAll = (world: World, contents: Parameters<typeof eventsOf>[0]): RunFold => {
  let fold: RunFold | undefined
  for (const event of eventsOf(contents)) fold = foldOn(fold, event, world)
  return fold as RunFold
}
/** A fold as data, to compare. */
const shown = (fold: RunFold, world: World): unknown => ({
  machines: machinesOf(fold, world),
  state: plain({ ...fold.state, nodes: [...fold.state.nodes], signalIds: [...fold.state.signalIds] }),
  // an attempt whose machine has gone on without it is nobody's: a snapshot has none
  open: [...fold.chains].map(([key, { open, snapshot }]) => [
    key,
    [...open].filter(([, { step }]) => snapshot.children[step] !== undefined),
  ]),
  divergence: fold.divergence,
})
const endOf = (contents: Parameters<typeof eventsOf>[0]): string | undefined => {
  const end = eventsOf(contents).find(({ type }) => type === 'run.ended')
  return end?.type === 'run.ended' ? end.status : undefined
}

/** Runs the world, and holds what its machines said at every batch against the fold of what was written till then. */
async function liveIsFold(world: World): Promise<void> {
  const story = await live(world, createMemoryContents())
  expect(endOf(story.contents)).toBeDefined()
  let fold: RunFold | undefined
  for (const [index, { rows }] of story.batches.entries()) {
    for (const event of eventsOf({ journal: [...rows] })) {
      fold = foldOn(fold, event, world)
      expect(fold.divergence).toBeUndefined()
    }
    if (fold === undefined) continue
    // a run that has left memory is no longer live
    const machines = machinesOf(fold, world)
    const alive = story.live[index] ?? {}
    if (Object.keys(alive).length > 0) expect(machines).toEqual(alive)
  }
}

test('every live machine is the fold of the journal, at every batch', { timeout: 300_000 }, async () => {
  await fc.assert(fc.asyncProperty(worlds, liveIsFold), { numRuns: 100 })
})

test('so it is with breakers, hedges and deadlines', { timeout: 300_000 }, async () => {
  await fc.assert(fc.asyncProperty(worldsWith({ guarded: true }), liveIsFold), { numRuns: 100 })
})

test(
  'a retried run is the fold of what still counts, at every batch, and goes on from every one',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.integer({ min: 1, max: 3 }), async (world, retries) => {
        const story = await live(world, createMemoryContents(), retries)
        const whole = eventsOf(story.contents)
        expect(whole.filter(({ type }) => type === 'run.parked')).toEqual([])
        // what has undone itself takes no retry
        const undone = whole.some((event) => 'step' in event && event.step?.endsWith(':compensation'))
        if (!undone) expect(whole.filter(({ type }) => type === 'run.retried')).toHaveLength(retries)
        const events: JournalEvent[] = []
        for (const [index, { rows }] of story.batches.entries()) {
          events.push(...eventsOf({ journal: [...rows] }))
          const fold = foldEvents(events, ({ chain }) => world.chains.get(chain))
          if (fold === undefined) continue
          expect(fold.divergence).toBeUndefined()
          const alive = story.live[index] ?? {}
          if (Object.keys(alive).length > 0) expect(machinesOf(fold, world)).toEqual(alive)
        }
        const first = story.batches.findIndex(({ rows }) => rows.some(({ type }) => type === 'run.retried'))
        for (
          let cut = first + 1;
          cut < story.batches.length;
          cut += 1 + Math.floor(story.batches.length / 12)
        ) {
          const contents = contentsAfter(story.batches.slice(0, cut))
          await live(world, contents, retries)
          const where = `killed after batch ${cut} of ${story.batches.length}`
          expect(contents.head(run)?.endedAt, where).not.toBeNull()
          expect(
            eventsOf(contents).filter(({ type }) => type === 'run.parked'),
            where,
          ).toEqual([])
        }
      }),
      { numRuns: 60 },
    )
  },
)

test('the fold of a snapshot and what followed is the fold of all', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const story = await live({ ...world, hibernateAfter: 0 }, createMemoryContents())
      for (let end = 1; end <= story.batches.length; end++) {
        const contents = contentsAfter(story.batches.slice(0, end))
        if (!contents.snapshots.has(run)) continue
        const store = createMemoryStore(contents)
        await store.open()
        const resumed = await foldRun(store, run, ({ chain }) => world.chains.get(chain))
        expect(shown(resumed, world)).toEqual(shown(foldAll(world, contents), world))
      }
    }),
    { numRuns: 40 },
  )
})

test(
  'a process killed after any batch is followed by one that ends alike',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const undisturbed = await live(world, createMemoryContents())
        const end = endOf(undisturbed.contents)
        for (let cut = 1; cut < undisturbed.batches.length; cut++) {
          const contents = contentsAfter(undisturbed.batches.slice(0, cut))
          const done = new Set(
            eventsOf(contents).flatMap((event) =>
              event.type === 'attempt.succeeded'
                ? [[run, event.chain, event.step, event.item].filter((part) => part !== undefined).join('/')]
                : [],
            ),
          )
          const resumed = await live(world, contents)
          const where = `killed after batch ${cut} of ${undisturbed.batches.length}`
          expect(
            resumed.ran.filter((key) => done.has(key)),
            where,
          ).toEqual([])
          expect(
            eventsOf(contents).filter(({ type }) => type === 'run.parked'),
            where,
          ).toEqual([])
          expect(endOf(contents), where).toBe(end)
        }
      }),
      { numRuns: 25 },
    )
  },
)
