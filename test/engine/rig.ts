// What tests of the engine share: a supervisor over virtual time, a store that outlives crashes, and what was journalled.

import { DatabaseSync } from 'node:sqlite'

import type { AnyChain } from '../../src/chain/any-chain.ts'
import type { Member } from '../../src/chain/members.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import type { SupervisorOptions } from '../../src/engine/supervisor-options.ts'
import type { Supervisor } from '../../src/engine/supervisor.ts'
import type { Run } from '../../src/engine/runs/run.ts'
import { toEvent } from '../../src/journal/encoding.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createMemoryContents, type MemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import type { Row } from '../../src/journal/store.ts'
import { type Duration, toMs } from '../../src/kernel/duration.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { type FaultyStore, createFaultyStore, type StoreFaults } from '../../src/testing/faulty-store.ts'
import { createSeededTime, type ProcessClock } from '../../src/testing/simulation/seeded-time.ts'

export interface RigOptions extends Omit<SupervisorOptions, 'chains' | 'clock'> {
  readonly faults?: StoreFaults
  /** What the journal is kept in, where a test writes into it by hand. */
  readonly contents?: MemoryContents
  /** A SQLite file to keep the journal in, where memory does not do. */
  readonly file?: string
}

export interface Rig {
  /** Of the process that is alive. */
  readonly supervisor: Supervisor
  readonly store: FaultyStore
  readonly clock: ProcessClock
  now(): number
  /** Lets time go on until `work` has an answer. */
  until<T>(work: Promise<T>): Promise<T>
  /** Does all that is due, and moves time on. */
  advance(by?: Duration): Promise<void>
  /** Does so many single things that may happen now; false where there were fewer. */
  steps(count: number): Promise<boolean>
  /** Moves the clock without firing what falls due meanwhile, as when a machine sleeps. */
  jump(by: number): void
  start<C extends AnyChain>(chain: C | readonly AnyChain[], input?: unknown, options?: object): Promise<Run>
  /** The process dies as by `kill -9`; another starts on what survived, maybe with other chains. */
  crash(chains?: readonly Member[]): Promise<void>
  /** All but those of the engine itself, of which each start has one or two. */
  events(): readonly JournalEvent[]
  /** All of them. */
  whole(): readonly JournalEvent[]
  /** The journal in few words: `attempt.started a/fetch 1`. */
  told(...types: readonly string[]): readonly string[]
}

/** Virtual time begins at 1,000,000 ms. */
export async function createRig(chains: readonly Member[], given: RigOptions = {}): Promise<Rig> {
  const { faults, file, contents = createMemoryContents(), ...options } = given
  const time = createSeededTime(1_000_000, createRandom(1))
  let clock: ProcessClock
  let store: FaultyStore
  let supervisor: Supervisor

  const boot = async (with_: readonly Member[]): Promise<void> => {
    clock = time.process()
    const inner =
      file === undefined
        ? createMemoryStore(contents)
        : createSqliteStore(file, { writer: 'inline', durability: 'normal' })
    store = createFaultyStore(inner, clock, faults)
    supervisor = await supervise(store, { ...options, chains: with_, clock })
  }
  const advance: Rig['advance'] = async (by = 0) => {
    const end = time.now() + toMs(by, 'advance')
    while (await time.step(end));
    time.jump(end)
  }
  const until = async <T>(work: Promise<T>): Promise<T> => {
    const done = { over: false }
    const end = (): void => void (done.over = true)
    work.then(end, end)
    do while (!done.over && (await time.step(time.now())));
    while (!done.over && (await time.step()))
    if (!done.over) throw new Error('nothing is left to do, and there is no answer')
    return work
  }
  const rows = (): readonly Row[] => (file === undefined ? contents.journal : journalIn(file))
  const whole = (): readonly JournalEvent[] => rows().map((row) => toEvent(row))
  const events = (): readonly JournalEvent[] => whole().filter(({ type }) => !type.startsWith('engine.'))
  await boot(chains)
  await advance()
  return {
    get supervisor() {
      return supervisor
    },
    get store() {
      return store
    },
    get clock() {
      return clock
    },
    now: () => time.now(),
    until,
    advance,
    async steps(count) {
      for (let done = 0; done < count; done++) if (!(await time.step(time.now()))) return false
      return true
    },
    jump: (by) => time.jump(time.now() + by),
    async start(chain, input, start) {
      return until(supervisor.start(chain as AnyChain, input as never, start as never))
    },
    async crash(others = chains) {
      clock.kill()
      await store.kill()
      await boot(others)
      await advance()
    },
    events,
    whole,
    told: (...types) =>
      events()
        .filter(({ type }) => types.length === 0 || types.some((one) => type.startsWith(one)))
        .map(inWords),
  }
}

/** What is durable in the file, read from outside. */
function journalIn(file: string): readonly Row[] {
  const database = new DatabaseSync(file, { readOnly: true })
  const rows = database
    .prepare(
      "SELECT seq, coalesce(heads.run, '') AS run, type, at, body, payload FROM journal LEFT JOIN heads ON heads.id = journal.run ORDER BY seq",
    )
    .all() as readonly unknown[] as readonly Row[]
  database.close()
  return rows
}

function inWords(event: JournalEvent): string {
  const { type } = event
  const words: (string | number | undefined)[] = [type]
  if ('chain' in event) {
    const step = 'step' in event && type !== 'chain.ended' ? event.step : undefined
    const item = 'item' in event ? event.item : undefined
    words.push([event.chain, step, item].filter((part) => part !== undefined).join('/'))
  }
  if ('service' in event) words.push(event.service)
  if ('group' in event) words.push(event.group)
  if ('reason' in event && 'service' in event) words.push(event.reason)
  if ('cause' in event) words.push(event.cause)
  if ('attempt' in event) words.push(event.attempt)
  if ('status' in event) words.push(event.status)
  if (type === 'signal.received' || type === 'signal.consumed') words.push(event.id)
  if (type === 'run.parked') words.push(event.reason)
  return words.filter((word) => word !== undefined).join(' ')
}
