// All schedules of a supervisor, and the one timer that has them look when something is due.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { scheduleName } from '../../definition/schedule.ts'
import type { Cancel } from '../../kernel/clock.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { createScheduleKeeper, type ScheduleHost, type ScheduleKeeper } from './schedule-keeper.ts'
import { noted, schedulesNote } from './schedule-note.ts'

export interface Scheduler {
  /** Takes up what is durable; commands may come from then on. */
  load(): Promise<void>
  /** Catches up, and starts runs from now on. */
  start(): Promise<void>
  /** The schedule of this name; refused where there is none. */
  keeper(name: string): ScheduleKeeper
  /** Begins nothing more; resolves once what was begun has come to rest. */
  stop(): Promise<void>
}

/** Looks at least so often: a clock that jumps, or a machine that sleeps, makes timers late (ms). */
const watch = 60_000

export function createScheduler(chains: Iterable<CompiledChain>, host: ScheduleHost): Scheduler {
  const { clock, store } = host
  const all = [...chains].flatMap(({ spec }) => (spec.schedules ?? []).map((one) => [spec.id, one] as const))
  const keepers = new Map(
    all.map(([chain, spec]) => [scheduleName(chain, spec.id), createScheduleKeeper(chain, spec, host)]),
  )
  let cancel: Cancel | undefined
  let lastLook = Infinity
  let started = false
  let stopped = false

  const arm = (): void => {
    cancel?.()
    if (!started || stopped || keepers.size === 0) return
    let soonest = clock.now() + watch
    for (const { due } of keepers.values()) if (due !== undefined) soonest = Math.min(soonest, due)
    cancel = clock.at(soonest, () => void look())
  }

  const look = async (): Promise<void> => {
    const now = clock.now()
    // after a clock was set back, what was due may be so no more
    const setBack = now < lastLook
    lastLook = now
    const due = [...keepers.values()].filter((keeper) => setBack || (keeper.due ?? Infinity) <= now)
    await Promise.all(due.map(async (keeper) => keeper.look()))
    arm()
  }

  return {
    async load() {
      const list = JSON.stringify(all.map(([chain, spec]) => noted(chain, spec)))
      const before = await store.note(schedulesNote)
      if ((before ?? '[]') !== list) await store.setNote(schedulesNote, list)
      await Promise.all([...keepers.values()].map(async (keeper) => keeper.load()))
    },
    async start() {
      started = true
      await look()
    },
    keeper(name) {
      const found = keepers.get(name)
      if (found === undefined) throw unknownSchedule(name, [...keepers.keys()])
      const command = async <T>(work: Promise<T>): Promise<T> => {
        const done = await work
        arm()
        return done
      }
      return {
        ...found,
        get due() {
          return found.due
        },
        pause: async () => command(found.pause()),
        resume: async () => command(found.resume()),
        trigger: async (unique) => command(found.trigger(unique)),
      }
    },
    async stop() {
      stopped = true
      cancel?.()
      await Promise.all([...keepers.values()].map(async (keeper) => keeper.stop()))
    },
  }
}

function unknownSchedule(name: string, known: readonly string[]): CatenaryError {
  const there = known.length === 0 ? 'no chain here has one' : `there are ${known.join(', ')}`
  return new CatenaryError('SCHEDULE_UNKNOWN', `there is no ${name}: ${there}`)
}
