// Folds every run of a journal as it grows, to compare with heads and with what live runs say.

import type { AnyMachineSnapshot } from 'xstate'
import type { EachContext } from '../../../machines/each.ts'
import type { CompiledChain } from '../../definition/compiled-chain.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { type RunFold, applyEvent, beginRun, foldEvents } from '../../journal/replay-run.ts'
import type { RunHead } from '../../journal/store.ts'
import type { Proof } from './proof.ts'

interface Inert {
  readonly _snapshot?: { readonly input?: { readonly due?: number }; readonly context?: EachContext }
}

export interface FoldWatch {
  see(event: JournalEvent): void
  /** Folds a run anew, as a retry has changed which of its events count. */
  rewind(run: string, events: readonly JournalEvent[]): void
  fold(run: string): RunFold | undefined
  /** Compares a head that says `waiting` with what the fold waits for. */
  judge(head: RunHead): void
}

export function createFoldWatch(proof: Proof, chains: ReadonlyMap<string, CompiledChain>): FoldWatch {
  const folds = new Map<string, RunFold>()
  return {
    fold: (run) => folds.get(run),
    see(event) {
      if (event.type === 'run.accepted') {
        folds.set(event.run, beginRun(event))
        return
      }
      const fold = folds.get(event.run)
      if (fold === undefined) return
      applyEvent(fold, event, ({ chain }) => chains.get(chain))
      const { divergence } = fold
      proof.check(
        'fold',
        divergence === undefined,
        () => `seq ${event.seq} ${event.type}: ${divergence?.detail ?? ''}`,
      )
    },
    rewind(run, events) {
      const fold = foldEvents(events, ({ chain }) => chains.get(chain))
      if (fold === undefined) return
      folds.set(run, fold)
      const { divergence } = fold
      proof.check('fold', divergence === undefined, () => `retried ${run}: ${divergence?.detail ?? ''}`)
    },
    judge(head) {
      const fold = folds.get(head.run)
      if (fold === undefined || head.status !== 'waiting') return
      const due = Math.min(...[...fold.chains.values()].flatMap(({ snapshot }) => [...duesOf(snapshot)]))
      const wakeAt = head.wakeAt ?? Infinity
      proof.check('wakes', wakeAt <= due, () => `run ${head.run} wakes at ${wakeAt}, but is due at ${due}`)
    },
  }
}

function* duesOf(snapshot: AnyMachineSnapshot): Generator<number> {
  for (const child of Object.values(snapshot.children)) {
    const { input, context } = (child as Inert)._snapshot ?? {}
    if (input?.due !== undefined) yield input.due
    for (const [index, key] of (context?.keys ?? []).entries()) {
      if (context?.status[index] === 'backing-off') yield context.due[key] ?? 0
    }
  }
}
