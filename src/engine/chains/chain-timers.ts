// The timers of a live chain: absolute due times, each recorded as it fires.

import { atDue, type Cancel } from '../../kernel/clock.ts'
import { LazyMap } from '../../kernel/lazy-map.ts'
import type { ChainParent } from './chain-parent.ts'

interface Timer {
  readonly due: number
  readonly cancel: Cancel
}

export class ChainTimers {
  readonly #parent: ChainParent
  readonly #chain: string
  readonly #timers = new LazyMap<string, Timer>()

  constructor(parent: ChainParent, chain: string) {
    this.#parent = parent
    this.#chain = chain
  }

  /** @param id the timer's actor; with an item, `actor/item`. */
  schedule(id: string, due: number, item: string | undefined, fire: () => void): void {
    this.arm(id, due, () => {
      const step = item === undefined ? id : id.slice(0, id.indexOf('/'))
      const of = item === undefined ? {} : { item }
      this.#parent.record({ type: 'timer.fired', chain: this.#chain, step, ...of })
      fire()
    })
  }

  /** A timer whose firing is recorded as something else, by `fire`. */
  arm(id: string, due: number, fire: () => void): void {
    const cancel = atDue(this.#parent.services.clock, due, () => {
      if (this.#timers.delete(id)) this.#parent.turn(fire)
    })
    this.#timers.set(id, { due, cancel })
  }

  /** @returns whether it was running. */
  unschedule(id: string): boolean {
    this.#timers.get(id)?.cancel()
    return this.#timers.delete(id)
  }

  *dues(): Iterable<number> {
    for (const { due } of this.#timers.values()) yield due
  }

  stop(): void {
    for (const { cancel } of this.#timers.values()) cancel()
    this.#timers.clear()
  }
}
