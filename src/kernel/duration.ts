// Durations as people write them, '30s' or '1h30m', to milliseconds and back to words.

import { CatenaryError } from './errors.ts'
import { shown } from './shown.ts'

type Unit = 'd' | 'h' | 'm' | 's' | 'ms'

/** Milliseconds, or a text such as `'250ms'`, `'30s'`, `'5m'`, `'2h'`, `'1d'` or `'1h30m'`; a space before a unit does no harm. */
export type Duration = number | `${number}${Unit}` | `${number}${Exclude<Unit, 'ms'>}${number}${Unit}`

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

// So that now + duration stays a date that JavaScript can write down.
const longest = 1e15

// With a space before the unit, as the type allows it.
const number = String.raw`(\d+(?:\.\d+)?) ?`
const pattern = new RegExp(`^(?:${number}d)?(?:${number}h)?(?:${number}m)?(?:${number}s)?(?:${number}ms)?$`)
const units = [day, hour, minute, second, 1]

/**
 * A duration in whole milliseconds. What is none is refused; `where` says whose it is, as in
 * `timeout of step "fetch"`.
 */
export function toMs(duration: Duration, where: string): number {
  const ms = Math.round(typeof duration === 'number' ? duration : parse(duration))
  if (ms >= 0 && ms <= longest) return ms
  throw new CatenaryError('BAD_DURATION', `${where} ${blame(duration)}`)
}

/** What is wrong with what should be a duration; undefined where nothing is. */
export function problemOfDuration(duration: unknown, where: string): string | undefined {
  if (duration === undefined) return undefined
  try {
    toMs(duration as Duration, where)
    return undefined
  } catch (error) {
    return (error as CatenaryError).message
  }
}

function parse(text: unknown): number {
  const parts = typeof text === 'string' && text !== '' ? pattern.exec(text) : null
  if (parts === null) return Number.NaN
  return units.reduce((sum, unit, index) => sum + Number(parts[index + 1] ?? 0) * unit, 0)
}

function blame(duration: unknown): string {
  if (duration === Number.POSITIVE_INFINITY) return 'is Infinity: leave it out for no limit'
  const given = typeof duration === 'number' ? String(duration) : shown(duration)
  if (typeof duration === 'number' && duration < 0) return `is ${given}: give 0 or more milliseconds`
  if (typeof duration === 'number' && duration > longest)
    return `is ${given}: give at most ${longest} milliseconds`
  return `is ${given}: give milliseconds, or a text of d, h, m, s and ms in this order, such as '30s' or '1h30m'`
}

/** A measured duration for people: `'12 ms'`, `'1.2 s'`, `'3 min 4 s'`, `'2 h 5 min'`, `'1 d 3 h'`. */
export function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown'
  if (ms < 0) return `-${formatMs(-ms)}`
  // Rounded as shown before the unit is chosen, so that 59.96 s is 1 min and not 60 s.
  if (round(ms, 0.1) < 10) return `${Number(round(ms, 0.1).toFixed(1))} ms`
  if (round(ms, 1) < second) return `${round(ms, 1)} ms`
  if (round(ms, 100) < minute) return `${Number((ms / second).toFixed(1))} s`
  if (round(ms, second) < hour) return pair(round(ms, second), [minute, 'min'], [second, 's'])
  if (round(ms, minute) < day) return pair(round(ms, minute), [hour, 'h'], [minute, 'min'])
  return pair(round(ms, hour), [day, 'd'], [hour, 'h'])
}

function round(ms: number, step: number): number {
  return Math.round(ms / step) * step
}

function pair(
  ms: number,
  [large, name]: readonly [number, string],
  [small, rest]: readonly [number, string],
): string {
  const left = Math.round((ms % large) / small)
  return `${Math.floor(ms / large)} ${name}${left === 0 ? '' : ` ${left} ${rest}`}`
}
