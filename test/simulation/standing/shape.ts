// The shape of a world that stands: groups of services, and chains that run by schedules; plain data.

import type { Draw } from '../../../src/testing/simulation/draw.ts'

export interface ServiceShape {
  readonly id: string
  readonly restart: 'permanent' | 'transient' | 'temporary'
  /** From the abort of its signal until it is given up (ms). */
  readonly shutdown: number
  readonly needs: readonly string[]
  /** So many failed checks in a row end a life of it; absent where nobody asks. */
  readonly threshold?: number
  readonly backsOff: boolean
}

export interface GroupShape {
  readonly id: string
  readonly strategy: 'one_for_one' | 'rest_for_one' | 'one_for_all'
  readonly intensity: number
  readonly period: number
  readonly children: readonly (ServiceShape | GroupShape)[]
}

export interface ScheduleShape {
  readonly chain: string
  /** Ticks are at `offset` after each multiple of `period` (ms since the epoch). */
  readonly period: number
  readonly offset: number
  readonly cron?: string
  readonly overlap: 'skip' | 'queue' | 'allow' | 'cancel'
  readonly catchUp: 'none' | 'last' | 'all'
  readonly jitter: number
  /** The service that must be ready when a run of it begins. */
  readonly ready?: string
  readonly attempts: number
}

export interface StandingShape {
  readonly groups: readonly GroupShape[]
  readonly schedules: readonly ScheduleShape[]
}

const timings = [
  { period: 20_000, offset: 0 },
  { period: 45_000, offset: 0 },
  { period: 30_000, offset: 0, cron: '*/30 * * * * *' },
  { period: 60_000, offset: 0, cron: '* * * * *' },
  { period: 120_000, offset: 30_000, cron: '30 */2 * * * *' },
] as const

export function drawStanding(draw: Draw): StandingShape {
  const ids: string[] = []
  const service = (): ServiceShape => {
    const id = `service${ids.length}`
    const needs = ids.length > 0 && draw.likely(30) ? [draw.pick(ids)] : []
    ids.push(id)
    return {
      id,
      restart: draw.pick(['permanent', 'permanent', 'permanent', 'transient', 'temporary']),
      shutdown: draw.pick([200, 5_000]),
      needs,
      ...(draw.likely(40) ? { threshold: 1 + draw.below(3) } : {}),
      backsOff: draw.likely(30),
    }
  }
  const group = (id: string, inner: boolean): GroupShape => ({
    id,
    strategy: draw.pick(['one_for_one', 'rest_for_one', 'one_for_all']),
    intensity: draw.pick([1, 2, 5, 10]),
    period: draw.pick([5_000, 60_000]),
    children: [
      ...Array.from({ length: 2 + draw.below(2) }, service),
      ...(inner && draw.likely(40) ? [group(`${id}-inner`, false)] : []),
    ],
  })
  const groups = [group('group0', true), group('group1', false)]
  const permanent = [...servicesOf(groups)].filter(({ restart }) => restart === 'permanent')
  const schedules = Array.from({ length: 3 + draw.below(2) }, (_, index): ScheduleShape => {
    const needed = permanent.length > 0 && draw.likely(25) ? draw.pick(permanent).id : undefined
    return {
      chain: `chain${index}`,
      ...draw.pick(timings),
      overlap: draw.pick(['skip', 'queue', 'allow', 'cancel']),
      catchUp: draw.pick(['none', 'last', 'all']),
      jitter: draw.pick([0, 0, 4_000]),
      ...(needed === undefined ? {} : { ready: needed }),
      attempts: 1 + draw.below(3),
    }
  })
  return { groups, schedules }
}

/** Every service, in the order in which they start. */
export function* servicesOf(nodes: readonly (ServiceShape | GroupShape)[]): Generator<ServiceShape> {
  for (const node of nodes) {
    if ('children' in node) yield* servicesOf(node.children)
    else yield node
  }
}

/** Every group, each before those in it. */
export function* groupsOf(nodes: readonly (ServiceShape | GroupShape)[]): Generator<GroupShape> {
  for (const node of nodes) {
    if (!('children' in node)) continue
    yield node
    yield* groupsOf(node.children)
  }
}
