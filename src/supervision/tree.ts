// A supervision tree, alive: its root, and what is asked of its groups and services from outside.

import type { AnyActorRef } from 'xstate'
import type { AdminAnswer } from '../../machines/supervision/admin.ts'
import type { EndCause, Phase } from '../../machines/supervision/state.ts'
import { strategies } from '../../machines/supervision/strategies.ts'
import type { NodeSpec, ServiceGroupSpec } from '../definition/service.ts'
import { childSpec, GroupNode, type GroupEvents } from './group-node.ts'
import { healthOf, type NodeHealth } from './health.ts'
import { createReadiness, type Readiness } from './readiness.ts'
import type { TreeHost } from './tree-parts.ts'

/** A call to a group, with children by their ids. */
export type TreeCall =
  | { readonly ask: 'start-child'; readonly spec: NodeSpec; readonly id: string; readonly input: unknown }
  | {
      readonly ask: 'terminate-child' | 'restart-child' | 'delete-child' | 'child-spec'
      readonly child: string
    }
  | { readonly ask: 'which-children' | 'count-children' }

export interface Tree {
  readonly readiness: Readiness
  /** Where its root is. */
  readonly phase: Phase
  /** Why it has ended. */
  readonly cause: EndCause | undefined
  start(): void
  /** Stops all, the last started first; resolves once nothing is left. */
  stop(): Promise<void>
  /** The spec of a group by its id, empty for the root; undefined where no such group runs. */
  group(id: string): ServiceGroupSpec | undefined
  /** Answers as OTP does. */
  ask(group: string, call: TreeCall): Promise<AdminAnswer>
  /** The actors of all groups and services that are there. */
  actors(): Iterable<AnyActorRef>
  /** Every service and group, in start order. */
  health(): readonly NodeHealth[]
}

/** @param root the group of all that was given to the supervisor, with the empty id. */
export function createTree(root: ServiceGroupSpec, host: TreeHost): Tree {
  const readiness = createReadiness()
  const stops: (() => void)[] = []
  let cause: EndCause | undefined
  const nothing = (): void => {}
  const above: GroupEvents = {
    started: nothing,
    startFailed: nothing,
    exited: nothing,
    ended(end) {
      ;({ cause } = end)
      const of = end.failedStart === undefined ? {} : { child: end.failedStart.child }
      host.tell({ type: 'services.ended', cause, ...of })
      for (const resolve of stops.splice(0)) resolve()
    },
  }
  const top = new GroupNode(root, { host, readiness }, above)
  const phase = (): Phase => top.actor?.getSnapshot().context.held.supervision.phase ?? 'idle'
  const find = (id: string, from = top): GroupNode | undefined => {
    if (from.spec.id === id) return from
    if (strategies[from.spec.strategy].dynamic) return undefined
    for (const child of from.children.values()) {
      const found = child instanceof GroupNode ? find(id, child) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  return {
    readiness,
    get phase() {
      return phase()
    },
    get cause() {
      return cause
    },
    start: () => top.start(1),
    async stop() {
      if (top.actor === undefined || cause !== undefined) return
      await new Promise<void>((resolve) => {
        stops.push(resolve)
        top.stop()
      })
    },
    group: (id) => find(id)?.spec,
    async ask(group, call) {
      const node = find(group)
      if (node === undefined) return { ok: false, error: 'noproc' }
      if (call.ask !== 'start-child') return node.ask(call)
      const { id, spec, input } = call
      return node.ask({ ask: 'start-child', spec: childSpec(spec, id) }, { id, spec, input })
    },
    actors: () => actorsOf(top),
    health: () => healthOf(top),
  }
}

function* actorsOf(node: GroupNode): Generator<AnyActorRef> {
  if (node.actor !== undefined) yield node.actor
  for (const child of node.children.values()) {
    if (child instanceof GroupNode) yield* actorsOf(child)
    else yield child.standing.actor
  }
}
