// What a report says of how chains meet, what they wait for, and what lies around them.

import type { Vitals } from '../kernel/clock-vitals.ts'
import type { HealthState, Interval, Percentiles, Place, Reached } from './figures.ts'

export type WaitCause =
  | 'dependency'
  | 'slot'
  | 'rate'
  | 'backoff'
  | 'timer'
  | 'signal'
  | 'memo'
  | 'service'
  | 'concurrency'
  | 'pause'
  | 'retry-budget'
  /** For other items of its own `each`. */
  | 'in-flight'
  /** For a process that could have gone on. */
  | 'process'

export interface DataEdge {
  readonly from: string
  readonly to: string
  /** By which `to` reads it. */
  readonly name: string
  readonly kind: string
  /** `to` joins runs that have `from`, rather than bring it into them. */
  readonly follows: boolean
  /** The trigger rule of `to`: any but `all_success` judges how `from` ended, read or not. */
  readonly rule: string
  readonly declared: boolean
  /** Executions of `to` that had it. */
  readonly observed: number
  /** Whether the consumer's code ever read what `from` returned; `unknown` where no execution could tell. */
  readonly read: Reached
  /** Executions of the consumer that could tell. */
  readonly n: number
}

export interface Interactions {
  readonly edges: readonly DataEdge[]
  readonly calls: readonly {
    readonly from: string
    readonly step: string
    readonly to: string
    readonly n: number
  }[]
  readonly signals: readonly { readonly name: string; readonly chain: string; readonly n: number }[]
  /** Where time went that nobody worked, the most first; `share` is of the time of its chain. */
  readonly waits: readonly {
    readonly chain: string
    readonly cause: WaitCause
    readonly ms: number
    readonly share: number
    readonly n: number
  }[]
  /** Chains that call each other in a circle: needs never do. */
  readonly cycles: readonly (readonly string[])[]
  /** How much stops where a chain fails, the most first. */
  readonly blast: readonly {
    readonly chain: string
    readonly downstream: number
    /** The nearest of them, at most 100. */
    readonly chains: readonly string[]
  }[]
}

export interface PortReport {
  readonly port: string
  readonly used: readonly Place[]
  /** Attempts. */
  readonly n: number
  /** The share of attempts that succeeded. */
  readonly availability?: Interval
  readonly latency: Percentiles
  readonly errors: readonly { readonly class: string; readonly n: number }[]
  /** Where its breakers went last. */
  readonly breakers: readonly { readonly id: string; readonly state: string }[]
  /** Attempts for one thing that came to its end: 1 without retries. */
  readonly amplification?: number
}

export interface Resources {
  readonly state: HealthState
  readonly cause: string
  readonly journal: { readonly events: number; readonly bytes: number }
  readonly live: { readonly runs: number; readonly attempts: number }
  /** The most attempts that were in flight at once, and how many may be. */
  readonly concurrency: { readonly most: number; readonly limit?: number }
  /** Of the process that reports; sampled, and so outside of the hash. */
  readonly vitals?: Vitals
}
