// How far each step and chain is built: a ladder, with what is missing for the next rung, and nothing reached by assumption.

import type { ChainDeclaration, StepDeclaration } from '../definition/declaration.ts'
import type { AttemptRecord } from '../observe/attempt-record.ts'
import type { ChainHealth } from './report-times.ts'
import type { ChainImplementation, Flag, Rung, RungState, StepImplementation } from './report-built.ts'
import type { Scene } from './scene.ts'
import { staleBy } from './stale.ts'
import type { Slices } from './slices.ts'
import type { Execution } from './survey.ts'

export const rungs: readonly Rung[] = [
  'declared',
  'contracted',
  'implemented',
  'wired',
  'tested',
  'exercised',
  'conformant',
  'healthy',
]

/** Without these a step still stands on what is above them: many need no schema, and not all that runs is tested here. */
const optional: ReadonlySet<Rung> = new Set(['contracted', 'tested'])

/** What is seen of one step in the executions of its chain's version. */
interface Seen {
  n: number
  /** Retries with the same input that succeeded after a failure. */
  recovered: number
}

export function* implementationOf(
  scene: Scene,
  health: readonly ChainHealth[],
): Slices<readonly ChainImplementation[]> {
  const { declared, survey } = scene
  const states = new Map(health.map((one) => [one.chain, one]))
  const found: ChainImplementation[] = []
  const skewed = yield* skewedIn(scene)
  for (const chain of declared.values()) {
    const executions = survey.ended.get(chain.id) ?? []
    const seen = yield* seenIn(executions, chain)
    const steps = chain.steps.map((step) =>
      stepOf({ chain, step, seen: seen.get(step.name), scene, health: states.get(chain.id) }),
    )
    yield
    const flags = chainFlags(chain, executions, scene)
    if (skewed.has(chain.id)) flags.push('version-skew')
    const blockedBy = blockers(executions, states.get(chain.id))
    const lowest = steps.toSorted((a, b) => rungs.indexOf(a.rung) - rungs.indexOf(b.rung))[0]
    found.push({
      chain: chain.id,
      rung: lowest?.rung ?? 'declared',
      flags: blockedBy.length > 0 ? [...flags, 'blocked-by'] : flags,
      blockedBy,
      steps,
      ...(lowest?.next === undefined ? {} : { next: `step "${lowest.step}": ${lowest.next}` }),
    })
    yield
  }
  for (const chain of survey.ended.keys())
    if (!declared.has(chain) && declared.size > 0)
      found.push({ chain, rung: 'exercised', flags: ['orphan'], blockedBy: [], steps: [] })
  return found
}

interface OfStep {
  readonly chain: ChainDeclaration
  readonly step: StepDeclaration
  readonly seen: Seen | undefined
  readonly scene: Scene
  readonly health: ChainHealth | undefined
}

function stepOf(of: OfStep): StepImplementation {
  const { step, seen } = of
  const ladder = rungs.map((rung): RungState => ({ rung, ...rungOf(rung, of) }))
  const missing = ladder.find(({ rung, reached }) => reached !== 'yes' && !optional.has(rung))
  const below = missing === undefined ? ladder.length : ladder.indexOf(missing)
  const reached = ladder.slice(0, below).findLast((one) => one.reached === 'yes')
  const flags: Flag[] = []
  if (step.stub === true) flags.push('stub')
  if ((seen?.recovered ?? 0) >= leastFlaky) flags.push('flaky')
  if (leavesTrace(step) && seen === undefined) flags.push('unknown')
  return {
    step: step.name,
    kind: step.kind,
    rung: reached?.rung ?? 'declared',
    ladder,
    flags,
    ...(missing?.why === undefined ? {} : { next: missing.why }),
  }
}

const leastFlaky = 3

/** Entries whose passing the journal tells by their own name in what is measured. */
const leavesTrace = ({ kind }: StepDeclaration): boolean =>
  ['step', 'each', 'call', 'sleep', 'wait'].includes(kind)

function rungOf(rung: Rung, { chain, step, seen, scene, health }: OfStep): Omit<RungState, 'rung'> {
  const yes = { reached: 'yes' } as const
  const no = (why: string): Omit<RungState, 'rung'> => ({ reached: 'no', why })
  const unknown = (why: string): Omit<RungState, 'rung'> => ({ reached: 'unknown', why })
  switch (rung) {
    case 'declared':
      return yes
    case 'contracted': {
      if (step.kind !== 'step' && step.kind !== 'each') return yes
      const last = chain.steps.at(-1) === step && chain.output
      return step.output === true || last ? yes : no('it has no schema for its output')
    }
    case 'implemented':
      return step.stub === true ? no('it is a stub: write its function') : yes
    case 'wired': {
      const lost = step.chain !== undefined && !scene.declared.has(step.chain)
      return lost ? no(`it calls "${step.chain}", which is not declared`) : yes
    }
    case 'tested':
      return testedBy(scene, chain, step)
    case 'exercised':
      if (seen !== undefined) return yes
      return leavesTrace(step)
        ? no('it has not run in the events that were read')
        : unknown('its passing leaves no event of its own')
    case 'conformant':
      if (seen === undefined) return unknown('it has not run')
      return misfits(chain, scene) ? no('a run of its chain stands at events that do not fit') : yes
    case 'healthy':
      if (health?.state === 'ok') return yes
      if (health === undefined || health.state === 'unknown')
        return unknown(`whether its chain is well is unknown: ${health?.cause ?? 'it has not run'}`)
      return health.evidence.root?.step === undefined || health.evidence.root.step === step.name
        ? no(`its chain is ${health.state}: ${health.cause}`)
        : unknown(`its chain is ${health.state}, by step "${health.evidence.root.step}"`)
  }
}

/** Every transition that is a step's own, and those of no step for none: it is the chain's version that was tested. */
function testedBy(
  { coverage }: Scene,
  chain: ChainDeclaration,
  step: StepDeclaration,
): Omit<RungState, 'rung'> {
  if (coverage === undefined)
    return { reached: 'unknown', why: 'nothing tells which transitions the tests take: see --coverage' }
  const of = coverage
    .get(`${chain.id}\n${chain.version}`)
    ?.transitions.filter((one) => one.step === step.name)
  if (of === undefined) return { reached: 'no', why: 'no test has run this version of its chain' }
  const missing = of.filter(({ visited }) => !visited)
  const [first] = missing
  if (first === undefined) return { reached: 'yes' }
  const by = first.by === undefined ? '' : `, which comes by: ${first.by.join(', ')}`
  return {
    reached: 'no',
    why: `tests have not taken ${missing.length} of its ${of.length} transitions, such as ${first.label}${by}`,
  }
}

function misfits({ id }: ChainDeclaration, { survey }: Scene): boolean {
  for (const { reason, chains } of survey.evidence.parked.values())
    if (reason === 'needs-migration' && chains.includes(id)) return true
  return false
}

/** Of the executions of the version that is declared. */
function* seenIn(
  executions: readonly Execution[],
  { version }: ChainDeclaration,
): Slices<ReadonlyMap<string, Seen>> {
  const seen = new Map<string, Seen>()
  const of = (step: string): Seen => {
    let one = seen.get(step)
    if (one === undefined) seen.set(step, (one = { n: 0, recovered: 0 }))
    return one
  }
  for (const { chain } of executions) {
    if (chain.version !== version) continue
    // few fail: keys are made for them only
    let failed: Set<string> | undefined
    for (const attempt of chain.attempts) {
      const { step, outcome, part } = attempt
      const one = of(step)
      one.n++
      if (outcome === 'failed') (failed ??= new Set()).add(workOf(attempt))
      else if (failed !== undefined && outcome === 'succeeded' && part === undefined)
        if (failed.delete(workOf(attempt))) one.recovered++
    }
    for (const { step } of chain.waits) if (step !== '') of(step).n++
    yield
  }
  return seen
}

/** The same for the same work. */
function workOf({ step, item, inputHash }: AttemptRecord): string {
  return `${step}\n${item ?? ''}\n${inputHash ?? ''}`
}

/** Chains of which an older version goes on. */
function* skewedIn({ survey, declared }: Scene): Slices<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const { chains } of survey.open) {
    for (const { chain, version, endedAt } of chains.values())
      if (endedAt === undefined && version !== declared.get(chain)?.version) found.add(chain)
    yield
  }
  return found
}

function chainFlags(chain: ChainDeclaration, executions: readonly Execution[], scene: Scene): Flag[] {
  const flags: Flag[] = []
  if (chain.deprecated !== undefined) flags.push('deprecated')
  const last = executions.findLast((one) => one.chain.status === 'succeeded')
  if (last === undefined) flags.push('unknown')
  else if (staleBy(scene, chain.id) !== undefined) flags.push('stale')
  return flags
}

/** The chains whose failure kept it from running, the last time that it was to. */
function blockers(executions: readonly Execution[], health: ChainHealth | undefined): readonly string[] {
  const last = executions.at(-1)
  if (last === undefined || last.chain.status !== 'upstream_failed' || health?.state === 'ok') return []
  const { key } = last.chain
  return [
    ...new Set(last.run.failures.filter(({ blocked }) => blocked.includes(key)).map(({ chain }) => chain)),
  ]
}
