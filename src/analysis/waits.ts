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
      for (const [cause, ms] of waitsIn(execution, declared.get(chain))) {
        if (ms <= 0) continue
        const tally = tallies.get(cause) ?? { ms: 0, n: 0 }
        tally.ms += ms
        tally.n++
        tallies.set(cause, tally)
      }
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

function* waitsIn(
  { run, chain }: Execution,
  declared: ChainDeclaration | undefined,
): Generator<readonly [WaitCause, number]> {
  const { readyAt, needs } = chain
  if (readyAt !== undefined && needs.length > 0) yield ['dependency', readyAt - run.acceptedAt]
  for (const { for: what, from, to } of chain.waits) {
    // the time of what is called is its own
    if (to === undefined || what === 'call') continue
    if (what === 'held') yield ['pause', to - from]
    else if (what !== 'gate') yield [what, to - from]
    else if (chain.ready.length > 0 && declared?.concurrency === undefined) yield ['service', to - from]
    else yield [declared?.concurrency === undefined ? 'process' : 'concurrency', to - from]
  }
  for (const { waits } of chain.attempts) for (const { for: what, ms } of waits) yield [causeOf(what), ms]
}

function causeOf(what: string): WaitCause {
  if (what.startsWith('limiter:')) return 'rate'
  if (what.startsWith('memo')) return 'memo'
  if (what === 'slot' || what === 'pause' || what === 'retry-budget' || what === 'in-flight') return what
  return 'process'
}
