// Where time went that nobody worked: for each chain by its cause, out of all its time, side by side counted apart.

import type { ChainDeclaration } from '../definition/declaration.ts'
import { rounded, roundedShare } from './percentiles.ts'
import type { Interactions, WaitCause } from './report-places.ts'
import type { Scene } from './scene.ts'
import type { Slices } from './slices.ts'
import type { Execution } from './survey.ts'

type Waits = Interactions['waits']

interface Tally {
  ms: number
  n: number
}

export function* waitsOf({ survey, declared }: Scene): Slices<Waits> {
  const found: Waits[number][] = []
  for (const [chain, executions] of survey.timed) {
    const tallies = new Map<WaitCause, Tally>()
    let worked = 0
    for (const execution of executions) {
      worked += workedIn(execution)
      addWaits(tallies, execution, declared.get(chain))
      yield
    }
    let all = worked
    for (const { ms } of tallies.values()) all += ms
    for (const [cause, { ms, n }] of tallies)
      found.push({ chain, cause, ms: rounded(ms), share: roundedShare(ms / all), n })
  }
  return found.toSorted((a, b) => b.ms - a.ms)
}

function workedIn({ chain }: Execution): number {
  let worked = 0
  for (const { startedAt, endedAt } of chain.attempts)
    if (startedAt !== undefined && endedAt !== undefined) worked += Math.max(0, endedAt - startedAt)
  return worked
}

function addWaits(
  tallies: Map<WaitCause, Tally>,
  { run, chain }: Execution,
  declared: ChainDeclaration | undefined,
): void {
  const { readyAt, needs } = chain
  if (readyAt !== undefined && needs.length > 0) add(tallies, 'dependency', readyAt - run.acceptedAt)
  for (const { for: what, from, to } of chain.waits) {
    // the time of what is called is its own
    if (to === undefined || what === 'call') continue
    if (what === 'held') add(tallies, 'pause', to - from)
    else if (what !== 'gate') add(tallies, what, to - from)
    else if (chain.ready.length > 0 && declared?.concurrency === undefined) add(tallies, 'service', to - from)
    else add(tallies, declared?.concurrency === undefined ? 'process' : 'concurrency', to - from)
  }
  for (const { waits } of chain.attempts)
    for (const { for: what, ms } of waits) add(tallies, causeOf(what), ms)
}

function add(tallies: Map<WaitCause, Tally>, cause: WaitCause, ms: number): void {
  if (ms <= 0) return
  const tally = tallies.get(cause)
  if (tally === undefined) tallies.set(cause, { ms, n: 1 })
  else {
    tally.ms += ms
    tally.n++
  }
}

function causeOf(what: string): WaitCause {
  if (what.startsWith('limiter:')) return 'rate'
  if (what.startsWith('memo')) return 'memo'
  if (what === 'slot' || what === 'pause' || what === 'retry-budget' || what === 'in-flight') return what
  return 'process'
}
