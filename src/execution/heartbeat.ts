// The signs of life of one attempt: notices where one is missed, and keeps what the last one said.

import type { Cancel, Clock } from '../kernel/clock.ts'
import { encode } from '../kernel/codec.ts'
import { CatenaryError } from '../kernel/errors.ts'

/** What a sign of life says goes into every record of a failure, so it is kept small (characters of its encoding). */
const mostDetail = 16_384

export class Heartbeat {
  /** What the last sign of life said, encoded. */
  detail: string | undefined
  readonly #clock: Clock
  readonly #limit: number
  readonly #missed: () => void
  #last: number
  #timer: Cancel | undefined

  /** @param limit longest time between two (ms); undefined for any. */
  constructor(clock: Clock, limit: number | undefined, missed: () => void) {
    this.#clock = clock
    this.#limit = limit ?? Infinity
    this.#missed = missed
    this.#last = clock.now()
    if (limit !== undefined) this.#arm()
  }

  /** Refuses what cannot be recorded, where it is said. */
  beat(detail: unknown): void {
    this.#last = this.#clock.now()
    if (detail === undefined) return
    const encoded = encode(detail, 'detail of a heartbeat')
    if (encoded.length > mostDetail) {
      throw new CatenaryError(
        'PAYLOAD_TOO_LARGE',
        `detail of a heartbeat takes ${encoded.length} characters, more than ${mostDetail}: say where the data is instead`,
      )
    }
    this.detail = encoded
  }

  stop(): void {
    this.#timer?.()
  }

  /** One timer for many signs of life: it looks, when due, how old the last one is. */
  #arm(): void {
    this.#timer = this.#clock.at(this.#last + this.#limit, () => {
      if (this.#clock.now() - this.#last < this.#limit) this.#arm()
      else this.#missed()
    })
  }
}
