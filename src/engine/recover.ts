// Recovery when an executor takes a store: every unfinished run comes back, the most urgent first.

import type { HeadQuery, StoreReader } from '../journal/store.ts'
import type { LiveRun } from './runs/live-run.ts'
import type { Clock } from '../kernel/clock.ts'
import { CatenaryError } from '../kernel/errors.ts'

export interface Recovery {
  readonly store: Pick<StoreReader, 'unfinished' | 'heads'>
  readonly clock: Clock
  /** Whether to go on. */
  readonly wanted: () => boolean
  readonly reach: (run: string) => Promise<LiveRun | false | undefined>
  /** Lets a run that stands still leave memory. */
  readonly forget: (run: string) => void
  /** Chains whose runs may hold a place in a concurrency group. */
  readonly grouped: readonly string[]
}

const page = 256

/** Resolves once all are back, page by page, so that the first go on while the last are still to come. */
export async function recoverRuns({ grouped, forget, store, clock, wanted, reach }: Recovery): Promise<void> {
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
  // also paused runs: their waits keep their deadlines
  await recoverHeads({ status: ['paused'] }, { store, wanted, reach })
  // those that wait for a person to undo something: the rest of them goes on
  await recoverHeads({ status: ['needs-attention'] }, { store, wanted, reach })
  // who is inside a concurrency group must be known; where it sleeps, it leaves memory again, and keeps its place
  for (const chain of grouped) await recoverHeads({ status: ['waiting'], chain }, { store, wanted, reach })
}

type Sweep = Pick<Recovery, 'store' | 'wanted' | 'reach'>

/** What was parked for want of its old machine goes on where that is back. */
async function recoverParked({ forget, ...sweep }: Sweep & Pick<Recovery, 'forget'>): Promise<void> {
  const parked = { status: ['needs-migration'] } as const
  await recoverHeads(parked, {
    ...sweep,
    async reach(run) {
      const live = await sweep.reach(run)
      if (live !== false && live?.state.parked !== undefined) forget(run)
      return live
    },
  })
}

async function recoverHeads(
  query: Pick<HeadQuery, 'status' | 'chain'>,
  { store, wanted, reach }: Sweep,
): Promise<void> {
  let before: string | undefined
  do {
    const of = before === undefined ? {} : { before }
    const heads = await store.heads({ ...query, limit: page, ...of })
    for (const head of heads) if (wanted()) await reach(head.run)
    before = heads.length < page ? undefined : heads.at(-1)?.run
  } while (before !== undefined)
}

/** Brings a run back; false where it cannot be read: one such run must not keep all the others from going on. */
export function createReachIfReadable(host: {
  readonly reach: (run: string) => Promise<LiveRun | undefined>
  /** Whether the store has failed. */
  readonly failed: () => boolean
  readonly problem: (run: string, what: string, error: unknown) => void
}): (run: string) => Promise<LiveRun | false | undefined> {
  return async (run) => {
    try {
      return await host.reach(run)
    } catch (error) {
      if (host.failed() || (CatenaryError.is(error) && error.code === 'STORE_UNAVAILABLE')) throw error
      host.problem(run, 'cannot be read, and is left as it is', error)
      return false
    }
  }
}
