// `service` and `group`: the author's words for long-lived functions and the groups that keep them alive.

import type { AnyStateMachine } from 'xstate'
import { groupMachine } from '../../machines/supervision/group-machine.ts'
import { serviceMachine } from '../../machines/supervision/service-machine.ts'
import type { AutoShutdown, Restart } from '../../machines/supervision/spec.ts'
import type { Strategy } from '../../machines/supervision/strategies.ts'
import { type Backoff, checkedBackoff } from '../definition/backoff.ts'
import {
  type Check,
  type NodeSpec,
  type ProbeSpec,
  type ServiceContext,
  type ServiceGroupSpec,
  type ServiceSpec,
  serviceIn,
} from '../definition/service.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, refuseUnknownOptions } from '../kernel/known-options.ts'
import { shown } from '../kernel/shown.ts'

/** When and how a probe asks; names and defaults are Kubernetes'. */
export interface Probe {
  /** Fails by false, by throwing, and by not answering in time. */
  readonly check: Check
  /** Between two checks, in ms or as `'10s'`. Default 10 s. */
  readonly period?: Duration
  /** Longest time of one check, in ms or as `'1s'`. Default 1 s. */
  readonly timeout?: Duration
  /** So many failures in a row count. Default 3. */
  readonly failureThreshold?: number
}

interface MemberOptions {
  /** For people. Default none. */
  readonly description?: string
  /**
   * When its group starts it again: `permanent` always, `transient` after an abnormal end, `temporary` never.
   * Default `permanent`.
   */
  readonly restart?: Restart
  /** Its end counts for its group's `autoShutdown`. Default false. */
  readonly significant?: boolean
}

export interface ServiceOptions extends MemberOptions {
  /** Services that must be ready before its function is called, each start anew. Default none. */
  readonly needs?: readonly Service[]
  /** Suspends the other two until it passes; failing too often restarts the service. Default none. */
  readonly startup?: Probe | Check
  /** While it fails, dependents wait; nothing is restarted. Default none. */
  readonly ready?: Probe | Check
  /** Failing too often restarts the service. Default none. */
  readonly alive?: Probe | Check
  /**
   * Between the abort of its signal and the time it is given up; `'brutal_kill'` gives none, `'infinity'` any.
   * Default 5 s.
   */
  readonly shutdown?: Duration | 'brutal_kill' | 'infinity'
  /** Waits between restarts, longer after each failure in a row; `true` for 1 s to 60 s. Default none, as in OTP. */
  readonly backoff?: Partial<Backoff> | true
}

export interface GroupOptions extends MemberOptions {
  /** Whom a restart takes along. Default `one_for_one`. */
  readonly strategy?: Strategy
  /** More than so many restarts within `period` end the group. Default 1. */
  readonly intensity?: number
  /** In ms or as `'5s'`. Default 5 s. */
  readonly period?: Duration
  /** Whether ends of significant children end the group. Default `never`. */
  readonly autoShutdown?: AutoShutdown
  /** Most children at once, those started later included. Default no limit. */
  readonly maxChildren?: number
  /** A group restart also starts those that had ended or were terminated, as in OTP. Default false. */
  readonly reviveStopped?: boolean
  /** As of a service. Default `'infinity'`: its children have deadlines of their own. */
  readonly shutdown?: Duration | 'brutal_kill' | 'infinity'
}

const knownOfMembers: KnownOptions<MemberOptions> = { description: true, restart: true, significant: true }
const knownOfServices: KnownOptions<ServiceOptions> = {
  ...knownOfMembers,
  needs: true,
  startup: true,
  ready: true,
  alive: true,
  shutdown: true,
  backoff: true,
}
const knownOfGroups: KnownOptions<GroupOptions> = {
  ...knownOfMembers,
  strategy: true,
  intensity: true,
  period: true,
  autoShutdown: true,
  maxChildren: true,
  reviveStopped: true,
  shutdown: true,
}
const knownOfProbes: KnownOptions<Probe> = {
  check: true,
  period: true,
  timeout: true,
  failureThreshold: true,
}

/** A long-lived function that the supervisor keeps running. */
export interface Service {
  /** Unique among services, groups and chains. */
  readonly id: string
  /** The statechart of every service; runs alone under plain `createActor`. */
  readonly machine: AnyStateMachine
  /** @internal */
  readonly node: ServiceSpec
}

/** Services and groups that are started, restarted and stopped together. */
export interface Group {
  /** Unique among services, groups and chains. */
  readonly id: string
  /** The statechart of every group. */
  readonly machine: AnyStateMachine
  /** @internal */
  readonly node: ServiceGroupSpec
}

/**
 * A long-lived function. Returning is its end in order, throwing an abnormal one, and ending once its signal aborts
 * is what is asked of it. It starts with the supervisor and survives no process.
 *
 * @example
 * ```ts
 * const poller = service('poller', async ({ signal, ready }) => {
 *   ready()
 *   await new Promise((stop) => signal.addEventListener('abort', stop, { once: true }))
 * })
 * const supervisor = await createSupervisor({ chains: [poller] })
 * await supervisor.stop()
 * ```
 */
export function service<I = undefined>(
  id: string,
  fn: (context: ServiceContext<I>) => unknown,
  options: ServiceOptions = {},
): Service {
  refuseNoId(id, `service('poller', fn)`)
  refuseUnknownOptions(options, knownOfServices, `service "${id}"`)
  const { needs = [], startup, ready, alive, backoff, shutdown = 5_000, ...rest } = options
  const where = `service "${id}"`
  if (!Array.isArray(needs))
    throw new CatenaryError(
      'BAD_OPTION',
      `needs of ${where} are no list: give the services, as [one, another]`,
    )
  return {
    id,
    machine: serviceMachine,
    node: {
      kind: 'service',
      ...memberOf(id, rest),
      body: fn,
      needs: needs.map((need) => serviceIn(need) as ServiceSpec),
      probes: {
        ...(startup === undefined ? {} : { startup: probeOf(startup, `startup of ${where}`) }),
        ...(ready === undefined ? {} : { ready: probeOf(ready, `ready of ${where}`) }),
        ...(alive === undefined ? {} : { alive: probeOf(alive, `alive of ${where}`) }),
      },
      shutdown: shutdownOf(shutdown, where),
      ...(backoff === undefined
        ? {}
        : { backoff: checkedBackoff(backoff === true ? {} : backoff, `the backoff of ${where}`) }),
    },
  }
}

/**
 * A supervisor of services and other groups, as in Erlang/OTP; it is restarted by the group that it is in.
 *
 * @example
 * ```ts
 * const idle = ({ signal }: { signal: AbortSignal }) =>
 *   new Promise((stop) => signal.addEventListener('abort', stop, { once: true }))
 * const intake = group('intake', { strategy: 'rest_for_one', intensity: 3, period: '10s' }, [
 *   service('queue', idle),
 *   service('consumer', idle),
 * ])
 * const supervisor = await createSupervisor({ chains: [intake] })
 * const counted = await supervisor.services.countChildren()
 * console.log(counted.ok) // true
 * await supervisor.stop()
 * ```
 */
export function group(id: string, options: GroupOptions, children: readonly (Service | Group)[]): Group {
  refuseNoId(id, `group('intake', {}, [queue])`)
  if (!Array.isArray(children))
    throw new CatenaryError(
      'BAD_DEFINITION',
      `group "${id}" was given no list of children: give group(id, { ... }, [one, another]), with {} for the defaults`,
    )
  refuseUnknownOptions(options, knownOfGroups, `group "${id}"`)
  const { strategy = 'one_for_one', intensity = 1, period = 5_000, shutdown = 'infinity', ...rest } = options
  const { autoShutdown = 'never', maxChildren, reviveStopped = false } = rest
  const where = `group "${id}"`
  return {
    id,
    machine: groupMachine,
    node: {
      kind: 'group',
      ...memberOf(id, rest),
      strategy,
      intensity,
      period: toMs(period, `period of ${where}`),
      autoShutdown,
      reviveStopped,
      ...(maxChildren === undefined ? {} : { maxChildren }),
      shutdown: shutdownOf(shutdown, where),
      children: children.map((child) => (child as Service | Group | undefined)?.node as NodeSpec),
    },
  }
}

function refuseNoId(id: unknown, example: string): void {
  if (typeof id !== 'string')
    throw new CatenaryError('BAD_DEFINITION', `an id is a text, as in ${example}: this one is ${shown(id)}`)
}

function memberOf(
  id: string,
  { restart = 'permanent', significant = false, description }: MemberOptions,
): Pick<ServiceSpec, 'id' | 'restart' | 'significant' | 'description'> {
  return { id, restart, significant, ...(description === undefined ? {} : { description }) }
}

function shutdownOf(
  given: Duration | 'brutal_kill' | 'infinity',
  where: string,
): number | 'brutal_kill' | 'infinity' {
  return given === 'brutal_kill' || given === 'infinity' ? given : toMs(given, `shutdown of ${where}`)
}

function probeOf(given: Probe | Check, where: string): ProbeSpec {
  if (typeof given !== 'function') refuseUnknownOptions(given, knownOfProbes, where)
  const {
    check,
    period = 10_000,
    timeout = 1_000,
    failureThreshold = 3,
  } = typeof given === 'function' ? { check: given } : given
  return {
    check,
    period: toMs(period, `period of ${where}`),
    timeout: toMs(timeout, `timeout of ${where}`),
    failureThreshold,
  }
}
