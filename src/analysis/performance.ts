// How long chains and steps take, with how much evidence: queue against service, retries, throughput.

import type { AttemptRecord } from '../observe/attempt-record.ts'
import type { ChainRecord } from '../observe/chain-record.ts'
import { percentilesOf, rounded } from './percentiles.ts'
import type { ChainPerformance, StepPerformance } from './report-times.ts'
import type { Scene } from './scene.ts'
import type { Slices } from './slices.ts'
import { type Span, covered } from './spans.ts'
import type { Execution, Survey } from './survey.ts'

export function* chainPerformance({ timed }: Survey): Slices<readonly ChainPerformance[]> {
  const found: ChainPerformance[] = []
  for (const [chain, executions] of timed) {
    const durations: number[] = []
    const queues: number[] = []
    const services: number[] = []
    const outcomes: Partial<Record<string, number>> = {}
    let memo = 0
    for (const { chain: one } of executions) {
      outcomes[one.status] = (outcomes[one.status] ?? 0) + 1
      if (one.memo) memo++
      const { readyAt, startedAt, endedAt } = one
      // what never began, or was taken from another run, took no time of its own
      if (readyAt === undefined || startedAt === undefined || endedAt === undefined) continue
      const queue = queuedIn(one, { from: readyAt, to: endedAt })
      durations.push(endedAt - readyAt)
      queues.push(queue)
      services.push(endedAt - readyAt - queue)
      yield
    }
    const duration = percentilesOf(durations)
    yield
    const queue = percentilesOf(queues)
    yield
    found.push({
      chain,
      n: durations.length,
      duration,
      queue,
      service: percentilesOf(services),
      ...throughput(executions),
      outcomes,
      memo,
    })
    yield
  }
  return found.toSorted((a, b) => (b.duration.p50?.estimate ?? 0) - (a.duration.p50?.estimate ?? 0))
}

/** How long it did nothing but wait for a start, its own or that of an attempt. */
function queuedIn(chain: ChainRecord, { from, to }: Span): number {
  const working: Span[] = []
  const waiting: Span[] = [{ from, to: chain.startedAt ?? to }]
  for (const { enqueuedAt, startedAt, endedAt } of chain.attempts) {
    waiting.push({ from: Math.max(from, enqueuedAt), to: Math.min(to, startedAt ?? endedAt ?? to) })
    if (startedAt !== undefined) working.push({ from: startedAt, to: Math.min(to, endedAt ?? to) })
  }
  return covered([...working, ...waiting]) - covered(working)
}

const hour = 3_600_000

function throughput(executions: readonly Execution[]): { readonly perHour?: number } {
  const [first] = executions
  const last = executions.at(-1)
  const span = (last?.chain.endedAt ?? 0) - (first?.chain.endedAt ?? 0)
  // the first end opens the time in which the others came
  return span > 0 ? { perHour: rounded(((executions.length - 1) / span) * hour) } : {}
}

interface Tally {
  readonly chain: string
  readonly step: string
  n: number
  attempts: number
  retried: number
  failed: number
  fellBack: number
  memo: number
  cutOff: number
  readonly durations: number[]
  readonly queues: number[]
  readonly slowest: { item: string; run: string; took: number }[]
}

export function* stepPerformance({ survey: { timed }, declared }: Scene): Slices<readonly StepPerformance[]> {
  const all: Tally[] = []
  for (const [chain, executions] of timed) {
    const tallies = new Map<string, Tally>()
    for (const { chain: one, run } of executions) {
      for (const attempt of one.attempts)
        if (attempt.part === undefined) count(tallies, { chain, run: run.run, attempt })
        else if (attempt.part === 'fallback' && attempt.outcome === 'succeeded')
          tallyOf(tallies, chain, attempt.step).fellBack++
      yield
    }
    all.push(...tallies.values())
  }
  const found: StepPerformance[] = []
  for (const { durations, queues, slowest, ...tally } of all) {
    // what tells the actors of a machine apart is no item of any work
    const items = slowest.length === 0 || declared.get(tally.chain)?.own === true ? {} : { slowest }
    const duration = percentilesOf(durations)
    yield
    found.push({ ...tally, duration, queue: percentilesOf(queues), ...items })
    yield
  }
  return found.toSorted((a, b) => total(b) - total(a))
}

function count(
  tallies: Map<string, Tally>,
  { chain, run, attempt }: { readonly chain: string; readonly run: string; readonly attempt: AttemptRecord },
): void {
  const tally = tallyOf(tallies, chain, attempt.step)
  const { outcome, startedAt, took, failure, next } = attempt
  if (attempt.memo) {
    tally.memo++
    tally.n++
    return
  }
  if (startedAt === undefined) return
  tally.attempts++
  tally.queues.push(startedAt - attempt.enqueuedAt)
  if (attempt.attempt > 1) tally.retried++
  if (outcome === 'failed' || outcome === 'lost') tally.failed++
  if (outcome === 'succeeded' || (outcome === 'failed' && next !== 'retry')) tally.n++
  if (failure?.kind === 'timeout') tally.cutOff++
  else if (took !== undefined && (outcome === 'succeeded' || outcome === 'failed')) {
    tally.durations.push(took)
    const { item } = attempt
    if (item !== undefined) keepSlow(tally.slowest, { item, run, took: rounded(took) })
  }
}

function tallyOf(tallies: Map<string, Tally>, chain: string, step: string): Tally {
  let tally = tallies.get(step)
  if (tally === undefined) {
    const none = { n: 0, attempts: 0, retried: 0, failed: 0, fellBack: 0, memo: 0, cutOff: 0 }
    tally = { chain, step, ...none, durations: [], queues: [], slowest: [] }
    tallies.set(step, tally)
  }
  return tally
}

const mostSlow = 5

function keepSlow(slowest: Tally['slowest'], one: Tally['slowest'][number]): void {
  const last = slowest.at(-1)
  if (slowest.length === mostSlow && last !== undefined && last.took > one.took) return
  const at = slowest.findIndex(({ took }) => took <= one.took)
  slowest.splice(at < 0 ? slowest.length : at, 0, one)
  if (slowest.length > mostSlow) slowest.pop()
}

/** How much time went into it, roughly: what is worth looking at comes first. */
function total({ duration, attempts }: StepPerformance): number {
  return (duration.p50?.estimate ?? 0) * attempts
}
