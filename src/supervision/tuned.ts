// A step's options with what the config says of it.

import type { StepOptionsSpec } from '../definition/spec.ts'
import type { StepTuning } from './config.ts'

export function tuned(options: StepOptionsSpec, tuning: StepTuning): StepOptionsSpec {
  const { attempts, timeout, nonRetryable } = tuning
  const memo = memoOf(options, tuning)
  return {
    ...options,
    ...(attempts === undefined ? {} : { attempts }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(nonRetryable === undefined ? {} : { nonRetryable }),
    ...(memo === undefined ? {} : { memo }),
    backoff: { ...options.backoff, ...tuning.backoff },
  }
}

/** Only what depends on nothing but its input may be used again; the author's own key stays. */
function memoOf({ memo, pure }: StepOptionsSpec, tuning: StepTuning): StepOptionsSpec['memo'] {
  if (tuning.memo === undefined || (!pure && memo === undefined)) return undefined
  const { ttl } = tuning.memo
  return { version: '1', ...memo, ...(ttl === undefined ? {} : { ttl }) }
}
