// One process of a test after the other: a real supervisor over a store in memory, which outlives its process.

import type { Member } from '../../chain/members.ts'
import { supervise } from '../../engine/create-supervisor.ts'
import type { Rehearsal } from '../../engine/rehearsal.ts'
import type { SupervisorOptions } from '../../engine/supervisor-options.ts'
import type { Supervisor } from '../../engine/supervisor.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { createMemoryContents } from '../../journal/memory-contents.ts'
import { createMemoryStore } from '../../journal/memory-store.ts'
import { createFaultyStore, type FaultyStore } from '../faulty-store.ts'
import type { VirtualClock } from '../virtual-clock.ts'
import { type BreakableStore, type CommitFault, createBreakableStore } from './breakable-store.ts'
import { createMortalClock } from './process-clock.ts'

export interface TestHost {
  /** Of the process that is alive. */
  readonly supervisor: Supervisor
  /** The process dies as by `kill -9`, and another one takes up what is durable. */
  restart(): Promise<void>
  /** The process dies, and so does the next one, over this commit of its recovery or at its end: then `restart()`. */
  dieTwice(during: number): Promise<void>
  /** The process dies, and no other follows. */
  stop(): Promise<void>
  /** A run's durable events. */
  events(run: string): readonly JournalEvent[]
  /** Of the process that is alive. */
  readonly store: FaultyStore
  /** What has been committed in all. */
  readonly commits: number
  breakCommit(how: CommitFault, nth: number): void
  /** Whether it has died, and none has followed. */
  readonly dead: boolean
  /** Resolves when the process that is alive dies. */
  readonly death: Promise<void>
}

interface Process {
  readonly supervisor: Supervisor
  readonly store: BreakableStore
  readonly faulty: FaultyStore
  readonly death: Promise<void>
  readonly isDead: () => boolean
  die(): Promise<void>
}

export async function createTestHost(
  chains: readonly Member[],
  clock: VirtualClock,
  options: Omit<SupervisorOptions, 'chains' | 'clock'>,
  rehearsal?: Rehearsal,
): Promise<TestHost> {
  const contents = createMemoryContents()
  const known = new WeakMap<object, JournalEvent>()
  let commits = 0
  const begin = (
    diesAt?: number,
  ): Omit<Process, 'supervisor'> & { readonly supervising: Promise<Supervisor> } => {
    const mortal = createMortalClock(clock)
    const faulty = createFaultyStore(createMemoryStore(contents), mortal)
    let isDead = false
    let dead: () => void
    const death = new Promise<void>((resolve) => {
      dead = resolve
    })
    const die = async (): Promise<void> => {
      isDead = true
      mortal.kill()
      await faulty.kill()
      dead()
    }
    const store = createBreakableStore(faulty, die, () => void commits++)
    if (diesAt !== undefined) store.breakCommit('dies-after', diesAt)
    const supervising = supervise(store, { ...options, chains, clock: mortal }, rehearsal)
    return { supervising, store, faulty, die, death, isDead: () => isDead }
  }
  const boot = async (): Promise<Process> => {
    const { supervising, ...process } = begin()
    return { ...process, supervisor: await supervising }
  }
  let process = await boot()
  return {
    get supervisor() {
      return process.supervisor
    },
    get dead() {
      return process.isDead()
    },
    get death() {
      return process.death
    },
    get store() {
      return process.faulty
    },
    get commits() {
      return commits
    },
    breakCommit(how, nth) {
      process.store.breakCommit(how, nth)
    },
    async dieTwice(during) {
      process.store.mend()
      await process.die()
      const { supervising, die } = begin(during)
      supervising.catch(() => {})
      await clock.settle()
      await die()
    },
    async restart() {
      process.store.mend()
      await process.die()
      process = await boot()
    },
    stop: async () => process.die(),
    events: (run) =>
      contents.rows(run).map((row) => {
        let event = known.get(row)
        if (event === undefined) known.set(row, (event = toEvent(row)))
        return event
      }),
  }
}
