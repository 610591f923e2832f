// Breakers alive: a machine for each key in use, told the outcome of what it let through.

import { type Actor, type AnyActorRef, type InspectionEvent, createActor } from 'xstate'
import { type BreakerEvent, type BreakerTerms, breakerMachine } from '../../machines/breaker.ts'
import type { BreakerSpec } from '../definition/guards.ts'
import type { BreakerFact } from '../journal/breaker-fact.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Failure } from '../kernel/failure.ts'
import { atOnce } from './at-once.ts'
import { Keys } from './keys.ts'

interface Ports {
  readonly clock: Clock
  readonly inspect: ((event: InspectionEvent) => void) | undefined
}

/** Lets one call through, and hears what came of it; once. */
export interface Passage {
  readonly generation: number
  /** How it moved the breaker to be let through. */
  readonly move: BreakerFact | undefined
}

/** Those that were refused do not all come back at once: later by up to this share of `openFor`. */
const spread = 0.1

/** One key of a breaker. */
export class LiveBreaker {
  readonly id: string
  readonly #clock: Clock
  readonly #counts: (failure: Failure) => boolean
  readonly #actor: Actor<typeof breakerMachine>
  #usedAt: number
  #stopped = false

  constructor(id: string, terms: BreakerTerms, spec: BreakerSpec, { clock, inspect }: Ports) {
    this.id = id
    this.#clock = clock
    this.#counts = spec.counts ?? countsByKind
    this.#usedAt = clock.now()
    this.#actor = createActor(breakerMachine, {
      id: `breaker:${id}`,
      input: terms,
      ...(inspect === undefined ? {} : { inspect }),
    })
    this.#actor.start()
  }

  get actor(): AnyActorRef {
    return this.#actor
  }

  get snapshot(): ReturnType<Actor<typeof breakerMachine>['getSnapshot']> {
    return this.#actor.getSnapshot()
  }

  /** Little would be lost with it: it is closed, and was not used for as long as it would stay open. */
  get idle(): boolean {
    const { value, context } = this.snapshot
    return value === 'closed' && this.#clock.now() - this.#usedAt > context.openFor
  }

  /** Why nobody may pass now; undefined where someone may. Takes nothing. */
  refusal(): Failure | undefined {
    const { value, context } = this.snapshot
    if (value === 'closed') return undefined
    const now = this.#clock.now()
    if (value === 'open' && now >= context.until) return undefined
    if (value === 'half-open' && context.trials < context.probes) return undefined
    const { openFor } = context
    const left = value === 'open' ? context.until - now : openFor
    const why = value === 'open' ? 'is open' : 'is half-open, and its probes are under way'
    return {
      kind: 'refused',
      code: 'BREAKER_OPEN',
      message: `breaker "${this.id}" ${why}`,
      retryable: true,
      retryAfter: left + Math.floor(this.#clock.random() * openFor * spread),
    }
  }

  /** Lets one pass, or says why not. */
  pass(): Passage | Failure {
    const refusal = this.refusal()
    if (refusal !== undefined) return refusal
    const now = this.#clock.now()
    this.#usedAt = now
    const before = this.snapshot.value
    if (before !== 'closed') this.#send({ type: 'asked', at: now })
    return { generation: this.snapshot.context.generation, move: this.#moved(before) }
  }

  /** What came of one that passed. @param failure undefined where it went well. */
  judge({ generation }: Passage, failure: Failure | undefined): BreakerFact | undefined {
    const before = this.snapshot.value
    const at = this.#clock.now()
    this.#usedAt = at
    const type = failure === undefined ? 'succeeded' : this.#isCounted(failure) ? 'failed' : 'ignored'
    this.#send({ type, generation, at })
    return this.#moved(before)
  }

  /** Nothing came of one that passed. */
  forget({ generation }: Passage): void {
    this.#send({ type: 'ignored', generation, at: this.#clock.now() })
  }

  tune(terms: BreakerTerms): void {
    this.#send({ type: 'tuned', terms })
  }

  stop(): void {
    this.#stopped = true
    this.#actor.stop()
  }

  #send(event: BreakerEvent): void {
    if (!this.#stopped) this.#actor.send(event)
  }

  /** What the author says may throw, which must not reach the run: its failure then counts as it would anyway. */
  #isCounted(failure: Failure): boolean {
    try {
      return atOnce(this.#counts(failure), `counts of breaker "${this.id}"`)
    } catch {
      return countsByKind(failure)
    }
  }

  #moved(before: string): BreakerFact | undefined {
    const { value, context } = this.snapshot
    if (value === before) return undefined
    const breaker = this.id
    if (value === 'half-open') return { type: 'breaker.half-opened', breaker }
    if (value === 'closed') return { type: 'breaker.closed', breaker }
    const { failures, outcomes, until } = context
    return { type: 'breaker.opened', breaker, failures, of: outcomes.length, until }
  }
}

/** What says something about the other side: not what was refused, did not fit, or was cancelled. */
function countsByKind({ kind }: Failure): boolean {
  return kind === 'thrown' || kind === 'timeout' || kind === 'lost'
}

export interface Breakers {
  of(spec: BreakerSpec, key: string): LiveBreaker
  /** Takes over what the config says now. */
  retune(): void
  readonly live: Iterable<LiveBreaker>
  stop(): void
}

/** @param tune a breaker's terms under the config in force. */
export function createBreakers(
  ports: Ports,
  tune: (id: string, terms: BreakerTerms) => BreakerTerms,
): Breakers {
  const specs = new Map<LiveBreaker, BreakerSpec>()
  const keys = new Keys<LiveBreaker>({
    idle: (breaker) => breaker.idle,
    drop(breaker) {
      specs.delete(breaker)
      breaker.stop()
    },
  })
  return {
    of(spec, key) {
      const id = key === '' ? spec.id : `${spec.id}/${key}`
      return keys.of(id, () => {
        const breaker = new LiveBreaker(id, tune(spec.id, spec.terms), spec, ports)
        specs.set(breaker, spec)
        return breaker
      })
    },
    retune() {
      for (const [breaker, spec] of specs) breaker.tune(tune(spec.id, spec.terms))
    },
    get live() {
      return keys.all
    },
    stop() {
      for (const breaker of keys.all) breaker.stop()
    },
  }
}
