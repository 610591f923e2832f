// The nursery: the live runs, how one that has left memory comes back, and what becomes of one that crashed.

import type { CompiledChain } from '../definition/compiled-chain.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { RunState } from '../journal/run-state.ts'
import type { StoreReader } from '../journal/store.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { foldRun, loseAttempts, parkingOf } from './runs/activate.ts'
import { commitAnyway } from './chains/chain-parent.ts'
import { Crashes } from './crashes.ts'
import { LiveRun } from './runs/live-run.ts'
import type { RunWatcher } from './runs/run-standing.ts'
import type { Services } from './services.ts'

export interface Nursery {
  readonly live: ReadonlyMap<string, LiveRun>
  /** Takes in a run that begins. */
  adopt(state: RunState): LiveRun
  /** The live run, brought back into memory where it has left it; undefined where it has ended. */
  readonly reach: (run: string) => Promise<LiveRun | undefined>
  /**
   * Takes in a run that `make` brings about otherwise than by its going on; whoever reaches for it meanwhile waits.
   * A run that stands still has left memory when `make` is called.
   *
   * @param check throws what `make` would, while the run is still where it was: a refusal changes nothing.
   */
  remake(run: string, check: () => Promise<unknown>, make: () => Promise<LiveRun>): Promise<LiveRun>
  /** Resolves once all that was submitted is durable. */
  durable(): Promise<void>
  /** Lets a run that stands still leave memory. */
  readonly forget: (run: string) => void
  /** Takes note of what has become durable. */
  readonly committed: (events: readonly JournalEvent[]) => void
  /** Drops all from memory without a trace, and takes in none any more. */
  close(): void
}

export interface NurseryHost {
  /** A run's end is durable, or that it stands still until a person acts. */
  ended(state: RunState): void
  /** A run has left memory until then (ms since the epoch); null where only a signal or a command wakes it. */
  asleep(wakeAt: number | null): void
  /** Resolves once all that was submitted before is durable. */
  durable(): Promise<void>
  /** Who watches is told how a run began, where it does not know. Absent where nobody watches. */
  readonly recall?: ((run: string) => Promise<void> | undefined) | undefined
}

export function createNursery(
  store: Pick<StoreReader, 'rows' | 'snapshot'>,
  services: Services,
  host: NurseryHost,
): Nursery {
  const live = new Map<string, LiveRun>()
  const activating = new Map<string, Promise<LiveRun | undefined>>()
  /** Of those, the ones that may be refused: then the run is as it was before. */
  const remaking = new WeakSet<Promise<unknown>>()
  const crashes = new Crashes()
  let closed = false

  const leave = (run: string): void => {
    const leaving = live.get(run)
    live.delete(run)
    try {
      leaving?.detach()
    } catch (error) {
      services.problem(run, 'did not leave memory in order', error)
    }
  }
  const watcher: RunWatcher = {
    ended(state) {
      leave(state.run)
      host.ended(state)
    },
    parked: (state) => host.ended(state),
    idle(run, wakeAt) {
      leave(run.runId)
      host.asleep(wakeAt)
    },
    crashed(run, error) {
      const { runId } = run
      services.problem(runId, 'crashed, and is folded again from what is durable', error)
      leave(runId)
      crashes.count(runId, error)
      // who activates it now sees that it is closed, and does so again
      if (closed || activating.has(runId)) return
      void hold(runId, recover(runId))
      reach(runId).catch((problem: unknown) => {
        if (closed) return
        // it is not taken up again: what it held is for others
        if (!live.has(runId)) vacate(runId)
        // a run whose very first turn crashed was never accepted: its caller was told
        if (CatenaryError.is(problem) && problem.code === 'RUN_UNKNOWN') return
        services.problem(runId, 'cannot be read, and is left as it is', problem)
      })
    },
  }
  const vacate = (run: string): void => {
    services.gates.vacate(run)
    services.memos.vacate(run)
  }
  const adopt = (state: RunState): LiveRun => {
    const run = new LiveRun(state, services, watcher)
    live.set(state.run, run)
    return run
  }

  /** It leaves memory again with the next commit, unless something is done with it before. */
  const atRest = (run: LiveRun): LiveRun => {
    run.turn(() => run.afterCommit(commitAnyway))
    return run
  }
  const find = ({ chain }: { readonly chain: string }): CompiledChain | undefined => services.chain(chain)

  const activate = async (run: string): Promise<LiveRun | undefined> => {
    const recalled = host.recall?.(run)
    if (recalled !== undefined) await recalled
    const fold = await foldRun(store, run, find)
    if (closed) return undefined
    if (fold.state.ended !== undefined) {
      // who crashed after it had recorded its end has told nobody
      host.ended(fold.state)
      return undefined
    }
    const revived = adopt(fold.state)
    const { parked } = fold.state
    // a compensation that waits for a person holds up nothing else
    const stuck = parked?.reason === 'needs-attention'
    // a deploy may have brought back what the run needs; anything else waits for a person
    if (parked !== undefined && parked.reason !== 'needs-migration' && !stuck) return atRest(revived)
    const diverged = parkingOf(fold, services.chain)
    const lost =
      diverged === undefined
        ? loseAttempts(fold, find, services.limits.lostAttempts, services.clock.now())
        : undefined
    const parking = crashes.parkingOf(run) ?? diverged ?? lost?.parking
    if (parked !== undefined && !stuck && parking !== undefined) return atRest(revived)
    if (parking !== undefined) vacate(run)
    revived.turn(() => {
      if (parked !== undefined && !stuck) revived.record({ type: 'run.unparked' })
      for (const fact of lost?.facts ?? []) revived.record(fact)
      if (parking === undefined) revived.restore(fold)
      else revived.record(parking)
    })
    return revived
  }

  /** Activates it until it stands: the count of its crashes ends that. */
  const raise = async (run: string): Promise<LiveRun | undefined> => {
    const revived = await activate(run)
    if (revived?.closed !== true || closed) return revived
    crashes.refuseHopeless(run)
    return recover(run)
  }
  const recover = async (run: string): Promise<LiveRun | undefined> => {
    await host.durable()
    return raise(run)
  }
  const hold = (run: string, activation: Promise<LiveRun | undefined>): Promise<LiveRun | undefined> => {
    const held = activation.finally(() => activating.delete(run))
    activating.set(run, held)
    held.catch(() => {})
    return held
  }
  const reach: Nursery['reach'] = async (run) => {
    const alive = live.get(run)
    if (alive !== undefined) return alive
    // all who ask for it meanwhile hear of it in the order in which they asked
    const made = activating.get(run) ?? hold(run, raise(run))
    return remaking.has(made) ? made.catch(async () => reach(run)) : made
  }

  return {
    live,
    adopt,
    reach,
    async remake(run, check, make) {
      while (activating.has(run)) await activating.get(run)?.catch(() => {})
      // an end or a parking that is only in memory has not happened yet
      const durable = async (): Promise<void> => {
        while (live.get(run)?.durable === false) await host.durable()
      }
      const making = (async () => {
        await durable()
        if (live.get(run)?.state.parked !== undefined) {
          await check()
          await durable()
          leave(run)
        }
        await host.recall?.(run)
        return make()
      })()
      remaking.add(hold(run, making))
      return making
    },
    durable: async () => host.durable(),
    forget: leave,
    committed: (events) => crashes.committed(events),
    close() {
      closed = true
      for (const run of Array.from(live.keys())) leave(run)
    },
  }
}
