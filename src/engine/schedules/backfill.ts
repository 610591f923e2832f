// Runs for the ticks of a time that is past: in order, so many at once, each tick once however often it is asked for.

import { BehaviorSubject, type Observable } from 'rxjs'
import {
  type ScheduleSpec,
  scheduleName,
  type Tick,
  tickRun,
  type Ticks,
  type Timing,
} from '../../definition/schedule.ts'
import { ticksOf } from '../../definition/ticks.ts'
import type { RunStatus } from '../../journal/store.ts'
import { type Duration, toMs } from '../../kernel/duration.ts'
import { CatenaryError } from '../../kernel/errors.ts'

export interface BackfillOptions<In = unknown> {
  /** The first tick is at or after it: a date, an ISO text, or ms since the epoch. */
  readonly from: Date | string | number
  /** The last tick is before it, and not in the future: a date, an ISO text, or ms since the epoch. */
  readonly to: Date | string | number
  /** A tick every so often, in ms or as `'1d'`, counted from `from`. Default: the ticks of the chain's own schedule. */
  readonly every?: Duration
  /** Which schedule, where the chain has several. Default `'default'`, or its only one. */
  readonly schedule?: string
  /** Runs at once. Default 4. */
  readonly inFlight?: number
  /** The runs' input, or a function of the tick that gives it at once. Default the schedule's. */
  readonly input?: In | ((tick: Tick) => In)
  /**
   * Names the backfill: the same tick under another name runs again. Default: ticks of a schedule are those that it
   * would have run, or did.
   */
  readonly id?: string
}

/** How far a backfill is. */
export interface BackfillProgress {
  /** Ticks whose runs have ended, those that had before it began included. */
  readonly succeeded: number
  readonly failed: number
  readonly inFlight: number
  /** The latest tick that was begun (ms since the epoch). */
  readonly at: number | undefined
  /** How much of the time between `from` and `to` has been begun, from 0 to 1. */
  readonly fraction: number
}

export interface Backfill {
  readonly progress: BackfillProgress
  /** The progress now, and each time that it changes; completes with the backfill. */
  readonly progress$: Observable<BackfillProgress>
  /** Resolves when every tick's run has ended, or after `stop()`; rejects where a run cannot be started. */
  readonly done: Promise<BackfillProgress>
  /** Begins no more runs; those in flight go on. */
  stop(): void
}

/** Who starts the runs, and hears of their ends. */
export interface BackfillHost {
  /** Resolves once the run is durable, or was there already. */
  start(run: string, tick: Tick, input: unknown): Promise<void>
  /** How it has ended, or is parked. */
  end(run: string): Promise<RunStatus>
}

export interface BackfillPlan {
  readonly from: number
  /** Not part of it. */
  readonly to: number
  readonly ticks: Ticks
  readonly inFlight: number
  readonly input: unknown
  readonly runOf: (tick: number) => string
}

/** Checks what is asked for; all that is wrong in one error. */
export function planBackfill(
  chain: string,
  schedules: readonly Pick<ScheduleSpec, 'id' | 'timing' | 'input'>[],
  options: BackfillOptions,
  now: number,
): BackfillPlan {
  const problems: string[] = []
  const moment = (name: string, value: unknown): number => {
    const at = new Date(value as string).getTime()
    if (value === undefined || Number.isNaN(at))
      problems.push(`${name} is no date: give a Date, an ISO text, or ms`)
    return at
  }
  const { inFlight = 4, every, id, schedule } = options
  const from = moment('from', options.from)
  const to = Math.min(moment('to', options.to), now + 1)
  if (!Number.isInteger(inFlight) || inFlight < 1) problems.push('inFlight is not a whole number from 1')
  if (id !== undefined && !/^[\w.-]{1,50}$/.test(id))
    problems.push('id is 1 to 50 letters, digits, ".", "-" and "_"')
  const ms = every === undefined ? undefined : toMs(every, 'every')
  if (ms !== undefined && ms < 1_000) problems.push('every is less than 1 s')
  const known = schedules.map((one) => one.id).join(', ')
  const own =
    schedule === undefined && schedules.length === 1
      ? schedules[0]
      : schedules.find((one) => one.id === (schedule ?? 'default'))
  if (ms === undefined && own === undefined)
    problems.push(
      known === '' ? `chain "${chain}" has no schedule: give every` : `say which schedule's ticks: ${known}`,
    )
  if (problems.length > 0) throw new CatenaryError('BAD_OPTION', problems.join('; '))
  const name =
    id !== undefined
      ? `backfill/${chain}/${id}`
      : ms === undefined
        ? scheduleName(chain, own?.id ?? '')
        : `backfill/${chain}/${ms}ms`
  return {
    from,
    to,
    ticks: ticksOf(ms === undefined ? endless(own?.timing ?? {}, from) : { every: ms, from }),
    inFlight,
    input: options.input ?? own?.input,
    runOf: (tick) => tickRun(name, tick),
  }
}

/**
 * The past has no bounds: `from` and `until` of a schedule say when it runs by itself. But an interval keeps counting
 * from its `from`, also before it.
 */
function endless({ from: anchor, until: _until, ...timing }: Timing, from: number): Timing {
  const { every } = timing
  if (anchor === undefined || every === undefined) return timing
  return { ...timing, from: anchor <= from ? anchor : anchor - Math.ceil((anchor - from) / every) * every }
}

/** Begins a backfill. Asked for again, it finds the runs that there are, and goes on with the rest. */
export function beginBackfill(plan: BackfillPlan, host: BackfillHost): Backfill {
  const { from, to, ticks, inFlight, input, runOf } = plan
  const progress = new BehaviorSubject<BackfillProgress>({
    succeeded: 0,
    failed: 0,
    inFlight: 0,
    at: undefined,
    fraction: 0,
  })
  let last = from - 1
  let stopped = false

  const take = (): number | undefined => {
    const tick = stopped ? undefined : ticks.next(last)
    if (tick === undefined || tick >= to) return undefined
    last = tick
    return tick
  }
  const tell = (change: Partial<BackfillProgress>): void => progress.next({ ...progress.value, ...change })
  const work = async (): Promise<void> => {
    for (let tick = take(); tick !== undefined; tick = take()) {
      tell({ at: tick, fraction: (tick - from) / (to - from), inFlight: progress.value.inFlight + 1 })
      const of: Tick = { scheduledAt: tick, window: { from: ticks.before(tick), to: tick } }
      const run = runOf(tick)
      await host.start(run, of, typeof input === 'function' ? (input as (tick: Tick) => unknown)(of) : input)
      const status = await host.end(run)
      const { value } = progress
      const ended = status === 'succeeded' ? { succeeded: value.succeeded + 1 } : { failed: value.failed + 1 }
      tell({ ...ended, inFlight: value.inFlight - 1 })
    }
  }
  const all = async (): Promise<BackfillProgress> => {
    try {
      await Promise.all(Array.from({ length: inFlight }, work))
      if (!stopped) tell({ fraction: 1 })
      return progress.value
    } finally {
      stopped = true
      progress.complete()
    }
  }
  const done = all()
  // whoever does not wait for it must not be ended by it
  done.catch(() => {})
  return {
    get progress() {
      return progress.value
    },
    progress$: progress.asObservable(),
    done,
    stop() {
      stopped = true
    },
  }
}
