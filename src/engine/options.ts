// Checks what callers give a supervisor: all that is wrong in one error, before anything begins.

import { type ChainSpec, walk } from '../definition/spec.ts'
import type { HeadQuery, RunStatus, Store } from '../journal/store.ts'
import type { ActorsOptions } from '../observe/actor-stream.ts'
import type { SupervisorOptions } from './supervisor-options.ts'
import type { RunQuery, SignalOrStart, StartOptions } from './supervisor.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { isName } from './given-texts.ts'
import {
  type KnownOptions,
  refuseUnknownOptions,
  unknownOptions,
  readOptions,
} from '../kernel/known-options.ts'
import { shown } from '../kernel/shown.ts'
import { problemsOfAnalyze } from './actions/terms.ts'
import { problemsOfReflect } from './reflector/terms.ts'
import type { Role } from './clients/role.ts'
import type { StopSignal } from './stop-on.ts'

const stopSignals: readonly unknown[] = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGBREAK',
] satisfies readonly StopSignal[]
const roles: readonly unknown[] = ['executor', 'client', 'auto'] satisfies readonly Role[]

/** What `createSupervisor` takes. */
export const knownOfSupervisors: KnownOptions<SupervisorOptions> & { readonly store: true } = {
  chains: true,
  store: true,
  app: true,
  role: true,
  concurrency: true,
  strategy: true,
  intensity: true,
  period: true,
  retryBudget: true,
  schedules: true,
  stopOn: true,
  recover: true,
  maxPayload: true,
  lostAttempts: true,
  maxMemos: true,
  poison: true,
  hibernateAfter: true,
  answerWithin: true,
  logger: true,
  inspect: true,
  actors: true,
  telemetry: true,
  analyze: true,
  reflect: true,
  clock: true,
}
const knownOfActors: KnownOptions<ActorsOptions> = { most: true, rate: true, redact: true }
const knownOfBudget = { ratio: true, window: true, minimum: true } as const

const knownOfStarts: KnownOptions<StartOptions> = {
  id: true,
  priority: true,
  deadline: true,
  attributes: true,
}
/** With what schedules add. */
const knownOfBegins = { ...knownOfStarts, tick: true } as const
const knownOfSignalOrStart: KnownOptions<SignalOrStart> = {
  ...knownOfStarts,
  signal: true,
  payload: true,
  signalId: true,
}
const knownOfQueries: KnownOptions<HeadQuery> = {
  chain: true,
  status: true,
  attributes: true,
  signal: true,
  limit: true,
  before: true,
}
const statuses: { readonly [S in RunStatus]: true } = {
  running: true,
  waiting: true,
  paused: true,
  succeeded: true,
  failed: true,
  cancelled: true,
  'needs-migration': true,
  'needs-attention': true,
  'dead-letter': true,
}

/** Refuses names that nothing reads. */
export function refuseBadStart(options: unknown): void {
  refuseUnknownOptions(options, knownOfBegins, 'start()')
}

/** Refuses options that no supervisor can be made of. */
export function refuseBadOptions(options: unknown): void {
  readOptions(() => refuseUnusable(options), 'createSupervisor')
}

function refuseUnusable(options: unknown): void {
  if (!isObject(options)) throw bad(['options are needed: createSupervisor({ chains: [...] })'])
  const {
    chains,
    clock,
    concurrency,
    maxPayload,
    lostAttempts,
    maxMemos,
    poison,
    logger,
    inspect,
    actors,
    recover,
    role,
    retryBudget,
    schedules,
    stopOn,
    telemetry,
    analyze,
    reflect,
  } = options
  const strange = [
    unknownOptions(options, knownOfSupervisors, 'createSupervisor'),
    isObject(retryBudget) ? unknownOptions(retryBudget, knownOfBudget, 'retryBudget') : undefined,
  ]
  const problems = strange.filter((one) => one !== undefined)
  if (!Array.isArray(chains)) problems.push('chains is no list: give { chains: [one, another] }')
  if (concurrency !== undefined && !wholeFrom1(concurrency)) problems.push(whole('concurrency', concurrency))
  if (maxPayload !== undefined && !wholeFrom1(maxPayload)) problems.push(whole('maxPayload', maxPayload))
  if (lostAttempts !== undefined && !wholeFrom1(lostAttempts))
    problems.push(whole('lostAttempts', lostAttempts))
  if (maxMemos !== undefined && !wholeFrom1(maxMemos)) problems.push(whole('maxMemos', maxMemos))
  if (poison !== undefined && !(isObject(poison) && wholeFrom1(poison['after'])))
    problems.push('poison is an object such as { after: 3 }, with a whole number from 1')
  if (role !== undefined && !roles.includes(role))
    problems.push(
      `role is ${typeof role === 'string' ? shown(role) : 'no text'}: give 'executor', 'client' or 'auto'`,
    )
  if (retryBudget !== undefined && retryBudget !== false && !isObject(retryBudget))
    problems.push("retryBudget is an object such as { ratio: 0.1, window: '60s', minimum: 600 }, or false")
  if (stopOn !== undefined && !(Array.isArray(stopOn) && stopOn.every((one) => stopSignals.includes(one))))
    problems.push(`stopOn is a list of ${stopSignals.join(', ')}`)
  if (recover !== undefined && typeof recover !== 'boolean') problems.push('recover is true or false')
  if (schedules !== undefined && typeof schedules !== 'boolean') problems.push('schedules is true or false')
  problems.push(...problemsOfAnalyze(analyze))
  problems.push(...problemsOfReflect(reflect))
  if (actors !== undefined) {
    const strangeToo = unknownOptions(actors, knownOfActors, 'actors')
    if (strangeToo !== undefined) problems.push(strangeToo)
    else {
      const { most, rate, redact } = actors as Record<string, unknown>
      for (const [name, value] of Object.entries({ most, rate }))
        if (value !== undefined && !wholeFrom1(value)) problems.push(whole(`${name} of actors`, value))
      if (redact !== undefined && typeof redact !== 'function')
        problems.push('redact of actors is a function')
    }
  }
  const observes = isObject(inspect) && typeof inspect['next'] === 'function'
  if (inspect !== undefined && typeof inspect !== 'function' && !observes)
    problems.push('inspect is a function, or an observer with next')
  if (telemetry !== undefined && !watchersOf(telemetry).every(isWatcher))
    problems.push('telemetry is what createTelemetry() or createPrometheus() returns, or a list of such')
  if (clock !== undefined && !isClock(clock))
    problems.push(`clock has the functions ${ofClock.join(', ')}: leave it out for the system's`)
  if (logger !== undefined && !isLogger(logger))
    problems.push('logger has the functions info, warn and error')
  if (problems.length > 0) throw bad(problems)
}

/** Refuses chains that write the host's own rows where the store keeps none. */
export function refuseUnwritable({ transact }: Pick<Store, 'transact'>, specs: readonly ChainSpec[]): void {
  if (transact !== undefined) return
  const steps = specs.flatMap(({ id, entries }) =>
    [...walk(entries)].flatMap((entry) =>
      entry.kind === 'step' && entry.transact === true ? [`"${entry.name}" of chain "${id}"`] : [],
    ),
  )
  if (steps.length === 0) return
  throw bad([
    `the store keeps no rows of yours, as transact steps need (${steps.join(', ')}): give store: 'app.db', in tests a temporary file`,
  ])
}

/** Refuses a `signalOrStart` that does not say which run and which signal it means. */
export function refuseUnnamed(options: unknown): void {
  const strange = unknownOptions(options ?? {}, knownOfSignalOrStart, 'signalOrStart()')
  const problems = strange === undefined ? [] : [strange]
  const { id, signal, signalId } = { ...(options as Partial<SignalOrStart> | undefined) }
  if (typeof id !== 'string') problems.push('id is no text: name the run, so that there is one to signal')
  if (typeof signal !== 'string') problems.push('signal is no text: give the name that a step waits for')
  if (signalId !== undefined && !isName(signalId))
    problems.push(
      'signalId is no text of 1 to 1,000 characters: give the id that this signal is delivered once under',
    )
  if (problems.length > 0) throw bad(problems)
}

/** A query as its caller gives it, as a store takes it: refused where no store can answer it. */
export function headQueryOf(given: RunQuery): HeadQuery {
  if (!isObject(given)) throw bad([noQuery])
  const { chain, ...query } = given as RunQuery
  const id = typeof chain === 'object' ? chain.id : chain
  const asked = { ...query, ...(id === undefined ? {} : { chain: id }) } as HeadQuery
  refuseBadQuery(asked)
  return asked
}

const noQuery = "a query is an object, such as { status: ['running'] }"

/** Refuses a query that no store can answer. */
export function refuseBadQuery(query: HeadQuery): void {
  const given: unknown = query
  if (!isObject(given)) throw bad([noQuery])
  const { limit, attributes, status, chain, signal, before } = given
  const strange = unknownOptions(given, knownOfQueries, 'list()')
  const problems = strange === undefined ? [] : [strange]
  if (limit !== undefined && !wholeFrom1(limit)) problems.push(whole('limit', limit))
  if (
    status !== undefined &&
    !(Array.isArray(status) && status.every((one) => Object.hasOwn(statuses, one as string)))
  )
    problems.push(`status is a list of ${Object.keys(statuses).join(', ')}`)
  for (const [name, value] of Object.entries({ chain, before, ...(signal === true ? {} : { signal }) })) {
    if (value !== undefined && typeof value !== 'string') problems.push(`${name} is a text`)
  }
  if (attributes !== undefined && !isSearchable(attributes)) {
    problems.push('attributes are texts, finite numbers, booleans, or { min, max } of finite numbers by name')
  }
  if (problems.length > 0) throw bad(problems)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** One watcher or several, as a list. */
export function watchersOf<T>(given: T | readonly T[] | undefined): readonly T[] {
  if (given === undefined) return []
  return Array.isArray(given) ? (given as readonly T[]) : [given as T]
}

function isWatcher(value: unknown): boolean {
  return isObject(value) && typeof value['attach'] === 'function'
}

const ofClock = ['now', 'monotonic', 'at', 'random', 'soon']

function isClock(value: unknown): boolean {
  return isObject(value) && ofClock.every((name) => typeof value[name] === 'function')
}

function isLogger(value: unknown): boolean {
  return isObject(value) && ['info', 'warn', 'error'].every((level) => typeof value[level] === 'function')
}

function isSearchable(value: unknown): boolean {
  if (!isObject(value)) return false
  return Object.values(value).every(
    (one) => typeof one === 'string' || typeof one === 'boolean' || isFiniteNumber(one) || isRange(one),
  )
}

function isFiniteNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isRange(value: unknown): boolean {
  if (!isObject(value)) return false
  const ends = Object.entries(value).filter(([, end]) => end !== undefined)
  return (
    ends.length > 0 && ends.every(([name, end]) => (name === 'min' || name === 'max') && isFiniteNumber(end))
  )
}

function wholeFrom1(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1
}

function whole(name: string, value: unknown): string {
  return `${name} is ${shown(value)}: give a whole number from 1`
}

function bad(problems: readonly string[]): CatenaryError {
  return new CatenaryError('BAD_OPTION', problems.join('; '))
}
