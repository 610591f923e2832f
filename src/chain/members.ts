// What is given to a supervisor, told apart and checked as one: chains, and the tree of services.

import { type NodeSpec, nodesOf, rootOf, type ServiceGroupSpec } from '../definition/service.ts'
import type { ChainSpec } from '../definition/spec.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import type { AnyChain } from './any-chain.ts'
import type { Group, GroupOptions, Service } from './service.ts'
import { collect, validateChains } from './validate.ts'
import { problemsOfTree, wholeTree } from './validate-tree.ts'

export type Member = AnyChain | Service | Group

/** How the root of the tree restarts. */
export interface RootOptions extends Pick<GroupOptions, 'strategy' | 'intensity'> {
  /** In ms or as `'5s'`: more than `intensity` restarts in so long end the root. Default 5 s. */
  readonly period?: Duration
}

export interface Members {
  /** Every chain, those that others need included. */
  readonly specs: readonly ChainSpec[]
  /** The group of all services and groups; its id is empty. */
  readonly root: ServiceGroupSpec
}

/** Takes in what chains and services need, and refuses all that is wrong in one error. */
export function membersOf(given: readonly Member[], options: RootOptions): Members {
  const isNode = (one: Member | undefined): one is Service | Group =>
    (one as { readonly node?: unknown } | undefined)?.node !== undefined
  const nodes = given.filter(isNode).map(({ node }): NodeSpec => node)
  const chains = given.filter((one): one is AnyChain => !isNode(one))
  const specs = collect(chains.map((chain) => (chain as { spec?: unknown } | undefined)?.spec as never))
  const needed = specs.flatMap(({ ready = [] }) => ready)
  const { strategy, intensity, period } = options
  const root = rootOf(wholeTree(nodes, needed), {
    ...(strategy === undefined ? {} : { strategy }),
    ...(intensity === undefined ? {} : { intensity }),
    ...(period === undefined ? {} : { period: toMs(period, 'period') }),
  })
  const problems = [...problemsOfTree(root, new Set(specs.map(({ id }) => id))), ...unreachable(root, specs)]
  validateChains(chains, specs, problems)
  return { specs, root }
}

/** A pattern of dynamic children is no service that could be ready. */
function unreachable(root: ServiceGroupSpec, specs: readonly ChainSpec[]): readonly string[] {
  const dynamic = new Set<NodeSpec>()
  for (const node of nodesOf(root.children)) {
    if (node?.kind === 'group' && node.strategy === 'simple_one_for_one')
      for (const pattern of node.children) dynamic.add(pattern)
  }
  return specs.flatMap(({ id, ready = [] }) =>
    ready
      .filter((service) => dynamic.has(service))
      .map((service) => `chain "${id}" needs "${service.id}" ready, of which there may be none or many`),
  )
}
