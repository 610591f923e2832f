// What has to be done, by whom, in which order: what unlocks most for the least, and nothing before what it needs.

import { actionId } from './action-id.ts'
import { roundedShare } from './percentiles.ts'
import type { ActionDeed, ActionKind, ChainImplementation, NecessaryAction } from './report-built.ts'
import type { ChainHealth } from './report-times.ts'
import type { Resources } from './report-places.ts'
import type { Severity } from './figures.ts'
import { staleBy } from './stale.ts'
import { type Scene, downstreamOf, mostListed } from './scene.ts'
import type { Slices } from './slices.ts'
import { belowOf, deedOfHold, deedOfRerun, deedOfUnblock, inForce, standingOf } from './deeds.ts'

/** What is the same of all actions of a kind: the effort in days, and whether the supervisor can do it. */
const kinds: Readonly<Record<ActionKind, { readonly effort: number; readonly can: boolean }>> = {
  implement: { effort: 1, can: false },
  'write-test': { effort: 0.5, can: false },
  migrate: { effort: 0.5, can: false },
  're-run-stale': { effort: 0.05, can: true },
  quarantine: { effort: 0.05, can: true },
  'pause-downstream': { effort: 0.05, can: true },
  drain: { effort: 0.1, can: false },
  unblock: { effort: 0.05, can: true },
  scale: { effort: 0.1, can: false },
  'ask-owner': { effort: 0.25, can: false },
}

const weight: Readonly<Record<Severity, number>> = { high: 9, medium: 3, low: 1 }
const day = 86_400_000

type Draft = Pick<
  NecessaryAction,
  'kind' | 'place' | 'sentence' | 'why' | 'severity' | 'confidence' | 'check'
> & {
  readonly unlocked: readonly string[]
  readonly after?: readonly string[]
  readonly deed?: ActionDeed
}

export interface Findings {
  readonly health: readonly ChainHealth[]
  readonly implementation: readonly ChainImplementation[]
  readonly resources: Resources
}

export function* actionsOf(scene: Scene, findings: Findings): Slices<readonly NecessaryAction[]> {
  const { now, evidence } = scene.survey
  const found: NecessaryAction[] = []
  for (const drafts of [
    stubs(scene, findings),
    parked(scene),
    failing(scene, findings),
    outdated(scene, findings),
    scale(findings),
  ])
    for (const draft of drafts) {
      if (draft !== undefined) found.push(standingOf(actionOf(draft, now), evidence.actions))
      yield
    }
  const known = new Set(found.map(({ id }) => id))
  const others = inForce(evidence.actions, known).map((draft) =>
    standingOf(actionOf(draft, now), evidence.actions),
  )
  return yield* inOrder([...found, ...others])
}

function actionOf({ after = [], unlocked, ...draft }: Draft, now: number): NecessaryAction {
  return {
    id: actionId(draft.kind, draft.place),
    ...draft,
    confidence: roundedShare(draft.confidence),
    ...kinds[draft.kind],
    unlocks: unlocked.length,
    unlocked: unlocked.slice(0, mostListed),
    prerequisites: after,
    policy: 'off',
    state: 'proposed',
    lock: draft.place.run ?? draft.place.chain,
    expiresAt: now + day,
  }
}

/** Undefined where it may be put off, and nothing was found. */
type Drafts = Generator<Draft | undefined>

function* stubs({ dependents }: Scene, { implementation }: Findings): Drafts {
  for (const { chain, steps } of implementation) {
    yield
    for (const { step, flags } of steps) {
      if (!flags.includes('stub')) continue
      yield {
        kind: 'implement',
        place: { chain, step },
        sentence: `write step "${step}" of chain "${chain}"`,
        why: 'it is declared as a stub, so that nothing that needs it can be true',
        severity: 'high',
        confidence: 1,
        unlocked: [chain, ...downstreamOf(dependents, chain)],
        check: 'it is declared without { stub: true } and has run',
      }
    }
  }
}

function* parked({ survey, declared }: Scene): Drafts {
  for (const { run, chains, reason, detail, cure } of survey.evidence.parked.values()) {
    const chain = chains[0] ?? ''
    const owner = declared.get(chain)?.owner
    const base = { place: { chain, run }, severity: 'high' as const, confidence: 1, unlocked: [run] }
    if (reason === 'needs-migration')
      yield {
        ...base,
        kind: 'migrate',
        sentence: `let run ${run} of "${chain}" go on: ${cure}`,
        why: detail,
        check: 'the run goes on',
      }
    else if (reason === 'dead-letter')
      yield {
        ...base,
        kind: 'unblock',
        deed: deedOfUnblock(survey, run),
        severity: 'medium',
        sentence: `retry run ${run} of "${chain}", or cancel it: ${cure}`,
        why: detail,
        check: 'the run has ended',
      }
    else
      yield {
        ...base,
        kind: 'ask-owner',
        sentence: `${owner === undefined ? 'have a person' : `ask ${owner} to`} look at run ${run} of "${chain}": ${cure}`,
        why: detail,
        check: 'the run is parked no more',
      }
  }
}

function* failing(scene: Scene, { health }: Findings): Drafts {
  const { dependents, declared } = scene
  for (const { chain, state, cause, confidence, evidence } of health) {
    if (state !== 'failing' && state !== 'degraded') continue
    const { root } = evidence
    const unlocked = downstreamOf(dependents, chain)
    const owner = declared.get(chain)?.owner
    const where = root?.step === undefined ? `chain "${chain}"` : `step "${root.step}" of chain "${chain}"`
    const mend: NecessaryAction['place'] = { chain, ...(root?.step === undefined ? {} : { step: root.step }) }
    yield {
      kind: 'ask-owner',
      place: mend,
      sentence: `${owner === undefined ? '' : `ask ${owner} to `}mend ${where}${root === undefined ? '' : `: ${root.message}`}`,
      why: cause,
      severity: state === 'failing' ? 'high' : 'medium',
      confidence,
      unlocked: [chain, ...unlocked],
      check: `"${chain}" is ${state} no more`,
    }
    if (state !== 'failing' || evidence.runs < leastForQuarantine) continue
    yield {
      kind: 'quarantine',
      place: { chain },
      sentence: `hold "${chain}" back until it is mended`,
      why: `${cause}, and each run of it only adds to them`,
      severity: 'medium',
      confidence,
      unlocked: [],
      check: `no run of "${chain}" begins`,
      deed: deedOfHold(scene, 'quarantine', chain, [chain]),
    }
    const below = belowOf(declared, chain)
    if (below.length === 0) continue
    yield {
      kind: 'pause-downstream',
      place: { chain },
      sentence: `hold back what needs "${chain}": ${below.join(', ')}`,
      why: 'it cannot run without it',
      severity: 'low',
      confidence,
      unlocked: [],
      after: [actionId('quarantine', { chain })],
      check: 'none of them begins',
      deed: deedOfHold(scene, 'pause-downstream', chain, below),
    }
  }
}

/** A chain that failed a few times is not held back for that. */
const leastForQuarantine = 10

function* outdated(scene: Scene, { implementation, health }: Findings): Drafts {
  const { dependents } = scene
  for (const { chain, flags } of implementation) {
    yield
    if (flags.includes('version-skew'))
      yield {
        kind: 'drain',
        place: { chain },
        sentence: `let the runs of older versions of "${chain}" end, before what they use is taken away`,
        why: 'runs that have not ended began on a version that is declared no more',
        severity: 'low',
        confidence: 1,
        unlocked: [chain],
        check: 'no run of another version is open',
      }
    const stale = staleBy(scene, chain)
    if (stale !== undefined)
      yield {
        kind: 're-run-stale',
        place: { chain },
        sentence: `run "${chain}" again`,
        why: stale.why,
        severity: 'low',
        confidence: 1,
        unlocked: downstreamOf(dependents, chain),
        ...(flags.includes('version-skew') ? { after: [actionId('drain', { chain })] } : {}),
        check: 'it has succeeded since',
        deed: deedOfRerun(
          chain,
          stale,
          !health.some((one) => one.chain === chain && one.state === 'failing'),
        ),
      }
  }
}

function* scale({ resources }: Findings): Drafts {
  if (resources.state !== 'degraded') return
  yield {
    kind: 'scale',
    place: { chain: '' },
    sentence: `let more than ${resources.concurrency.limit ?? resources.concurrency.most} attempts run at once, or use another process`,
    why: resources.cause,
    severity: 'medium',
    confidence: 0.8,
    unlocked: [],
    check: 'attempts wait for a slot less than 20 % of their time',
  }
}

/** Topological; among those that may come next, what is worth most for its effort. */
function* inOrder(actions: readonly NecessaryAction[]): Slices<readonly NecessaryAction[]> {
  const ids = new Set(actions.map(({ id }) => id))
  const worth = ({ severity, confidence, unlocks, effort }: NecessaryAction): number =>
    (weight[severity] * confidence * (1 + unlocks)) / effort
  const left = actions.toSorted((a, b) => worth(b) - worth(a) || (a.id < b.id ? -1 : 1))
  const done = new Set<string>()
  const ordered: NecessaryAction[] = []
  while (left.length > 0) {
    const next = left.findIndex(({ prerequisites }) =>
      prerequisites.every((id) => done.has(id) || !ids.has(id)),
    )
    const [one] = left.splice(Math.max(0, next), 1)
    if (one === undefined) break
    done.add(one.id)
    ordered.push(one)
    yield
  }
  return ordered
}
