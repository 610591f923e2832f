// Limiters alive: a machine and a line for each key in use, told the time when someone asks.

import { type Actor, type AnyActorRef, type InspectionEvent, createActor } from 'xstate'
import {
  type LimiterEvent,
  type LimiterTerms,
  canEverFit,
  dueFor,
  limiterMachine,
  tokensAt,
} from '../../machines/limiter.ts'
import type { LimiterSpec } from '../definition/guards.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { Line } from '../kernel/line.ts'
import { Keys } from './keys.ts'

/** One who waits. */
interface Waiting {
  readonly cost: number
  granted(): void
}

interface Ports {
  readonly clock: Clock
  readonly inspect: ((event: InspectionEvent) => void) | undefined
}

/** One key of a limiter. */
export class LiveLimiter {
  readonly id: string
  readonly #clock: Clock
  readonly #actor: Actor<typeof limiterMachine>
  readonly #line = new Line<Waiting>()
  #timer: Cancel | undefined
  #due = 0
  #offering = false
  #stopped = false

  constructor(id: string, terms: LimiterTerms, { clock, inspect }: Ports) {
    this.id = id
    this.#clock = clock
    this.#actor = createActor(limiterMachine, {
      id: `limiter:${id}`,
      input: { ...terms, at: clock.now() },
      ...(inspect === undefined ? {} : { inspect }),
    })
    this.#actor.start()
  }

  get actor(): AnyActorRef {
    return this.#actor
  }

  get snapshot(): ReturnType<Actor<typeof limiterMachine>['getSnapshot']> {
    return this.#actor.getSnapshot()
  }

  /** Nothing would be lost with it. */
  get idle(): boolean {
    const { context } = this.snapshot
    return (
      context.taken === 0 &&
      this.#line.size === 0 &&
      tokensAt(context, this.#clock.now()) >= (context.rate === null ? 0 : context.burst)
    )
  }

  /** Whether so much could ever go. */
  canFit(cost: number): boolean {
    return canEverFit(this.snapshot.context, cost)
  }

  /** Goes at once, where nobody waits and there is room. */
  tryTake(cost: number): boolean {
    if (this.#line.size > 0 || this.#stopped) return false
    const { context } = this.snapshot
    const free = context.taken + cost <= (context.inFlight ?? Infinity)
    if (!free || dueFor(context, cost, this.#clock.now()) > this.#clock.now()) return false
    this.#send({ type: 'asked', cost, at: this.#clock.now() })
    return true
  }

  /** Waits in line; may be granted at once. @returns gives up waiting. */
  wait(cost: number, fairBy: string, granted: () => void): Cancel {
    const alone = this.#line.size === 0
    const leave = this.#line.join({ cost, granted }, fairBy)
    if (alone && this.snapshot.value === 'open') {
      const before = this.snapshot.context.granted
      this.#send({ type: 'asked', cost, at: this.#clock.now() })
      if (this.snapshot.context.granted > before) {
        this.#line.take()
        granted()
        return () => {}
      }
      this.#arm()
    } else this.#send({ type: 'joined' })
    return () => {
      if (!leave()) return
      this.#send({ type: 'left' })
      // who comes next may fit where this one did not
      this.#offer()
    }
  }

  /** The cost is no longer in flight. */
  release(cost: number): void {
    this.#send({ type: 'released', cost })
    this.#offer()
  }

  /** What was let through at `at` did not go after all. */
  giveBack(cost: number, at: number): void {
    this.#send({ type: 'returned', cost, at })
    this.#offer()
  }

  tune(terms: LimiterTerms): void {
    this.#send({ type: 'tuned', terms, at: this.#clock.now() })
    this.#offer()
  }

  /** Nothing is granted any more. */
  stop(): void {
    this.#stopped = true
    this.#timer?.()
    this.#timer = undefined
    this.#actor.stop()
  }

  #send(event: LimiterEvent): void {
    if (!this.#stopped) this.#actor.send(event)
  }

  /** Lets through as many as may go. A grant may release or leave at once, which must not offer twice. */
  #offer(): void {
    if (this.#offering || this.#stopped) return
    this.#offering = true
    try {
      for (let first = this.#line.first(); first !== undefined; first = this.#line.first()) {
        const before = this.snapshot.context.granted
        this.#send({ type: 'offered', cost: first.cost, at: this.#clock.now() })
        if (this.snapshot.context.granted === before) break
        this.#line.take()
        first.granted()
      }
    } finally {
      this.#offering = false
    }
    this.#arm()
  }

  /** There is a timer only while the first in line waits for tokens. */
  #arm(): void {
    const first = this.#line.first()
    const { context, value } = this.snapshot
    // what was made smaller than the first in line waits for another change
    const timed = first !== undefined && value === 'drained' && canEverFit(context, first.cost)
    const due = timed ? dueFor(context, first.cost, this.#clock.now()) : 0
    if (due === this.#due && this.#timer !== undefined) return
    this.#timer?.()
    this.#timer = undefined
    this.#due = due
    if (due === 0) return
    this.#timer = this.#clock.at(due, () => {
      this.#timer = undefined
      this.#offer()
    })
  }
}

export interface Limiters {
  of(spec: LimiterSpec, key: string): LiveLimiter
  /** Takes over what the config says now. */
  retune(): void
  readonly live: Iterable<LiveLimiter>
  stop(): void
}

/** @param tune a limiter's terms under the config in force. */
export function createLimiters(
  ports: Ports,
  tune: (id: string, terms: LimiterTerms) => LimiterTerms,
): Limiters {
  const specs = new Map<LiveLimiter, LimiterSpec>()
  const keys = new Keys<LiveLimiter>({
    idle: (limiter) => limiter.idle,
    drop(limiter) {
      specs.delete(limiter)
      limiter.stop()
    },
  })
  return {
    of(spec, key) {
      const id = key === '' ? spec.id : `${spec.id}/${key}`
      return keys.of(id, () => {
        const limiter = new LiveLimiter(id, tune(spec.id, spec.terms), ports)
        specs.set(limiter, spec)
        return limiter
      })
    },
    retune() {
      for (const [limiter, spec] of specs) limiter.tune(tune(spec.id, spec.terms))
    },
    get live() {
      return keys.all
    },
    stop() {
      for (const limiter of keys.all) limiter.stop()
    },
  }
}
