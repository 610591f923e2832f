// What detectors look at: the attempts of each step under the present version of its chain, with the runs they were in.

import type { AttemptRecord, ChainRecord, RunRecord } from '../observe/run-record.ts'
import {
  type Declared,
  type DeclaredChain,
  type DeclaredStep,
  type Tunables,
  declaredSteps,
} from './tunables.ts'

export interface Evidence {
  /** Runs that have ended, in any order. */
  readonly records: readonly RunRecord[]
  readonly declaration: Declared
  /** The config as it is, with its version. */
  readonly config: Tunables
  /** In ms since the epoch. */
  readonly now: number
  /** Whatever is drawn is drawn from it. Default 1. */
  readonly seed?: number
}

/** One attempt, and where it was. */
export interface Seen {
  readonly attempt: AttemptRecord
  readonly execution: ChainRecord
  readonly run: RunRecord
  /** The place of its run among all, by when they were accepted. */
  readonly order: number
}

export interface SeenStep {
  readonly chain: DeclaredChain
  readonly step: DeclaredStep
  /** `chain/step`. */
  readonly name: string
  readonly attempts: readonly Seen[]
}

export interface View extends Evidence {
  readonly seed: number
  /** By when they were accepted; without those that a person interfered with, and the treated half of trials. */
  readonly runs: readonly RunRecord[]
  readonly steps: readonly SeenStep[]
  /** The stretch of the journal. */
  readonly fromSeq: number
  readonly toSeq: number
  /** The class of input that a run is of. */
  classOf(run: RunRecord): string
}

/** More classes than these say more about single runs than about classes. */
const mostClasses = 8

export function viewOf(evidence: Evidence): View {
  const { records, declaration, seed = 1 } = evidence
  const declared = declaredSteps(declaration)
  const runs = records
    .filter(
      ({ status, retries, arm, pausedMs, origin, endedAt, dropped }) =>
        endedAt !== undefined &&
        (status === 'succeeded' || status === 'failed') &&
        retries === 0 &&
        pausedMs === 0 &&
        dropped === 0 &&
        origin === undefined &&
        arm?.arm !== 'treated',
    )
    .sort((a, b) => a.acceptedAt - b.acceptedAt || a.firstSeq - b.firstSeq)
  const steps = new Map<string, SeenStep & { readonly attempts: Seen[] }>()
  for (const [order, run] of runs.entries())
    for (const execution of run.chains.values()) {
      const chain = declared.chain(execution.chain)
      if (chain === undefined || chain.version !== execution.version) continue
      for (const attempt of execution.attempts) {
        if (attempt.part !== undefined || attempt.rewound || attempt.copied) continue
        const name = `${chain.id}/${attempt.step}`
        const step = declared.step(chain.id, attempt.step)
        if (step === undefined) continue
        let known = steps.get(name)
        if (known === undefined) steps.set(name, (known = { chain, step, name, attempts: [] }))
        known.attempts.push({ attempt, execution, run, order })
      }
    }
  const telling = tellingAttributes(runs)
  return {
    ...evidence,
    seed,
    runs,
    steps: [...steps.values()],
    fromSeq: Math.min(...runs.map(({ firstSeq }) => firstSeq), Infinity),
    toSeq: Math.max(...runs.map(({ lastSeq }) => lastSeq), 0),
    classOf: ({ targets, attributes }) =>
      [targets.join(), ...telling.map((name) => `${name}=${String(attributes[name])}`)].join(' '),
  }
}

function tellingAttributes(runs: readonly RunRecord[]): readonly string[] {
  const values = new Map<string, Set<unknown>>()
  for (const { attributes } of runs)
    for (const [name, value] of Object.entries(attributes)) {
      const known = values.get(name)
      if (known === undefined) values.set(name, new Set([value]))
      else if (known.size <= mostClasses) known.add(value)
    }
  return [...values].filter(([, known]) => known.size <= mostClasses).map(([name]) => name)
}
