// Promises that wait for something durable; all of them are told when the store fails first.

import type { CatenaryError } from '../kernel/errors.ts'

interface Waiter<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

/** Who waits, by what for. */
export class Waiters<T> {
  readonly #waiting = new Map<string, Set<Waiter<T>>>()
  #failure: CatenaryError | undefined

  /** Waits for `name`; `begin`, if given, does what will bring it about. */
  async wait(
    name: string,
    begin?: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      let set = this.#waiting.get(name)
      if (set === undefined) this.#waiting.set(name, (set = new Set()))
      const waiter: Waiter<T> = { resolve, reject }
      const all = set
      all.add(waiter)
      const leave = (): void => {
        all.delete(waiter)
        if (all.size === 0 && this.#waiting.get(name) === all) this.#waiting.delete(name)
      }
      begin?.(
        (value) => {
          leave()
          resolve(value)
        },
        (error) => {
          leave()
          reject(error)
        },
      )
    })
  }

  /** Tells everyone who waits for `name`. */
  tell(name: string, value: T): void {
    const waiting = this.#waiting.get(name)
    this.#waiting.delete(name)
    for (const { resolve } of waiting ?? []) resolve(value)
  }

  /** Tells everyone that it will never be, now and from now on. */
  fail(error: CatenaryError): void {
    this.#failure = error
    for (const waiting of this.#waiting.values()) for (const { reject } of waiting) reject(error)
    this.#waiting.clear()
  }
}
