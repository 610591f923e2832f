// A store of which a test breaks a chosen commit: it is refused, nobody hears of it, or its process dies over it.

import type { Store } from '../../journal/store.ts'
import type { FaultyStore } from '../faulty-store.ts'

/**
 * How a commit breaks. `refused`: nothing is written, and the supervisor is told so; `unheard`: all is written, and the
 * supervisor is told that it failed. `dies-before`, `dies-after`: the process dies before or after it is written.
 */
export type CommitFault = (typeof commitFaults)[number]

export const commitFaults = ['refused', 'unheard', 'dies-before', 'dies-after'] as const

export interface BreakableStore extends Store {
  /** Of what is to come, the `nth` commit breaks, 1 the next one. */
  breakCommit(how: CommitFault, nth: number): void
  /** No commit breaks any more. */
  mend(): void
}

/**
 * @param die ends the process.
 * @param committed called once a commit is written.
 */
export function createBreakableStore(
  store: FaultyStore,
  die: () => Promise<void>,
  committed: () => void,
): BreakableStore {
  let broken: { readonly how: CommitFault; after: number } | undefined
  return {
    ...store,
    breakCommit(how, nth) {
      broken = { how, after: nth - 1 }
    },
    mend() {
      broken = undefined
    },
    async append(batch) {
      if (broken === undefined || broken.after-- > 0) {
        await store.append(batch)
        committed()
        return
      }
      const { how } = broken
      broken = undefined
      if (how === 'refused' || how === 'unheard') {
        store.failNext(how === 'refused' ? 'failBefore' : 'failAfter')
        if (how === 'unheard') committed()
        await store.append(batch)
        return
      }
      if (how === 'dies-after') await store.append(batch)
      await die()
      await new Promise<never>(() => {})
    },
  }
}
