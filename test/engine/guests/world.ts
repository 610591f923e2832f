// What the guests under test reach outside of themselves: a time that stands still, and how often each was called.

import type { VirtualClock } from '../../../src/testing/virtual-clock.ts'

export interface World {
  /** Resolves so many virtual ms later. */
  after(ms: number): Promise<void>
  /** Calls of each service by name, in this process. */
  readonly calls: Map<string, number>
  call(name: string): number
}

export function createWorld(clock: Pick<VirtualClock, 'at' | 'now'>): World {
  const calls = new Map<string, number>()
  return {
    calls,
    after: async (ms) => new Promise((resolve) => void clock.at(clock.now() + ms, resolve)),
    call(name) {
      const count = (calls.get(name) ?? 0) + 1
      calls.set(name, count)
      return count
    },
  }
}
