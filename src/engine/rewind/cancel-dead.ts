// Cancels dead letters: one that began what can be undone comes back to undo that; what cannot be undone is said.

import { compensated } from '../../chain/compile-saga.ts'
import type { ChainContext } from '../../../machines/state.ts'
import type { Compensated, CompiledChain } from '../../definition/compiled-chain.ts'
import { toEvent } from '../../journal/encoding.ts'
import { foldEvents, type RunFold } from '../../journal/replay-run.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { loseAttempts, parkingOf } from '../runs/activate.ts'
import type { Engine } from '../engine.ts'
import type { LiveRun } from '../runs/live-run.ts'
import type { RetryHost } from './retry-run.ts'
import type { Answer } from '../runs/turns.ts'

export function createCancelDead(host: RetryHost): Engine['cancelDead'] {
  const { store, services, nursery, commit, refuseUnlessOpen } = host
  const find = ({ chain }: { readonly chain: string }): CompiledChain | undefined => services.chain(chain)

  const isDead = async (run: string): Promise<boolean> => {
    const live = nursery.live.get(run)?.state
    if (live !== undefined) return live.ended === undefined && live.parked?.reason === 'dead-letter'
    return (await store.head(run))?.status === 'dead-letter'
  }
  const foldOf = async (run: string): Promise<RunFold> =>
    foldEvents((await store.rows(run, 0)).map(toEvent), find) as RunFold

  const undo = async (run: string, reason: string | undefined, answer?: Answer): Promise<void> => {
    const make = async (): Promise<LiveRun> => {
      const fold = await foldOf(run)
      refuseUnlessOpen()
      const alive = nursery.live.get(run)
      if (alive !== undefined) {
        // somebody else has cancelled or retried it meanwhile
        await commit(alive, () => alive.cancel(reason), answer)
        return alive
      }
      if (fold.state.ended !== undefined)
        throw new CatenaryError('RUN_ENDED', `run ${run} has ended: it takes no cancel any more`)
      const { facts } = loseAttempts(fold, find, Infinity, services.clock.now())
      const again = nursery.adopt(fold.state)
      const begin = (): void => {
        again.record({ type: 'run.unparked' })
        again.record({ type: 'run.cancel-requested', ...(reason === undefined ? {} : { reason }) })
        again.takeUp(fold, [], facts)
      }
      await commit(again, begin, answer)
      return again
    }
    await nursery.remake(run, async () => {}, make)
  }
  const end = async (run: string, reason: string | undefined, answer?: Answer): Promise<boolean> => {
    const left = leftUndone(await foldOf(run))
    const live = await nursery.reach(run)
    if (live?.state.parked?.reason !== 'dead-letter' || nursery.live.get(run) !== live) return false
    await commit(live, () => live.cancel(reason, left), answer)
    return true
  }
  return async (run, reason, answer) => {
    refuseUnlessOpen()
    if (!(await isDead(run))) return false
    await nursery.durable()
    const fold = await foldOf(run)
    // who has been asked to undo it, and died of that, is not asked again
    const worthIt = !fold.state.cancelRequested && leftUndone(fold).size > 0
    if (!worthIt || parkingOf(fold, services.chain) !== undefined) return end(run, reason, answer)
    try {
      await undo(run, reason, answer)
      return true
    } catch (error) {
      if (!CatenaryError.is(error) || error.code !== 'RUN_CRASHED') throw error
      return end(run, reason, answer)
    }
  }
}

/** Of the chains at work, what each has begun and not undone, as its end tells it. */
function leftUndone({ chains, state }: RunFold): ReadonlyMap<string, Compensated> {
  const left = new Map<string, Compensated>()
  for (const [key, { started, snapshot }] of chains) {
    if (started === undefined || state.nodes.get(key)?.status !== 'running') continue
    const context = snapshot.context as ChainContext
    const known = compensated(context.plan === undefined ? { ...context, plan: started.undos() } : context)
    if (known.uncompensated !== undefined) left.set(key, known)
  }
  return left
}
