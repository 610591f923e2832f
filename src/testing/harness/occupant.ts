// What takes every slot of a supervisor, so that a test can make attempts wait.

import { chain } from '../../chain/create-chain.ts'
import type { AnyChain } from '../../chain/any-chain.ts'

export interface Occupant {
  readonly chain: AnyChain
  /** Lets go of all that it has. */
  release(): void
}

// goes before whatever waits as well
const id = 'occupant-of-slots'

export function createOccupant(slots: number): Occupant {
  const waiting = new Set<() => void>()
  return {
    chain: chain(id, { priority: 1_000_000 }).each(
      'occupy',
      () => Array.from({ length: slots }, (_, index) => index),
      async () => {
        await new Promise<void>((resolve) => void waiting.add(resolve))
      },
      { inFlight: slots, key: String },
    ),
    release() {
      for (const go of waiting) go()
      waiting.clear()
    },
  }
}
