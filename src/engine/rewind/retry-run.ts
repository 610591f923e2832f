// Retries runs: what failed in an ended or parked run goes on, under the same id and with all that still holds.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { foldEvents, type RunFold } from '../../journal/replay-run.ts'
import type { StoreReader } from '../../journal/store.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { loseAttempts, parkingOf } from '../runs/activate.ts'
import type { Engine } from '../engine.ts'
import type { LiveRun } from '../runs/live-run.ts'
import type { Nursery } from '../nursery.ts'
import { type Retried, planRetry } from './plan-retry.ts'
import type { RetryFrom } from './retry-from.ts'
import type { Services } from '../services.ts'
import type { Answer } from '../runs/turns.ts'

export interface RetryHost {
  readonly store: Pick<StoreReader, 'rows' | 'head'>
  readonly services: Services
  readonly nursery: Nursery
  readonly commit: Engine['commit']
  /** Throws where nothing may be changed. */
  readonly refuseUnlessOpen: () => void
}

export function createRetry({
  store,
  services,
  nursery,
  commit,
  refuseUnlessOpen,
}: RetryHost): Engine['retry'] {
  const find = ({ chain }: { readonly chain: string }): CompiledChain | undefined => services.chain(chain)
  const spec = (chain: string): CompiledChain['spec'] | undefined => services.chain(chain)?.spec

  /** What the run becomes; refused where it cannot be retried. */
  const plan = async (
    run: string,
    from: RetryFrom | undefined,
  ): Promise<{ readonly fact: Retried; readonly folded: RunFold }> => {
    const events = (await store.rows(run, 0)).map(toEvent)
    refuseUnlessOpen()
    const before = foldEvents(events, () => undefined)
    if (before === undefined) throw new CatenaryError('RUN_UNKNOWN', `there is no run ${run} in this store`)
    refuseUnfit(before, from)
    const fact = planRetry({ state: before.state, events, spec }, from)
    const folded = refold(run, events, fact)
    const misfit = parkingOf(folded, services.chain)
    if (misfit !== undefined)
      throw notRetryable(run, `does not fit its chains any more: ${misfit.detail}; to go on: ${misfit.cure}`)
    return { fact, folded }
  }
  const retry = async (run: string, from: RetryFrom | undefined, answer?: Answer): Promise<LiveRun> => {
    const alive = nursery.live.get(run)
    if (alive !== undefined) throw notRetryable(run, 'has not ended: cancel it first, or wait for its end')
    const { fact, folded } = await plan(run, from)
    const { facts } = loseAttempts(folded, find, Infinity, services.clock.now())
    const again = nursery.adopt(folded.state)
    await commit(again, () => again.takeUp(folded, [fact], facts), answer)
    return again
  }
  const refold = (run: string, events: readonly JournalEvent[], fact: Retried): RunFold => {
    const seq = (events.at(-1)?.seq ?? 0) + 1
    const retried: JournalEvent = { ...fact, seq, at: services.clock.now(), run }
    return foldEvents([...events, retried], find) as RunFold
  }
  /** A run that needs attention is alive: what could not be undone is tried again. */
  const attend = async (run: string, answer?: Answer): Promise<boolean> => {
    if (!nursery.live.has(run) && (await store.head(run))?.status !== 'needs-attention') return false
    let live = await nursery.reach(run)
    while (live !== undefined && nursery.live.get(run) !== live) live = await nursery.reach(run)
    if (live?.state.parked?.reason !== 'needs-attention' || live.state.ended !== undefined) return false
    const stuck = live
    await commit(stuck, () => void stuck.resolveStuck('retry'), answer)
    return true
  }
  return async (run, from, answer) => {
    refuseUnlessOpen()
    refuseBadFrom(from)
    if (from === undefined && (await attend(run, answer))) return
    await nursery.remake(
      run,
      async () => plan(run, from),
      async () => retry(run, from, answer),
    )
  }
}

function refuseUnfit({ state: { run, ended, parked } }: RunFold, from: RetryFrom | undefined): void {
  if (parked?.reason === 'needs-migration' && ended === undefined) {
    throw notRetryable(run, `is parked as needs-migration: ${parked.detail}; to go on: ${parked.cure}`)
  }
  if (ended === undefined && parked === undefined)
    throw notRetryable(run, 'has not ended: cancel it first, or wait for its end')
  if (ended?.status === 'succeeded' && from === undefined)
    throw notRetryable(run, 'has succeeded: say with `from` which step it is to go on from again')
}

function notRetryable(run: string, problem: string): CatenaryError {
  return new CatenaryError('RUN_NOT_RETRYABLE', `run ${run} ${problem}`)
}

function refuseBadFrom(from: unknown): void {
  if (from === undefined || typeof from === 'string') return
  const { chain, step } = (from ?? {}) as { readonly chain?: unknown; readonly step?: unknown }
  if (typeof chain === 'string' && (step === undefined || typeof step === 'string')) return
  throw new CatenaryError('BAD_OPTION', 'retry takes `from`: the name of a step, or { chain, step }')
}
