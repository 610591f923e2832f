// What a chain promises, and whether it should be used at all: the options `slo` and `deprecated`, checked as they are given.

import { CatenaryError } from '../kernel/errors.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { type KnownOptions, refuseUnknownOptions } from '../kernel/known-options.ts'

/** A service level objective: what the runs of a chain should keep to. */
export interface SloOptions {
  /** The share of its runs that must succeed, above 0 and at most 1: 0.99 is 99 of 100. Default no promise. */
  readonly success?: number
  /** How long a run of it may take from its acceptance, in ms or as `'30s'`. Default no promise. */
  readonly within?: Duration
}

/** The same, checked; `within` in ms. */
export interface Objective {
  readonly success?: number
  readonly within?: number
}

const known: KnownOptions<SloOptions> = { success: true, within: true }

/** @returns what a chain's spec has of it; absent where there is none. */
export function objective(chain: string, given: SloOptions | undefined): { readonly slo?: Objective } {
  if (given === undefined) return {}
  const where = `slo of chain "${chain}"`
  refuseUnknownOptions(given, known, where)
  const { success, within } = given
  if (success === undefined && within === undefined)
    throw new CatenaryError(
      'BAD_OPTION',
      `${where} promises nothing: give { success: 0.99 } or { within: '30s' }`,
    )
  if (success !== undefined && !(typeof success === 'number' && success > 0 && success <= 1))
    throw new CatenaryError(
      'BAD_OPTION',
      `success of ${where} is ${String(success)}: give a share above 0 and at most 1, such as 0.99`,
    )
  return {
    slo: {
      ...(success === undefined ? {} : { success }),
      ...(within === undefined ? {} : { within: toMs(within, `within of ${where}`) }),
    },
  }
}

/** @returns what a chain's spec has of it; absent where it is not. */
export function deprecation(
  chain: string,
  given: string | boolean | undefined,
): { readonly deprecated?: string | true } {
  if (given === undefined || given === false) return {}
  if (given === true || (typeof given === 'string' && given.trim() !== '')) return { deprecated: given }
  throw new CatenaryError(
    'BAD_OPTION',
    `deprecated of chain "${chain}" is ${JSON.stringify(given)}: give true, or a sentence that says what to use instead`,
  )
}
