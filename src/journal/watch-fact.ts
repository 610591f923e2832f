// What the watchers did, and what became of it, as facts in the past tense; they carry an empty run id.

import type { Payload } from './event.ts'

/** The trial that a run takes part in: drawn once, when the run was accepted. */
export interface TrialArm {
  readonly trial: string
  /** `treated` runs under the change, `control` as before. */
  readonly arm: 'control' | 'treated'
  /** Which two runs belong together, from 1. */
  readonly pair: number
}

/** What the reflector did with suggestions. */
export type WatchFact =
  | { readonly type: 'suggestion.dismissed'; readonly id: string; readonly why?: string }
  /** It was put into the config without a trial, as version `config`. */
  | {
      readonly type: 'suggestion.applied'
      readonly id: string
      readonly config: number
      /** The suggestion. */
      readonly payload?: Payload
    }
  | {
      readonly type: 'trial.started'
      readonly id: string
      readonly suggestion: string
      /** Of the runs that its place is in, so many take part, in pairs: from 0 to 1. */
      readonly share: number
      readonly by: 'auto' | 'person'
      /** The suggestion. */
      readonly payload?: Payload
    }
  | { readonly type: 'trial.widened'; readonly id: string; readonly share: number }
  | {
      readonly type: 'trial.ended'
      readonly id: string
      /** `stopped`: by a person, or because what it was about is gone. */
      readonly verdict: 'kept' | 'reverted' | 'stopped'
      readonly why: string
      /** What it came to: pairs, gain with interval. */
      readonly payload?: Payload
    }
