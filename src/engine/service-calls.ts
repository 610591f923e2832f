// The calls that a supervisor's caller may make to its groups of services, with the answers of OTP.

import type { AdminError, ChildCounts, ChildEntry } from '../../machines/supervision/admin.ts'
import { strategies } from '../../machines/supervision/strategies.ts'
import type { Group, Service } from '../chain/service.ts'
import { problemsOfTree } from '../chain/validate-tree.ts'
import { type NodeSpec, nodesOf, rootOf } from '../definition/service.ts'
import type { Clock } from '../kernel/clock.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { newRunId } from '../kernel/id.ts'
import type { ServiceHost } from './service-host.ts'

/** Why a call was refused; the words are OTP's. `reason` says more where there is more to say. */
export interface Refused {
  readonly ok: false
  readonly error: AdminError
  readonly reason?: string
}

/** What a dynamic group's `startChild` takes: a name, unique in the group, and what the child gets as `input`. */
export interface DynamicChild {
  /** Default a new one. */
  readonly name?: string
  /** What its function is handed as `input`. Default undefined. */
  readonly input?: unknown
}

/** One group of services, or the root of all. */
export interface ServiceGroup {
  /**
   * Starts another child, behind the others: a service or a group; in a dynamic group, one more of its pattern.
   * `already_started`, `already_present`, `start_failed`, `max_children`.
   */
  startChild(
    child: Service | Group | DynamicChild,
  ): Promise<{ readonly ok: true; readonly id: string; readonly status: 'running' | 'ignored' } | Refused>
  /** Stops a child. Its spec stays, unless it is temporary or the group dynamic. `not_found`. */
  terminateChild(id: string): Promise<{ readonly ok: true } | Refused>
  /** Starts a child that does not run. `running`, `restarting`, `not_found`, `start_failed`. */
  restartChild(id: string): Promise<{ readonly ok: true } | Refused>
  /** Forgets a child that does not run. `running`, `restarting`, `not_found`. */
  deleteChild(id: string): Promise<{ readonly ok: true } | Refused>
  /** Every child, the last started first. */
  whichChildren(): Promise<{ readonly ok: true; readonly children: readonly ChildEntry[] } | Refused>
  /** How many children there are, by kind and by whether they run. */
  countChildren(): Promise<{ readonly ok: true; readonly counts: ChildCounts } | Refused>
}

/** All services: the root group, and every other by its id. */
export interface Services extends ServiceGroup {
  /** The group of this id, at any depth; calls to one that is not there answer `noproc`. */
  group(id: string): ServiceGroup
}

const nameForm = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/

export function createServiceCalls(
  { tree, wake }: ServiceHost,
  clock: Clock,
  chains: ReadonlySet<string>,
): Services {
  const wanted = (of: string, child: Service | Group | DynamicChild) => {
    const spec = tree.group(of)
    const dynamic = spec !== undefined && strategies[spec.strategy].dynamic
    if ('node' in child) {
      if (dynamic) throw bad(`group "${of}" starts only its pattern: give startChild({ name, input })`)
      refuseBad(child.node)
      return { spec: child.node, id: child.id, input: undefined }
    }
    const [pattern] = spec?.children ?? []
    if (spec !== undefined && (!dynamic || pattern === undefined))
      throw bad(`group "${of}" is not dynamic: give startChild a service or a group`)
    const { name = newRunId(clock), input } = child
    if (!nameForm.test(name))
      throw bad(`"${name}" cannot name a child: give letters, digits, "-" and "_", at most 100`)
    return { spec: pattern as NodeSpec, id: `${of}/${name}`, input }
  }
  const refuseBad = (node: NodeSpec): void => {
    const present = new Set(tree.health().map(({ id }) => id))
    const problems = [...problemsOfTree({ ...rootOf([node]), autoShutdown: 'any_significant' }, chains)]
    for (const one of nodesOf([node])) {
      if (one !== node && present.has(one.id)) problems.push(`"${one.id}" is in the tree already`)
      if (one.kind !== 'service') continue
      for (const { id } of one.needs)
        if (!present.has(id)) problems.push(`service "${one.id}" needs "${id}", which is not in the tree`)
    }
    if (problems.length > 0) throw new CatenaryError('BAD_DEFINITION', problems.join('; '))
  }
  const groupOf = (of: string): ServiceGroup => {
    const ask = async (what: 'terminate-child' | 'restart-child' | 'delete-child', child: string) => {
      wake()
      const answer = await tree.ask(of, { ask: what, child })
      return answer.ok ? { ok: true as const } : answer
    }
    return {
      async startChild(child) {
        wake()
        const { spec, id, input } = wanted(of, child)
        if (spec === undefined) return { ok: false, error: 'noproc' }
        const answer = await tree.ask(of, { ask: 'start-child', spec, id, input })
        if (!answer.ok) return answer
        return { ok: true, id, status: 'status' in answer ? (answer.status ?? 'running') : 'running' }
      },
      terminateChild: async (id) => ask('terminate-child', id),
      restartChild: async (id) => ask('restart-child', id),
      deleteChild: async (id) => ask('delete-child', id),
      async whichChildren() {
        wake()
        const answer = await tree.ask(of, { ask: 'which-children' })
        if (!answer.ok) return answer
        return { ok: true, children: 'children' in answer ? answer.children : [] }
      },
      async countChildren() {
        wake()
        const answer = await tree.ask(of, { ask: 'count-children' })
        if (!answer.ok) return answer
        return { ok: true, counts: 'counts' in answer ? answer.counts : nobody }
      },
    }
  }
  return { ...groupOf(''), group: groupOf }
}

const nobody: ChildCounts = { specs: 0, active: 0, supervisors: 0, workers: 0 }
const bad = (message: string): CatenaryError => new CatenaryError('BAD_OPTION', message)
