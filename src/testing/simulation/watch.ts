// Follows a journal as it is written and puts every event to all invariants.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { JournalEvent } from '../../journal/event.ts'
import type { MemoryContents } from '../../journal/memory-contents.ts'
import { counting } from '../../journal/rewound.ts'
import type { RunHead } from '../../journal/store.ts'
import { type AttemptLimits, type AttemptWatch, createAttemptWatch } from './attempt-watch.ts'
import { type FoldWatch, createFoldWatch } from './fold-watch.ts'
import { type ConfigWatch, createConfigWatch } from './config-watch.ts'
import type { Config } from '../../supervision/config.ts'
import type { HostRows } from './host-rows.ts'
import { createMemoWatch } from './memo-watch.ts'
import type { Proof } from './proof.ts'
import { createRowWatch } from './row-watch.ts'
import { type RunWatch, createRunWatch } from './run-watch.ts'
import { type ChainShape, type EntryShape, walkShapes } from './shape.ts'
import { createUndoWatch } from './undo-watch.ts'
import { type SignalWatch, createSignalWatch } from './signal-watch.ts'
import { type Variants, createTuningWatch } from './tuning-watch.ts'
import { createRewindWatch } from './rewind-watch.ts'
import { type HandedWatch, createHandedWatch } from './handed-watch.ts'
import { type HealthWatch, createHealthWatch } from './health-watch.ts'
import { type WordWatch, createWordWatch } from './word-watch.ts'

export interface Watch {
  /** Reads what was written since. */
  catchUp(): void
  /** Where the events of a run are in the journal. */
  seqsOf(run: string): readonly number[]
  readonly attempts: AttemptWatch
  readonly config: ConfigWatch
  readonly runs: RunWatch
  readonly signals: SignalWatch
  readonly folds: FoldWatch
  readonly words: WordWatch
  readonly health: HealthWatch
  readonly handed: HandedWatch
  /** Where the last event of a run is in the journal; 0 where there is none. */
  lastSeq(run: string): number
  /** How many events it has read. */
  readonly read: number
}

export function createWatch(
  contents: MemoryContents,
  shapes: ReadonlyMap<string, ChainShape>,
  chains: ReadonlyMap<string, CompiledChain>,
  {
    proof,
    base,
    health: isJudged,
    rows: hostRows,
    readable,
    variants,
  }: {
    readonly proof: Proof
    readonly base: Pick<Config, 'concurrency' | 'hibernateAfter'>
    /** Whether the health of chains is looked at, which takes a whole report each time. */
    readonly health: boolean
    readonly rows: HostRows
    /** Whether the store can always be read. */
    readonly readable: boolean
    /** What runs of trials run under; default what all do. */
    readonly variants?: Variants
  },
): Watch {
  let next = 0
  const tried = attemptsOf(shapes.values())
  const timed = stepsThat(shapes.values(), (entry) => 'guarded' in entry && entry.guarded)
  const config = createConfigWatch(proof, base)
  const runs = createRunWatch(proof, shapes)
  const most = (run: string, node: string, step: string): number => {
    const chain = runs.chainOf(run, node)
    // a machine of the user's own calls its actors as often as it likes
    if (shapes.get(chain)?.guest !== undefined) return Infinity
    const key = `${chain}/${step}`
    return config.attempts(key, tried.get(key) ?? 1)
  }
  const least = (run: string, node: string, step: string): number => {
    const key = `${runs.chainOf(run, node)}/${step}`
    // one with a deadline of its own is given up before it
    return timed.has(key) ? 0 : config.leastAttempts(key, tried.get(key) ?? 0)
  }
  const isHopeless: AttemptLimits['isHopeless'] = ({ run, chain, step, failure }) =>
    config.isHopeless(`${runs.chainOf(run, chain)}/${step}`, failure)
  const attempts = createAttemptWatch(proof, { most, least, isHopeless })
  const signals = createSignalWatch(
    proof,
    (run, node) => shapes.get(runs.chainOf(run, node))?.guest !== undefined,
  )
  const folds = createFoldWatch(proof, chains)
  const undoable = stepsThat(
    shapes.values(),
    (entry) => 'compensates' in entry && entry.compensates && !('chain' in entry),
  )
  const undos = createUndoWatch(proof, (run, node, step) =>
    undoable.has(`${runs.chainOf(run, node)}/${step}`),
  )
  const handed = createHandedWatch(proof, shapes)
  const tunings = createTuningWatch(proof, shapes, config, variants)
  const memos = createMemoWatch(proof, shapes, readable)
  const rows = createRowWatch(proof, shapes, hostRows)
  /** Up to where the events of a fork are those of its origin. */
  const copiedTo = new Map<string, number>()
  const rewinds = createRewindWatch(proof, { runs, attempts })
  const words = createWordWatch(proof, runs, signals)
  const heads = new Map<string, RunHead>()
  const histories = new Map<string, JournalEvent[]>()
  const health = createHealthWatch(proof, shapes, histories)
  let judged = 0

  const see = (event: JournalEvent): void => {
    for (const one of [runs, attempts, signals, undos, handed]) one.see(event)
  }
  /** What no longer counts was never seen. */
  const rewind = (event: JournalEvent & { readonly type: 'run.retried' }): void => {
    const { run } = event
    rewinds.before(event)
    const whole = histories.get(run) ?? []
    for (const one of [runs, attempts, signals, undos, handed]) one.forget(run)
    proof.quietly(() => {
      for (const kept of counting(whole)) see(kept)
    })
    folds.rewind(run, whole)
    rewinds.after(event)
  }
  return {
    attempts,
    config,
    runs,
    signals,
    folds,
    words,
    health,
    handed,
    get read() {
      return next
    },
    lastSeq: (run) => histories.get(run)?.at(-1)?.seq ?? 0,
    seqsOf: (run) => (histories.get(run) ?? []).map(({ seq }) => seq),
    catchUp() {
      if (next === contents.journal.length) return
      const touched = new Set<string>()
      for (let row = contents.journal[next]; row !== undefined; row = contents.journal[++next]) {
        const { seq } = row
        proof.check('seq', seq === next + 1, () => `seq ${seq} is number ${next + 1}`)
        const event = toEvent(row)
        touched.add(event.run)
        variants?.see(event)
        words.see(event)
        if (isJudged) health.see(event)
        const history = histories.get(event.run)
        if (history === undefined) histories.set(event.run, [event])
        else history.push(event)
        if (event.type === 'run.retried') rewind(event)
        else {
          config.see(event)
          see(event)
          folds.see(event)
          rewinds.see(event, histories)
        }
        if (event.type === 'run.accepted' && event.origin?.copied !== undefined)
          copiedTo.set(event.run, seq + event.origin.copied)
        const copied = seq <= (copiedTo.get(event.run) ?? 0)
        tunings.see(event, folds.fold(event.run)?.state, copied)
        memos.see(event, folds.fold(event.run)?.state, copied)
        if ('chain' in event) rows.see(event, runs.chainOf(event.run, event.chain), copied)
      }
      rows.judge()
      if (isJudged && next - judged >= judgeEvery) {
        judged = next
        health.judge(contents.journal.at(-1)?.at ?? 0)
      }
      for (const run of touched) {
        const head = contents.head(run)
        if (head === undefined || head === heads.get(run)) continue
        heads.set(run, head)
        folds.judge(head)
      }
    },
  }
}

/** Events between two looks at the health of chains. */
const judgeEvery = 400

function stepsThat(shapes: Iterable<ChainShape>, are: (entry: EntryShape) => boolean): ReadonlySet<string> {
  const found = [...shapes].flatMap(({ id, entries }) =>
    [...walkShapes(entries)].filter(are).map(({ name }) => `${id}/${name}`),
  )
  return new Set(found)
}

function attemptsOf(shapes: Iterable<ChainShape>): ReadonlyMap<string, number> {
  const tried = new Map<string, number>()
  for (const { id, entries } of shapes) {
    for (const entry of walkShapes(entries)) {
      if (!('attempts' in entry)) continue
      tried.set(`${id}/${entry.name}`, entry.attempts)
      tried.set(`${id}/${entry.name}:compensation`, 5)
    }
  }
  return tried
}
