// Over generated chains, failures, crashes, signals and cancels: the trace of a run goes again event by event, at its times.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AnyChain } from '../../../src/chain/any-chain.ts'
import { Face } from '../../../src/chain/face.ts'
import { createMemoryContents, type MemoryContents } from '../../../src/journal/memory-contents.ts'
import { traceRun } from '../../../src/observe/trace-run.ts'
import { harness } from '../../../src/testing.ts'
import { keyOfEvent } from '../../../src/testing/harness/called-key.ts'
import { isReplayed } from '../../../src/testing/harness/rehearse.ts'
import { timelineText } from '../../../src/testing/harness/timeline-text.ts'
import { contentsAfter, eventsOf, live, run, type World, worldsWith } from '../../property/fold-rig.ts'

/** Holds a replay of what a store tells against it. @returns how many events came again. */
async function replays({ chains, targets }: World, contents: MemoryContents): Promise<number> {
  const faces = [...chains.values()].map(({ spec }) => new Face(spec) as unknown as AnyChain)
  const [target, ...others] = targets.map(({ spec }) => faces.find(({ id }) => id === spec.id) as AnyChain)
  if (target === undefined) throw new Error('no target')
  const reader = { rows: async (of: string) => contents.rows(of) }
  const trace = await traceRun(reader, run)
  const besides = [...new Set([...others, ...faces])].filter((one) => one !== target)
  const t = await harness.fromTrace(trace, target, { chains: besides })
  const recorded = eventsOf(contents)
  expect(t.timeline()).toBe(timelineText(recorded, target.id))
  expect(
    t
      .events()
      .filter(isReplayed)
      .map(({ type, at }) => [type, at]),
  ).toEqual(recorded.filter(isReplayed).map(({ type, at }) => [type, at]))
  expect(await t.run.status()).toBe(contents.head(run)?.status)
  await t.stop()
  return recorded.length
}

/**
 * What a replay cannot know: which of two timers of the same moment came first, and that a function was never called, as
 * its run had gone on before its start was durable.
 */
function isTelling({ chains }: World, contents: MemoryContents): boolean {
  if ([...chains.values()].some(({ spec }) => spec.guest !== undefined)) return false
  const events = eventsOf(contents)
  const open = new Set<string>()
  const due = new Set<number>()
  for (const event of events) {
    const byTime =
      ['timer.fired', 'attempt.hedged', 'chain.cut-short'].includes(event.type) ||
      (event.type === 'attempt.failed' && ['timeout', 'deadline', 'lost'].includes(event.failure.kind))
    if (byTime && due.has(event.at)) return false
    if (byTime) due.add(event.at)
    if (!('attempt' in event)) continue
    if (event.type === 'attempt.started') open.add(keyOfEvent(event) ?? '')
    else if (event.type !== 'attempt.queued') open.delete(keyOfEvent(event) ?? '')
  }
  return open.size === 0
}

test('whatever became of a run, its trace brings the same again', { timeout: 120_000 }, async () => {
  let events = 0
  await fc.assert(
    fc.asyncProperty(worldsWith({ guarded: true }), fc.nat(99), async (world, cut) => {
      const story = await live(world, createMemoryContents())
      if (isTelling(world, story.contents)) events += await replays(world, story.contents)
      // the same, after a process died in the middle of it
      const { batches } = story
      const contents = contentsAfter(batches.slice(0, 1 + (cut % batches.length)))
      await live(world, contents)
      if (isTelling(world, contents)) events += await replays(world, contents)
    }),
    { numRuns: Number(process.env['CATENARY_RUNS'] ?? 15) },
  )
  expect(events).toBeGreaterThan(100)
})
