// What services and groups are once their author has said them: plain data and functions, durations in milliseconds.

import type { AutoShutdown, Restart, Shutdown } from '../../machines/supervision/spec.ts'
import type { ProbeName } from '../../machines/supervision/service-machine.ts'
import type { Strategy } from '../../machines/supervision/strategies.ts'
import type { Backoff } from './backoff.ts'
import type { App, StepLog } from './context.ts'

/** What a probe's check is handed. */
export interface ProbeContext {
  /** The live resources given to the supervisor. */
  readonly app: App
  /** Aborts when the probe's time is over, or the life that it asks about. */
  readonly signal: AbortSignal
}

/** Fails by `false`, by throwing, and by not answering in time. */
export type Check = (context: ProbeContext) => unknown

/** What a service's function is handed. */
export interface ServiceContext<I = unknown> {
  /** Its id; of a child of a dynamic group, `group/name`. */
  readonly id: string
  /** What `startChild` gave a child of a dynamic group; else undefined. */
  readonly input: I
  /**
   * Says that the service is ready. One whose function takes `ready` is not ready before it calls it; one that does
   * not take it is ready when it is started.
   */
  readonly ready: () => void
  /** Aborts when the service is to end. */
  readonly signal: AbortSignal
  /** The live resources given to the supervisor. */
  readonly app: App
  /** Which of its starts this is, from 1. */
  readonly start: number
  /** The engine's clock (ms since the epoch): virtual in tests. */
  now(): number
  /** The engine's chance, in [0, 1): seeded in tests. */
  random(): number
  /** Lines for people, to the supervisor's `logger`. */
  readonly log: StepLog
}

export interface ProbeSpec {
  readonly check: Check
  readonly period: number
  readonly timeout: number
  readonly failureThreshold: number
}

interface MemberSpec {
  readonly id: string
  readonly description?: string
  readonly restart: Restart
  readonly shutdown: Shutdown
  readonly significant: boolean
}

export interface ServiceSpec extends MemberSpec {
  readonly kind: 'service'
  readonly body: (context: never) => unknown
  readonly needs: readonly ServiceSpec[]
  readonly probes: Readonly<Partial<Record<ProbeName, ProbeSpec>>>
  readonly backoff?: Backoff
}

export interface ServiceGroupSpec extends MemberSpec {
  readonly kind: 'group'
  readonly strategy: Strategy
  readonly intensity: number
  readonly period: number
  readonly autoShutdown: AutoShutdown
  readonly reviveStopped: boolean
  readonly maxChildren?: number
  /** In start order; under `simple_one_for_one`, the one pattern of all children. */
  readonly children: readonly NodeSpec[]
}

/** A node of a supervision tree. */
export type NodeSpec = ServiceSpec | ServiceGroupSpec

/** Of what an author made with `service()`; undefined of all else. */
export function serviceIn(given: unknown): ServiceSpec | undefined {
  const node = (given as { readonly node?: NodeSpec } | null | undefined)?.node
  return node?.kind === 'service' ? node : undefined
}

/** The group that everything is in; its id is empty. OTP's defaults. */
export function rootOf(
  children: readonly NodeSpec[],
  options: Partial<Pick<ServiceGroupSpec, 'strategy' | 'intensity' | 'period'>> = {},
): ServiceGroupSpec {
  return {
    kind: 'group',
    id: '',
    restart: 'temporary',
    shutdown: 'infinity',
    significant: false,
    strategy: options.strategy ?? 'one_for_one',
    intensity: options.intensity ?? 1,
    period: options.period ?? 5_000,
    autoShutdown: 'never',
    reviveStopped: false,
    children,
  }
}

/** Every node of these trees, in start order, each before its children. */
export function* nodesOf(nodes: readonly NodeSpec[]): Generator<NodeSpec> {
  for (const node of nodes) {
    yield node
    if (node?.kind === 'group') yield* nodesOf(node.children)
  }
}
