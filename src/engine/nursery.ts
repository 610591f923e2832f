// The nursery: the live runs, and how one that has left memory comes back.

import type { CompiledChain } from '../definition/compiled-chain.ts'
import type { RunState } from '../journal/run-state.ts'
import type { StoreReader } from '../journal/store.ts'
import { foldRun, loseAttempts, parkingOf } from './activate.ts'
import { LiveRun, type RunWatcher } from './live-run.ts'
import type { Services } from './services.ts'

export interface Nursery {
  readonly live: ReadonlyMap<string, LiveRun>
  /** Takes in a run that begins. */
  adopt(state: RunState): LiveRun
  /** The live run, brought back into memory where it has left it; undefined where it has ended. */
  readonly reach: (run: string) => Promise<LiveRun | undefined>
  /** Lets a run that stands still leave memory. */
  readonly forget: (run: string) => void
  /** Drops all from memory without a trace, and takes in none any more. */
  close(): void
}

export interface NurseryEvents {
  /** A run's end is durable, or that it stands still until a person acts. */
  ended(state: RunState): void
  /** A run has left memory until then (ms since the epoch); null where only a signal or a command wakes it. */
  asleep(wakeAt: number | null): void
}

export function createNursery(
  store: Pick<StoreReader, 'rows' | 'snapshot'>,
  services: Services,
  on: NurseryEvents,
): Nursery {
  const live = new Map<string, LiveRun>()
  const activating = new Map<string, Promise<LiveRun | undefined>>()
  let closed = false

  const leave = (run: string): void => {
    live.get(run)?.detach()
    live.delete(run)
  }
  const watcher: RunWatcher = {
    ended(state) {
      leave(state.run)
      on.ended(state)
    },
    parked: (state) => on.ended(state),
    idle(run, wakeAt) {
      leave(run.runId)
      on.asleep(wakeAt)
    },
  }
  const adopt = (state: RunState): LiveRun => {
    const run = new LiveRun(state, services, watcher)
    live.set(state.run, run)
    return run
  }

  const activate = async (run: string): Promise<LiveRun | undefined> => {
    const find = ({ chain }: { readonly chain: string }): CompiledChain | undefined => services.chain(chain)
    const fold = await foldRun(store, run, find)
    if (fold.state.ended !== undefined || closed) return undefined
    const revived = adopt(fold.state)
    const { parked } = fold.state
    // a deploy may have brought back what the run needs; anything else waits for a person
    if (parked !== undefined && parked.reason !== 'needs-migration') return revived
    const diverged = parkingOf(fold, services.chain)
    const lost =
      diverged === undefined
        ? loseAttempts(fold, find, services.limits.lostAttempts, services.clock.now())
        : undefined
    const parking = diverged ?? lost?.parking
    if (parked !== undefined && parking !== undefined) return revived
    try {
      revived.turn(() => {
        if (parked !== undefined) revived.record({ type: 'run.unparked' })
        for (const fact of lost?.facts ?? []) revived.record(fact)
        if (parking === undefined) revived.restore(fold)
        else revived.record(parking)
      })
    } catch (error) {
      leave(run)
      throw error
    }
    return revived
  }

  return {
    live,
    adopt,
    async reach(run) {
      const alive = live.get(run)
      if (alive !== undefined) return alive
      const pending = activating.get(run)
      if (pending !== undefined) return pending
      const activation = activate(run)
      activating.set(run, activation)
      try {
        return await activation
      } finally {
        activating.delete(run)
      }
    },
    forget: leave,
    close() {
      closed = true
      for (const run of live.values()) run.detach()
      live.clear()
    },
  }
}
