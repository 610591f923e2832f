// The ticks of a cron expression in a time zone: the one place that knows the parser.

import { Cron } from 'croner'
import { CatenaryError } from '../kernel/errors.ts'
import type { Ticks } from './schedule.ts'

const nickname = /^@(?:yearly|annually|monthly|weekly|daily|hourly)$/i
const second = 1_000

/**
 * @param timezone IANA name.
 * @returns its ticks; throws BAD_DEFINITION where it has none, or cannot be read.
 */
export function cronTicks(cron: string, timezone: string): Ticks {
  const read = reader(cron, timezone)
  /** The parser reckons in whole seconds: what lies strictly before the next one is at or before `time`. */
  const last = (time: number): number | undefined =>
    read.previousRuns(1, new Date(Math.floor(time / second) * second + second))[0]?.getTime()
  return {
    next: (time) => read.nextRun(new Date(time))?.getTime(),
    last,
    before: (tick) => last(tick - 1) ?? tick,
  }
}

function reader(cron: string, timezone: string): Cron {
  const refuse = (why: string, cause?: unknown): never => {
    throw new CatenaryError('BAD_DEFINITION', why, { cause })
  }
  // the parser takes dates as well, and years as a seventh field
  const fields = cron.trim().split(/\s+/).length
  if (!nickname.test(cron.trim()) && fields !== 5 && fields !== 6)
    refuse(
      `cron ${JSON.stringify(cron)} has ${fields} fields: give minute, hour, day, month and weekday, or seconds before them`,
    )
  try {
    void new Intl.DateTimeFormat('en', { timeZone: timezone })
  } catch (error) {
    refuse(`timezone ${JSON.stringify(timezone)} is none: give an IANA name, such as 'Europe/Zurich'`, error)
  }
  try {
    const read = new Cron(cron, { timezone, paused: true })
    // 29 February is at most eight years away
    if (read.nextRun(new Date(0)) === null)
      refuse(`cron ${JSON.stringify(cron)} never comes due: no such date exists`)
    return read
  } catch (error) {
    if (CatenaryError.is(error)) throw error
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)
    return refuse(`cron ${JSON.stringify(cron)} cannot be read: ${why}`, error)
  }
}
