// What the analyzer says of a supervisor: plain data, versioned, the same for the same journal and time.

import type { HealthState, Interval } from './figures.ts'
import type { ChainImplementation, NecessaryAction, Practice } from './report-built.ts'
import type { ChainHealth, ChainPerformance, Change, CriticalPlace, StepPerformance } from './report-times.ts'
import type { Interactions, PortReport, Resources } from './report-places.ts'

export interface ReportMeta {
  /** When it was made: what all "ago" and windows are counted from (ms since the epoch). */
  readonly at: number
  /** The first and the last moment of the events that it rests on (ms since the epoch); both 0 of none. */
  readonly from: number
  readonly to: number
  /** Of the last event that it rests on. */
  readonly seq: number
  /** By chain, the version that is declared or ran last. */
  readonly versions: Readonly<Record<string, string>>
  readonly runs: {
    /** Runs that have ended and are measured. */
    readonly used: number
    /** Runs that have not ended. */
    readonly open: number
    readonly excluded: readonly { readonly reason: string; readonly count: number }[]
  }
  /** Of all that follows from the journal and `at`: everything but `resources.vitals` and `diff`. */
  readonly hash: string
}

export interface ExperimentReport {
  readonly id: string
  readonly suggestion: string
  readonly state: string
  readonly share: number
  readonly pairs: number
  readonly estimate?: Interval
}

export interface SelfReport {
  /** Of trials that were kept or taken back: the share that was kept. */
  readonly precision?: Interval
  /** Observations that did not fit into memory and are missing here. */
  readonly dropped: number
}

export interface ReportDiff {
  /** The hash of the report before; null of the first. */
  readonly since: string | null
  readonly entries: readonly {
    readonly section: string
    readonly place: string
    readonly was: string
    readonly is: string
  }[]
}

export interface Report {
  /** Of this shape. */
  readonly schema: 1
  readonly meta: ReportMeta
  readonly verdict: { readonly state: HealthState; readonly sentence: string }
  readonly implementation: readonly ChainImplementation[]
  readonly interactions: Interactions
  readonly health: readonly ChainHealth[]
  readonly performance: {
    readonly chains: readonly ChainPerformance[]
    readonly steps: readonly StepPerformance[]
    readonly critical: { readonly n: number; readonly path: readonly CriticalPlace[] }
    readonly changes: readonly Change[]
  }
  readonly integrations: readonly PortReport[]
  readonly resources: Resources
  readonly practices: readonly Practice[]
  readonly actions: readonly NecessaryAction[]
  readonly experiments: readonly ExperimentReport[]
  readonly self: SelfReport
  readonly diff: ReportDiff
}
