// How long to wait before the next attempt: an immutable policy as data, and its delays as a pure function.

import { type Duration, problemOfDuration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, refuseUnknownOptions } from '../kernel/known-options.ts'
import { shown } from '../kernel/shown.ts'

/** The wait between attempts. Chance spreads it, so that those that failed together do not come back together. */
export interface Backoff {
  /** The longest first wait, in ms or as `'1s'`. Default 1 s. */
  readonly initial: Duration
  /** What the wait grows by from retry to retry. Default 2. */
  readonly factor: number
  /** No wait is longer, in ms or as `'60s'`. Default 60 s. */
  readonly max: Duration
  /**
   * `full` (default): anything from 0 to the grown wait. `decorrelated`: anything from `initial` to three times the
   * previous wait, whatever the factor. `none`: the grown wait itself.
   */
  readonly jitter: 'full' | 'decorrelated' | 'none'
}

export const defaultBackoff: Backoff = Object.freeze({
  initial: 1_000,
  factor: 2,
  max: 60_000,
  jitter: 'full',
})

const jitters: readonly unknown[] = ['full', 'decorrelated', 'none'] satisfies Backoff['jitter'][]
const known: KnownOptions<Backoff> = { initial: true, factor: true, max: true, jitter: true }
// As in https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter
const spread = 3

/** A policy filled up with the defaults, in milliseconds; refused where it makes no sense. */
export function checkedBackoff(given: Partial<Backoff>, where: string): Backoff {
  refuseUnknownOptions(given, known, where)
  const initial = toMs(given.initial ?? defaultBackoff.initial, `initial of ${where}`)
  const max = toMs(given.max ?? Math.max(initial, defaultBackoff.max as number), `max of ${where}`)
  const { factor = defaultBackoff.factor, jitter = defaultBackoff.jitter } = given
  const [problem] = problemsOfBackoff({ factor, jitter }, where)
  if (problem !== undefined) throw new CatenaryError('BAD_OPTION', problem)
  if (max < initial)
    throw new CatenaryError(
      'BAD_OPTION',
      `max of ${where} is ${max} ms, below its initial ${initial} ms: raise max or lower initial`,
    )
  return Object.freeze({ initial, factor, max, jitter })
}

/** What makes no sense in any part of a policy, each with its cure. */
export function problemsOfBackoff(given: Partial<Backoff>, where: string): readonly string[] {
  const { initial, max, factor = defaultBackoff.factor, jitter = defaultBackoff.jitter } = given
  return [
    problemOfDuration(initial, `initial of ${where}`),
    problemOfDuration(max, `max of ${where}`),
    Number.isFinite(factor) && factor >= 1
      ? undefined
      : `factor of ${where} is ${shown(factor)}: give 1 for waits that stay the same, or more`,
    jitters.includes(jitter)
      ? undefined
      : `jitter of ${where} is ${shown(jitter)}: give one of ${jitters.join(', ')}`,
  ].filter((problem) => problem !== undefined)
}

/**
 * Whole milliseconds before retry number `retry`, from 1. `random` is in [0, 1); `previous` is the wait before the
 * last retry, which only `decorrelated` asks for: without it, that begins again at `initial`.
 */
export function delayFor(backoff: Backoff, retry: number, random: number, previous?: number): number {
  const initial = toMs(backoff.initial, 'initial of the backoff')
  const max = toMs(backoff.max, 'max of the backoff')
  switch (backoff.jitter) {
    case 'none':
      return grown(initial, max, backoff.factor ** (retry - 1))
    case 'full':
      return pick(0, grown(initial, max, backoff.factor ** (retry - 1)), random)
    case 'decorrelated': {
      const last = previous !== undefined && previous > initial ? previous : initial
      return pick(Math.min(initial, max), Math.min(max, last * spread), random)
    }
  }
}

/** Overflow-safe: a factor to the power of a huge retry is Infinity, which `max` caps; and 0 does not grow. */
function grown(initial: number, max: number, growth: number): number {
  return initial === 0 ? 0 : Math.floor(Math.min(max, initial * growth))
}

/** A whole number, each from `low` to `high` equally likely. */
function pick(low: number, high: number, random: number): number {
  const top = Math.floor(high)
  return Math.min(top, low + Math.floor(random * (top - low + 1)))
}
