// What the reflector proposes: a change, the evidence for it, what it would gain, and the patch that makes it.

/** What a detector looks for, by its place in the table of docs/reflector.md. */
export type SuggestionKind =
  | 'critical-hotspot'
  | 'false-dependency'
  | 'timeout-too-tight'
  | 'timeout-too-loose'
  | 'futile-retry'
  | 'under-concurrency'
  | 'cacheable-step'

/**
 * `A` may be applied by itself, where that is allowed; `B` leans on what an author declared or on what was seen over
 * many runs, and asks; `C` is advice and has no patch.
 */
export type SuggestionClass = 'A' | 'B' | 'C'

/** How one stands: derived from the journal, never kept elsewhere. */
export type SuggestionState = 'open' | 'dismissed' | 'trialling' | 'kept' | 'reverted' | 'expired'

/** One operation on the config, as RFC 6902 writes it; `path` is a JSON pointer (RFC 6901) from the config's root. */
export type JsonPatch =
  | { readonly op: 'test' | 'replace' | 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/** Where it is. */
export interface Place {
  /** '' where it is about the whole supervisor. */
  readonly chain: string
  readonly step?: string
  /** `consumer<-name`: the need of that name. */
  readonly edge?: string
  readonly limiter?: string
}

/** What a suggestion rests on. */
export interface SuggestionEvidence {
  /** Runs that were looked at, and what was counted in them: attempts, outputs, reads. */
  readonly runs: number
  readonly n: number
  /** The stretch of the journal that it was drawn from. */
  readonly fromSeq: number
  readonly toSeq: number
  /** What was measured, in words; its value with an interval at `level`. */
  readonly statistic: string
  readonly value: number
  readonly low: number
  readonly high: number
  readonly level: number
  /** Sentences, each true by itself. */
  readonly facts: readonly string[]
}

/** What is expected of it; above 0 is better. */
export interface PredictedGain {
  readonly objective: 'run-duration' | 'chain-duration' | 'attempts' | 'failures'
  /** `ms` a run; `count` a run; `share` of the runs, between -1 and 1. */
  readonly unit: 'ms' | 'count' | 'share'
  readonly estimate: number
  readonly low: number
  readonly high: number
  readonly level: 0.9
  /** Where it comes from: the replay of recorded runs, or arithmetic on them. */
  readonly by: 'simulation' | 'arithmetic'
}

/** What must not get worse while it is tried: it is taken back when it does. */
export interface Guardrail {
  /** `failures`: share of failed runs, absolute; `p95` of run durations and `cost` in attempts: relative. */
  readonly metric: 'failures' | 'p95' | 'cost'
  /** Most that it may rise: 0.005 is half a percentage point of failures, or half a percent of the others. */
  readonly most: number
}

export interface Suggestion {
  /** Stable over time for one kind, place and patch. */
  readonly id: string
  /** Row of the table. */
  readonly detector: number
  readonly kind: SuggestionKind
  readonly class: SuggestionClass
  readonly place: Place
  /** For people: what, and why. */
  readonly sentence: string
  readonly evidence: SuggestionEvidence
  readonly gain: PredictedGain
  /** Changes the config; begins with a `test` on `/version`. Absent for advice. */
  readonly patch?: readonly JsonPatch[]
  /** Takes that back; what it would change is tested first, so that it undoes nothing that came after. */
  readonly inverse?: readonly JsonPatch[]
  readonly guardrails: readonly Guardrail[]
  /** Without new evidence it no longer stands then (ms since the epoch). */
  readonly expiresAt: number
  /** The version of the config that it was made under. */
  readonly config: number
}
