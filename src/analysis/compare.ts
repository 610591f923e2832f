// Compares executions of a chain before and after a change: durations, tails and failures with intervals, by class of input. Pure.

import type { RunRecord } from '../observe/run-record.ts'
import { bootstrap } from '../statistics/bootstrap.ts'
import { type OpenEstimate, defaultConfidence, tailOf } from '../statistics/estimate.ts'
import { normalQuantile } from '../statistics/normal.ts'
import { wilson } from '../statistics/proportion.ts'
import { leastObservations, quantile, quantileOf } from '../statistics/quantile.ts'
import { shiftBetween } from '../statistics/rank-sum.ts'
import { ordered } from '../statistics/sample.ts'

/** One execution of a chain, as compared. */
export interface Execution {
  /** From when it could begin to its end (ms). */
  readonly ms: number
  readonly failed: boolean
  readonly attempts: number
  /** What it was given: executions of one class are compared with each other only. */
  readonly class: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface Side {
  readonly n: number
  readonly failed: number
  readonly p50: OpenEstimate | undefined
  readonly p95: OpenEstimate | undefined
  readonly attempts: number
  /** When the first and the last of them began (ms since the epoch). */
  readonly from: number
  readonly to: number
}

export interface Comparison {
  readonly before: Side
  readonly after: Side
  /** How long one takes after for each ms before: Hodges and Lehmann's shift of logarithms, put together over classes. */
  readonly ratio: OpenEstimate | undefined
  /** The same of the p95; undefined with fewer than 59 on a side. */
  readonly p95Ratio: OpenEstimate | undefined
  /** Share of failures after less that before. */
  readonly failures: OpenEstimate | undefined
  readonly classes: readonly {
    readonly class: string
    readonly n: readonly [number, number]
    readonly ratio: OpenEstimate | undefined
  }[]
  /** Executions whose class is not on both sides often enough to be compared. */
  readonly left: number
  readonly verdict: 'faster' | 'slower' | 'alike' | 'unknown'
  readonly failing: 'more' | 'fewer' | 'alike' | 'unknown'
  /** What must be known to read it. */
  readonly warnings: readonly string[]
}

/** Fewer of one class on a side say nothing of it. */
const least = 5
/** More values of an attribute say more about single runs than about classes. */
const mostClasses = 8
/** Differences below are none to speak of. */
const slight = 0.05
/** All pairs are held at once. */
const mostOfSide = 2_000

/** Tells the class of a run's input: its targets, and the attributes that have few values. */
export function classesOf(records: Iterable<RunRecord>): (run: RunRecord) => string {
  const values = new Map<string, Set<unknown>>()
  for (const { attributes } of records)
    for (const [name, value] of Object.entries(attributes)) {
      const known = values.get(name) ?? new Set()
      if (known.size <= mostClasses) values.set(name, known.add(value))
    }
  return ({ targets, attributes }) => {
    const told = Object.entries(attributes).flatMap(([name, value]) =>
      (values.get(name)?.size ?? 0) > mostClasses ? [] : [`${name}=${String(value)}`],
    )
    return [targets.join(), ...told.sort()].join(' ')
  }
}

/** Executions of a chain that ended by themselves, of runs that nobody interfered with. */
export function executionsOf(
  records: Iterable<RunRecord>,
  chain: string,
  wanted: (run: RunRecord, version: string) => boolean,
  classOf = classesOf([]),
): readonly Execution[] {
  const found: Execution[] = []
  for (const run of records) {
    if (run.retries > 0 || run.pausedMs > 0 || run.origin !== undefined) continue
    for (const one of run.chains.values()) {
      const { readyAt, startedAt, endedAt, status } = one
      if (one.chain !== chain || one.memo || endedAt === undefined || startedAt === undefined) continue
      if ((status !== 'succeeded' && status !== 'failed') || !wanted(run, one.version)) continue
      found.push({
        ms: endedAt - (readyAt ?? startedAt),
        failed: status === 'failed',
        attempts: one.attempts.length,
        class: classOf(run),
        at: startedAt,
      })
    }
  }
  return found.slice(-mostOfSide)
}

/** The same executions in, the same comparison out. */
export function compare(before: readonly Execution[], after: readonly Execution[]): Comparison {
  const classes = byClass(before, after)
  const parts = classes.flatMap(({ shift }) => (shift === undefined ? [] : [shift]))
  const ratio = exponentOf(combined(parts))
  const failures = shareDifference(before, after)
  const compared = parts.reduce((sum, { n }) => sum + n, 0)
  const done = [...before, ...after].filter(({ failed }) => !failed).length
  return {
    before: sideOf(before),
    after: sideOf(after),
    ratio,
    p95Ratio: tailRatio(before, after),
    failures,
    classes: classes.map(({ class: of, n, shift }) => ({ class: of, n, ratio: exponentOf(shift) })),
    left: done - compared,
    verdict: verdictOf(ratio, slight, ['faster', 'slower'], 1),
    failing: verdictOf(failures, 0.005, ['fewer', 'more'], 0),
    warnings: warningsOf(before, after),
  }
}

const took = (of: readonly Execution[]): readonly Execution[] => of.filter(({ failed }) => !failed)

function sideOf(of: readonly Execution[]): Side {
  const durations = took(of).map(({ ms }) => ms)
  return {
    n: of.length,
    failed: of.filter(({ failed }) => failed).length,
    p50: quantile(durations, 0.5),
    p95: quantile(durations, 0.95),
    attempts: of.reduce((sum, { attempts }) => sum + attempts, 0) / Math.max(1, of.length),
    from: Math.min(...of.map(({ at }) => at)),
    to: Math.max(...of.map(({ at }) => at)),
  }
}

interface Part {
  readonly class: string
  readonly n: readonly [number, number]
  readonly shift: OpenEstimate | undefined
}

function byClass(before: readonly Execution[], after: readonly Execution[]): readonly Part[] {
  const logs = (of: readonly Execution[], kind: string): readonly number[] =>
    took(of).flatMap((one) => (one.class === kind ? [Math.log1p(one.ms)] : []))
  return [...new Set([...before, ...after].map((one) => one.class))].sort().map((kind) => {
    const [first, second] = [logs(before, kind), logs(after, kind)]
    const enough = first.length >= least && second.length >= least
    return {
      class: kind,
      n: [first.length, second.length],
      shift: enough ? shiftBetween(first, second) : undefined,
    }
  })
}

/** Classes together: each weighs by how sure it is (inverse variance). One alone keeps its exact interval. */
function combined(parts: readonly OpenEstimate[]): OpenEstimate | undefined {
  const [only] = parts
  if (parts.length <= 1 || only === undefined) return only
  const z = normalQuantile(1 - tailOf(defaultConfidence))
  let weight = 0
  let sum = 0
  let n = 0
  for (const { estimate, low, high, n: count } of parts) {
    n += count
    if (low === undefined || high === undefined) continue
    const spread = Math.max((high - low) / (2 * z), 1e-9)
    weight += 1 / spread ** 2
    sum += estimate / spread ** 2
  }
  if (weight === 0) return { estimate: only.estimate, low: undefined, high: undefined, n }
  const half = z / Math.sqrt(weight)
  return { estimate: sum / weight, low: sum / weight - half, high: sum / weight + half, n }
}

function exponentOf(shift: OpenEstimate | undefined): OpenEstimate | undefined {
  if (shift === undefined) return undefined
  const exp = (value: number | undefined): number | undefined =>
    value === undefined ? undefined : Math.exp(value)
  return { estimate: Math.exp(shift.estimate), low: exp(shift.low), high: exp(shift.high), n: shift.n }
}

function tailRatio(before: readonly Execution[], after: readonly Execution[]): OpenEstimate | undefined {
  const enough = leastObservations(0.95)
  const sides = [took(before), took(after)] as const
  if (sides.some(({ length }) => length < enough)) return undefined
  const tagged = sides.flatMap((side, at) => side.map(({ ms }) => ({ at, ms })))
  const p95 = (sample: readonly (typeof tagged)[number][], at: number): number =>
    quantileOf(ordered(sample.flatMap((one) => (one.at === at ? [one.ms] : []))), 0.95)
  return bootstrap(tagged, (sample) => p95(sample, 1) / p95(sample, 0), { seed: 1, resamples: 500 })
}

/** Newcombe, "Interval estimation for the difference between independent proportions" (1998), method 10. */
function shareDifference(
  before: readonly Execution[],
  after: readonly Execution[],
): OpenEstimate | undefined {
  const failed = (of: readonly Execution[]): number => of.filter((one) => one.failed).length
  const first = wilson(failed(before), before.length)
  const second = wilson(failed(after), after.length)
  if (first === undefined || second === undefined) return undefined
  const estimate = second.estimate - first.estimate
  return {
    estimate,
    low: estimate - Math.hypot(second.estimate - second.low, first.high - first.estimate),
    high: estimate + Math.hypot(second.high - second.estimate, first.estimate - first.low),
    n: first.n + second.n,
  }
}

function verdictOf<T extends string>(
  of: OpenEstimate | undefined,
  within: number,
  [less, more]: readonly [T, T],
  none: number,
): T | 'alike' | 'unknown' {
  if (of?.low === undefined || of.high === undefined) return 'unknown'
  if (of.high < none) return less
  if (of.low > none) return more
  return of.low >= none - within && of.high <= none + within ? 'alike' : 'unknown'
}

function warningsOf(before: readonly Execution[], after: readonly Execution[]): readonly string[] {
  const [first, second] = [sideOf(before), sideOf(after)]
  if (first.n === 0 || second.n === 0) return ['there is nothing on one of the sides']
  const warnings: string[] = []
  if (first.to < second.from || second.to < first.from)
    warnings.push(
      'the two are of different times: load, data and machines that changed meanwhile are in these figures too; a trial on pairs of runs tells them apart',
    )
  if (first.n === mostOfSide || second.n === mostOfSide)
    warnings.push(`of each side only the last ${mostOfSide} executions are compared`)
  return warnings
}
