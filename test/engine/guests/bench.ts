// A supervisor on a virtual clock over a store that outlives it: for tests that kill it and start another.

import type { AnyChain } from '../../../src/chain/any-chain.ts'
import { supervise } from '../../../src/engine/create-supervisor.ts'
import type { SupervisorOptions } from '../../../src/engine/supervisor-options.ts'
import type { Supervisor } from '../../../src/engine/supervisor.ts'
import { toEvent } from '../../../src/journal/encoding.ts'
import type { JournalEvent } from '../../../src/journal/event.ts'
import { createMemoryContents } from '../../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../../src/journal/memory-store.ts'
import { type VirtualClock, createVirtualClock } from '../../../src/testing/virtual-clock.ts'

export interface Bench {
  readonly clock: VirtualClock
  readonly supervisor: Supervisor
  /** All that was recorded. */
  journal(): readonly JournalEvent[]
  /** Waits, in virtual time, for what never waits for longer than a minute. */
  settle<T>(promise: Promise<T>): Promise<T>
  /** The process dies; another takes over, `later` ms after. */
  kill(chains?: readonly AnyChain[], later?: number): Promise<Bench>
  stop(): Promise<void>
}

export async function createBench(
  chains: readonly AnyChain[],
  options: Omit<SupervisorOptions, 'chains' | 'clock'> = {},
  contents = createMemoryContents(),
  now = 0,
): Promise<Bench> {
  const clock = createVirtualClock({ now })
  const inner = createMemoryStore(contents)
  let dead = false
  const supervisor = await supervise(
    { ...inner, append: (batch) => (dead ? new Promise(() => {}) : inner.append(batch)) },
    { ...options, chains, clock },
  )
  await clock.settle()
  return {
    clock,
    supervisor,
    journal: () => contents.journal.map(toEvent),
    async settle(promise) {
      let over = false
      void promise.then(
        () => (over = true),
        () => (over = true),
      )
      await clock.settle()
      for (let waited = 0; !over && waited < 600; waited++) await clock.advance(100)
      return promise
    },
    async kill(next = chains, later = 0) {
      dead = true
      await inner.close()
      return createBench(next, options, contents, clock.now() + later)
    },
    async stop() {
      const stopping = supervisor.stop()
      await clock.advance('10s')
      await stopping
    },
  }
}
