// Generated worlds of chains for property tests: run on the real engine, stopped at any batch, and folded.

import * as fc from 'fast-check'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import type { CompiledChain } from '../../src/definition/compiled-chain.ts'
import { createConfig } from '../../src/supervision/config.ts'
import { createDurations } from '../../src/chain/durations.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { defaultLimits } from '../../src/engine/services.ts'
import { toEvent } from '../../src/journal/encoding.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createMemoryContents, type MemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { type RunFold, applyEvent, beginRun } from '../../src/journal/replay-run.ts'
import type { Batch, Store } from '../../src/journal/store.ts'
import { counting, ownerOf } from '../../src/journal/rewound.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { buildChains } from '../../src/testing/simulation/build.ts'
import { deedOf, doDeed } from '../../src/testing/simulation/deeds.ts'
import { drawFromChoices } from '../../src/testing/simulation/draw.ts'
import { createSeededTime } from '../../src/testing/simulation/seeded-time.ts'
import { drawShapes } from '../../src/testing/simulation/shape.ts'

export interface World {
  readonly chains: ReadonlyMap<string, CompiledChain>
  readonly targets: readonly CompiledChain[]
  readonly seed: number
  readonly hibernateAfter: number
  /** Somebody cancels the run once it stands still, instead of sending the signals that it waits for. */
  readonly cancelled: boolean
}

/** What a process did with the one run of its world. */
export interface Story {
  readonly contents: MemoryContents
  readonly batches: readonly Batch[]
  /** What the live machines said of themselves as each batch was written, by chain. */
  readonly live: readonly Readonly<Record<string, unknown>>[]
  /** The steps whose bodies ran, by idempotency key. */
  readonly ran: readonly string[]
}

export const run = 'run'
const start = 1_000_000

/** Small worlds of all step kinds, edges and trigger rules; they shrink towards one chain of one step. */
export const worlds: fc.Arbitrary<World> = worldsWith({ guarded: false })

/** @param guarded whether breakers, deadlines and hedges are among them, which a crash makes end otherwise. */
export function worldsWith({ guarded }: { readonly guarded: boolean }): fc.Arbitrary<World> {
  return fc
    .record({
      choices: fc.array(fc.noBias(fc.nat(999)), { minLength: 60, maxLength: 250, size: 'max' }),
      seed: fc.nat(9_999),
      hibernateAfter: fc.constantFrom(0, 2_000, 86_400_000),
      cancelled: fc.boolean(),
    })
    .map(({ choices, seed, hibernateAfter, cancelled }) => {
      const draw = drawFromChoices(choices)
      const shapes = drawShapes(draw, { chains: 1 + draw.below(4), entries: 3, depth: 2, guarded })
      const built: ReadonlyMap<string, AnyChain> = buildChains(shapes)
      const chains = new Map([...built].map(([id, { spec }]) => [id, compile(spec)]))
      const targets = shapes
        .slice(2)
        .slice(-2)
        .map(({ id }) => chains.get(id) as CompiledChain)
      // machines are too large to be shown where a property fails
      const shown = JSON.stringify({ shapes, seed, hibernateAfter, cancelled })
      return { chains, targets, seed, hibernateAfter, cancelled, [fc.toStringMethod]: () => shown }
    })
}

export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown

export function eventsOf({ journal }: Pick<MemoryContents, 'journal'>): readonly JournalEvent[] {
  return journal.filter((row) => row.run === run).map((row) => toEvent(row))
}

/** Folds one more event. */
export function foldOn(fold: RunFold | undefined, event: JournalEvent, { chains }: World): RunFold {
  if (event.type === 'run.accepted') return beginRun(event)
  applyEvent(fold as RunFold, event, ({ chain }) => chains.get(chain))
  return fold as RunFold
}

/** The persisted snapshots of the machines in a fold, by chain. */
export function machinesOf(
  { chains: folds, state }: RunFold,
  { chains }: World,
): Readonly<Record<string, unknown>> {
  const machines: Record<string, unknown> = {}
  for (const [key, { snapshot }] of folds) {
    const machine = chains.get(state.nodes.get(key)?.chain ?? '')?.machine
    machines[key] = plain(machine?.getPersistedSnapshot(snapshot))
  }
  return machines
}

/** What a store held after the first batches. */
export function contentsAfter(batches: readonly Batch[]): MemoryContents {
  const contents = createMemoryContents()
  for (const { rows, heads, snapshots } of batches) {
    for (const row of rows) contents.addRow(row)
    for (const head of heads) contents.setHead(head)
    for (const snapshot of snapshots) contents.snapshots.set(snapshot.run, snapshot)
  }
  return contents
}

/**
 * Lets a process work on what a store holds until the run has ended; signals come when nothing else is left to do.
 *
 * @param retries so often an ended run is retried, the ones in the store included.
 */
export async function live(world: World, contents: MemoryContents, retries = 0): Promise<Story> {
  const time = createSeededTime(contents.journal.at(-1)?.at ?? start, createRandom(world.seed))
  const clock = time.process()
  const inner = createMemoryStore(contents)
  const story = {
    contents,
    batches: [] as Batch[],
    live: [] as Record<string, unknown>[],
    ran: [] as string[],
  }
  const failed = new Map<string, number>()
  let counted = 0
  const store: Store = {
    ...inner,
    append(batch) {
      story.batches.push(batch)
      const chains = engine.live.get(run)?.chains ?? new Map<string, never>()
      story.live.push(
        Object.fromEntries([...chains].map(([key, { actor }]) => [key, plain(actor.getPersistedSnapshot())])),
      )
      return inner.append(batch)
    },
  }
  /** A step's luck depends on its committed failures, not on how often its process died. */
  const failures = (of: string): number => {
    for (; counted < contents.journal.length; counted++) {
      const event = toEvent(contents.journal[counted] as never)
      if (event.type !== 'attempt.failed') continue
      const key = [run, event.chain, event.step, event.item].filter((part) => part !== undefined).join('/')
      failed.set(key, (failed.get(key) ?? 0) + 1)
    }
    return failed.get(of) ?? 0
  }
  const temper = { seed: world.seed, throws: 25, slow: 30, stubborn: 10, fatal: 0, unfit: 3 }
  const engine: Engine = createEngine({
    chains: world.chains,
    store,
    clock,
    app: {
      perform(name: string, context: Parameters<typeof doDeed>[2]) {
        const key = deedOf(name, context)
        story.ran.push(key)
        return doDeed(key, failures(key) + 1, context, { clock, temper, calm: () => true, die: () => {} })
      },
    },
    logger: { info() {}, warn() {}, error() {} },
    inspect: undefined,
    config: createConfig({ concurrency: 100, hibernateAfter: world.hibernateAfter, steps: {} }),
    limits: defaultLimits,
    recover: true,
    durations: createDurations(new Map()),
  })
  await engine.open()
  if (contents.journal.length === 0) {
    const several = world.targets.length > 1
    void engine.accept(world.targets, { group: 1 }, { id: run, several })
  }
  for (let signals = 0; signals < 100;) {
    if (await time.step()) continue
    if (contents.head(run)?.endedAt !== null) {
      const events = eventsOf(contents)
      const retried = events.filter(({ type }) => type === 'run.retried').length
      if (retried >= retries) break
      let done = false
      const asked = engine.retry(run, whereFrom(events, world.seed + retried))
      const end = (): void => void (done = true)
      asked.then(end, end)
      while (!done && (await time.step()));
      if (!done) throw new Error('nothing is left to do, and the retry has no answer')
      try {
        await asked
      } catch (error) {
        if (!String(error).includes('has undone what it did')) throw error
        break
      }
      continue
    }
    signals++
    if (world.cancelled) (await engine.reach(run))?.cancel('no more')
    else await signalAll(engine, signals)
  }
  clock.kill()
  await inner.close()
  return story
}

/** A step that began, of those that still count; none where the run has failed and the seed is even. */
function whereFrom(
  events: readonly JournalEvent[],
  seed: number,
): { readonly chain: string; readonly step?: string } | undefined {
  const end = events.findLast((event) => event.type === 'run.ended')
  if (end?.status !== 'succeeded' && seed % 2 === 0) return undefined
  const steps = counting(events).filter(
    (event) => event.type === 'attempt.started' && event.step === ownerOf(event.step),
  )
  const event = steps[(seed * 7) % steps.length]
  if (event?.type === 'attempt.started') return { chain: event.chain, step: event.step }
  const begun = events.find(({ type }) => type === 'chain.started')
  return begun?.type === 'chain.started' ? { chain: begun.chain } : undefined
}

async function signalAll(engine: Engine, number: number): Promise<void> {
  const alive = await engine.reach(run)
  for (const { waiting } of alive?.chains.values() ?? []) {
    for (const name of waiting) alive?.signal(name, `${name} ${number}`, undefined)
  }
}
