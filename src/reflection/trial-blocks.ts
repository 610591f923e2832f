// Brings the runs of a trial of the whole process together: all of a block of time are one outcome, two blocks are a pair.

import type { TrialArm } from '../journal/watch-fact.ts'
import { type TrialOutcome, type TrialSum, addTo, beginSum, together } from './trial-outcome.ts'
import type { PairOutcome } from './trial-pairs.ts'

/** Runs that have not ended are waited for until so many later pairs of blocks are over. */
const patience = 2

interface Blocks {
  readonly control: TrialSum
  readonly treated: TrialSum
  /** Runs that have not ended. */
  out: number
}

export class TrialBlocks {
  readonly #open = new Map<number, Blocks>()
  #over = 0
  /** Pairs of blocks in one of which no run ended. */
  skipped = 0

  /** A run was accepted within a block. */
  drawn({ pair }: TrialArm): void {
    this.#of(pair).out++
  }

  /** A run has ended; with undefined it says nothing. @returns the pairs that are complete by that, in order. */
  ended({ pair, arm }: TrialArm, outcome: TrialOutcome | undefined): readonly PairOutcome[] {
    const blocks = this.#open.get(pair)
    if (blocks === undefined) return []
    blocks.out--
    if (outcome !== undefined) addTo(blocks[arm], outcome)
    return this.#complete()
  }

  /** Both blocks of the pair, and of all before, are over. */
  over(pair: number): readonly PairOutcome[] {
    this.#of(pair)
    this.#over = Math.max(this.#over, pair)
    return this.#complete()
  }

  #of(pair: number): Blocks {
    let blocks = this.#open.get(pair)
    if (blocks === undefined)
      this.#open.set(pair, (blocks = { control: beginSum(), treated: beginSum(), out: 0 }))
    return blocks
  }

  #complete(): readonly PairOutcome[] {
    const complete: PairOutcome[] = []
    for (const pair of [...this.#open.keys()].sort((a, b) => a - b)) {
      const blocks = this.#open.get(pair)
      if (blocks === undefined || pair > this.#over) break
      if (blocks.out > 0 && pair > this.#over - patience) break
      this.#open.delete(pair)
      const [control, treated] = [together(blocks.control), together(blocks.treated)]
      if (control === undefined || treated === undefined) this.skipped++
      else complete.push({ control, treated })
    }
    return complete
  }
}
