// Keeps one schedule: decides on its ticks as they come due, durably, and starts a run for each that is wanted.

import { type ScheduleSpec, type Tick, scheduleName, tickRun } from '../../definition/schedule.ts'
import { ticksOf } from '../../definition/ticks.ts'
import type { RunStatus, Store } from '../../journal/store.ts'
import type { Clock } from '../../kernel/clock.ts'
import { isThenable } from '../../execution/validate.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import {
  inTheWay,
  planSchedule,
  type ScheduleEvent,
  type ScheduleState,
  startable,
  wantedTicks,
} from '../../supervision/schedule-plan.ts'
import { delayOf, readNote, type ScheduleNote } from './schedule-note.ts'
import type { Logger } from '../services.ts'

/** A run that a schedule asks for. */
export interface ScheduledStart {
  readonly run: string
  readonly chain: string
  readonly input: unknown
  readonly tick: Tick
  /** Whether the run is told the interval of its tick. */
  readonly window: boolean
}

export interface ScheduleHost {
  readonly store: Pick<Store, 'note' | 'setNote' | 'head'>
  readonly clock: Clock
  readonly logger: Logger
  /** Resolves once the run is durable, or was there already. */
  start(start: ScheduledStart): Promise<void>
  /** Resolves once the run has ended, is parked, or is found not to be. */
  ended(run: string): Promise<void>
  /** Asks the run to end; resolves also where it has. */
  cancel(run: string, reason: string): Promise<void>
  /** The store can no longer be used. */
  failed(error: unknown): void
}

export interface ScheduleKeeper {
  /** When it next has something to do; undefined where only a command or a run's end gives it that. */
  readonly due: number | undefined
  /** Takes up what is durable of it. */
  load(): Promise<void>
  /** Decides on what has come due, and starts what may start; nothing is started before it was first called. */
  look(): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  /** Starts a run at once, whatever its ticks and overlap say, once for each `unique`. @returns the run's id. */
  trigger(unique: string): Promise<string>
  /** Begins nothing more; resolves once what it was at has come to rest. */
  stop(): Promise<void>
}

/** Where an end could not be looked up, it is tried again after so long (ms). */
const listenAgain = 1_000

/** The store itself fails: not one schedule's trouble. */
const fatal: ReadonlySet<CatenaryError['code']> = new Set([
  'STORE_LOCKED',
  'STORE_UNAVAILABLE',
  'STORE_CORRUPT',
  'STORE_READONLY',
  'STORE_TAKEN',
])

export function createScheduleKeeper(chain: string, spec: ScheduleSpec, host: ScheduleHost): ScheduleKeeper {
  const { overlap, jitter } = spec
  const { clock, store } = host
  const name = scheduleName(chain, spec.id)
  const timing = JSON.stringify(spec.timing)
  const ticks = ticksOf(spec.timing)
  const delay = (tick: number): number => (jitter === 0 ? 0 : delayOf(name, jitter, tick, ticks.next(tick)))
  const missing = { ticks, delay, catchUp: spec.catchUp, catchUpWithin: spec.catchUpWithin }
  const watched = new Set<string>()
  let state: ScheduleState = { considered: 0, queue: [], running: [], paused: false }
  let due: number | undefined
  /** Whether runs may be started: not while the supervisor only opens, though ends of runs are heard by then. */
  let begun = false
  let stopped = false
  let lane: Promise<unknown> = Promise.resolve()

  /** One thing at a time; what fails with the store ends the supervisor, nothing else may. */
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const turn = lane.then(work)
    lane = turn.catch(() => {})
    return turn
  }

  /** What is in memory is now ahead of the store: where that fails, it fails for all. */
  const keep = async (note: ScheduleNote): Promise<void> => {
    try {
      await store.setNote(name, JSON.stringify(note))
    } catch (error) {
      if (!stopped) host.failed(error)
      throw error
    }
  }

  const apply = async (...events: readonly ScheduleEvent[]): Promise<void> => {
    const before = state
    for (const event of events) state = planSchedule(overlap, state, event)
    if (state === before) return
    tellSkipped(before)
    const note: ScheduleNote = { ...state, timing }
    await keep(note)
  }

  const tellSkipped = ({ skipped }: ScheduleState): void => {
    if (state.skipped === undefined || state.skipped === skipped) return
    const { at, because } = state.skipped
    host.logger.warn(
      { chain, schedule: spec.id, tick: at },
      `tick ${new Date(at).toISOString()} skipped: ${because}`,
    )
  }

  /** Starts what may start, and cancels what is in its way. */
  const proceed = async (): Promise<void> => {
    for (let tick = startable(overlap, state); tick !== undefined; tick = startable(overlap, state)) {
      if (stopped || !begun) return
      await startTick(tick)
    }
    for (const run of inTheWay(overlap, state)) await host.cancel(run, `a later tick of ${name} came`)
    due = nextDue()
  }

  const startTick = async (tick: number): Promise<void> => {
    const run = tickRun(name, tick)
    try {
      await host.start(startOf(run, tick))
    } catch (error) {
      if (stopped || isFatal(error)) throw error
      const because = error instanceof Error ? error.message : String(error)
      host.logger.error({ chain, schedule: spec.id, tick, error }, `run ${run} was refused: ${because}`)
      return apply({ type: 'refused', tick, because })
    }
    await apply({ type: 'started', tick, run })
    watch()
  }

  /** A process may have died between the start of a tick's run and the note of it: then the run is under way. */
  const findBegun = async (): Promise<void> => {
    const [tick] = state.queue
    if (tick === undefined) return
    const run = tickRun(name, tick)
    if ((await store.head(run)) !== undefined) await apply({ type: 'started', tick, run })
  }

  const startOf = (run: string, at: number): ScheduledStart => {
    const tick: Tick = { scheduledAt: at, window: { from: ticks.before(at), to: at } }
    return { run, chain, tick, window: spec.window, input: inputOf(spec, tick) }
  }

  /** Looks again when a run that it started has ended. */
  const watch = (): void => {
    for (const run of state.running) {
      if (watched.has(run)) continue
      watched.add(run)
      host.ended(run).then(
        () => {
          watched.delete(run)
          void attend({ type: 'ended', run })
        },
        () => {
          // the supervisor stops, or has failed: the next one looks again
          if (stopped) return
          // the store could not be read, and the next read may do: nobody else would tell
          watched.delete(run)
          clock.at(clock.now() + listenAgain, () => {
            if (!stopped) watch()
          })
        },
      )
    }
  }

  const nextDue = (): number | undefined => {
    if (state.paused) return undefined
    const next = ticks.next(state.considered)
    return next === undefined ? undefined : next + delay(next)
  }

  const attend = async (...events: readonly ScheduleEvent[]): Promise<void> => {
    try {
      await inTurn(async () => {
        if (stopped) return
        const now = clock.now()
        await apply(...events, { type: 'looked', now, ...wantedTicks(missing, state.considered, now) })
        await proceed()
      })
    } catch (error) {
      if (!stopped) host.failed(error)
    }
  }

  return {
    get due() {
      return due
    },
    load: async () =>
      inTurn(async () => {
        const note = await readNote(store, name)
        const now = clock.now()
        if (note === undefined) state = { ...state, considered: now }
        else {
          const { timing: decidedBy, ...kept } = note
          // of a schedule that was changed in code the past says nothing
          state = decidedBy === timing ? kept : { ...kept, considered: now }
        }
        if (note?.timing !== timing) await keep({ ...state, timing })
        await findBegun()
        watch()
        due = nextDue()
      }),
    async look() {
      begun = true
      await attend()
    },
    pause: async () =>
      inTurn(async () => {
        await apply({ type: 'paused' })
        due = nextDue()
      }),
    async resume() {
      await inTurn(async () => apply({ type: 'resumed', now: clock.now() }))
      await attend()
    },
    trigger: async (unique) =>
      inTurn(async () => {
        const run = `${name}/now/${unique}`
        const at = clock.now()
        await host.start(startOf(run, at))
        await apply({ type: 'triggered', at, run })
        watch()
        return run
      }),
    async stop() {
      stopped = true
      await lane
    },
  }
}

/** The author's function is asked at once; what it throws refuses the tick. */
function inputOf({ id, input }: ScheduleSpec, tick: Tick): unknown {
  if (typeof input !== 'function') return input
  const refuse = (what: string, cause?: unknown): never => {
    throw new CatenaryError('INPUT_INVALID', `input of schedule "${id}" ${what}`, { cause })
  }
  let given: unknown
  try {
    given = (input as (tick: Tick) => unknown)(tick)
  } catch (error) {
    return refuse(`could not be made: ${String(error)}`, error)
  }
  return isThenable(given) ? refuse('is a promise: give it at once, and do the asking in a step') : given
}

function isFatal(error: unknown): boolean {
  return CatenaryError.is(error) && fatal.has(error.code)
}

/** Whether a run in this status holds up those that may not overlap it. */
export function holdsUp(status: RunStatus | undefined): boolean {
  return status === 'running' || status === 'waiting' || status === 'paused'
}
