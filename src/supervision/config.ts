// The config overlay: every tunable in one versioned value; a change is a patch, its inverse and a new version.

import { type Patch, applyPatches, enablePatches, produce, produceWithPatches } from 'immer'
import type { BreakerTerms } from '../../machines/breaker.ts'
import type { LimiterTerms } from '../../machines/limiter.ts'
import type { Backoff } from '../definition/backoff.ts'
import type { StepOptionsSpec } from '../definition/spec.ts'
import { type RetryTerms, defaultRetryTerms } from '../execution/retry-budget.ts'
import { refuseNonsense } from './config-problems.ts'

enablePatches()

/** What may be tuned of one step; what is absent is as its author said. */
export interface StepTuning {
  /** Tries in all; counts only for steps that have `attempts` above 1 in their definition. */
  attempts?: number
  /** Longest time of one attempt (ms). */
  timeout?: number
  backoff?: Partial<Backoff>
}

/** Everything that can be changed while the supervisor runs. */
export interface Config {
  /** Most attempts in flight at once. */
  concurrency: number
  /** A run that only waits leaves memory when nothing in it is due within so long (ms). */
  hibernateAfter: number
  /** By `chain/step`. */
  steps: Record<string, StepTuning>
  /** By the limiter's id, for all its keys; what is absent is as its author said. */
  limiters: Record<string, { -readonly [T in keyof LimiterTerms]?: LimiterTerms[T] }>
  /** By the breaker's id, for all its keys; what is absent is as its author said. Times are in ms. */
  breakers: Record<string, { -readonly [T in keyof BreakerTerms]?: BreakerTerms[T] }>
  /** How many retries there may be; the window in ms. */
  retryBudget: { -readonly [T in keyof RetryTerms]: RetryTerms[T] }
}

/** A config as far as it is said. */
export type ConfigBase = Pick<Config, 'concurrency' | 'hibernateAfter' | 'steps'> & Partial<Config>

/** One change, as it is journalled: enough to show it, to take it back, and to say what every attempt ran under. */
export interface ConfigChange {
  readonly version: number
  readonly patch: readonly Patch[]
  readonly inverse: readonly Patch[]
}

export interface ConfigOverlay {
  readonly current: Readonly<Config>
  /** 0 is what the code says; each change adds one. */
  readonly version: number
  /** Says what the code says: no change, no version. */
  base(recipe: (draft: Config) => void): void
  /** Changes the value; refused with all that is wrong where it makes no sense. @returns undefined where nothing changed. */
  change(recipe: (draft: Config) => void): ConfigChange | undefined
  /** Takes back what `change` did, as a change of its own. */
  revert(change: ConfigChange): ConfigChange | undefined
  /** A step's options as they are now. */
  tune(chain: string, step: string, options: StepOptionsSpec): StepOptionsSpec
  /** The terms of a limiter as they are now. */
  limiter(id: string, terms: LimiterTerms): LimiterTerms
  /** The terms of a breaker as they are now. */
  breaker(id: string, terms: BreakerTerms): BreakerTerms
  /** Makes a recorded change again; one that no longer fits what the code says is left out, but counted. */
  replay(change: ConfigChange): void
}

export function createConfig(base: ConfigBase): ConfigOverlay {
  let current: Config = { limiters: {}, breakers: {}, retryBudget: defaultRetryTerms, ...base }
  let version = 0
  let tuned = Object.keys(base.steps).length > 0

  const adopt = (
    next: Config,
    patch: readonly Patch[],
    inverse: readonly Patch[],
  ): ConfigChange | undefined => {
    if (patch.length === 0) return undefined
    refuseNonsense(next)
    current = next
    tuned = Object.keys(next.steps).length > 0
    version++
    return { version, patch, inverse }
  }

  return {
    get current() {
      return current
    },
    get version() {
      return version
    },
    base(recipe) {
      const next = produce(current, (draft) => {
        recipe(draft)
      })
      refuseNonsense(next)
      current = next
    },
    change(recipe) {
      const [next, patch, inverse] = produceWithPatches(current, (draft) => {
        recipe(draft)
      })
      return adopt(next, patch, inverse)
    },
    revert({ inverse }) {
      const [next, patch, back] = produceWithPatches(current, (draft) => {
        applyPatches(draft, [...inverse])
      })
      return adopt(next, patch, back)
    },
    tune(chain, step, options) {
      const tuning = tuned ? current.steps[`${chain}/${step}`] : undefined
      if (tuning === undefined) return options
      return {
        ...options,
        ...(tuning.attempts === undefined ? {} : { attempts: tuning.attempts }),
        ...(tuning.timeout === undefined ? {} : { timeout: tuning.timeout }),
        backoff: { ...options.backoff, ...tuning.backoff },
      }
    },
    limiter: (id, terms) => ({ ...terms, ...current.limiters[id] }),
    breaker: (id, terms) => ({ ...terms, ...current.breakers[id] }),
    replay(change) {
      version = change.version
      try {
        const next = applyPatches(current, [...change.patch])
        refuseNonsense(next)
        current = next
        tuned = Object.keys(next.steps).length > 0
      } catch {
        // the code has moved on: the change's target is gone, and what the code says now holds
      }
    },
  }
}
