// What a run that took part in a trial came to, as trials compare it.

import type { Failure } from '../kernel/failure.ts'
import type { RunRecord } from '../observe/run-record.ts'
import type { PredictedGain } from './suggestion.ts'

/** One run, or all runs of a block of time together. */
export interface TrialOutcome {
  /** Share of the runs that failed: 0 or 1 for one run. */
  readonly failed: number
  /** Natural logarithm of the duration that is to shrink (ms, plus 1); undefined where none succeeded. */
  readonly work: number | undefined
  /** How long the run took (ms), without pauses; a mean of a block. */
  readonly ms: number
  /** Attempts. */
  readonly cost: number
  /** The classes of the failures that its end named, each once a run. */
  readonly classes: readonly string[]
  /** Runs. */
  readonly n: number
}

/**
 * @param of the chain that the change is about, where its own duration is to shrink.
 * @returns undefined for a run that a person ended: it says nothing about the change.
 */
export function outcomeOf(
  record: RunRecord,
  { objective }: Pick<PredictedGain, 'objective'>,
  of: string,
): TrialOutcome | undefined {
  const parked = record.status === 'parked'
  if (record.status === 'cancelled' || (!parked && record.endedAt === undefined)) return undefined
  const end = record.endedAt ?? record.heldSince ?? record.acceptedAt
  const ms = Math.max(0, end - record.acceptedAt - record.pausedMs)
  let cost = 0
  for (const { attempts } of record.chains.values()) cost += attempts.filter(({ copied }) => !copied).length
  const failed = parked || record.status === 'failed'
  const work = objective === 'chain-duration' ? chainMs(record, of) : ms
  return {
    failed: failed ? 1 : 0,
    work: failed || work === undefined ? undefined : Math.log1p(work),
    ms,
    cost,
    classes: parked ? ['parked'] : [...new Set(record.failures.map(({ failure }) => classOf(failure)))],
    n: 1,
  }
}

/** What failures are counted by. */
function classOf({ code, name, kind }: Failure): string {
  return code ?? name ?? kind
}

function chainMs({ chains }: RunRecord, of: string): number | undefined {
  let longest: number | undefined
  for (const { chain, readyAt, startedAt, endedAt } of chains.values()) {
    const from = readyAt ?? startedAt
    if (chain !== of || from === undefined || endedAt === undefined) continue
    longest = Math.max(longest ?? 0, endedAt - from)
  }
  return longest
}

/** The runs of a block of time so far: as much of them as one outcome needs, however many they are. */
export interface TrialSum {
  n: number
  failed: number
  work: number
  /** Of so many. */
  worked: number
  ms: number
  cost: number
  readonly classes: string[]
}

/** Most failures of a block whose classes are kept: a few of one class are enough to end a trial. */
const mostFailures = 1_000

export function beginSum(): TrialSum {
  return { n: 0, failed: 0, work: 0, worked: 0, ms: 0, cost: 0, classes: [] }
}

export function addTo(sum: TrialSum, { failed, work, ms, cost, classes }: TrialOutcome): void {
  sum.n++
  sum.failed += failed
  if (work !== undefined) {
    sum.work += work
    sum.worked++
  }
  sum.ms += ms
  sum.cost += cost
  for (const one of classes) if (sum.classes.length < mostFailures) sum.classes.push(one)
}

/** All runs of a block of time as one outcome; undefined where there were none. */
export function together({ n, failed, work, worked, ms, cost, classes }: TrialSum): TrialOutcome | undefined {
  if (n === 0) return undefined
  return {
    failed: failed / n,
    work: worked === 0 ? undefined : work / worked,
    ms: ms / n,
    cost: cost / n,
    classes,
    n,
  }
}
