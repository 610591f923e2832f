// What all measures start from: which runs times may be read from, and every execution of each chain as they ended.

import type { ChainRecord } from '../observe/chain-record.ts'
import type { RunRecord } from '../observe/run-record.ts'
import type { Evidence } from './evidence.ts'
import { type Slices, sortInSlices } from './slices.ts'

/** One chain of one run. */
export interface Execution {
  readonly run: RunRecord
  readonly chain: ChainRecord
}

export interface Survey {
  /** What windows are counted back from (ms since the epoch). */
  readonly now: number
  readonly evidence: Evidence
  /** Ended runs whose times are those of the machine and of nothing else, as they ended. */
  readonly runs: readonly RunRecord[]
  readonly open: readonly RunRecord[]
  /** Why the others are left out, where there are any. */
  readonly excluded: readonly { readonly reason: string; readonly count: number }[]
  /** By chain, all that ended, in `runs` or not, as they did. */
  readonly ended: ReadonlyMap<string, readonly Execution[]>
  /** Those of `runs`. */
  readonly timed: ReadonlyMap<string, readonly Execution[]>
}

export function* surveyOf(evidence: Evidence, now: number): Slices<Survey> {
  const { records, strays } = evidence
  const counts = new Map<string, number>()
  const exclude = (reason: string, count: number): void => {
    if (count > 0) counts.set(reason, (counts.get(reason) ?? 0) + count)
  }
  const runs: RunRecord[] = []
  const ended = new Map<string, Execution[]>()
  const timed = new Map<string, Execution[]>()
  for (const run of records.ended.values()) {
    const why = unfit(run)
    if (why === undefined) runs.push(run)
    else exclude(why, 1)
    collect(run, ended)
    if (why === undefined) collect(run, timed)
    yield
  }
  for (const run of records.open.values()) {
    collect(run, ended)
    yield
  }
  exclude('began before the events that were read', strays)
  exclude('more than are kept', records.dropped.ended + records.dropped.open)
  for (const executions of [...ended.values(), ...timed.values()]) {
    yield* sortInSlices(executions, byEnd)
  }
  return {
    now,
    evidence,
    runs,
    open: [...records.open.values()],
    excluded: Array.from(counts, ([reason, count]) => ({ reason, count })),
    ended,
    timed,
  }
}

/** Why nothing is to be read from a run's times. */
function unfit(run: RunRecord): string | undefined {
  if (run.origin !== undefined) return 'forked, with a copied history'
  if (run.retries > 0) return 'retried by a person'
  if (run.pausedMs > 0) return 'paused or parked meanwhile'
  if (run.dropped > 0) return 'too large to be kept whole'
  return undefined
}

function collect(run: RunRecord, into: Map<string, Execution[]>): void {
  for (const chain of run.chains.values()) {
    if (chain.endedAt === undefined || chain.status === 'pending' || chain.status === 'running') continue
    const executions = into.get(chain.chain)
    if (executions === undefined) into.set(chain.chain, [{ run, chain }])
    else executions.push({ run, chain })
  }
}

/** Two that ended in the same millisecond stand as their runs were accepted: the journal says no more. */
function byEnd(a: Execution, b: Execution): number {
  return (a.chain.endedAt ?? 0) - (b.chain.endedAt ?? 0) || a.run.firstSeq - b.run.firstSeq
}
