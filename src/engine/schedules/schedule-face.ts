// Schedules and backfills in their caller's hands, the same for whoever executes and for clients.

import type { AnyChain, InputOf } from '../../chain/any-chain.ts'
import type { Tick } from '../../definition/schedule.ts'
import { scheduleName } from '../../definition/schedule.ts'
import type { Clock } from '../../kernel/clock.ts'
import { newRunId } from '../../kernel/id.ts'
import { type Backfill, type BackfillOptions, beginBackfill, planBackfill } from './backfill.ts'
import type { ScheduleAct } from '../clients/command.ts'
import type { Run } from '../runs/run.ts'
import type { ScheduleStanding } from './schedule-note.ts'

/** One schedule of a chain. */
export interface ScheduleHandle {
  /** No tick starts a run until it is resumed, also after a restart; runs that were started go on. */
  pause(): Promise<void>
  /** Ticks start runs again; those that passed meanwhile are dropped. */
  resume(): Promise<void>
  /** Starts a run now, whatever runs already; `scheduledAt` is now. */
  trigger(): Promise<Run>
}

export interface ScheduleFace {
  /** How the schedules of all chains stand. */
  schedules(): Promise<readonly ScheduleStanding[]>
  /**
   * A schedule of a chain.
   *
   * @param id which, where the chain has several. Default `'default'`.
   * @example
   * ```ts
   * const report = chain('report', { schedule: { every: '1d' } }).step('print', () => 'printed')
   * const supervisor = await createSupervisor({ chains: [report] })
   * await supervisor.schedule(report).pause()
   * const run = await supervisor.schedule(report).trigger()
   * console.log(await run.result()) // printed
   * await supervisor.stop()
   * ```
   */
  schedule(chain: AnyChain, id?: string): ScheduleHandle
  /**
   * Starts runs for the ticks of a time that is past, oldest first, at most `inFlight` at once. Ask for it again after
   * a crash, and it goes on: a tick whose run is there is not run again, whatever became of it.
   *
   * @example
   * ```ts
   * const load = chain('load').step('day', ({ window }) => new Date(window!.from).toISOString().slice(0, 10))
   * const supervisor = await createSupervisor({ chains: [load] })
   * const filling = supervisor.backfill(load, { from: '2026-03-01', to: '2026-03-08', every: '1d', inFlight: 2 })
   * console.log((await filling.done).succeeded) // 7
   * await supervisor.stop()
   * ```
   */
  backfill<C extends AnyChain>(chain: C, options: BackfillOptions<InputOf<C>>): Backfill
}

export interface ScheduleDesk {
  readonly clock: Clock
  schedules(): Promise<readonly ScheduleStanding[]>
  /** Does it once for each `id`. @returns the run that was triggered. */
  act(name: string, what: ScheduleAct, id: string): Promise<string>
  /** A run that was asked for one chain. */
  runOf(id: string): Run
  start(chain: AnyChain, input: unknown, options: { readonly id: string; readonly tick: Tick }): Promise<Run>
}

export function createScheduleFace(desk: ScheduleDesk): ScheduleFace {
  const { clock } = desk
  return {
    schedules: async () => desk.schedules(),
    schedule(chain, id = 'default') {
      const name = scheduleName(chain.id, id)
      const ask = async (what: ScheduleAct): Promise<string> => desk.act(name, what, newRunId(clock))
      return {
        pause: async () => void (await ask('pause')),
        resume: async () => void (await ask('resume')),
        trigger: async () => desk.runOf(await ask('trigger')),
      }
    },
    backfill(chain, options) {
      const runs = new Map<string, Run>()
      return beginBackfill(planBackfill(chain.id, chain.spec.schedules ?? [], options, clock.now()), {
        async start(id, tick, input) {
          runs.set(id, await desk.start(chain, input, { id, tick }))
        },
        async end(id) {
          const run = runs.get(id) as Run
          runs.delete(id)
          return (await run.settled()).status
        },
      })
    },
  }
}
