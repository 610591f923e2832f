// The report: every measure over the evidence, in slices, and the hash over all that follows from journal and clock.

import { canonical, hash } from '../kernel/codec.ts'
import { criticalPath } from './critical.ts'
import type { Evidence } from './evidence.ts'
import { type Slos, healthOf } from './health.ts'
import { chainPerformance, stepPerformance } from './performance.ts'
import type { Report, ReportMeta } from './report.ts'
import type { Vitals } from '../kernel/clock-vitals.ts'
import type { Slices } from './slices.ts'
import { type Survey, surveyOf } from './survey.ts'
import { verdictOf } from './verdict.ts'

/** What is known besides the journal's events, for the part outside of the hash. */
export interface Asking {
  /** What windows are counted back from (ms since the epoch). */
  readonly now: number
  readonly vitals?: Vitals | undefined
  /** The report before. */
  readonly since?: Report | undefined
}

export function* evaluate(evidence: Evidence, { now, vitals, since }: Asking): Slices<Report> {
  const survey = yield* surveyOf(evidence, now)
  const slos: Slos = new Map()
  const chains = new Set(survey.ended.keys())
  const health = yield* healthOf(survey, slos, chains)
  const performance = {
    chains: yield* chainPerformance(survey),
    steps: yield* stepPerformance(survey),
    critical: yield* criticalPath(survey),
    changes: [],
  }
  const hashed = {
    schema: 1 as const,
    verdict: verdictOf(health),
    implementation: [],
    interactions: { edges: [], calls: [], signals: [], waits: [], cycles: [], blast: [] },
    health,
    performance,
    integrations: [],
    resources: {
      state: 'unknown' as const,
      cause: 'nothing is measured of the process',
      journal: { events: evidence.journal.events, bytes: evidence.journal.bytes },
      live: { runs: survey.open.length, attempts: 0 },
      concurrency: { most: 0 },
    },
    practices: [],
    actions: [],
    experiments: [],
    self: { dropped: evidence.records.dropped.attempts },
  }
  const meta = metaOf(survey, hashed)
  yield
  const { resources } = hashed
  return {
    ...hashed,
    resources: vitals === undefined ? resources : { ...resources, vitals },
    meta,
    diff: { since: since?.meta.hash ?? null, entries: [] },
  }
}

function metaOf(survey: Survey, hashed: object): ReportMeta {
  const { journal } = survey.evidence
  const versions: Record<string, string> = {}
  for (const [chain, executions] of survey.ended) versions[chain] = executions.at(-1)?.chain.version ?? ''
  const meta = {
    at: survey.now,
    from: journal.from,
    to: journal.to,
    seq: journal.seq,
    versions,
    runs: { used: survey.runs.length, open: survey.open.length, excluded: survey.excluded },
  }
  return { ...meta, hash: hash(canonical({ ...hashed, meta }, 'a report')) }
}
