// A stretch of time in a run that telemetry tells of: the run, one of its chains, a step, an attempt.

import type { Failure } from '../kernel/failure.ts'

export type Attributes = Record<string, string | number | boolean | readonly string[]>

/** How a stretch ended. `lost`: its process died with it. */
export type Ending = 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'upstream_failed' | 'lost'

/** Something worth telling that happened at a moment of a stretch. */
export interface Note {
  readonly name: string
  readonly at: number
  readonly attributes?: Attributes
}

export interface Link {
  readonly to: Stretch
  readonly attributes: Attributes
}

/** Known by what the journal says of it alone: whoever folds the same events finds the same stretches. */
export interface Stretch {
  readonly kind: 'run' | 'chain' | 'step' | 'attempt'
  /** Of few values: what it is a stretch of. */
  readonly name: string
  /** Unique over all stretches of the run. */
  readonly key: string
  /** Unique over the runs of all stores, as good as. */
  readonly run: string
  readonly parent: Stretch | undefined
  /** When it began (ms since the epoch). */
  readonly at: number
  /** The ids of its chain and step, where it has them. */
  readonly chain: string | undefined
  readonly step: string | undefined
  /** How many began before it in its run, and itself. */
  readonly nth: number
  /** It is the history of the run that this one was forked from. */
  readonly copied: boolean
  /** It came after one that failed. */
  readonly retried: boolean
  /** How long an attempt had to wait before it began (s). */
  readonly waited: number
  readonly attributes: Attributes
  readonly links: readonly Link[]
  readonly notes: Note[]
  /** What a listener keeps with it. */
  held: unknown
}

/** Told of the stretches of runs, each once, as their ends become durable. */
export interface StretchListener {
  began(stretch: Stretch): void
  ended(stretch: Stretch, end: StretchEnd): void
}

export interface StretchEnd {
  /** When (ms since the epoch). */
  readonly at: number
  readonly how: Ending
  /** How long a function took, where that is known better than by when it began and ended (s). */
  readonly took?: number
  readonly failure?: Failure | undefined
}
