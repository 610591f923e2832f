// Forks runs: another run begins with the history of one up to a moment, and goes on from there.

import type { ChainSpec } from '../../definition/spec.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { Fact, JournalEvent } from '../../journal/event.ts'
import { foldEvents, type RunFold } from '../../journal/replay-run.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { newRunId } from '../../kernel/id.ts'
import { refuseBadId } from '../runs/accept.ts'
import { loseAttempts, parkingOf } from '../runs/activate.ts'
import type { Engine } from '../engine.ts'
import { type ForkAt, planFork } from './plan-fork.ts'
import type { RetryHost } from './retry-run.ts'

export function createFork(host: RetryHost): Engine['fork'] {
  const { store, services, nursery, commit, refuseUnlessOpen } = host
  const { clock } = services
  const find = ({ chain }: { readonly chain: string }): ReturnType<typeof services.chain> =>
    services.chain(chain)

  const refused = (run: string, problem: string): CatenaryError =>
    new CatenaryError('RUN_NOT_RETRYABLE', `run ${run} cannot be forked there: ${problem}`)

  /** What the new run begins with. */
  const historyOf = async (run: string, at: ForkAt, id: string): Promise<readonly JournalEvent[]> => {
    await nursery.durable()
    const events = (await store.rows(run, 0)).map(toEvent)
    const whole = foldEvents(events, () => undefined)
    if (whole === undefined) throw new CatenaryError('RUN_UNKNOWN', `there is no run ${run} in this store`)
    const spec = (chain: string): ChainSpec | undefined => services.chain(chain)?.spec
    const now = clock.now()
    return planFork({ state: whole.state, events, spec }, at).map((event) => ({ ...event, at: now, run: id }))
  }

  return async (run, { at, id = newRunId(clock) }, answer) => {
    refuseUnlessOpen()
    refuseBadAt(at)
    refuseBadId(id)
    if (nursery.live.has(id) || (await store.head(id)) !== undefined) return id
    const events = await historyOf(run, at, id)
    const fold = foldEvents(events, find) as RunFold
    const misfit = parkingOf(fold, services.chain)
    if (misfit !== undefined)
      throw refused(run, `its history does not fit its chains any more, ${misfit.detail}`)
    const open = [...fold.state.nodes.values()].some(
      ({ status }) => status === 'pending' || status === 'running',
    )
    if (!open) throw refused(run, 'nothing was left to do by then; give an earlier moment')
    const { facts } = loseAttempts(fold, find, Infinity, clock.now())
    refuseUnlessOpen()
    if (nursery.live.has(id)) return id
    const forked = nursery.adopt(fold.state)
    const past = withCount(events.map(factOf), events.length - 1 + facts.length)
    await commit(forked, () => forked.takeUp(fold, past, facts), answer)
    return id
  }
}

function factOf({ seq: _seq, at: _at, run: _run, ...fact }: JournalEvent): Fact {
  return fact
}

/** The acceptance says how much of what follows it, in the same commit, is the past. */
function withCount([accepted, ...rest]: readonly Fact[], copied: number): readonly Fact[] {
  if (accepted?.type !== 'run.accepted' || accepted.origin === undefined) throw new TypeError('not a fork')
  return [{ ...accepted, origin: { ...accepted.origin, copied } }, ...rest]
}

function refuseBadAt(at: unknown): void {
  if (typeof at === 'string' || Number.isInteger(at)) return
  if (at instanceof Date && !Number.isNaN(at.getTime())) return
  const { chain, step } = (at ?? {}) as { readonly chain?: unknown; readonly step?: unknown }
  if (typeof chain === 'string' && (step === undefined || typeof step === 'string')) return
  throw new CatenaryError(
    'BAD_OPTION',
    'fork takes `at`: a seq, a Date, the name of a step, or { chain, step }',
  )
}
