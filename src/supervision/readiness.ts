// Which services are ready at this moment, and who waits until some are.

import type { Cancel } from '../kernel/clock.ts'

export interface Readiness {
  /** Whether all of them are ready now. */
  all(ids: readonly string[]): boolean
  /** Calls back, once, at the first moment at which all of them are ready; not at once. */
  when(ids: readonly string[], met: () => void): Cancel
  set(id: string, ready: boolean): void
  /** How many wait. */
  readonly waiting: number
}

interface Waiter {
  readonly ids: readonly string[]
  readonly met: () => void
}

export function createReadiness(): Readiness {
  const ready = new Set<string>()
  const waiters = new Map<string, Set<Waiter>>()
  const all = (ids: readonly string[]): boolean => ids.every((id) => ready.has(id))
  const forget = (waiter: Waiter): void => {
    for (const id of waiter.ids) {
      const others = waiters.get(id)
      others?.delete(waiter)
      if (others?.size === 0) waiters.delete(id)
    }
  }
  return {
    all,
    when(ids, met) {
      const waiter = { ids, met }
      for (const id of ids) {
        const others = waiters.get(id)
        if (others === undefined) waiters.set(id, new Set([waiter]))
        else others.add(waiter)
      }
      return () => forget(waiter)
    },
    set(id, is) {
      if (!is) return void ready.delete(id)
      if (ready.has(id)) return
      ready.add(id)
      for (const waiter of Array.from(waiters.get(id) ?? [])) {
        // one of those before it may have changed things
        if (!all(waiter.ids) || waiters.get(id)?.has(waiter) !== true) continue
        forget(waiter)
        waiter.met()
      }
    },
    get waiting() {
      return new Set([...waiters.values()].flatMap((some) => [...some])).size
    },
  }
}
