// What a report says of how chains do, and how long they take.

import type { Objective } from '../definition/objective.ts'
import type { ChainStatus } from '../journal/event.ts'
import type { HealthState, Interval, Percentiles, Place } from './figures.ts'

export interface Burn {
  /** How many times faster than allowed the error budget goes. */
  readonly rate: number
  /** The two windows that both must burn at it (ms). */
  readonly long: number
  readonly short: number
  readonly burning: boolean
  readonly n: number
}

export interface ChainHealth {
  readonly chain: string
  readonly state: HealthState
  /** A sentence: why this state. */
  readonly cause: string
  readonly evidence: {
    /** Executions in the window that succeeded or failed. */
    readonly runs: number
    readonly failed: number
    /** How far back from `meta.at` they reach (ms). */
    readonly window: number
    /** Of the share that fails (Wilson, 90 %). */
    readonly low: number
    readonly high: number
    /** The failure that most of them began with. */
    readonly root?: Place & { readonly message: string; readonly count: number }
  }
  /** From 0 to 1: how sure the state is. 0 of `unknown`. */
  readonly confidence: number
  readonly slo?: Objective & {
    /** The share that met both, as far as they were set. */
    readonly met?: Interval
    readonly burn: readonly Burn[]
  }
}

export interface ChainPerformance {
  readonly chain: string
  readonly n: number
  /** From ready to ended. */
  readonly duration: Percentiles
  /** From ready to started, and what its attempts waited. */
  readonly queue: Percentiles
  /** The rest: from started to ended without those waits. */
  readonly service: Percentiles
  /** How many end in an hour, over the time that the runs span; absent of fewer than two. */
  readonly perHour?: number
  readonly outcomes: Readonly<Partial<Record<ChainStatus, number>>>
  /** Taken from a memo, without being run. */
  readonly memo: number
}

export interface StepPerformance {
  readonly chain: string
  readonly step: string
  /** Times it came to its end, items of an `each` counted one by one. */
  readonly n: number
  readonly attempts: number
  /** Attempts after a failed one. */
  readonly retried: number
  readonly failed: number
  /** Times its fallback stood in for it: its chain goes on as if nothing had failed. */
  readonly fellBack: number
  /** Outputs that were taken from a memo. */
  readonly memo: number
  /** Of attempts whose function ran to its end; timeouts cut it off, see `cutOff`. */
  readonly duration: Percentiles
  readonly queue: Percentiles
  /** Attempts that ended by a timeout: durations above it were not seen. */
  readonly cutOff: number
  /** Of an `each`: the items that took longest, the last of equal ones first; at most five. */
  readonly slowest?: readonly { readonly item: string; readonly run: string; readonly took: number }[]
}

export interface CriticalPlace extends Place {
  /** Runs on whose critical path it was. */
  readonly n: number
  /** Of the runs' duration. */
  readonly share: Interval
  /** How much shorter a run would be if this took no time, all else as recorded (ms, mean over all runs). */
  readonly drag: Interval
  /** How much longer it could take before a run does (ms, mean over the runs where it was off the path); absent of none. */
  readonly slack?: number
}

/** A chain took another time from some run on, beyond chance (Pettitt's test by ranks). */
export interface Change {
  readonly chain: string
  readonly metric: 'duration'
  /** When the first run after it began (ms since the epoch), and which that is. */
  readonly at: number
  readonly run: string
  /** Medians (ms). */
  readonly before: number
  readonly after: number
  readonly p: number
  /** Executions that were looked at. */
  readonly n: number
  readonly version?: { readonly from: string; readonly to: string }
}
