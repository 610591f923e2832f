// Recovery when an executor takes a store: every unfinished run comes back, the most urgent first.

import type { StoreReader } from '../journal/store.ts'
import type { LiveRun } from './live-run.ts'
import type { Clock } from '../kernel/clock.ts'

export interface Recovery {
  readonly store: Pick<StoreReader, 'unfinished' | 'heads'>
  readonly clock: Clock
  /** Whether to go on. */
  readonly wanted: () => boolean
  readonly reach: (run: string) => Promise<LiveRun | false | undefined>
  /** Lets a run that stands still leave memory. */
  readonly forget: (run: string) => void
}

const page = 256

/** Resolves once all are back, page by page, so that the first go on while the last are still to come. */
export async function recoverRuns({ forget, store, clock, wanted, reach }: Recovery): Promise<void> {
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
  await recoverParked({ store, wanted, reach, forget })
  await recoverHeads('paused', { store, wanted, reach })
  await recoverHeads('needs-attention', { store, wanted, reach })
}

type Sweep = Pick<Recovery, 'store' | 'wanted' | 'reach'>

/** What was parked for want of its old machine goes on where that is back. */
async function recoverParked({ forget, ...sweep }: Sweep & Pick<Recovery, 'forget'>): Promise<void> {
  await recoverHeads('needs-migration', {
    ...sweep,
    async reach(run) {
      const live = await sweep.reach(run)
      if (live !== false && live?.state.parked !== undefined) forget(run)
      return live
    },
  })
}

/**
 * Also for paused runs: their waits keep their deadlines, and who is inside a concurrency group must be known. And
 * for those that wait for a person to undo something: the rest of them goes on.
 */
async function recoverHeads(
  status: 'paused' | 'needs-migration' | 'needs-attention',
  { store, wanted, reach }: Sweep,
): Promise<void> {
  let before: string | undefined
  do {
    const of = before === undefined ? {} : { before }
    const heads = await store.heads({ status: [status], limit: page, ...of })
    for (const head of heads) if (wanted()) await reach(head.run)
    before = heads.length < page ? undefined : heads.at(-1)?.run
  } while (before !== undefined)
}
