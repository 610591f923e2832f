// What is kept by key without end of keys: the idle ones go, at a cost that is spread over those that come.

/** Below so many nobody looks for idle ones. */
const fewest = 1_000

export class Keys<T> {
  readonly #all = new Map<string, T>()
  readonly #of: { readonly idle: (one: T) => boolean; readonly drop: (one: T) => void }
  #sweepAt = fewest

  constructor(of: { readonly idle: (one: T) => boolean; readonly drop: (one: T) => void }) {
    this.#of = of
  }

  get all(): Iterable<T> {
    return this.#all.values()
  }

  of(key: string, make: () => T): T {
    let one = this.#all.get(key)
    if (one === undefined) {
      if (this.#all.size >= this.#sweepAt) this.#sweep()
      one = make()
      this.#all.set(key, one)
    }
    return one
  }

  /** The next sweep comes when there are twice as many as this one leaves. */
  #sweep(): void {
    for (const [key, one] of this.#all) {
      if (!this.#of.idle(one)) continue
      this.#all.delete(key)
      this.#of.drop(one)
    }
    this.#sweepAt = Math.max(fewest, 2 * this.#all.size)
  }
}
