// A suggestion and its trial as the reflector tells of them.

import type { Standing, TrialRecord } from '../../reflection/standing.ts'
import type { Suggestion, SuggestionState } from '../../reflection/suggestion.ts'
import type { Trials } from './trials.ts'

/** How a trial stands, or how it ended. */
export interface TrialStatus {
  /** Names the trial. */
  readonly id: string
  /** The id of the suggestion that is tried. */
  readonly suggestion: string
  /** For people: what is tried. */
  readonly sentence: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Whether a person chose it. */
  readonly by: 'auto' | 'person'
  /** Of the runs that its place is in, so many take part, from 0 to 1. */
  readonly share: number
  /** Pairs of runs that have ended; absent where only its executor knows. */
  readonly pairs?: number
  /** The gain so far with its bounds: logarithm of a ratio of durations, attempts a run, or a share of the runs. */
  readonly gain?: { readonly estimate: number; readonly low?: number; readonly high?: number }
  /** How it ended, and why; absent while it goes on. */
  readonly ended?: {
    readonly verdict: 'kept' | 'reverted' | 'stopped'
    readonly why: string
    readonly at: number
  }
}

/** A suggestion, and how it stands. */
export interface StandingSuggestion extends Suggestion {
  readonly state: SuggestionState
  /** The last trial of it. */
  readonly trial?: TrialStatus
}

export function statusOf(record: TrialRecord, trials?: Pick<Trials, 'progressOf'>): TrialStatus {
  const { id, suggestion, startedAt, by, share, plan, ended } = record
  const progress = trials?.progressOf(id)
  const { estimate, low, high } = progress?.gain ?? {}
  return {
    id,
    suggestion,
    sentence: plan?.suggestion.sentence ?? '',
    startedAt,
    by,
    share,
    ...(progress === undefined ? {} : { pairs: progress.pairs }),
    ...(estimate === undefined
      ? {}
      : {
          gain: {
            estimate,
            ...(low === undefined ? {} : { low }),
            ...(high === undefined ? {} : { high }),
          },
        }),
    ...(ended === undefined ? {} : { ended }),
  }
}

/** What was found now with how it stands, and what is tried though it would not be found now. */
export function standingOf(
  found: readonly Suggestion[],
  standing: Standing,
  now: number,
  trials?: Pick<Trials, 'progressOf'>,
): readonly StandingSuggestion[] {
  const known = new Set(found.map(({ id }) => id))
  const tried = standing
    .live()
    .flatMap(({ plan }) => (plan === undefined || known.has(plan.suggestion.id) ? [] : [plan.suggestion]))
  return [...found, ...tried].map((suggestion) => {
    const record = standing.trialOf(suggestion.id)
    return {
      ...suggestion,
      state: standing.stateOf(suggestion, now),
      ...(record === undefined ? {} : { trial: statusOf(record, trials) }),
    }
  })
}
