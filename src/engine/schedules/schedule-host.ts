// What schedules ask of the engine: to start runs, to hear of their ends, to cancel them.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import type { RunState } from '../../journal/run-state.ts'
import type { Store } from '../../journal/store.ts'
import type { Clock } from '../../kernel/clock.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Engine } from '../engine.ts'
import type { LiveRun } from '../runs/live-run.ts'
import { holdsUp, type ScheduleHost } from './schedule-keeper.ts'
import type { Logger } from '../services.ts'

export interface ScheduleWiring {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly chain: (id: string) => CompiledChain | undefined
  readonly accept: Engine['accept']
  readonly commit: Engine['commit']
  readonly reach: (run: string) => Promise<LiveRun | undefined>
  /** Resolves when a run ends from now on. */
  readonly whenEnded: (run: string) => Promise<RunState>
  readonly failed: (error: unknown) => void
}

/** Another was faster: the run has ended, or goes on from its crash. */
const overtaken: readonly unknown[] = ['RUN_ENDED', 'RUN_UNKNOWN', 'RUN_CRASHED']

export function createScheduleHost(wiring: ScheduleWiring): ScheduleHost {
  const { store, clock, logger, accept, commit, reach, whenEnded, failed } = wiring
  const isOver = async (run: string): Promise<boolean> => !holdsUp((await store.head(run))?.status)
  return {
    store,
    clock,
    logger,
    failed,
    async start({ run, chain, input, tick, window }) {
      const { scheduledAt } = tick
      await accept([wiring.chain(chain) as CompiledChain], input, {
        id: run,
        tick: window ? { scheduledAt, window: tick.window } : { scheduledAt },
      })
    },
    async ended(run) {
      if (await isOver(run)) return
      const end = whenEnded(run)
      // it may have ended before anybody listened
      end.catch(() => {})
      if (await isOver(run)) return
      await end
    },
    async cancel(run, reason) {
      try {
        const live = await reach(run)
        if (live !== undefined && live.state.ended === undefined)
          await commit(live, () => live.cancel(reason))
      } catch (error) {
        if (!CatenaryError.is(error) || !overtaken.includes(error.code)) throw error
      }
    },
  }
}
