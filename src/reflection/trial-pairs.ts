// Brings the runs of a trial together in pairs, in the order in which they were drawn, so that fast ones have no say first.

import type { TrialArm } from '../journal/watch-fact.ts'
import type { TrialOutcome } from './trial-outcome.ts'

export interface PairOutcome {
  readonly control: TrialOutcome
  readonly treated: TrialOutcome
}

/** A pair that is not complete is waited for until so many later ones are. */
const patience = 20
/** Most pairs that are waited for at a time. */
const mostOpen = 1_000

type Half = Partial<Record<TrialArm['arm'], TrialOutcome | null>>

export class TrialPairs {
  readonly #open = new Map<number, Half>()
  #next = 1
  /** Pairs that came to nothing: a run of them was cancelled, or did not end in time. */
  skipped = 0

  /** A run was drawn. */
  drawn({ pair }: TrialArm): void {
    if (pair < this.#next || this.#open.has(pair)) return
    this.#open.set(pair, {})
    if (this.#open.size > mostOpen) this.#skip()
  }

  /**
   * A run has ended; with undefined it says nothing.
   * @returns the pairs that are complete by that, in order.
   */
  ended({ pair, arm }: TrialArm, outcome: TrialOutcome | undefined): readonly PairOutcome[] {
    const half = this.#open.get(pair)
    if (half === undefined || half[arm] !== undefined) return []
    half[arm] = outcome ?? null
    const complete: PairOutcome[] = []
    for (;;) {
      const found = this.#take()
      if (found === undefined) return complete
      if (found !== 'none') complete.push(found)
    }
  }

  /** The next pair, where it is complete or not waited for any longer. */
  #take(): PairOutcome | 'none' | undefined {
    const half = this.#open.get(this.#next)
    if (half === undefined) {
      // one that nobody was drawn for
      if (this.#open.size === 0 || Math.max(...this.#open.keys()) < this.#next) return undefined
      this.#next++
      return 'none'
    }
    const { control, treated } = half
    if (control === null || treated === null) return this.#skip()
    if (control !== undefined && treated !== undefined) {
      this.#open.delete(this.#next++)
      return { control, treated }
    }
    let later = 0
    for (const one of this.#open.values()) if (one.control !== undefined && one.treated !== undefined) later++
    return later > patience ? this.#skip() : undefined
  }

  #skip(): 'none' {
    this.#open.delete(this.#next++)
    this.skipped++
    return 'none'
  }
}
