// Recovery when an executor takes a store: every unfinished run comes back, the most urgent first.

import type { StoreReader } from '../journal/store.ts'
import type { Clock } from '../kernel/clock.ts'

export interface Recovery {
  readonly store: Pick<StoreReader, 'unfinished' | 'heads'>
  readonly clock: Clock
  /** Whether any chain is in a concurrency group. */
  readonly limited: boolean
  /** Whether to go on. */
  readonly wanted: () => boolean
  readonly reach: (run: string) => Promise<unknown>
}

const page = 256

/** Resolves once all are back, page by page, so that the first go on while the last are still to come. */
export async function recoverRuns({ store, clock, limited, wanted, reach }: Recovery): Promise<void> {
  let after: string | undefined
  do {
    const heads = await store.unfinished({ limit: page, ...(after === undefined ? {} : { after }) })
    for (const head of heads) {
      if (!wanted()) return
      await reach(head.run)
    }
    after = heads.length < page ? undefined : heads.at(-1)?.run
    await new Promise<void>((resolve) => clock.soon(resolve))
  } while (after !== undefined)
  if (limited) await recoverPaused({ store, wanted, reach })
}

/** A paused run may be inside a concurrency group: it must be known before anyone is let in. */
async function recoverPaused({
  store,
  wanted,
  reach,
}: Pick<Recovery, 'store' | 'wanted' | 'reach'>): Promise<void> {
  let before: string | undefined
  do {
    const heads = await store.heads({
      status: ['paused'],
      limit: page,
      ...(before === undefined ? {} : { before }),
    })
    for (const head of heads) if (wanted()) await reach(head.run)
    before = heads.length < page ? undefined : heads.at(-1)?.run
  } while (before !== undefined)
}
