// What makes no sense in a config: all of it in one error.

import { problemsOfBackoff } from '../definition/backoff.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, unknownOptions } from '../kernel/known-options.ts'
import { shown } from '../kernel/shown.ts'
import type { ChainTuning, Config, StepTuning } from './config.ts'
import { type ConfigPlaces, strangePlaces } from './config-places.ts'

const known: KnownOptions<Config> = {
  concurrency: true,
  hibernateAfter: true,
  steps: true,
  chains: true,
  edges: true,
  limiters: true,
  breakers: true,
  retryBudget: true,
}
const knownOfSteps: KnownOptions<StepTuning> = {
  attempts: true,
  timeout: true,
  backoff: true,
  nonRetryable: true,
  memo: true,
  inFlight: true,
}
const knownOfBackoffs: KnownOptions<NonNullable<StepTuning['backoff']>> = {
  initial: true,
  factor: true,
  max: true,
  jitter: true,
}
const knownOfChains: KnownOptions<ChainTuning> = { quarantined: true, paused: true }
const knownOfLimiters: KnownOptions<Config['limiters'][string]> = {
  inFlight: true,
  rate: true,
  per: true,
  burst: true,
}
const knownOfBreakers: KnownOptions<Config['breakers'][string]> = {
  threshold: true,
  window: true,
  minimum: true,
  openFor: true,
  probes: true,
}
const knownOfBudget: KnownOptions<Config['retryBudget']> = { ratio: true, window: true, minimum: true }

/**
 * Refuses names that nothing reads, and places that there are none of, where a change brings them: what was there
 * before stays, as another deployment may read it.
 */
export function refuseUnknown(next: Config, before: Config, places: ConfigPlaces | undefined): void {
  const old = new Set(unknownNames(before))
  const problems = unknownNames(next).filter((one) => !old.has(one))
  if (places !== undefined) problems.push(...strangePlaces(next, before, places))
  if (problems.length > 0) throw new CatenaryError('BAD_OPTION', problems.join('; '))
}

function unknownNames(config: Config): string[] {
  const problems: string[] = []
  const look = (given: unknown, names: Readonly<Record<string, true>>, where: string): void => {
    const problem = unknownOptions(given, names, where)
    if (problem !== undefined) problems.push(problem)
  }
  look(config, known, 'the config')
  const { steps, chains, edges, limiters, breakers } = config as { readonly [K in keyof Config]: unknown }
  for (const [name, table] of Object.entries({ steps, chains, edges, limiters, breakers }))
    if (typeof table !== 'object' || table === null)
      return [...problems, `${name} of the config is no table: give an object, by name`]
  for (const [name, tuning] of Object.entries(config.steps)) {
    look(tuning ?? null, knownOfSteps, `steps["${name}"]`)
    look(tuning?.backoff, knownOfBackoffs, `backoff of steps["${name}"]`)
    look(tuning?.memo, { ttl: true }, `memo of steps["${name}"]`)
  }
  for (const [id, tuning] of Object.entries(config.chains))
    look(tuning ?? null, knownOfChains, `chains["${id}"]`)
  for (const [id, terms] of Object.entries(config.limiters))
    look(terms ?? null, knownOfLimiters, `limiters["${id}"]`)
  for (const [id, terms] of Object.entries(config.breakers))
    look(terms ?? null, knownOfBreakers, `breakers["${id}"]`)
  look(config.retryBudget ?? null, knownOfBudget, 'retryBudget')
  return problems
}

export function refuseNonsense(config: Config): void {
  const problems: string[] = []
  const need = (holds: boolean, what: string, value: unknown, cure: string): void => {
    if (!holds) problems.push(`${what} is ${shown(value)}: give ${cure}`)
  }
  const whole = (what: string, value: number | undefined): void =>
    need(value === undefined || wholeFrom1(value), what, value, 'a whole number from 1')
  const above0 = (what: string, value: number | undefined, of = 'a number'): void =>
    need(
      value === undefined || (isNumber(value) && value > 0 && value < Infinity),
      what,
      value,
      `${of} above 0`,
    )
  const share = (what: string, value: number | undefined, low: number): void =>
    need(
      value === undefined || (isNumber(value) && value >= low && value <= 1),
      what,
      value,
      'a share of at most 1',
    )

  const { concurrency, hibernateAfter, retryBudget } = config
  whole('concurrency', concurrency)
  need(
    isNumber(hibernateAfter) && hibernateAfter >= 0,
    'hibernateAfter',
    hibernateAfter,
    'milliseconds from 0',
  )
  for (const [step, tuning] of Object.entries(config.steps)) {
    const { attempts, timeout, backoff, nonRetryable, memo, inFlight } = tuning
    whole(`attempts of ${step}`, attempts)
    whole(`inFlight of ${step}`, inFlight)
    above0(`timeout of ${step}`, timeout, 'milliseconds')
    above0(`ttl of the memo of ${step}`, memo?.ttl, 'milliseconds')
    if (backoff !== undefined) problems.push(...problemsOfBackoff(backoff, `backoff of ${step}`))
    const classes = nonRetryable ?? []
    const texts = Array.isArray(classes) && classes.every((one) => typeof one === 'string' && one !== '')
    need(texts, `nonRetryable of ${step}`, nonRetryable, 'a list of codes, names or kinds of failures')
  }
  for (const [id, { quarantined, paused }] of Object.entries(config.chains)) {
    const why = quarantined === undefined || (typeof quarantined === 'string' && quarantined !== '')
    need(why, `quarantined of ${id}`, quarantined, 'the reason as a text, or delete it')
    need([undefined, true].includes(paused), `paused of ${id}`, paused, 'true, or delete it')
  }
  for (const [edge, how] of Object.entries(config.edges))
    need(how === 'dropped', `edge ${edge}`, how, "'dropped', or delete it")
  for (const [id, terms] of Object.entries(config.limiters)) {
    // null is no limit of that sort
    for (const name of ['inFlight', 'rate'] as const)
      above0(`${name} of limiter ${id}`, terms[name] ?? undefined)
    for (const name of ['per', 'burst'] as const) above0(`${name} of limiter ${id}`, terms[name])
  }
  for (const [id, { threshold, window, minimum, openFor, probes }] of Object.entries(config.breakers)) {
    share(`threshold of breaker ${id}`, threshold, Number.MIN_VALUE)
    whole(`window of breaker ${id}`, window)
    whole(`minimum of breaker ${id}`, minimum)
    whole(`probes of breaker ${id}`, probes)
    above0(`openFor of breaker ${id}`, openFor, 'milliseconds')
  }
  share('ratio of retryBudget', retryBudget.ratio, 0)
  above0('window of retryBudget', retryBudget.window, 'milliseconds')
  const { minimum } = retryBudget
  need(isNumber(minimum) && minimum >= 0, 'minimum of retryBudget', minimum, 'a number from 0')
  if (problems.length > 0) throw new CatenaryError('BAD_OPTION', problems.join('; '))
}

/** What comes by a patch may be anything. */
function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}

function wholeFrom1(value: number): boolean {
  return Number.isInteger(value) && value >= 1
}
