// A store in memory that several processes of a simulation share: an executor, its successor, and clients.

import type { MemoryContents } from '../../journal/memory-contents.ts'
import { createMemoryStore } from '../../journal/memory-store.ts'
import type { Store } from '../../journal/store.ts'
import { type HostRows, transactOver } from './host-rows.ts'
import type { SeededTime } from './seeded-time.ts'

export interface Sharing {
  readonly contents: MemoryContents
  readonly time: SeededTime
  /** How long it takes until what comes into the inbox is noticed (ms). */
  readonly soon: () => number
  readonly rows: HostRows
  /** Whether another program writes at this moment. */
  readonly isLocked: () => boolean
}

/** @returns makes stores over the same contents, which tell of what comes into the inbox instead of being asked in vain. */
export function shareStore({ contents, time, soon, rows, isLocked }: Sharing): () => Store {
  let waiting: (() => void)[] = []
  const post = contents.post.bind(contents)
  contents.post = (body, at) => {
    const id = post(body, at)
    time.at(time.now() + soon(), () => {
      for (const wake of waiting.splice(0)) wake()
    })
    return id
  }
  return () => {
    const inner = createMemoryStore(contents)
    return {
      ...inner,
      shared: true,
      transact: transactOver(inner, rows, isLocked),
      async inbox(limit, after) {
        let found = await inner.inbox(limit, after)
        while (found.length === 0) {
          await new Promise<void>((resolve) => {
            waiting = [...waiting, resolve]
          })
          try {
            found = await inner.inbox(limit, after)
          } catch {
            // its process has gone meanwhile
            return new Promise(() => {})
          }
        }
        return found
      },
    }
  }
}
