// Edges between chains: what a chain needs or follows, how strictly, and what it reads of it.

import type { AnyChain, OutputOf, Settled } from './chain.ts'
import type { EdgeKind, EdgeSpec } from '../definition/spec.ts'

/** An edge that is more than a plain need. */
export interface Edge<C extends AnyChain = AnyChain, K extends EdgeKind = EdgeKind> {
  readonly edge: K
  readonly chain: C
  readonly input?: (input: never) => unknown
}

/** What `needs` and `follows` take: chains or edges, by the name under which they are read. */
export type Upstreams = Readonly<Record<string, AnyChain | Edge>>

type Read<E, W> =
  E extends Edge<infer C, infer K>
    ? K extends 'order'
      ? never
      : K extends 'optional'
        ? OutputOf<C> | undefined
        : W extends 'all_success'
          ? OutputOf<C>
          : Settled<OutputOf<C>>
    : W extends 'all_success'
      ? OutputOf<E>
      : Settled<OutputOf<E>>

/** What a chain reads as `needs` from such upstreams under the rule `W`. */
export type EdgesOf<U extends Upstreams, W> = {
  readonly [K in keyof U as U[K] extends Edge<AnyChain, 'order'> ? never : K]: Read<U[K], W>
}

/** Waits for the chain to settle, however it ends; reads its output, or undefined. */
export function optional<C extends AnyChain>(chain: C): Edge<C, 'optional'> {
  return { edge: 'optional', chain }
}

/** Waits for the chain to settle, however it ends; reads nothing. */
export function orderOnly<C extends AnyChain>(chain: C): Edge<C, 'order'> {
  return { edge: 'order', chain }
}

/** A plain need whose input is derived from the consumer's, as a decision that is recorded. */
export function withInput<C extends AnyChain, I>(chain: C, input: (input: I) => unknown): Edge<C, 'hard'> {
  return { edge: 'hard', chain, input: input }
}

export function edgesFrom(upstreams: Upstreams): readonly EdgeSpec[] {
  return Object.entries(upstreams).map(([name, given]) => {
    const edge: Edge = 'edge' in given ? given : { edge: 'hard', chain: given }
    return {
      name,
      // an upstream that is no chain is reported by validation, with everything else that is wrong
      chain: (edge.chain as AnyChain | undefined)?.spec ?? (undefined as never),
      kind: edge.edge,
      ...(edge.input === undefined ? {} : { input: edge.input as (input: unknown) => unknown }),
    }
  })
}
