// The option `schedule` of a chain, with its defaults; all that is wrong with it in one error.

import type { CatchUp, Overlap, ScheduleSpec, Tick, Timing } from '../definition/schedule.ts'
import { ticksOf } from '../definition/ticks.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, unknownOptions } from '../kernel/known-options.ts'

/** When a chain runs by itself, and what becomes of ticks that come too early or too late. */
export interface ScheduleOptions<In = unknown> {
  /** Unique among the chain's schedules. Default `'default'`; needed where there are several. */
  readonly id?: string
  /**
   * A tick at each time that the expression means: minute, hour, day, month, weekday, as in `'0 3 * * *'`; with a
   * sixth field in front, seconds; `L`, `#`, names and `@daily` as cron daemons know them. This or `every`.
   */
  readonly cron?: string
  /** The time zone of `cron`: an IANA name, such as `'Europe/Zurich'`. Default `'UTC'`, wherever the process runs. */
  readonly timezone?: string
  /** A tick every so often, in ms or as `'15m'`: counted from `from`, else from 1970-01-01T00:00Z. At least 1 s. */
  readonly every?: Duration
  /**
   * A tick that comes while the last run of the schedule has not ended: `skip` drops it, `queue` lets it wait its
   * turn, `allow` starts its run beside the other, `cancel` cancels the other and then starts its own. A parked run
   * counts as ended. Default `skip`, and `queue` with `catchUp: 'all'`.
   */
  readonly overlap?: Overlap
  /**
   * Ticks that passed unattended, because no process was there, or the clock jumped: `none` drops them, `last` starts
   * the latest, `all` starts each, oldest first. Default `last`.
   */
  readonly catchUp?: CatchUp
  /** Ticks longer ago are dropped, in ms or as `'2h'`. Default `'1d'`. At most 1,000, the latest, are ever caught up. */
  readonly catchUpWithin?: Duration
  /** The input of its runs, or a function of the tick that gives it at once. */
  readonly input?: In | ((tick: Tick) => In)
  /** No tick before: a date, an ISO text, or ms since the epoch. Default none. */
  readonly from?: Date | string | number
  /** No tick after: a date, an ISO text, or ms since the epoch. Default none. */
  readonly until?: Date | string | number
  /**
   * Each run starts up to so long after its tick, never as late as the next: drawn from the tick, so that it is the
   * same each time. In ms or as `'30s'`. Default 0.
   */
  readonly jitter?: Duration
  /** Hands steps the interval that the tick closes, as `window`. Default false. */
  readonly window?: boolean
}

const nameForm = /^[A-Za-z][A-Za-z0-9_-]{0,49}$/
const overlaps: readonly unknown[] = ['skip', 'queue', 'allow', 'cancel'] satisfies Overlap[]
const catchUps: readonly unknown[] = ['none', 'last', 'all'] satisfies CatchUp[]
const shortest = 1_000
const knownOptions: KnownOptions<ScheduleOptions> = {
  id: true,
  cron: true,
  timezone: true,
  every: true,
  from: true,
  until: true,
  overlap: true,
  catchUp: true,
  catchUpWithin: true,
  jitter: true,
  window: true,
  input: true,
}

/** The schedules of a chain's spec; absent where it has none. */
export function scheduled(
  chain: string,
  given: ScheduleOptions | readonly ScheduleOptions[] | undefined,
): { readonly schedules?: readonly ScheduleSpec[] } {
  return given === undefined ? {} : { schedules: schedulesOf(chain, given) }
}

function schedulesOf(
  chain: string,
  given: ScheduleOptions | readonly ScheduleOptions[],
): readonly ScheduleSpec[] {
  const list = Array.isArray(given) ? (given as readonly ScheduleOptions[]) : [given as ScheduleOptions]
  const problems: string[] = []
  const ids = new Set<string>()
  const specs = list.map((options, index) => {
    const place = list.length === 1 ? 'its schedule' : `schedule[${index}]`
    if (typeof options !== 'object' || options === null) {
      problems.push(`${place} is not an object: give { cron: '0 3 * * *' } or { every: '15m' }`)
      return undefined
    }
    const { id = 'default' } = options
    if (list.length > 1 && options.id === undefined)
      problems.push(`${place} needs an id, as there are several`)
    if (!nameForm.test(id))
      problems.push(`${place}: an id is a letter, then letters, digits, "-" and "_", at most 50`)
    if (ids.has(id)) problems.push(`${place}: another is called "${id}" too`)
    ids.add(id)
    return specOf(id, options, (problem) => problems.push(`schedule "${id}": ${problem}`))
  })
  if (problems.length === 0) return specs as readonly ScheduleSpec[]
  const found = problems.map((problem) => `\n  - ${problem}`).join('')
  throw new CatenaryError('BAD_DEFINITION', `chain "${chain}" cannot be scheduled so:${found}`)
}

function specOf(id: string, options: ScheduleOptions, problem: (text: string) => void): ScheduleSpec {
  const { catchUp = 'last', overlap = catchUp === 'all' ? 'queue' : 'skip', window = false } = options
  const duration = (name: string, value: Duration): number => {
    try {
      return toMs(value, name)
    } catch (error) {
      problem((error as Error).message)
      return 0
    }
  }
  const strange = unknownOptions(options, knownOptions, 'it')
  if (strange !== undefined) problem(strange)
  if (!overlaps.includes(overlap)) problem(`overlap is one of ${overlaps.join(', ')}`)
  if (!catchUps.includes(catchUp)) problem(`catchUp is one of ${catchUps.join(', ')}`)
  const catchUpWithin = duration('catchUpWithin', options.catchUpWithin ?? '1d')
  const jitter = duration('jitter', options.jitter ?? 0)
  const timing = timingOf(options, problem, duration)
  return {
    id,
    timing,
    overlap,
    catchUp,
    catchUpWithin,
    jitter,
    window,
    ...(options.input === undefined ? {} : { input: options.input }),
  }
}

function timingOf(
  { cron, timezone, every, from, until }: ScheduleOptions,
  problem: (text: string) => void,
  duration: (name: string, value: Duration) => number,
): Timing {
  const moment = (name: string, value: Date | string | number | undefined): number | undefined => {
    if (value === undefined) return undefined
    const at = new Date(value).getTime()
    if (Number.isNaN(at)) problem(`${name} is no date: give a Date, an ISO text, or ms since the epoch`)
    return at
  }
  const begin = moment('from', from)
  const end = moment('until', until)
  if (begin !== undefined && end !== undefined && begin > end) problem('until is before from')
  const bounds = {
    ...(begin === undefined ? {} : { from: begin }),
    ...(end === undefined ? {} : { until: end }),
  }
  if ((every === undefined) === (cron === undefined)) problem('give cron or every: one of them, and not both')
  if (timezone !== undefined && cron === undefined) problem('timezone is for cron: an interval has none')
  if (cron !== undefined) return cronTiming({ cron, timezone: timezone ?? 'UTC', ...bounds }, problem)
  const ms = every === undefined ? shortest : duration('every', every)
  if (ms < shortest) problem(`every is ${ms} ms: give at least ${shortest}`)
  return withTicks({ every: Math.max(ms, shortest), ...bounds }, problem)
}

function cronTiming(timing: Timing & { readonly cron: string }, problem: (text: string) => void): Timing {
  if (typeof (timing.cron as unknown) === 'string' && typeof (timing.timezone as unknown) === 'string')
    return withTicks(timing, problem)
  problem('cron and timezone are texts')
  return timing
}

function withTicks(timing: Timing, problem: (text: string) => void): Timing {
  const { from = -Infinity, until } = timing
  try {
    const ticks = ticksOf(timing)
    const known = from <= (until ?? Infinity)
    if (known && until !== undefined && ticks.last(until) === undefined)
      problem('it has no tick between from and until')
  } catch (error) {
    problem((error as Error).message)
  }
  return timing
}
