// The option `concurrency` of a chain, with its defaults.

import type { ConcurrencySpec } from '../definition/spec.ts'

/** How many executions of a chain there may be at once. */
export interface ConcurrencyOptions<In = never> {
  /** Default: all executions have the same key. */
  readonly key?: (input: In) => string
  readonly limit: number
  /**
   * What becomes of those that find their group full: `queue` has them wait in order; with `newest` only the latest
   * waits, and the one that waited before it is cancelled. Those that have begun go on. Default `queue`.
   */
  readonly strategy?: 'queue' | 'newest'
}

/** @returns what a chain's spec has of it; absent where there is none. */
export function concurrent(given: ConcurrencyOptions | undefined): {
  readonly concurrency?: ConcurrencySpec
} {
  if (given === undefined) return {}
  const { key, limit, strategy = 'queue' } = given
  return { concurrency: { key: (key as ConcurrencySpec['key'] | undefined) ?? (() => ''), limit, strategy } }
}
