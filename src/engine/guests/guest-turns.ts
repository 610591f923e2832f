// The turns of a guest: what comes to any of its actors from outside, and all that follows from it, is one.

import type { AnyActorRef, EventObject } from 'xstate'
import type { ChainParent } from '../chains/chain-parent.ts'

/** Actors that send each other events without end would hold the host for ever. */
const mostEvents = 100_000

export class GuestTurns {
  readonly #parent: ChainParent
  readonly #rested: (cause: string) => void
  /** The event from outside, until what it did is recorded. */
  #cause: string | undefined
  #events = 0
  #moving = false
  #pending = false
  #closed = false
  /** While the guest is being restored: the actors whose snapshot was held back. */
  #told: Set<AnyActorRef> | undefined

  /** @param rested called at the end of a turn, before it is committed, when all actors are at rest. */
  constructor(parent: ChainParent, rested: (cause: string) => void) {
    this.#parent = parent
    this.#rested = rested
  }

  /** Whether something has moved that is not recorded yet. */
  get pending(): boolean {
    return this.#pending
  }

  /** What moves the guest now. */
  get cause(): string {
    return this.#cause ?? 'xstate.stop'
  }

  /** Does what comes from outside as a turn; within one, as a part of it. */
  act(cause: string, work: () => void): void {
    if (this.#closed) return undefined
    if (this.#moving) return work()
    return this.#parent.turn(() => {
      this.#moving = true
      this.#events = 0
      this.#cause ??= cause
      try {
        work()
      } finally {
        this.#moving = false
      }
      if (this.#closed || this.#pending) return
      this.#pending = true
      this.#parent.pump(() => this.#rest())
    })
  }

  /** An event is on its way from one actor to another, or from outside to one. */
  relayed(event: EventObject, deliver: () => void, source: AnyActorRef | undefined): void {
    if (this.#closed || this.#isEcho(event, source)) return
    if (!this.#moving) return this.act(event.type, deliver)
    if (++this.#events > mostEvents)
      throw new Error(
        `one event set off more than ${mostEvents} others: the actors call each other without end`,
      )
    deliver()
  }

  /** Starts the actors that were restored, as a part of a turn. */
  restore(start: () => void): void {
    this.#told = new Set()
    start()
    this.#told = undefined
  }

  /** Nothing moves any more. */
  close(): void {
    this.#closed = true
  }

  #rest(): void {
    this.#pending = false
    if (this.#closed) return
    this.#rested(this.cause)
    this.#cause = undefined
  }

  /** XState tells the parent of a restored actor's snapshot as if it were a new one. */
  #isEcho(event: EventObject, source: AnyActorRef | undefined): boolean {
    if (this.#told === undefined || source === undefined || this.#told.has(source)) return false
    if (event.type !== `xstate.snapshot.${source.id}`) return false
    this.#told.add(source)
    return true
  }
}
