// A queue in memory, as a stand-in for the broker of a real app: it can be told to break, and to hang.

export interface Message {
  readonly id: string
  readonly order: number
}

export class Queue {
  readonly #messages: Message[] = []
  #wake: (() => void) | undefined
  /** Thrown by the next `take`. */
  broken: Error | undefined
  /** While true, `take` answers nobody, not even an abort. */
  hangs = false

  get length(): number {
    return this.#messages.length
  }

  put(message: Message): void {
    this.#messages.push(message)
    this.#wake?.()
  }

  /** The first message, which stays until `done`; waits for one. Rejects when the signal aborts. */
  async take(signal: AbortSignal): Promise<Message> {
    for (;;) {
      signal.throwIfAborted()
      if (this.broken !== undefined) throw this.broken
      const [first] = this.#messages
      if (first !== undefined && !this.hangs) return first
      await this.#news(signal)
    }
  }

  /** Resolves when there may be something to take, or the signal aborts. */
  async #news(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const aborted = (): void => {
      if (!this.hangs) resolve()
    }
    this.#wake = resolve
    signal.addEventListener('abort', aborted, { once: true })
    await promise
    signal.removeEventListener('abort', aborted)
  }

  done({ id }: Message): void {
    const at = this.#messages.findIndex((message) => message.id === id)
    if (at >= 0) this.#messages.splice(at, 1)
  }

  /** Wakes whoever waits, to look again. */
  poke(): void {
    this.#wake?.()
  }
}
