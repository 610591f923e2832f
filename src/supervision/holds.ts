// Which chains the config holds back, and who waits until it no longer does.

import type { Cancel } from '../kernel/clock.ts'

export interface Holds {
  /** Why no execution of the chain may begin now. */
  of(chain: string): string | undefined
  /** Calls back, once, when the chain is no longer held back; not at once. */
  when(chain: string, free: () => void): Cancel
  /** The config is another. */
  retune(): void
}

export function createHolds(held: (chain: string) => string | undefined): Holds {
  const waiting = new Map<string, Set<() => void>>()
  return {
    of: held,
    when(chain, free) {
      const others = waiting.get(chain)
      // one function may wait twice
      const waiter = (): void => free()
      if (others === undefined) waiting.set(chain, new Set([waiter]))
      else others.add(waiter)
      return () => {
        const now = waiting.get(chain)
        now?.delete(waiter)
        if (now?.size === 0) waiting.delete(chain)
      }
    },
    retune() {
      for (const [chain, waiters] of Array.from(waiting)) {
        if (held(chain) !== undefined) continue
        waiting.delete(chain)
        for (const free of waiters) free()
      }
    },
  }
}
