// Brings a run back into memory: its snapshot if it can be trusted, then its events folded through its machines.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { Fact, JournalEvent } from '../../journal/event.ts'
import { type Divergence, applyToChain } from '../../journal/replay.ts'
import { guestMisfit } from '../../journal/guest-fold.ts'
import { type FindChain, type RunFold, applyEvent, countLoss, foldEvents } from '../../journal/replay-run.ts'
import { isRewound } from '../../journal/rewound.ts'
import type { NodeState } from '../../journal/run-state.ts'
import type { StoreReader } from '../../journal/store.ts'
import { servicesRun } from '../service-facts.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { type Standing, foldOf, standingOf } from './run-snapshot.ts'

/** Folds a run from the store. */
export async function foldRun(
  store: Pick<StoreReader, 'rows' | 'snapshot'>,
  run: string,
  find: FindChain,
): Promise<RunFold> {
  const snapshot = await store.snapshot(run)
  const kept = snapshot === undefined ? undefined : foldOf(snapshot, (id) => find({ chain: id, version: '' }))
  if (kept !== undefined) {
    const rows = await store.rows(run, kept.state.lastSeq)
    if (!isRewound(rows)) {
      for (const row of rows) applyEvent(kept, toEvent(row), find)
      return kept
    }
  }
  const events = (await store.rows(run, 0)).map(toEvent)
  // under these ids is told what belongs to no run
  if (events.length === 0 || run === '' || run === servicesRun)
    throw new CatenaryError('RUN_UNKNOWN', `there is no run ${run} in this store`)
  // a snapshot that is not trusted still tells where each chain stood on the machine of that time
  const standing = kept !== undefined || snapshot === undefined ? undefined : standingOf(snapshot)
  return foldWhole(events, find, isRewound(events) ? undefined : standing)
}

function foldWhole(
  events: readonly JournalEvent[],
  find: FindChain,
  standing: Standing | undefined,
): RunFold {
  const until = standing === undefined ? events.length : events.findIndex(({ seq }) => seq > standing.seq)
  const before = until === -1 ? events.length : until
  const fold = foldEvents(events.slice(0, before), find)
  if (fold === undefined) {
    throw new CatenaryError(
      'STORE_CORRUPT',
      `run ${events[0]?.run} does not begin with its acceptance: restore the store from a backup`,
    )
  }
  if (standing !== undefined) compareStanding(fold, standing)
  for (const event of events.slice(before)) applyEvent(fold, event, find)
  return fold
}

/**
 * Waiting is no event, so a machine that no longer waits where a run stands would take its history and go on: it
 * would skip the wait. That is a divergence like any other.
 */
function compareStanding(fold: RunFold, { seq, values }: Standing): void {
  for (const [key, stood] of values) {
    const at = fold.chains.get(key)
    if (at === undefined || at.guest !== undefined || fold.divergence !== undefined) continue
    const stands = JSON.stringify(at.snapshot.value)
    if (stands === stood) continue
    const detail = `chain "${key}" stood in ${stood}, and on its new machine would stand in ${stands}`
    fold.divergence = { seq, type: 'where it stood', detail }
  }
}

/** Why a run cannot go on by itself. */
export type Parking = Extract<Fact, { type: 'run.parked' }>

/** Where the machines of a run are no longer the ones that it was accepted with, and no longer take its history. */
export function parkingOf(
  fold: RunFold,
  find: (id: string) => CompiledChain | undefined,
): Parking | undefined {
  const { divergence, state } = fold
  if (divergence !== undefined) return migration(divergence)
  for (const node of state.nodes.values()) {
    const known = find(node.chain)
    if (node.status !== 'pending' && node.status !== 'running') continue
    if (known === undefined) {
      return migration({ seq: state.lastSeq, type: 'run', detail: `chain "${node.chain}" is not registered` })
    }
    if (node.status === 'running') {
      const at = fold.chains.get(node.key)
      const misfit = at?.guest === undefined ? undefined : guestMisfit(known.machine, at.guest)
      if (misfit !== undefined) return migration({ seq: state.lastSeq, type: 'chain', detail: misfit })
      if (at === undefined || (at.guest === undefined && at.snapshot.status === 'error')) {
        return migration({
          seq: state.lastSeq,
          type: 'chain',
          detail: `chain "${node.key}" has no state on its new machine`,
        })
      }
    }
  }
  return undefined
}

function migration({ seq, type, detail }: Divergence): Parking {
  return {
    type: 'run.parked',
    reason: 'needs-migration',
    detail: `event ${seq} (${type}) does not fit: ${detail}`,
    cure: 'deploy the chain as it was when the run was accepted, under its old version, or cancel the run',
    diverged: seq,
  }
}

/**
 * The attempts that were in flight when the last process died, as lost, applied to the fold.
 * One that was lost `cap` times, with nothing done in between, parks the run: what kills its host must not loop.
 */
export function loseAttempts(
  fold: RunFold,
  find: FindChain,
  cap: number,
  at: number,
): { readonly facts: readonly Fact[]; readonly parking: Parking | undefined } {
  const facts: Fact[] = []
  let parking: Parking | undefined
  for (const [key, chain] of fold.chains) {
    const compiled = find(fold.state.nodes.get(key) as NodeState)
    if (compiled === undefined) continue
    for (const { step, item, attempt, queued } of Array.from(chain.open.values())) {
      // an attempt whose machine has gone on is nobody's loss
      if (queued || (chain.guest === undefined && chain.snapshot.children[step] === undefined)) continue
      const fact: Extract<Fact, { type: 'attempt.lost' }> = {
        type: 'attempt.lost',
        chain: key,
        step,
        attempt,
        ...(item === undefined ? {} : { item }),
      }
      facts.push(fact)
      const event = { ...fact, seq: fold.state.lastSeq, at, run: fold.state.run } as JournalEvent
      const divergence = applyToChain(compiled.machine, chain, event)
      if (divergence !== undefined) parking ??= migration(divergence)
      // what it left in doubt is still so when a later attempt fails without any
      chain.started?.note(fact)
      const lost = countLoss(fold, fact, fold.state.lastSeq)
      if (lost >= cap) {
        parking ??= {
          type: 'run.parked',
          reason: 'dead-letter',
          detail: `step "${step}" of chain "${key}" was in flight ${lost} times in a row when its process died`,
          cure: 'find what kills the process, then retry the run, or cancel it',
        }
      }
    }
  }
  return { facts, parking }
}
