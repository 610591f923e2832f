// Says of chains and services, as data, what watchers are to know of them; statecharts only of what is new to the journal.

import type { CompiledChain } from '../definition/compiled-chain.ts'
import { compensates } from '../definition/compensation.ts'
import type {
  ChainDeclaration,
  Declaration,
  ServiceDeclaration,
  StepDeclaration,
} from '../definition/declaration.ts'
import type { NodeSpec, ServiceGroupSpec } from '../definition/service.ts'
import { type ChainSpec, type EntrySpec, type StepOptionsSpec, walk } from '../definition/spec.ts'
import { hash } from '../kernel/codec.ts'
import { toMs } from '../kernel/duration.ts'
import { define } from './definition.ts'
import { statechartOf, structureOf } from './guest-structure.ts'

/** Raise it where declarations or compiled statecharts change, so that they are recorded anew. */
const format = 3

type Outline = Omit<ChainDeclaration, 'entries' | 'machine'>

/** A chain as it would be declared: by its hash it is known whether that is needed. */
interface Declarable {
  readonly id: string
  /** Of all that its declaration says. */
  readonly hash: string
  declare(): ChainDeclaration
}

/** What a supervisor of these chains, and of the services below `root`, declares. */
export function declare(
  chains: Iterable<CompiledChain>,
  root: ServiceGroupSpec,
  concurrency: number,
): {
  readonly chains: readonly Declarable[]
  readonly besides: Pick<Declaration, 'services' | 'concurrency'>
} {
  return {
    chains: Array.from(chains, declarable),
    besides: { services: declareServices(root), concurrency },
  }
}

/** The structure hash stands for entries and statechart, which cost as much as all the rest. */
function declarable({ spec, machine, version }: CompiledChain): Declarable {
  const outline = outlineOf(spec, version)
  return {
    id: spec.id,
    hash: hash(`${format}${JSON.stringify(outline)}`).slice(0, 16),
    declare: () => ({
      ...outline,
      entries: define(spec).entries,
      machine: spec.guest === undefined ? statechartOf(machine) : structureOf(spec.guest.machine),
    }),
  }
}

/** The services and groups below `root`, each after the group that it is in. */
function declareServices(root: ServiceGroupSpec): readonly ServiceDeclaration[] {
  const of = (nodes: readonly NodeSpec[], group: string): readonly ServiceDeclaration[] =>
    nodes.flatMap((node) => [
      declareNode(node, group),
      ...(node.kind === 'group' ? of(node.children, node.id) : []),
    ])
  return of(root.children, root.id)
}

function declareNode(node: NodeSpec, group: string): ServiceDeclaration {
  const { id, kind, description, restart } = node
  return {
    id,
    group,
    kind,
    ...(description === undefined ? {} : { description }),
    restart,
    ...(node.kind === 'service' && node.probes.ready !== undefined ? { ready: true } : {}),
    ...(node.kind === 'service' && node.probes.alive !== undefined ? { alive: true } : {}),
    needs: node.kind === 'service' ? node.needs.map((one) => one.id) : [],
  }
}

function outlineOf(spec: ChainSpec, version: string): Outline {
  const { id, description, owner, tags, priority, deadline, deprecated, slo } = spec
  const edges = (list: ChainSpec['needs']): Outline['needs'] =>
    list.map(({ name, chain, kind }) => ({ name, chain: chain.id, kind }))
  return {
    id,
    version,
    ...given({ description, owner, deadline, deprecated, slo }),
    tags,
    priority,
    input: spec.input !== undefined,
    output: spec.output !== undefined,
    ...flags({
      memo: spec.memo !== undefined,
      scheduled: (spec.schedules?.length ?? 0) > 0,
      own: spec.guest !== undefined,
    }),
    ...given({ concurrency: spec.concurrency?.limit }),
    when: spec.rule,
    needs: edges(spec.needs),
    follows: edges(spec.follows),
    ready: (spec.ready ?? []).map((one) => one.id),
    steps: [...walk(spec.entries)].map(stepOf),
  }
}

function stepOf(entry: EntrySpec): StepDeclaration {
  const { name, kind } = entry
  switch (entry.kind) {
    case 'step':
      return { name, kind, ...optionsOf(entry.options), ...flags({ transact: entry.transact === true }) }
    case 'each':
      return {
        name,
        kind,
        ...optionsOf(entry.options),
        inFlight: entry.inFlight,
        ...(typeof entry.body === 'function' ? {} : calls(entry.body)),
      }
    case 'call':
      return { name, kind, ...calls(entry.chain) }
    case 'wait':
      return {
        name,
        kind,
        ...given({ timeout: entry.timeout }),
        ...flags({ input: entry.schema !== undefined }),
      }
    case 'repeat':
      return { name, kind, rounds: entry.max }
    default:
      return { name, kind }
  }
}

const calls = (chain: ChainSpec): Pick<StepDeclaration, 'chain' | 'compensates'> => ({
  chain: chain.id,
  ...flags({ compensates: compensates(chain) }),
})

function optionsOf(options: StepOptionsSpec): Omit<StepDeclaration, 'name' | 'kind'> {
  const { attempts, timeout, deadline, heartbeat, description, backoff } = options
  const named = (list: readonly string[]): readonly string[] | undefined =>
    list.length === 0 ? undefined : list
  return {
    attempts,
    ...given({ timeout, deadline, heartbeat, description }),
    ...(attempts > 1
      ? {
          backoff: {
            initial: toMs(backoff.initial, 'initial'),
            factor: backoff.factor,
            max: toMs(backoff.max, 'max'),
            jitter: backoff.jitter,
          },
        }
      : {}),
    ...given({ limit: options.limit?.by.id, lets: letsOf(options), breaker: options.breaker?.by.id }),
    ...flags({
      hedge: options.hedge !== undefined,
      memo: options.memo !== undefined,
      fallback: options.fallback !== undefined,
      compensates: options.compensate !== undefined,
      idempotent: options.idempotent,
      pure: options.pure,
      stub: options.stub,
      input: options.input !== undefined,
      output: options.output !== undefined,
    }),
    ...given({ reads: named(options.reads), writes: named(options.writes), uses: named(options.uses) }),
  }
}

/** Keys, and costs that functions tell, show only as they run. */
function letsOf({ limit }: StepOptionsSpec): StepDeclaration['lets'] {
  if (limit === undefined || typeof limit.cost !== 'number') return undefined
  const told = limit.key ?? limit.by.key ?? limit.fairBy ?? limit.by.fairBy
  return told === undefined ? { ...limit.by.terms, cost: limit.cost } : undefined
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

/** What is there. */
function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>
}

/** What is so. */
function flags<K extends string>(fields: Readonly<Record<K, boolean>>): { readonly [N in K]?: true } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value === true)) as {
    readonly [N in K]?: true
  }
}
