// What the analyzer says of a supervisor: plain data, versioned, the same for the same journal and time.

import type { Objective } from '../definition/objective.ts'
import type { ChainStatus } from '../journal/event.ts'
import type { Vitals } from '../kernel/clock-vitals.ts'

/** An estimate; a bound is absent where the observations are too few to give one. 90 % unless said otherwise. */
export interface Interval {
  readonly estimate: number
  readonly low?: number
  readonly high?: number
}

/** Of a sample of `n`: each absent where nothing was observed. No upper bound of p95 below 59, of p99 below 299. */
export interface Percentiles {
  readonly n: number
  readonly p50?: Interval
  readonly p95?: Interval
  readonly p99?: Interval
}

export interface Place {
  readonly chain: string
  readonly step?: string
}

export type HealthState = 'ok' | 'degraded' | 'failing' | 'unknown'

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

/** Whether a rung is reached: `unknown` where nothing tells. */
export type Reached = 'yes' | 'no' | 'unknown'

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
    readonly chains: readonly string[]
  }[]
}

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

export type Severity = 'high' | 'medium' | 'low'

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
  readonly unlocked: readonly string[]
  /** Actions to be done before it. */
  readonly prerequisites: readonly string[]
  /** Whether the supervisor can do it. */
  readonly can: boolean
  readonly policy: 'off' | 'ask' | 'auto'
  readonly state: 'proposed' | 'asked' | 'applied' | 'verified' | 'undone'
  /** Two of the same lock are never done at once. */
  readonly lock: string
  /** From when on it is to be thought over again (ms since the epoch). */
  readonly expiresAt: number
  /** How one sees that it worked. */
  readonly check: string
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
  /** Of suggestions that were tried: the share that was kept. */
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
