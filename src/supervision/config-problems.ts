// What makes no sense in a config: all of it in one error.

import { CatenaryError } from '../kernel/errors.ts'
import type { Config } from './config.ts'

export function refuseNonsense(config: Config): void {
  const problems: string[] = []
  const need = (holds: boolean, what: string, value: unknown, cure: string): void => {
    if (!holds) problems.push(`${what} is ${String(value)}: give ${cure}`)
  }
  const whole = (what: string, value: number | undefined): void =>
    need(value === undefined || wholeFrom1(value), what, value, 'a whole number from 1')
  const above0 = (what: string, value: number | null | undefined, of = 'a number'): void =>
    need(
      value === undefined || value === null || (value > 0 && value < Infinity),
      what,
      value,
      `${of} above 0`,
    )
  const share = (what: string, value: number | undefined, low: number): void =>
    need(value === undefined || (value >= low && value <= 1), what, value, 'a share of at most 1')

  const { concurrency, hibernateAfter, retryBudget } = config
  whole('concurrency', concurrency)
  need(hibernateAfter >= 0, 'hibernateAfter', hibernateAfter, 'milliseconds from 0')
  for (const [step, { attempts, timeout }] of Object.entries(config.steps)) {
    whole(`attempts of ${step}`, attempts)
    need(timeout === undefined || timeout > 0, `timeout of ${step}`, timeout, 'milliseconds above 0')
  }
  for (const [id, terms] of Object.entries(config.limiters)) {
    for (const name of ['inFlight', 'rate', 'per', 'burst'] as const)
      above0(`${name} of limiter ${id}`, terms[name])
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
  need(retryBudget.minimum >= 0, 'minimum of retryBudget', retryBudget.minimum, 'a number from 0')
  if (problems.length > 0) throw new CatenaryError('BAD_OPTION', problems.join('; '))
}

function wholeFrom1(value: number): boolean {
  return Number.isInteger(value) && value >= 1
}
