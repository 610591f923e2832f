// The retry budget: retries are at most a share of all attempts of the last while; beyond it, they wait.

import type { Cancel, Clock } from '../kernel/clock.ts'
import { Line } from '../kernel/line.ts'

/** How many retries there may be. */
export interface RetryTerms {
  /** Share of the attempts in the window that may be retries, from 0 to 1. */
  readonly ratio: number
  /** How long an attempt counts (ms). */
  readonly window: number
  /** So many retries a window are always allowed, however few attempts there are. */
  readonly minimum: number
}

/**
 * Ten retries a second are always allowed, as in Finagle's `RetryBudget` and Linkerd, whose share is 20 % over 10 s.
 */
export const defaultRetryTerms: RetryTerms = { ratio: 0.1, window: 60_000, minimum: 600 }

const buckets = 60

/**
 * Counts in buckets of a sixtieth of the window. What is partly out of the window counts where it is a retry, and
 * does not where it is an attempt: so the budget holds for every window, whatever its edges.
 */
export class RetryBudget {
  readonly #clock: Clock
  readonly #terms: () => RetryTerms
  readonly #attempts = new Float64Array(buckets + 1)
  readonly #retries = new Float64Array(buckets + 1)
  readonly #line = new Line<() => void>()
  #width = 0
  #now = 0
  #allAttempts = 0
  #allRetries = 0
  #timer: Cancel | undefined
  #stopped = false

  /** @param terms asked for each retry, since the config may change them. */
  constructor(clock: Clock, terms: () => RetryTerms) {
    this.#clock = clock
    this.#terms = terms
  }

  /** An attempt starts; one that waits may go because of it. */
  attempted(): void {
    this.#turn()
    add(this.#attempts, this.#now)
    this.#allAttempts++
    if (this.#line.size > 0) this.#offer()
  }

  /** Takes one retry, where the budget has room and nobody waits. */
  tryTake(): boolean {
    if (this.#line.size > 0) return false
    return this.#take()
  }

  /** Waits in line for room; may be granted at once. @returns gives up waiting. */
  wait(granted: () => void): Cancel {
    const leave = this.#line.join(granted)
    this.#offer()
    return () => {
      leave()
      this.#arm()
    }
  }

  /** Takes over what the config says now. */
  retune(): void {
    this.#offer()
  }

  /** Nothing is granted any more. */
  stop(): void {
    this.#stopped = true
    this.#disarm()
  }

  #disarm(): void {
    this.#timer?.()
    this.#timer = undefined
  }

  #take(): boolean {
    this.#turn()
    const { ratio, minimum } = this.#terms()
    const counted = this.#allAttempts - (this.#attempts[(this.#now + 1) % (buckets + 1)] as number)
    if (this.#allRetries + 1 > Math.max(minimum, Math.floor(ratio * counted))) return false
    add(this.#retries, this.#now)
    this.#allRetries++
    return true
  }

  #offer(): void {
    if (this.#stopped) return
    while (this.#line.size > 0 && this.#take()) this.#line.take()?.()
    this.#arm()
  }

  /** Room comes with time: looks again as the oldest bucket goes, as long as someone waits. */
  #arm(): void {
    const wanted = this.#line.size > 0 && !this.#stopped
    if (!wanted) return this.#disarm()
    if (this.#timer !== undefined) return undefined
    this.#timer = this.#clock.at((this.#now + 1) * this.#width, () => {
      this.#timer = undefined
      this.#offer()
    })
    return undefined
  }

  /** Forgets the buckets that have left the window. A clock that was put back forgets nothing. */
  #turn(): void {
    const width = Math.max(1, Math.ceil(this.#terms().window / buckets))
    if (width !== this.#width) this.#widen(width)
    const now = Math.floor(this.#clock.now() / width)
    for (let left = Math.min(now - this.#now, buckets + 1); left > 0; left--) {
      const at = (now - left + 1) % (buckets + 1)
      this.#allAttempts -= this.#attempts[at] as number
      this.#allRetries -= this.#retries[at] as number
      this.#attempts[at] = 0
      this.#retries[at] = 0
    }
    this.#now = Math.max(this.#now, now)
  }

  /** Another window: what was counted counts as of now, so that a change lends nobody a retry. */
  #widen(width: number): void {
    const attempts = this.#allAttempts
    const retries = this.#allRetries
    this.#attempts.fill(0)
    this.#retries.fill(0)
    this.#width = width
    this.#now = Math.floor(this.#clock.now() / width)
    this.#attempts[this.#now % (buckets + 1)] = attempts
    this.#retries[this.#now % (buckets + 1)] = retries
  }
}

function add(counts: Float64Array, bucket: number): void {
  const at = bucket % (buckets + 1)
  counts[at] = (counts[at] as number) + 1
}
