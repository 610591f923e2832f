// A user's own XState machine as a chain.

import type { TriggerRule } from '../../machines/trigger-rules.ts'
import type { AnyChain, ChainTypes } from './any-chain.ts'
import { type Upstreams, withEdges } from './edge.ts'
import { Face } from './face.ts'

/** The types of a chain whose machine takes events. */
export interface MachineChainTypes<In, R, E> extends ChainTypes<In, never, R> {
  readonly event: E
}

/** The events that a chain's machine takes from outside: what `run.send` takes; none for a chain of steps. */
export type EventOf<C> = C extends {
  readonly '~types': { readonly event: infer E extends { readonly type: string } }
}
  ? E
  : never

/** A machine as a chain: it has no steps to add, but needs and follows others as any chain does. */
export class MachineChain<In, R, E> extends Face implements AnyChain {
  declare readonly '~types': MachineChainTypes<In, R, E>

  /**
   * As `needs` of any chain; the machine reads the outputs through the option `input` of `fromMachine`.
   *
   * @example
   * ```ts
   * const prices = chain('prices').step('ask', () => ({ eur: 2 }))
   * const shop = fromMachine('shop', shopMachine, {
   *   input: ({ needs }: { needs: { prices: { eur: number } } }) => ({ price: needs.prices.eur }),
   * }).needs({ prices })
   * ```
   */
  needs(upstreams: Upstreams<In>, options: { readonly when?: TriggerRule } = {}): MachineChain<In, R, E> {
    return new MachineChain(withEdges(this.spec, 'needs', upstreams, options.when))
  }

  /**
   * As `follows` of any chain.
   *
   * @example
   * ```ts
   * const report = chain('report').step('print', () => 'printed')
   * const alert = fromMachine('alert', alertMachine).follows({ report }, { when: 'one_failed' })
   * ```
   */
  follows(
    upstreams: Upstreams<never>,
    options: { readonly when?: TriggerRule } = {},
  ): MachineChain<In, R, E> {
    return new MachineChain(withEdges(this.spec, 'follows', upstreams, options.when))
  }
}
