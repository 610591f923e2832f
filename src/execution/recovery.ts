// Decides what follows a failed attempt: another one and when, the fallback, or the end. Policy is data.

import type { RecoveryVerdict } from '../../machines/chain-rules.ts'
import type { EachContext } from '../../machines/each.ts'
import type { ChainContext } from '../../machines/state.ts'
import type { StepOptionsSpec } from '../definition/spec.ts'
import type { Clock } from '../kernel/clock.ts'
import { type Failure, isOfClass } from '../kernel/failure.ts'
import { type Backoff, delayFor } from '../definition/backoff.ts'
import { toMs } from '../kernel/duration.ts'
import { atOnce } from './at-once.ts'

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
    const due = dueAfter(failure, options.backoff, { spent, clock })
    if (isInTime(due, deadlineOf(step, options, context))) return { next: 'retry', due }
  }
  return { next: options.fallback === undefined ? 'fail' : 'fallback' }
}

function mayRetry(failure: Failure, options: StepOptionsSpec): boolean {
  if (!failure.retryable) return false
  if (options.nonRetryable?.some((one) => isOfClass(failure, one)) === true) return false
  return atOnce(options.retryWhen?.(failure), 'when of the backoff') ?? true
}

/** The same where nobody would hear of what the author's function throws: the failure that led here is what counts. */
function mayRetryOrNot(failure: Failure, options: StepOptionsSpec): boolean {
  try {
    return mayRetry(failure, options)
  } catch {
    return false
  }
}

/** What follows the last failure of a compensation. */
export function recoverUndo(...given: Parameters<typeof recover>): RecoveryVerdict {
  try {
    return recover(...given)
  } catch {
    return { next: 'fail' }
  }
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
  if (spent < options.attempts && mayRetryOrNot(failure, options)) {
    const due = dueAfter(failure, options.backoff, { spent, clock })
    if (isInTime(due, items?.deadlines?.[key])) return { next: 'retry', due }
  }
  return { next: 'fail' }
}

function deadlineOf(
  step: string,
  options: StepOptionsSpec,
  context: Pick<ChainContext, 'due'>,
): number | undefined {
  return options.deadline === undefined ? undefined : context.due[`${step}:deadline`]
}

/** An attempt that could only begin after the deadline is not waited for. */
function isInTime(due: number, deadline: number | undefined): boolean {
  return deadline === undefined || due < deadline
}

/** When the next attempt may start (ms since the epoch). */
function dueAfter(
  failure: Failure,
  backoff: Backoff,
  { spent, clock }: { readonly spent: number; readonly clock: Clock },
): number {
  const previous =
    spent > 1 ? meanWait(toMs(backoff.initial, 'initial of the backoff'), spent - 1) : undefined
  return clock.now() + (failure.retryAfter ?? delayFor(backoff, spent, clock.random(), previous))
}

/**
 * What a decorrelated wait is on average: each is drawn from `initial` to three times the last. Decisions keep due
 * times and not waits, so the mean stands in for the last one: waits grow and spread as they should.
 */
function meanWait(initial: number, retry: number): number {
  return initial * (3 * 1.5 ** (retry - 1) - 1)
}
