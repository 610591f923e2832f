// The report: every measure over the evidence, in slices, and the hash over all that follows from journal and clock.

import type { DeedKind, DeedPolicy } from '../../machines/action-rules.ts'
import { canonical, hash } from '../kernel/codec.ts'
import type { Vitals } from '../kernel/clock-vitals.ts'
import { actionsOf } from './actions.ts'
import { changesOf } from './changes.ts'
import { underPolicy } from './deeds.ts'
import type { CoverageFound } from './coverage.ts'
import { criticalPath } from './critical.ts'
import { diffOf } from './diff.ts'
import type { Evidence } from './evidence.ts'
import { healthOf } from './health.ts'
import { implementationOf } from './implementation.ts'
import { integrationsOf } from './integrations.ts'
import { interactionsOf } from './interactions.ts'
import { chainPerformance, stepPerformance } from './performance.ts'
import { practicesOf } from './practices.ts'
import type { Report, ReportMeta } from './report.ts'
import { resourcesOf } from './resources.ts'
import { type Scene, sceneOf } from './scene.ts'
import type { Slices } from './slices.ts'
import { surveyOf } from './survey.ts'
import { experimentsOf, selfOf } from './trials.ts'
import { verdictOf } from './verdict.ts'

/** What is known besides the journal's events. */
export interface Asking {
  /** What windows are counted back from (ms since the epoch). */
  readonly now: number
  /** Of this process; outside of the hash. */
  readonly vitals?: Vitals | undefined
  /** The report before; outside of the hash. */
  readonly since?: Report | undefined
  /** What tests have visited of the machines. Default nothing is known of that. */
  readonly coverage?: CoverageFound | undefined
  /** What may be done by this supervisor; outside of the hash. Default nothing. */
  readonly policy?: ((kind: DeedKind) => DeedPolicy) | undefined
}

export function* evaluate(
  evidence: Evidence,
  { now, vitals, since, policy, coverage }: Asking,
): Slices<Report> {
  const scene = yield* sceneOf(yield* surveyOf(evidence, now), coverage)
  const { survey, declaration } = scene
  const health = yield* healthOf(scene)
  const implementation = yield* implementationOf(scene, health)
  const interactions = yield* interactionsOf(scene)
  const resources = yield* resourcesOf(scene, interactions.waits)
  const hashed = {
    schema: 1 as const,
    verdict: verdictOf(health),
    implementation,
    interactions,
    health,
    performance: {
      chains: yield* chainPerformance(survey),
      steps: yield* stepPerformance(scene),
      critical: yield* criticalPath(survey),
      changes: yield* changesOf(survey),
    },
    integrations: yield* integrationsOf(scene),
    resources,
    practices: declaration === undefined ? [] : yield* practicesOf(declaration),
    actions: yield* actionsOf(scene, { health, implementation, resources }),
    experiments: experimentsOf(survey),
    self: selfOf(survey),
  }
  yield
  const meta = yield* metaOf(scene, hashed)
  yield
  const report = {
    ...hashed,
    resources: vitals === undefined ? resources : { ...resources, vitals },
    actions: policy === undefined ? hashed.actions : hashed.actions.map((one) => underPolicy(one, policy)),
    meta,
  }
  return { ...report, diff: diffOf(since, report) }
}

function* metaOf({ survey, chains, declared }: Scene, hashed: object): Slices<ReportMeta> {
  const { journal } = survey.evidence
  const versions: Record<string, string> = {}
  for (const chain of chains)
    versions[chain] = declared.get(chain)?.version ?? survey.ended.get(chain)?.at(-1)?.chain.version ?? ''
  const meta = {
    at: survey.now,
    from: journal.from,
    to: journal.to,
    seq: journal.seq,
    versions,
    runs: { used: survey.runs.length, open: survey.open.length, excluded: survey.excluded },
  }
  return { ...meta, hash: yield* hashOf({ ...hashed, meta }) }
}

/** Characters that are hashed at once. */
const most = 50_000

/** Piece by piece: the report of a thousand chains is some megabytes. */
function* hashOf(report: object): Slices<string> {
  let text = ''
  for (const piece of piecesOf(report)) {
    text += piece
    if (text.length > most) text = hash(text)
    yield
  }
  return hash(text)
}

/** The places of lists, one at a time, down to the lists of sections. */
function* piecesOf(part: object, depth = 0): Generator<string> {
  for (const [name, value] of Object.entries(part) as [string, unknown][])
    if (typeof value === 'object' && value !== null && depth < 2) {
      yield `${name}(`
      yield* piecesOf(value, depth + 1)
      yield ')'
    } else yield `${name}=${canonical(value, 'a report')};`
}
