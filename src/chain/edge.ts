// Edges between chains: what a chain needs or follows, how strictly, and what it reads of it.

import type { TriggerPredicate, TriggerRule } from '../../machines/trigger-rules.ts'
import { type ServiceSpec, serviceIn } from '../definition/service.ts'
import type { ChainSpec, EdgeKind, EdgeSpec } from '../definition/spec.ts'
import { CatenaryError } from '../kernel/errors.ts'
import type { AnyChain, InputOf, OutputOf } from './any-chain.ts'
import type { Settled } from './outputs.ts'
import type { Service } from './service.ts'

/** An edge that is more than a plain need. */
export interface Edge<C extends AnyChain = AnyChain, K extends EdgeKind = EdgeKind> {
  readonly edge: K
  readonly chain: C
}

/** A plain need whose upstream gets an input of its own, derived from `I`. */
export interface MappedEdge<C extends AnyChain, I> extends Edge<C, 'hard'> {
  readonly input: (input: I) => unknown
}

/** A service that must be ready at the moment at which the chain starts. */
export interface ReadyEdge {
  readonly edge: 'ready'
  readonly service: Service
}

/** What `needs` takes, by the name under which it is read: each upstream gets the chain's own input, `I`. */
export type Upstreams<I> = Readonly<
  Record<string, AnyChain<I> | Edge<AnyChain<I>> | MappedEdge<AnyChain, I> | ReadyEdge>
>

/** How upstreams of these names are judged. */
export interface Judged<K extends string> {
  /** A rule, or a predicate over the upstreams' states by name. Default `all_success`. */
  readonly when?: TriggerRule | TriggerPredicate<K>
}

/** The rule that such options give. */
export type RuleIn<O> = O extends { readonly when: infer W } ? W : 'all_success'

type Read<E, W> =
  E extends Edge<infer C, infer K>
    ? K extends 'optional'
      ? OutputOf<C> | undefined
      : Ended<OutputOf<C>, W>
    : Ended<OutputOf<E>, W>

type Ended<V, W> = W extends 'all_success' ? V : Settled<V>

/** What a chain reads as `needs` from such upstreams under the rule `W`. */
export type EdgesOf<U, W> = U extends unknown // so that messages show what can be read, not how it was derived
  ? { readonly [K in keyof U as U[K] extends Edge<AnyChain, 'order'> | ReadyEdge ? never : K]: Read<U[K], W> }
  : never

/**
 * Waits for the chain to settle, however it ends; reads its output, or undefined.
 *
 * @example
 * ```ts
 * const prices = chain('prices').step('ask', () => ({ eur: 2 }))
 * const offer = chain('offer')
 *   .needs({ prices: optional(prices) })
 *   .step('write', ({ needs }) => needs.prices?.eur ?? 'on request')
 * ```
 */
export function optional<C extends AnyChain>(chain: C): Edge<C, 'optional'> {
  return { edge: 'optional', chain }
}

/**
 * Waits for the chain to settle, however it ends; reads nothing.
 *
 * @example
 * ```ts
 * const cleanUp = chain('clean-up').step('sweep', () => 'swept')
 * const build = chain('build').needs({ cleanUp: orderOnly(cleanUp) }).step('make', () => 'made')
 * ```
 */
export function orderOnly<C extends AnyChain>(chain: C): Edge<C, 'order'> {
  return { edge: 'order', chain }
}

/**
 * Waits until the service is ready; reads nothing. It counts at the moment at which the chain starts: a service that
 * is not ready later holds up no step of it.
 *
 * @example
 * ```ts
 * const database = service('database', async ({ signal, ready }) => {
 *   ready()
 *   await new Promise((stop) => signal.addEventListener('abort', stop, { once: true }))
 * })
 * const load = chain('load').needs({ database: ready(database) }).step('read', () => 'rows')
 * ```
 */
export function ready(service: Service): ReadyEdge {
  return { edge: 'ready', service }
}

/**
 * A plain need whose input is derived from the consumer's, once, when the run is accepted. Without it an upstream
 * gets the consumer's own input.
 *
 * @example
 * ```ts
 * const load = chain<{ file: string }>('load').step('read', ({ input }) => `rows of ${input.file}`)
 * const report = chain<string>('report')
 *   .needs({ load: withInput(load, (day: string) => ({ file: `${day}.csv` })) })
 *   .step('print', ({ needs }) => needs.load)
 * ```
 */
export function withInput<C extends AnyChain, I>(
  chain: C,
  input: (input: I) => InputOf<C>,
): MappedEdge<C, I> {
  return { edge: 'hard', chain, input }
}

/** A spec with more upstreams. One rule judges them all. */
export function withEdges(
  spec: ChainSpec,
  list: 'needs' | 'follows',
  upstreams: Upstreams<never>,
  when: string | TriggerPredicate = 'all_success',
): ChainSpec {
  if (!isByName(upstreams))
    throw new CatenaryError(
      'BAD_DEFINITION',
      `${list} of chain "${spec.id}" takes upstreams by the names under which they are read: give ${list}({ extract })`,
    )
  const rule = typeof when === 'function' ? 'custom' : when
  const others = typeof when === 'function' && when !== spec.predicate
  if (spec.needs.length + spec.follows.length > 0 && (rule !== spec.rule || others)) {
    throw new CatenaryError(
      'BAD_DEFINITION',
      `chain "${spec.id}" has upstreams under "${spec.rule}" and under "${rule}": one rule judges them all, so give the same { when } each time`,
    )
  }
  const services = Object.entries(upstreams).flatMap(([name, one]) =>
    isReady(one) ? [readied(spec.id, name, one.service)] : [],
  )
  const chains = Object.fromEntries(Object.entries(upstreams).filter(([, one]) => !isReady(one)))
  if (services.length > 0 && list === 'follows') {
    throw new CatenaryError(
      'BAD_DEFINITION',
      `chain "${spec.id}" follows a service, which joins no run: need it, with needs({ name: ready(service) })`,
    )
  }
  return {
    ...spec,
    rule,
    ...(typeof when === 'function' ? { predicate: when } : {}),
    [list]: [...spec[list], ...edgesFrom(chains)],
    ...(services.length === 0 ? {} : { ready: [...(spec.ready ?? []), ...services] }),
  }
}

function isByName(given: unknown): boolean {
  return typeof given === 'object' && given !== null && !Array.isArray(given) && !('spec' in given)
}

function isReady(given: unknown): given is ReadyEdge {
  return isEdge(given) && (given as { readonly edge: unknown }).edge === 'ready'
}

function readied(chain: string, name: string, given: unknown): ServiceSpec {
  const service = serviceIn(given)
  if (service !== undefined) return service
  throw new CatenaryError(
    'BAD_DEFINITION',
    `chain "${chain}": need "${name}" is ready() of what is no service: give it one made with service(id, ...)`,
  )
}

function edgesFrom(upstreams: Upstreams<never>): readonly EdgeSpec[] {
  return Object.entries(upstreams).map(([name, one]) => {
    const given = one as Exclude<typeof one, ReadyEdge>
    const edge: Edge & { readonly input?: (input: never) => unknown } = isEdge(given)
      ? given
      : { edge: 'hard', chain: given }
    const service = serviceIn(edge.chain)
    return {
      name,
      // an upstream that is no chain is reported by validation, with everything else that is wrong
      chain: (edge.chain as AnyChain | undefined)?.spec ?? (undefined as never),
      kind: edge.edge,
      ...(service === undefined ? {} : { service }),
      ...(edge.input === undefined ? {} : { input: edge.input as (input: unknown) => unknown }),
    }
  })
}

/** Anything may be given where a chain belongs; what is none is told by validation. */
function isEdge(given: unknown): given is Edge {
  return typeof given === 'object' && given !== null && 'edge' in given
}
