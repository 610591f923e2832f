// The config overlay: every tunable in one versioned value; a change is a patch, its inverse and a new version.

import { type Patch, applyPatches, enablePatches, produce, produceWithPatches } from 'immer'
import type { BreakerTerms } from '../../machines/breaker.ts'
import type { LimiterTerms } from '../../machines/limiter.ts'
import type { Backoff } from '../definition/backoff.ts'
import type { StepOptionsSpec } from '../definition/spec.ts'
import { type RetryTerms, defaultRetryTerms } from '../execution/retry-budget.ts'
import type { TrialArm } from '../journal/watch-fact.ts'
import type { ConfigPlaces } from './config-places.ts'
import { refuseNonsense, refuseUnknown } from './config-problems.ts'
import { tuned } from './tuned.ts'

enablePatches()

/** What may be tuned of one step; what is absent is as its author said. */
export interface StepTuning {
  /** Tries in all; counts only for steps that have `attempts` above 1 in their definition. */
  attempts?: number
  /** Longest time of one attempt (ms). */
  timeout?: number
  backoff?: Partial<Backoff>
  /** Classes of failures that are not tried again: a code, an error's name or a kind, such as `ECONNREFUSED`. */
  nonRetryable?: string[]
  /** Outputs are used again for equal work, at most so long (ms; default for ever). Only where a step says `pure`. */
  memo?: { ttl?: number }
  /** Most items of an `each` in flight at once. */
  inFlight?: number
}

/** What may be said of a whole chain. */
export interface ChainTuning {
  /** Why it must not run: a start of it is refused, a run that needs it waits there until this is gone. */
  quarantined?: string
  /** It is not begun until this is gone; runs of it are accepted, and wait. */
  paused?: true
}

/** Everything that can be changed while the supervisor runs. */
export interface Config {
  /** Most attempts in flight at once. */
  concurrency: number
  /** A run that only waits leaves memory when nothing in it is due within so long (ms). */
  hibernateAfter: number
  /** By `chain/step`. */
  steps: Record<string, StepTuning>
  /** By chain. */
  chains: Record<string, ChainTuning>
  /** By `chain<-name`: the need of this name is left out of runs that are accepted from then on. */
  edges: Record<string, 'dropped'>
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
  /** What a change would make of it; refused as `change` would. */
  preview(recipe: (draft: Config) => void): Readonly<Config>
  /** A step's options as they are now; for a run on the treated arm of a trial, as the trial has them. */
  tune(chain: string, step: string, options: StepOptionsSpec, arm?: TrialArm): StepOptionsSpec
  /** Most items of an `each` in flight now; `told` is what its author said. */
  inFlight(chain: string, step: string, told: number, arm?: TrialArm): number
  /** Why no execution of the chain may begin now. */
  held(chain: string): string | undefined
  /** The terms of a limiter as they are now. */
  limiter(id: string, terms: LimiterTerms): LimiterTerms
  /** The terms of a breaker as they are now. */
  breaker(id: string, terms: BreakerTerms): BreakerTerms
  /** Makes a recorded change again; one that no longer fits what the code says is left out, but counted. */
  replay(change: ConfigChange): void
  /** Whether any need is left out of a run that is accepted now. */
  drops(arm?: TrialArm): boolean
  /** Whether the need of this name is left out of a run that is accepted now. */
  dropped(chain: string, name: string, arm?: TrialArm): boolean
  /** What the treated runs of a trial run under; undefined once it is over. */
  variant(trial: string, config: Pick<Config, 'steps' | 'edges'> | undefined): void
}

/** @param places what can be tuned: a change that names another is refused. Default anything. */
export function createConfig(base: ConfigBase, places?: ConfigPlaces): ConfigOverlay {
  let current: Config = {
    limiters: {},
    breakers: {},
    chains: {},
    edges: {},
    retryBudget: defaultRetryTerms,
    ...base,
  }
  let version = 0
  let tunes = Object.keys(base.steps).length > 0
  let holds = Object.keys(current.chains).length > 0
  let drops = Object.keys(current.edges).length > 0
  const variants = new Map<string, Pick<Config, 'steps' | 'edges'>>()

  const take = (next: Config): void => {
    current = next
    tunes = Object.keys(next.steps).length > 0
    holds = Object.keys(next.chains).length > 0
    drops = Object.keys(next.edges).length > 0
  }
  const check = (next: Config): void => {
    refuseUnknown(next, current, places)
    refuseNonsense(next)
  }
  const adopt = (
    next: Config,
    patch: readonly Patch[],
    inverse: readonly Patch[],
  ): ConfigChange | undefined => {
    if (patch.length === 0) return undefined
    check(next)
    take(next)
    version++
    return { version, patch, inverse }
  }
  const of = (arm: TrialArm | undefined): Pick<Config, 'steps' | 'edges'> =>
    arm?.arm === 'treated' ? (variants.get(arm.trial) ?? current) : current
  const tuningOf = (chain: string, step: string, arm: TrialArm | undefined): StepTuning | undefined => {
    const { steps } = of(arm)
    return tunes || steps !== current.steps ? steps[`${chain}/${step}`] : undefined
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
      take(next)
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
    preview(recipe) {
      const next = produce(current, (draft) => {
        recipe(draft)
      })
      check(next)
      return next
    },
    tune(chain, step, options, arm) {
      if (!tunes && arm === undefined) return options
      const tuning = tuningOf(chain, step, arm)
      return tuning === undefined ? options : tuned(options, tuning)
    },
    inFlight: (chain, step, told, arm) => tuningOf(chain, step, arm)?.inFlight ?? told,
    drops: (arm) => (arm === undefined ? drops : Object.keys(of(arm).edges).length > 0),
    dropped: (chain, name, arm) => of(arm).edges[`${chain}<-${name}`] !== undefined,
    held(chain) {
      const { quarantined, paused } = (holds ? current.chains[chain] : undefined) ?? {}
      if (quarantined !== undefined) return `it is quarantined: ${quarantined}`
      return paused === true ? 'it is paused' : undefined
    },
    limiter: (id, terms) => ({ ...terms, ...current.limiters[id] }),
    breaker: (id, terms) => ({ ...terms, ...current.breakers[id] }),
    replay(change) {
      version = change.version
      try {
        const next = applyPatches(current, [...change.patch])
        refuseNonsense(next)
        take(next)
      } catch {
        // the code has moved on: the change's target is gone, and what the code says now holds
      }
    },
    variant(trial, config) {
      if (config === undefined) variants.delete(trial)
      else variants.set(trial, config)
    },
  }
}
