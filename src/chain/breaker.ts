// `breaker(id, ...)`: calls nothing for a while where too many calls fail, over all the steps that name it.

import { breakerMachine } from '../../machines/breaker.ts'
import type { BreakerSpec, GuardScope } from '../definition/guards.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, unknownOptions } from '../kernel/known-options.ts'
import type { Failure } from '../kernel/failure.ts'
import { refuseBadKeys } from './guard-options.ts'

/** When a breaker opens and closes. */
export interface BreakerOptions {
  /** Share of failures at which it opens, above 0 to 1. Default 0.5. */
  readonly threshold?: number
  /** How many of the last outcomes count. Default 100, at most 10,000. */
  readonly window?: number
  /** With fewer outcomes it stays closed. Default 20, or `window` where that is less. */
  readonly minimum?: number
  /** How long it refuses all, in ms or as `'60s'`. Default 60 s. */
  readonly openFor?: Duration
  /** How many calls then try it: at most so many, and all of them must succeed. Default 1. */
  readonly probes?: number
  /** Each key has outcomes of its own. A text or number, or what tells one. Default one for all. */
  readonly key?: string | number | ((scope: GuardScope) => string | number)
  /** Which failures count. Default those of kind `thrown`, `timeout` and `lost`; the others say nothing. */
  readonly counts?: (failure: Failure) => boolean
}

const known: KnownOptions<BreakerOptions> = {
  threshold: true,
  window: true,
  minimum: true,
  openFor: true,
  probes: true,
  key: true,
  counts: true,
}

/** A breaker that steps name in their option `breaker`. */
export type Breaker = BreakerSpec

const mostOutcomes = 10_000

/**
 * A circuit breaker, shared by every step that names it. What it counts is kept by each supervisor, in memory: it
 * says nothing of other processes, and begins closed. An attempt that it refuses fails with kind `refused`, code
 * BREAKER_OPEN and the time to come back, without a call of its function.
 *
 * @throws CatenaryError BAD_OPTION, BAD_DURATION
 * @see the count-based window of https://resilience4j.readme.io/docs/circuitbreaker
 * @example
 * ```ts
 * const bank = breaker('bank', { openFor: '30s' })
 * const pay = chain<number>('pay').step('charge', ({ input }) => `charged ${input}`, {
 *   attempts: 3,
 *   breaker: bank,
 *   fallback: () => 'will be charged by hand',
 * })
 * ```
 */
export function breaker(id: string, options: BreakerOptions = {}): Breaker {
  const where = `breaker "${id}"`
  const { threshold = 0.5, window = 100, probes = 1, key, counts } = options
  const { minimum = Math.min(20, window) } = options
  const strange = unknownOptions(options, known, where)
  const problems = strange === undefined ? [] : [strange]
  if (typeof id !== 'string' || id === '') problems.push('the id of a breaker is a text that is not empty')
  if (!(typeof threshold === 'number' && threshold > 0 && threshold <= 1))
    problems.push(`threshold of ${where} is ${String(threshold)}: give a share above 0, at most 1`)
  for (const [name, value] of Object.entries({ window, minimum, probes })) {
    if (!Number.isInteger(value) || value < 1)
      problems.push(`${name} of ${where} is ${String(value)}: give a whole number from 1`)
  }
  if (window > mostOutcomes) problems.push(`window of ${where} is ${window}: give at most ${mostOutcomes}`)
  if (minimum > window)
    problems.push(`minimum of ${where} is ${minimum}, more than its window of ${window}: it would never open`)
  if (counts !== undefined && typeof counts !== 'function')
    problems.push(`counts of ${where} is no function: give one that says of a failure whether it counts`)
  const openFor = toMs(options.openFor ?? 60_000, `openFor of ${where}`)
  if (openFor === 0) problems.push(`openFor of ${where} is 0: give milliseconds above 0`)
  if (problems.length > 0) throw new CatenaryError('BAD_OPTION', problems.join('; '))
  refuseBadKeys({ key }, where)
  return Object.freeze({
    kind: 'breaker',
    id,
    terms: { threshold, window, minimum, openFor, probes },
    machine: breakerMachine,
    ...(key === undefined ? {} : { key }),
    ...(counts === undefined ? {} : { counts }),
  })
}
