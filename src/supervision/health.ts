// How the nodes of a supervision tree stand, as data for people and probes.

import { countChildren } from '../../machines/supervision/admin.ts'
import type { EndCause, Phase } from '../../machines/supervision/state.ts'
import { strategies } from '../../machines/supervision/strategies.ts'
import type { NodeSpec } from '../definition/service.ts'
import { GroupNode } from './group-node.ts'
import type { ServiceState } from './service-standing.ts'

/** How one service or group stands. */
export type NodeHealth =
  | {
      readonly kind: 'service'
      readonly id: string
      /** The group that it is in; empty for the root. */
      readonly group: string
      /** `stopped`: it ended in order or was stopped. `failed`: it ended wrongly and is not started again. */
      readonly state: ServiceState
      /** Since when (ms since the epoch). */
      readonly since: number
      /** How often its group started it. */
      readonly starts: number
      /** Why it ended wrongly the last time, or why its probe failed. */
      readonly failure?: string
      /** When its next start is due, while it backs off (ms since the epoch). */
      readonly due?: number
    }
  | {
      readonly kind: 'group'
      readonly id: string
      readonly group: string
      readonly state: Phase
      /** Why it has ended. */
      readonly cause?: EndCause
      /** Children of a dynamic group, which are not listed one by one. */
      readonly children?: { readonly active: number; readonly all: number }
    }

/** The nodes below a group, in start order, each before its own. */
export function healthOf(group: GroupNode): readonly NodeHealth[] {
  const found: NodeHealth[] = []
  const supervision = supervisionOf(group)
  const removed = (id: string): boolean => supervision !== undefined && !supervision.children.has(id)
  const fixed = strategies[group.spec.strategy].dynamic ? [] : group.spec.children
  for (const spec of fixed) {
    if (!group.children.has(spec.id) && !removed(spec.id)) found.push(...unstarted(spec, group.spec.id))
    else add(spec.id)
  }
  const known = new Set(fixed.map(({ id }) => id))
  if (!strategies[group.spec.strategy].dynamic)
    for (const id of group.children.keys()) if (!known.has(id)) add(id)
  return found

  function add(id: string): void {
    const node = group.children.get(id)
    if (node === undefined) return
    if (node instanceof GroupNode) found.push(groupHealth(node, group.spec.id), ...healthOf(node))
    else {
      const { starts, standing } = node
      const { state, since, failure, due } = standing
      found.push({
        kind: 'service',
        id,
        group: group.spec.id,
        state,
        since,
        starts,
        ...(failure === undefined || state === 'ready' ? {} : { failure: failure.message }),
        ...(due === null ? {} : { due }),
      })
    }
  }
}

/** Whether nothing that should run is anything but ready. */
export function isWell(nodes: readonly NodeHealth[]): boolean {
  return nodes.every(({ kind, state }) =>
    kind === 'service' ? state === 'ready' || state === 'stopped' : state !== 'failed',
  )
}

function groupHealth(node: GroupNode, above: string): NodeHealth {
  const supervision = supervisionOf(node)
  const { id, strategy } = node.spec
  const { dynamic } = strategies[strategy]
  const counts = supervision === undefined || !dynamic ? undefined : countChildren(supervision, dynamic)
  return {
    kind: 'group',
    id,
    group: above,
    state: supervision?.phase ?? 'stopped',
    ...(supervision?.cause === undefined ? {} : { cause: supervision.cause }),
    ...(counts === undefined
      ? {}
      : { children: { active: counts.active, all: counts.workers + counts.supervisors } }),
  }
}

function unstarted(spec: NodeSpec, group: string): readonly NodeHealth[] {
  const { id } = spec
  if (spec.kind === 'service') return [{ kind: 'service', id, group, state: 'stopped', since: 0, starts: 0 }]
  const below = strategies[spec.strategy].dynamic ? [] : spec.children
  return [
    {
      kind: 'group',
      id,
      group,
      state: 'idle',
    },
    ...below.flatMap((child) => unstarted(child, id)),
  ]
}

function supervisionOf({ actor }: GroupNode) {
  return actor?.getSnapshot().context.held.supervision
}
