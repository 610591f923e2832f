// Decides what follows a failed attempt: another one and when, the fallback, or the end. Policy is data.

import type { RecoveryVerdict } from '../../machines/chain-rules.ts'
import type { EachContext } from '../../machines/each.ts'
import type { ChainContext } from '../../machines/state.ts'
import type { StepOptionsSpec } from '../definition/spec.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Failure } from '../kernel/failure.ts'
import { delayFor } from '../definition/backoff.ts'

/** What follows the last failure of `step`. A lost attempt spends no retry. */
export function recover(
  step: string,
  options: StepOptionsSpec,
  context: ChainContext,
  clock: Clock,
): RecoveryVerdict {
  const spent = (context.tries[step] ?? 1) - (context.lost[step] ?? 0)
  const failure = context.failures[step] as Failure
  if (spent < options.attempts && mayRetry(failure, options)) {
    const delay = failure.retryAfter ?? delayFor(options.backoff, spent, clock.random())
    return { next: 'retry', due: clock.now() + delay }
  }
  return { next: options.fallback === undefined ? 'fail' : 'fallback' }
}

function mayRetry(failure: Failure, options: StepOptionsSpec): boolean {
  if (!failure.retryable) return false
  return options.retryWhen?.(failure) ?? true
}

/** What follows the last failure of an item of an `each`. */
export function recoverItem(
  key: string,
  options: StepOptionsSpec,
  items: EachContext | undefined,
  clock: Clock,
): RecoveryVerdict {
  const spent = (items?.tries[key] ?? 1) - (items?.lost[key] ?? 0)
  const failure = items?.failures[key] as Failure
  if (spent < options.attempts && mayRetry(failure, options)) {
    const delay = failure.retryAfter ?? delayFor(options.backoff, spent, clock.random())
    return { next: 'retry', due: clock.now() + delay }
  }
  return { next: 'fail' }
}
