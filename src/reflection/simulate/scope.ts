// What a part of a simulated run has under way, so that all of it can be cut off at once.

import type { Agenda } from './agenda.ts'

export class Scope {
  #over = false
  readonly #cuts = new Set<() => void>()

  get over(): boolean {
    return this.#over
  }

  /** @returns takes it back. */
  onCut(cut: () => void): () => void {
    this.#cuts.add(cut)
    return () => void this.#cuts.delete(cut)
  }

  cut(): void {
    if (this.#over) return
    this.#over = true
    for (const cut of this.#cuts) cut()
    this.#cuts.clear()
  }

  /** Cut with this one, or before. */
  inner(): Scope {
    const scope = new Scope()
    this.onCut(() => scope.cut())
    return scope
  }

  /** At once where it is no time at all: whatever follows is part of the same turn. */
  after(agenda: Agenda, ms: number, go: () => void): void {
    if (ms > 0) this.later(agenda, ms, go)
    else if (!this.#over) go()
  }

  /** A turn of its own, however short it is. @param place where it was recorded. */
  later(agenda: Agenda, ms: number, go: () => void, place?: number): void {
    if (this.#over) return
    const fire = (): void => {
      forget()
      go()
    }
    const forget = this.onCut(agenda.at(agenda.now() + Math.max(0, ms), fire, place))
  }
}
