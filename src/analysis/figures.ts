// What reports are made of: estimates with their bounds, places, states.

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

/** Whether a rung is reached: `unknown` where nothing tells. */
export type Reached = 'yes' | 'no' | 'unknown'

export type Severity = 'high' | 'medium' | 'low'
