// What takes every slot of a supervisor, so that a test can make attempts wait.

import { chain } from '../../chain/create-chain.ts'
import type { AnyChain } from '../../chain/any-chain.ts'

export interface Occupant {
  readonly chain: AnyChain
  /** From now on what it has got it keeps. */
  hold(): void
  /** Lets go of all that it has, and gets: also what a process that comes after a crash gives it again. */
  release(): void
}

// goes before whatever waits as well
const id = 'occupant-of-slots'

export function createOccupant(slots: number): Occupant {
  const waiting = new Set<() => void>()
  let holding = false
  return {
    chain: chain(id, { priority: 1_000_000 }).each(
      'occupy',
      () => Array.from({ length: slots }, (_, index) => index),
      async () => {
        if (holding) await new Promise<void>((resolve) => void waiting.add(resolve))
      },
      { inFlight: slots, key: String },
    ),
    hold() {
      holding = true
    },
    release() {
      holding = false
      for (const go of waiting) go()
      waiting.clear()
    },
  }
}
