// What a report says of how far chains are built: the ladder, the practices they break, what is to be done.

import type { Place, Reached, Severity } from './figures.ts'

/** How far something is built, from the bottom. */
export type Rung =
  | 'declared'
  | 'contracted'
  | 'implemented'
  | 'wired'
  | 'tested'
  | 'exercised'
  | 'conformant'
  | 'healthy'

export type Flag =
  | 'stub'
  | 'stale'
  | 'drifted'
  | 'orphan'
  | 'blocked-by'
  | 'version-skew'
  | 'flaky'
  | 'deprecated'
  | 'unknown'

export interface RungState {
  readonly rung: Rung
  readonly reached: Reached
  /** Why, where it is not reached. */
  readonly why?: string
}

export interface StepImplementation {
  readonly step: string
  readonly kind: string
  /** The highest rung below which all are reached or unknown. */
  readonly rung: Rung
  readonly ladder: readonly RungState[]
  readonly flags: readonly Flag[]
  /** What is missing for the next rung; absent at the top. */
  readonly next?: string
}

export interface ChainImplementation {
  readonly chain: string
  /** That of its lowest step. */
  readonly rung: Rung
  readonly flags: readonly Flag[]
  /** The chains that keep it from running, where `flags` has `blocked-by`. */
  readonly blockedBy: readonly string[]
  readonly steps: readonly StepImplementation[]
  readonly next?: string
}

/** Good practice that a chain breaks. */
export interface Practice {
  readonly rule: string
  readonly chain: string
  readonly step?: string
  readonly sentence: string
  readonly cure: string
  readonly severity: Severity
}

export type ActionKind =
  | 'implement'
  | 'write-test'
  | 'migrate'
  | 're-run-stale'
  | 'quarantine'
  | 'pause-downstream'
  | 'drain'
  | 'unblock'
  | 'scale'
  | 'ask-owner'

export interface ActionDeed {
  /** What it holds back, or sets going. */
  readonly chains: readonly string[]
  /** The same for the same reason: nothing is done twice for it by itself. */
  readonly cause: string
  /** Whether what was seen suffices to do it without a person. */
  readonly evident: boolean
  /** The run whose input is used again. */
  readonly from?: string
  /** How one saw that it worked, or why it was taken back. */
  readonly came?: string
  /** Until when it is in force (ms since the epoch). */
  readonly until?: number
}

export interface NecessaryAction {
  /** The same for the same kind and place. */
  readonly id: string
  readonly kind: ActionKind
  readonly place: Place & { readonly run?: string }
  readonly sentence: string
  readonly why: string
  readonly severity: Severity
  readonly confidence: number
  /** In parts of a day of work, roughly. */
  readonly effort: number
  /** How many chains and runs come forward with it. */
  readonly unlocks: number
  /** The first 100 of them. */
  readonly unlocked: readonly string[]
  /** Actions to be done before it. */
  readonly prerequisites: readonly string[]
  /** Whether the supervisor can do it. */
  readonly can: boolean
  readonly policy: 'off' | 'ask' | 'auto'
  /** `asked` where a person is to say so; `expired` where its time was over before it was taken back. */
  readonly state: 'proposed' | 'asked' | 'applied' | 'verified' | 'undone' | 'expired' | 'dismissed'
  /** What the supervisor would do, or has done; absent where it cannot. */
  readonly deed?: ActionDeed
  /** Two of the same lock are never done at once. */
  readonly lock: string
  /** From when on it is to be thought over again (ms since the epoch). */
  readonly expiresAt: number
  /** How one sees that it worked. */
  readonly check: string
}
