// One process of a test after the other: a real supervisor over a store in memory, which outlives its process.

import type { Member } from '../../chain/members.ts'
import { supervise } from '../../engine/create-supervisor.ts'
import type { SupervisorOptions } from '../../engine/supervisor-options.ts'
import type { Supervisor } from '../../engine/supervisor.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { createMemoryContents } from '../../journal/memory-contents.ts'
import { createMemoryStore } from '../../journal/memory-store.ts'
import { createFaultyStore } from '../faulty-store.ts'
import type { VirtualClock } from '../virtual-clock.ts'
import { createMortalClock } from './process-clock.ts'

export interface TestHost {
  /** Of the process that is alive. */
  readonly supervisor: Supervisor
  /** The process dies as by `kill -9`, and another one takes up what is durable. */
  restart(): Promise<void>
  /** The process dies, and no other follows. */
  stop(): Promise<void>
  /** A run's durable events. */
  events(run: string): readonly JournalEvent[]
}

export async function createTestHost(
  chains: readonly Member[],
  clock: VirtualClock,
  options: Omit<SupervisorOptions, 'chains' | 'clock'>,
): Promise<TestHost> {
  const contents = createMemoryContents()
  const boot = async (): Promise<{ supervisor: Supervisor; die: () => Promise<void> }> => {
    const mortal = createMortalClock(clock)
    const store = createFaultyStore(createMemoryStore(contents), mortal)
    const supervisor = await supervise(store, { ...options, chains, clock: mortal })
    return {
      supervisor,
      async die() {
        mortal.kill()
        await store.kill()
      },
    }
  }
  let process = await boot()
  return {
    get supervisor() {
      return process.supervisor
    },
    async restart() {
      await process.die()
      process = await boot()
    },
    stop: async () => process.die(),
    events: (run) => contents.rows(run).map((row) => toEvent(row)),
  }
}
