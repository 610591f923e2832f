// What a schedule is once the author has said it, and the times at which it starts runs.

/** When the ticks are: by a cron expression, or else at intervals. Times in ms since the epoch. */
export interface Timing {
  readonly cron?: string
  /** IANA name of the time zone of `cron`. */
  readonly timezone?: string
  /** Milliseconds between ticks, counted from `from`, or from the epoch. */
  readonly every?: number
  /** No tick is before it. */
  readonly from?: number
  /** No tick is after it. */
  readonly until?: number
}

/** What becomes of a tick that comes while a run of its schedule has not ended. */
export type Overlap = 'skip' | 'queue' | 'allow' | 'cancel'

/** What becomes of ticks that passed while nobody was there to start their runs. */
export type CatchUp = 'none' | 'last' | 'all'

export interface ScheduleSpec {
  /** Unique among the schedules of its chain. */
  readonly id: string
  readonly timing: Timing
  readonly overlap: Overlap
  readonly catchUp: CatchUp
  /** Ticks longer ago are not caught up (ms). */
  readonly catchUpWithin: number
  /** A run starts up to so long after its tick (ms). */
  readonly jitter: number
  /** Whether its runs are told the interval that their tick closes. */
  readonly window: boolean
  /** The runs' input, or what gives it. */
  readonly input?: unknown
}

/** What a run is told of the tick that started it. */
export interface Tick {
  /** When it was due (ms since the epoch). */
  readonly scheduledAt: number
  /** From the tick before it to this one (ms since the epoch). */
  readonly window: Window
}

/** An interval of time: `from` belongs to it, `to` does not (ms since the epoch). */
export interface Window {
  /** In ms since the epoch, included. */
  readonly from: number
  /** In ms since the epoch, not included. */
  readonly to: number
}

/** The ticks of a timing, without end where it has none. */
export interface Ticks {
  /** The first tick after `time`. */
  next(time: number): number | undefined
  /** The last tick at or before `time`. */
  last(time: number): number | undefined
  /** What the tick's interval begins with: the tick before it, whether or not `from` allows that one. */
  before(tick: number): number
}

/** The name by which a schedule is kept and commanded. */
export function scheduleName(chain: string, id: string): string {
  return `schedule/${chain}/${id}`
}

/** The id of the run that a tick starts: the same whoever starts it, so that it starts once. */
export function tickRun(name: string, tick: number): string {
  return `${name}/${new Date(tick).toISOString()}`
}
