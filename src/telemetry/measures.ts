// Everything that is measured of a supervisor: one table, from which both OpenTelemetry and Prometheus are told.

/** What values are told apart by: as OpenTelemetry names it, and in Prometheus, where all names are Catenary's anyway. */
export const labelNames = {
  'catenary.run.target': 'target',
  'catenary.run.outcome': 'outcome',
  'catenary.run.parked.reason': 'reason',
  'catenary.chain.id': 'chain',
  'catenary.chain.outcome': 'outcome',
  'catenary.step.name': 'step',
  'catenary.attempt.outcome': 'outcome',
  'error.type': 'error_type',
  'catenary.breaker.id': 'breaker',
  'catenary.breaker.state': 'state',
  'catenary.service.id': 'service',
  'catenary.service.exit.reason': 'reason',
  'catenary.telemetry.item': 'item',
} as const

type LabelName = keyof typeof labelNames

/** A measure always has them in the same order. */
export type Labels = { readonly [K in LabelName]?: string }

export interface Measure {
  /** As OpenTelemetry writes it. */
  readonly name: string
  readonly kind: 'counter' | 'histogram' | 'gauge'
  /** In UCUM, as OpenTelemetry wants it. */
  readonly unit: string
  readonly help: string
}

const counter = (name: string, unit: string, help: string): Measure => ({ kind: 'counter', name, unit, help })
const seconds = (name: string, help: string): Measure => ({ kind: 'histogram', name, unit: 's', help })
const gauge = (name: string, unit: string, help: string): Measure => ({ kind: 'gauge', name, unit, help })

export const measures = {
  accepted: counter('catenary.run.accepted', '{run}', 'Runs that were asked for.'),
  runs: seconds('catenary.run.duration', 'From the acceptance of runs, or their retry, to their end.'),
  parked: counter('catenary.run.parked', '{run}', 'Runs that came to stand still until a person acts.'),
  live: gauge('catenary.run.live', '{run}', 'Runs in memory: not those that only sleep or wait.'),
  chains: seconds('catenary.chain.duration', 'From the start of chains to their end.'),
  attempts: seconds(
    'catenary.attempt.duration',
    'How long attempts took; one that was lost, until that was noticed.',
  ),
  waits: seconds('catenary.attempt.schedule_to_start', 'How long attempts waited for a slot or a limiter.'),
  retries: counter('catenary.attempt.retries', '{attempt}', 'Attempts after one that failed.'),
  hedges: counter('catenary.attempt.hedges', '{call}', 'Calls beside a slow one.'),
  inFlight: gauge('catenary.attempt.in_flight', '{attempt}', 'Attempts in flight.'),
  breakers: gauge(
    'catenary.breaker.state',
    '{breaker}',
    'Breakers that have ever opened, by the state that they are in.',
  ),
  opened: counter('catenary.breaker.opened', '{breaker}', 'How often breakers opened.'),
  starts: counter('catenary.service.starts', '{start}', 'Starts of services.'),
  exits: counter('catenary.service.exits', '{exit}', 'Ends of services.'),
  ready: gauge('catenary.service.ready', '1', 'Whether a service is ready.'),
  ok: gauge(
    'catenary.supervisor.ok',
    '1',
    'Whether the supervisor runs, with all its services: ok of healthz().',
  ),
  dropped: counter(
    'catenary.telemetry.dropped',
    '{item}',
    'Events and spans that were too many to be told of.',
  ),
} as const

/** Upper bounds of the buckets of all histograms (s): from what a local call takes to what a night takes. */
export const defaultBuckets: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 21_600, 86_400,
]

/** Where measured values go. */
export interface Recorder {
  add(measure: Measure, by: number, labels: Labels): void
  record(measure: Measure, value: number, labels: Labels): void
}

/** One value of a gauge as it is now; several with the same labels are to be added up. */
export interface Reading {
  readonly measure: Measure
  readonly value: number
  readonly labels: Labels
}

/** Equal for equal labels of a measure. */
export function keyOf(labels: Labels): string {
  return Object.values(labels).join('\n')
}

/** What stands for all names beyond the first so many. */
export const otherName = '_other'
