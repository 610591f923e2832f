// Good practice that chains break, told from what they declare: each rule one row, each finding with its cure.

import type {
  ChainDeclaration,
  Declaration,
  ServiceDeclaration,
  StepDeclaration,
} from '../definition/declaration.ts'
import type { Practice } from './report-built.ts'
import type { Severity } from './figures.ts'
import type { Slices } from './slices.ts'

interface OfStep {
  readonly chain: ChainDeclaration
  readonly step: StepDeclaration
  readonly declaration: Declaration
}

interface Rule {
  readonly rule: string
  readonly severity: Severity
  readonly cure: string
}

const runsCode = ({ kind, chain }: StepDeclaration): boolean =>
  (kind === 'step' || kind === 'each') && chain === undefined
const repeatable = ({ idempotent, pure, transact }: StepDeclaration): boolean =>
  idempotent === true || pure === true || transact === true

const effectOf = ({ uses, writes }: StepDeclaration): string =>
  writes === undefined ? `calls ${listed(uses ?? [])}` : `writes ${listed(writes)}`

const stepRules: readonly (Rule & { readonly breaks: (of: OfStep) => string | undefined })[] = [
  {
    rule: 'no-timeout',
    severity: 'medium',
    cure: "give it a timeout, such as { timeout: '30s' }, or a heartbeat where it may take long",
    breaks: ({ chain, step }) =>
      runsCode(step) &&
      step.transact !== true &&
      [step.timeout, step.deadline, step.heartbeat, chain.deadline].every((limit) => limit === undefined)
        ? 'has no timeout: a call that never answers keeps its slot and its run for ever'
        : undefined,
  },
  {
    rule: 'retry-without-idempotency',
    severity: 'high',
    cure: 'say { idempotent: true } once a repeat does no harm: context.idempotencyKey is the same for every attempt',
    breaks: ({ step }) =>
      runsCode(step) &&
      (step.attempts ?? 1) > 1 &&
      !repeatable(step) &&
      (step.uses !== undefined || step.writes !== undefined)
        ? `is tried up to ${step.attempts} times, and ${effectOf(step)}, but does not say that a repeat does no harm`
        : undefined,
  },
  {
    rule: 'effect-without-compensation',
    severity: 'medium',
    cure: 'give it { compensate }, make it idempotent, or move it to the end of its chain',
    breaks: ({ chain, step }) =>
      runsCode(step) &&
      step.writes !== undefined &&
      !repeatable(step) &&
      step.compensates !== true &&
      chain.steps.at(-1) !== step
        ? `writes ${listed(step.writes)} and cannot be undone when a later step fails`
        : undefined,
  },
  {
    rule: 'no-schema',
    severity: 'medium',
    cure: 'give the wait a schema: what comes from outside is then checked before a step sees it',
    breaks: ({ step }) =>
      step.kind === 'wait' && step.input !== true
        ? 'takes a signal from outside without a schema'
        : undefined,
  },
  {
    rule: 'wait-without-end',
    severity: 'low',
    cure: 'give it { timeout, onTimeout }, or the chain a deadline, if nobody may ever answer',
    breaks: ({ chain, step }) =>
      step.kind === 'wait' && step.timeout === undefined && chain.deadline === undefined
        ? 'waits for ever where no signal comes'
        : undefined,
  },
  {
    rule: 'unbounded-each',
    severity: 'low',
    cure: 'give it an inFlight below the concurrency of the supervisor, so that others have their turn',
    breaks: ({ step, declaration }) =>
      step.kind === 'each' && (step.inFlight ?? 0) >= declaration.concurrency && declaration.concurrency > 0
        ? `works on ${step.inFlight} items at once, where the supervisor has ${declaration.concurrency} slots for all chains`
        : undefined,
  },
  {
    rule: 'port-without-breaker',
    severity: 'low',
    cure: 'share a breaker among all steps that use it, so that nobody waits for what does not answer',
    breaks: ({ step }) =>
      step.uses !== undefined && (step.attempts ?? 1) > 1 && step.breaker === undefined
        ? `retries against ${listed(step.uses)} without a breaker`
        : undefined,
  },
]

const chainRules: readonly (Rule & {
  readonly breaks: (chain: ChainDeclaration, declaration: Declaration) => string | undefined
})[] = [
  {
    rule: 'needs-deprecated',
    severity: 'medium',
    cure: 'need what it says instead',
    breaks: (chain, { chains }) => {
      const old = chains.filter(
        ({ id, deprecated }) => deprecated !== undefined && chain.needs.some((edge) => edge.chain === id),
      )
      return old.length > 0 ? `needs ${listed(old.map(({ id }) => id))}, which is deprecated` : undefined
    },
  },
  {
    rule: 'no-output-schema',
    severity: 'low',
    cure: 'give the chain { output: schema }: others then cannot be handed what it never promised',
    breaks: ({ id, output, own }, { chains }) => {
      if (output || own === true) return undefined
      const readers = chains.filter(({ needs }) =>
        needs.some((edge) => edge.chain === id && edge.kind !== 'order'),
      )
      return readers.length === 0
        ? undefined
        : `hands its output to ${listed(readers.map((one) => one.id))} without a schema`
    },
  },
]

/** What of a declaration breaks good practice, the worst first. */
export function* practicesOf(declaration: Declaration): Slices<readonly Practice[]> {
  const found: Practice[] = []
  for (const chain of declaration.chains) {
    for (const { breaks, ...rule } of chainRules) {
      const what = breaks(chain, declaration)
      if (what !== undefined)
        found.push({ ...rule, chain: chain.id, sentence: `chain "${chain.id}" ${what}` })
    }
    for (const step of chain.steps) {
      for (const { breaks, ...rule } of stepRules) {
        const what = breaks({ chain, step, declaration })
        if (what === undefined) continue
        const sentence = `step "${step.name}" of chain "${chain.id}" ${what}`
        found.push({ ...rule, chain: chain.id, step: step.name, sentence })
      }
    }
    yield
  }
  for (const service of declaration.services) found.push(...ofService(service, declaration))
  return found.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
}

const severities: readonly Severity[] = ['high', 'medium', 'low']

function ofService(service: ServiceDeclaration, { chains, services }: Declaration): readonly Practice[] {
  if (service.kind !== 'service' || service.ready === true) return []
  const waiting = [
    ...chains.filter(({ ready }) => ready.includes(service.id)),
    ...services.filter(({ needs }) => needs.includes(service.id)),
  ]
  if (waiting.length === 0) return []
  return [
    {
      rule: 'service-without-readiness',
      severity: 'low',
      chain: service.id,
      sentence: `service "${service.id}" has no readiness probe, and ${listed(waiting.map(({ id }) => id))} ${waiting.length === 1 ? 'waits' : 'wait'} for it`,
      cure: 'give it { ready }: one that says once that it is ready is never asked whether it still is',
    },
  ]
}

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`)
  const last = quoted.pop() ?? ''
  return quoted.length === 0 ? last : `${quoted.join(', ')} and ${last}`
}
