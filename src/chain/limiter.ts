// `limiter(id, ...)`: at most so many at once, and so many in a while, over all the steps that name it.

import { type LimiterTerms, limiterMachine } from '../../machines/limiter.ts'
import type { GuardScope, LimiterSpec } from '../definition/guards.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, unknownOptions } from '../kernel/known-options.ts'
import { refuseBadKeys } from './guard-options.ts'

/** What a limiter allows; at least one of `inFlight` and `rate`. */
export interface LimiterOptions {
  /** Most attempts in flight at once (the sum of their costs). Default no limit. */
  readonly inFlight?: number
  /** Most attempts (the sum of their costs) that come in each `per`, in the long run. Default no limit. */
  readonly rate?: number
  /** The period of `rate`, in ms or as `'1s'`. Default 1 s. */
  readonly per?: Duration
  /** Tokens that are kept while nobody comes: so many may go at once after a rest. Default `rate`. */
  readonly burst?: number
  /** Each key has slots and tokens of its own. A text or number, or what tells one. Default one for all. */
  readonly key?: string | number | ((scope: GuardScope) => string | number)
  /** Those that wait take turns by this key; within it, who came first goes first. Default all have the same. */
  readonly fairBy?: string | number | ((scope: GuardScope) => string | number)
}

const known: KnownOptions<LimiterOptions> = {
  inFlight: true,
  rate: true,
  per: true,
  burst: true,
  key: true,
  fairBy: true,
}

/** A limiter that steps name in their option `limit`. */
export type Limiter = LimiterSpec

/**
 * A limiter, shared by every step that names it: slots, a token bucket, or both. What it counts is kept by each
 * supervisor, in memory: it says nothing of other processes, and begins with a full bucket.
 *
 * @throws CatenaryError BAD_OPTION, BAD_DURATION
 * @see https://en.wikipedia.org/wiki/Token_bucket; weights count for slots and tokens alike, as in Bottleneck.
 * @example
 * ```ts
 * const api = limiter('api', { inFlight: 5, rate: 100, per: '1m' })
 * const lookup = chain<string>('lookup').step('ask', ({ input }) => `asked for ${input}`, { limit: api })
 * ```
 */
export function limiter(id: string, options: LimiterOptions): Limiter {
  const where = `limiter "${id}"`
  const given = (options as LimiterOptions | undefined) ?? {}
  const { inFlight, rate, burst, key, fairBy } = given
  const strange = unknownOptions(options, known, where)
  const problems = strange === undefined ? [] : [strange]
  if (typeof id !== 'string' || id === '') problems.push('the id of a limiter is a text that is not empty')
  if (inFlight === undefined && rate === undefined)
    problems.push(`${where} limits nothing: give inFlight, rate or both`)
  for (const [name, value] of Object.entries({ inFlight, rate, burst })) {
    if (value !== undefined && !(typeof value === 'number' && value > 0 && value < Infinity))
      problems.push(`${name} of ${where} is ${String(value)}: give a number above 0`)
  }
  if (rate === undefined && (burst !== undefined || given.per !== undefined))
    problems.push(`${where} has ${burst === undefined ? 'per' : 'burst'} without rate: give rate as well`)
  const per = toMs(given.per ?? 1_000, `per of ${where}`)
  if (per === 0) problems.push(`per of ${where} is 0: give milliseconds above 0`)
  if (problems.length > 0) throw new CatenaryError('BAD_OPTION', problems.join('; '))
  refuseBadKeys({ key, fairBy }, where)
  const terms: LimiterTerms = {
    inFlight: inFlight ?? null,
    rate: rate ?? null,
    per,
    burst: burst ?? Math.max(1, rate ?? 1),
  }
  return Object.freeze({
    kind: 'limiter',
    id,
    terms,
    machine: limiterMachine,
    ...(key === undefined ? {} : { key }),
    ...(fairBy === undefined ? {} : { fairBy }),
  })
}
