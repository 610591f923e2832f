// How suggestions that were tried have fared: each trial, and what share of those that were judged was worth it.

import type { JournalEvent } from '../journal/event.ts'
import { wilson } from '../statistics/proportion.ts'
import { intervalOf } from './percentiles.ts'
import type { ExperimentReport, SelfReport } from './report.ts'
import type { Survey } from './survey.ts'

interface Trial {
  readonly suggestion: string
  share: number
  state: 'trialling' | 'kept' | 'reverted' | 'stopped'
  /** Of a trial of the whole process: the pair of blocks that it is at. */
  pair: number
}

const mostTrials = 1_000

/** A fold of what was recorded of trials; keeps the last thousand, and all that go on. */
export class Trials {
  readonly #all = new Map<string, Trial>()

  get all(): ReadonlyMap<string, Readonly<Trial>> {
    return this.#all
  }

  apply(event: JournalEvent): void {
    if (event.type === 'trial.started') {
      const { id, suggestion, share } = event
      this.#all.set(id, { suggestion, share, state: 'trialling', pair: 0 })
      if (this.#all.size > mostTrials) this.#forget()
      return
    }
    if (event.type !== 'trial.widened' && event.type !== 'trial.switched' && event.type !== 'trial.ended')
      return
    const trial = this.#all.get(event.id)
    if (trial === undefined) return
    if (event.type === 'trial.widened') trial.share = event.share
    else if (event.type === 'trial.switched') trial.pair = event.pair
    else trial.state = event.verdict
  }

  #forget(): void {
    const over = Array.from(this.#all).find(([, { state }]) => state !== 'trialling')
    if (over !== undefined) this.#all.delete(over[0])
  }
}

/** In the order in which they began; a pair counts once its treated side has ended. */
export function experimentsOf({ evidence }: Survey): readonly ExperimentReport[] {
  const pairs = new Map<string, Set<number>>()
  for (const { arm } of evidence.records.ended.values()) {
    if (arm?.arm !== 'treated') continue
    const own = pairs.get(arm.trial)
    if (own === undefined) pairs.set(arm.trial, new Set([arm.pair]))
    else own.add(arm.pair)
  }
  return Array.from(evidence.trials.all, ([id, { suggestion, share, state, pair }]) => ({
    id,
    suggestion,
    state,
    share,
    pairs: Math.max(pair, pairs.get(id)?.size ?? 0),
  }))
}

export function selfOf({ evidence: { records, trials } }: Survey): SelfReport {
  const states = Array.from(trials.all.values(), ({ state }) => state)
  const kept = states.filter((state) => state === 'kept').length
  const judged = kept + states.filter((state) => state === 'reverted').length
  const precision = wilson(kept, judged)
  return {
    ...(precision === undefined ? {} : { precision: intervalOf(precision) }),
    dropped: records.dropped.attempts,
  }
}
