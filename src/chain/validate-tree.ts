// Validation of a supervision tree: every problem in words, with its cure.

import { badCombination } from '../../machines/supervision/spec.ts'
import { isStrategy, strategies } from '../../machines/supervision/strategies.ts'
import { type NodeSpec, nodesOf, type ServiceGroupSpec, type ServiceSpec } from '../definition/service.ts'
import { shown } from '../kernel/shown.ts'
import { findCycles } from './detect-cycles.ts'
import { problemOfId } from './name-form.ts'

const restarts: readonly unknown[] = ['permanent', 'transient', 'temporary']
const shutdowns: readonly unknown[] = ['never', 'any_significant', 'all_significant']

/**
 * The given trees, and in front of them the services that they or chains need and that are in none: each after what
 * it needs.
 */
export function wholeTree(given: readonly NodeSpec[], needed: readonly ServiceSpec[]): readonly NodeSpec[] {
  const known = new Set<NodeSpec>(nodesOf(given))
  const taken: NodeSpec[] = []
  const take = (node: ServiceSpec | undefined): void => {
    if (node === undefined || known.has(node)) return
    known.add(node)
    for (const need of node.needs) take(need)
    taken.push(node)
  }
  for (const node of nodesOf(given)) if (node?.kind === 'service') for (const need of node.needs) take(need)
  for (const node of needed) take(node)
  return [...taken, ...given]
}

/** @param root the group that they are all in. */
export function problemsOfTree(root: ServiceGroupSpec, chainIds: ReadonlySet<string>): readonly string[] {
  const problems: string[] = []
  const order = new Map<string, number>()
  const patterns = new Set<NodeSpec>()
  const seen = new Set<NodeSpec>()
  for (const node of nodesOf(root.children)) {
    if (node === undefined) {
      problems.push(
        'a group has a child that is neither a service nor a group: make it with service() or group()',
      )
      continue
    }
    const where = whereOf(node)
    if (seen.has(node)) problems.push(`${where} is in the tree twice: give each place a service of its own`)
    else if (order.has(node.id) || chainIds.has(node.id))
      problems.push(`${where}: another service, group or chain has this id: ids are unique`)
    seen.add(node)
    if (!order.has(node.id)) order.set(node.id, order.size)
    const strangeId = problemOfId(node.id)
    if (strangeId !== undefined) problems.push(`${where}: ${strangeId}`)
    if (!restarts.includes(node.restart))
      problems.push(`${where}: restart is ${shown(node.restart)}: give permanent, transient or temporary`)
    if (node.shutdown === 0)
      problems.push(`${where}: a shutdown of 0 ms gives it no time to end: say 'brutal_kill' for that`)
    if (node.kind === 'group') {
      problems.push(...problemsOfGroup(node))
      if (isStrategy(node.strategy) && strategies[node.strategy].dynamic)
        for (const pattern of nodesOf(node.children)) patterns.add(pattern)
    } else problems.push(...problemsOfService(node))
  }
  problems.push(...problemsOfGroup(root))
  const graph = new Map<string, string[]>()
  for (const node of seen) {
    if (node.kind !== 'service') continue
    graph.set(
      node.id,
      node.needs.flatMap((need) => (need === undefined ? [] : [need.id])),
    )
    for (const need of node.needs) {
      if (need === undefined)
        problems.push(`${whereOf(node)} needs something that is no service: make it with service()`)
      else if (patterns.has(need))
        problems.push(
          `${whereOf(node)} needs "${need.id}", of which there may be none or many: need what its children need`,
        )
      else if ((order.get(need.id) ?? -1) > (order.get(node.id) ?? 0))
        problems.push(
          `${whereOf(node)} needs "${need.id}", which starts after it and would stop before it: put "${need.id}" in front`,
        )
    }
  }
  for (const cycle of findCycles(graph))
    problems.push(`services need each other in a circle: ${cycle.join(' -> ')}`)
  return problems
}

function problemsOfGroup(group: ServiceGroupSpec): readonly string[] {
  const where = group.id === '' ? 'the supervisor' : whereOf(group)
  const problems: string[] = []
  if (!isStrategy(group.strategy)) {
    const names = Object.keys(strategies).join(', ')
    problems.push(`${where}: strategy is ${shown(group.strategy)}: give one of ${names}`)
  } else if (strategies[group.strategy].dynamic) {
    if (group.id === '') problems.push(`${where}: put dynamic children in a group of their own`)
    else if (group.children.length !== 1 || group.children[0]?.kind !== 'service')
      problems.push(`${where}: under ${group.strategy} it has one service, the pattern of all its children`)
  }
  if (!Number.isInteger(group.intensity) || group.intensity < 0)
    problems.push(`${where}: intensity is ${shown(group.intensity)}: give a whole number from 0`)
  if (group.period <= 0) problems.push(`${where}: period is ${group.period} ms: give more than 0`)
  if (group.maxChildren !== undefined && (!Number.isInteger(group.maxChildren) || group.maxChildren < 1))
    problems.push(`${where}: maxChildren is ${shown(group.maxChildren)}: give a whole number from 1`)
  if (!shutdowns.includes(group.autoShutdown))
    problems.push(
      `${where}: autoShutdown is ${shown(group.autoShutdown)}: give never, any_significant or all_significant`,
    )
  for (const child of group.children) {
    const problem = child === undefined ? undefined : badCombination(group, child)
    if (problem !== undefined) problems.push(`${whereOf(child)}: ${problem}`)
  }
  return problems
}

function problemsOfService(service: ServiceSpec): readonly string[] {
  const where = whereOf(service)
  const problems: string[] = []
  if (typeof service.body !== 'function') problems.push(`${where} was given no function`)
  for (const [name, probe] of Object.entries(service.probes)) {
    if (typeof probe.check !== 'function')
      problems.push(`${where}: probe ${name} has no check: give a function`)
    if (probe.period <= 0)
      problems.push(`${where}: probe ${name} has a period of ${probe.period} ms: give more than 0`)
    if (!Number.isInteger(probe.failureThreshold) || probe.failureThreshold < 1)
      problems.push(`${where}: probe ${name} has a failureThreshold that is no whole number from 1`)
  }
  return problems
}

const whereOf = ({ kind, id }: NodeSpec): string => `${kind} "${id}"`
