// The `each` steps of a live chain that are under way, taken together. Made only where there is one.

import type { EachRunner } from './each-runner.ts'

export class Eaches {
  readonly #runners = new Map<string, EachRunner>()
  #worked = 0

  get busy(): number {
    let busy = 0
    for (const each of this.#runners.values()) busy += each.busy
    return busy
  }

  /** How long they worked, also those that are over (ms). */
  get worked(): number {
    let worked = this.#worked
    for (const each of this.#runners.values()) worked += each.worked
    return worked
  }

  get inFlight(): number {
    let inFlight = 0
    for (const each of this.#runners.values()) inFlight += each.inFlight
    return inFlight
  }

  add(id: string, runner: EachRunner): void {
    this.#runners.set(id, runner)
  }

  get(id: string): EachRunner | undefined {
    return this.#runners.get(id)
  }

  /** The machine has gone on without it. */
  abort(id: string): void {
    const each = this.#runners.get(id)
    this.#worked += each?.worked ?? 0
    each?.abort()
    this.#runners.delete(id)
  }

  resume(): void {
    for (const each of this.#runners.values()) each.resume()
  }

  detach(): void {
    for (const each of this.#runners.values()) each.detach()
  }
}
