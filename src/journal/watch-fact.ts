// What the watchers did, and what became of it, as facts in the past tense; they carry an empty run id.

import type { DeedKind } from '../../machines/action-rules.ts'
import type { Payload } from './event.ts'

/** The trial that a run takes part in: drawn once, when the run was accepted. */
export interface TrialArm {
  readonly trial: string
  /** `treated` runs under the change, `control` as before. */
  readonly arm: 'control' | 'treated'
  /** Which two runs belong together, from 1. */
  readonly pair: number
}

/** What the reflector did with suggestions, and the analyzer with actions. */
export type WatchFact =
  | ActionFact
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
  /** A trial of the whole process: from now on a block of time with the change, without it, or with none of it. */
  | {
      readonly type: 'trial.switched'
      readonly id: string
      readonly pair: number
      readonly arm: 'control' | 'treated' | 'off'
      /** The patch that takes the change back, where it is made. */
      readonly payload?: Payload
    }
  | {
      readonly type: 'trial.ended'
      readonly id: string
      /** `stopped`: by a person, or because what it was about is gone. */
      readonly verdict: 'kept' | 'reverted' | 'stopped'
      readonly why: string
      /** What it came to: pairs, gain with interval. */
      readonly payload?: Payload
    }

/** An action of the supervisor's own, from being taken to its end. */
export type ActionFact =
  | {
      readonly type: 'action.taken'
      /** The same for the same kind and place. */
      readonly id: string
      readonly kind: DeedKind
      readonly place: { readonly chain: string; readonly run?: string }
      /** What it holds back, or sets going. */
      readonly chains: readonly string[]
      /** What it was taken for. */
      readonly cause: string
      readonly why: string
      readonly by: 'auto' | 'person'
      /** The version of its chain that was declared. */
      readonly version?: string
      /** The run whose input is used again. */
      readonly from?: string
      /** When it is judged, and when it is over (ms since the epoch). */
      readonly checkAt: number
      readonly until: number
    }
  | { readonly type: 'action.verified'; readonly id: string; readonly detail: string }
  /** It is taken back; `expired` where its time was over. */
  | { readonly type: 'action.undone'; readonly id: string; readonly why: string; readonly expired?: true }
  | {
      readonly type: 'action.dismissed'
      readonly id: string
      /** What it was proposed for. */
      readonly cause: string
      readonly why?: string
    }
