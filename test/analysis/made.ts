// Records as a journal would leave them, made by hand: what single measures are tried on, to the millisecond.

import { ActionStanding } from '../../src/analysis/action-standing.ts'
import { type Evidence, type Parked, createEvidence } from '../../src/analysis/evidence.ts'
import { type Scene, sceneOf } from '../../src/analysis/scene.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import { type Survey, surveyOf } from '../../src/analysis/survey.ts'
import type { CoverageFound } from '../../src/analysis/coverage.ts'
import type { ChainDeclaration, Declaration, StepDeclaration } from '../../src/definition/declaration.ts'
import type { Fact, JournalEvent } from '../../src/journal/event.ts'
import type { AttemptFailure, AttemptRecord } from '../../src/observe/attempt-record.ts'
import { type ChainRecord, type ChainWait, freshGoing } from '../../src/observe/chain-record.ts'
import type { RunRecord } from '../../src/observe/run-record.ts'

export const boom: AttemptFailure = { kind: 'thrown', class: 'TypeError', message: 'boom', retryable: true }

/** One that worked from `from` to `to`, and succeeded. */
export function attempt(
  name: string,
  from: number,
  to: number | undefined,
  given: Partial<AttemptRecord> = {},
): AttemptRecord {
  return {
    seq: 0,
    step: name,
    part: undefined,
    item: undefined,
    attempt: 1,
    enqueuedAt: from,
    waits: [],
    startedAt: from,
    endedAt: to,
    endSeq: undefined,
    took: to === undefined ? undefined : to - from,
    outcome: to === undefined ? undefined : 'succeeded',
    failure: undefined,
    next: undefined,
    backoff: undefined,
    late: undefined,
    memo: false,
    hedged: 0,
    inFlight: 1,
    config: 0,
    inputHash: undefined,
    outputHash: undefined,
    outputSize: 0,
    rewound: false,
    copied: false,
    ...given,
  }
}

export const failed = (
  name: string,
  from: number,
  to: number,
  given: Partial<AttemptRecord> = {},
): AttemptRecord => attempt(name, from, to, { outcome: 'failed', failure: boom, next: 'fail', ...given })

export function wait(name: string, what: ChainWait['for'], from: number, to: number | undefined): ChainWait {
  return { seq: 0, step: name, item: undefined, for: what, from, to }
}

/** One that was ready and began at `from`, and succeeded at `to`. */
export function ran(
  chain: string,
  from: number,
  to: number | undefined,
  given: Partial<ChainRecord> = {},
): ChainRecord {
  return {
    key: chain,
    chain,
    version: '1',
    needs: [],
    rule: 'all_success',
    ready: [],
    call: undefined,
    readyAt: from,
    startedAt: from,
    endedAt: to,
    status: to === undefined ? 'running' : 'succeeded',
    failure: undefined,
    step: undefined,
    memo: false,
    copied: undefined,
    waits: [],
    attempts: [],
    inputHash: undefined,
    outputHash: undefined,
    outputSize: 0,
    reads: [],
    going: freshGoing(),
    ...given,
  }
}

/** Accepted at 0, and ended with the last of its chains. */
export function run(id: string, chains: readonly ChainRecord[], given: Partial<RunRecord> = {}): RunRecord {
  const ends = chains.map(({ endedAt }) => endedAt)
  const ended = ends.includes(undefined) ? undefined : Math.max(0, ...ends.map((at) => at ?? 0))
  return {
    run: id,
    targets: [chains.at(-1)?.chain ?? ''],
    acceptedAt: 0,
    endedAt: ended,
    firstSeq: 1,
    lastSeq: 1,
    status: ended === undefined ? 'running' : 'succeeded',
    priority: 0,
    config: 0,
    arm: undefined,
    attributes: {},
    origin: undefined,
    inputHash: undefined,
    failures: [],
    chains: new Map(chains.map((one) => [one.key, one])),
    retries: 0,
    pausedMs: 0,
    heldSince: undefined,
    dependents: new Map(),
    size: 0,
    dropped: 0,
    copying: 0,
    ...given,
  }
}

/** Each a run of its own, the one after the other. */
export function runsOf(chains: readonly ChainRecord[], prefix = 'r'): readonly RunRecord[] {
  return chains.map((one, at) => run(`${prefix}${at + 1}`, [one], { firstSeq: at + 1 }))
}

export function step(name: string, given: Partial<StepDeclaration> = {}): StepDeclaration {
  return { name, kind: 'step', ...given }
}

export function declare(
  id: string,
  steps: readonly StepDeclaration[] = [],
  given: Partial<ChainDeclaration> = {},
): ChainDeclaration {
  return {
    id,
    version: '1',
    tags: [],
    priority: 0,
    input: false,
    output: false,
    when: 'all_success',
    needs: [],
    follows: [],
    ready: [],
    steps,
    entries: [],
    machine: { id, type: 'compound' },
    ...given,
  }
}

export const hard = (chain: string): ChainDeclaration['needs'][number] => ({
  name: chain,
  chain,
  kind: 'hard',
})

export interface Made {
  readonly now?: number
  readonly ended?: readonly RunRecord[]
  readonly open?: readonly RunRecord[]
  readonly chains?: readonly ChainDeclaration[]
  /** Default none is declared where there are no `chains`. */
  readonly declaration?: Declaration
  readonly parked?: readonly Parked[]
  readonly actions?: ActionStanding
  readonly breakers?: Readonly<Record<string, string>>
  readonly strays?: number
  readonly dropped?: { readonly ended: number; readonly open: number; readonly attempts: number }
  readonly readsSince?: number
  readonly coverage?: CoverageFound
}

export function evidenceOf(made: Made): Evidence {
  const { chains, ended = [], open = [], dropped = { ended: 0, open: 0, attempts: 0 } } = made
  const declaration =
    made.declaration ?? (chains === undefined ? undefined : { chains, services: [], concurrency: 10 })
  const byRun = (runs: readonly RunRecord[]): Map<string, RunRecord> =>
    new Map(runs.map((one) => [one.run, one]))
  const empty = createEvidence()
  return {
    ...empty,
    records: {
      ...empty.records,
      ended: byRun(ended),
      open: byRun(open),
      dropped,
      declared: {
        declaration,
        chain: (id) => declaration?.chains.find((one) => one.id === id),
        hash: undefined,
        *reading() {},
      },
    },
    strays: made.strays ?? 0,
    breakers: new Map(Object.entries(made.breakers ?? {})),
    parked: new Map((made.parked ?? []).map((one) => [one.run, one])),
    actions: made.actions ?? new ActionStanding(),
    readsSince: made.readsSince,
  }
}

export function surveyed(made: Made): Survey {
  return atOnce(surveyOf(evidenceOf(made), made.now ?? 1_000_000))
}

export function scene(made: Made): Scene {
  return atOnce(sceneOf(surveyed(made), made.coverage))
}

/** Events of these facts, of no run but where one says so, a millisecond apart from 1,001 on. */
export function journal(facts: readonly (Fact & { readonly run?: string })[]): readonly JournalEvent[] {
  return facts.map((fact, at) => ({ run: '', ...fact, seq: at + 1, at: 1_001 + at }))
}
