// Where a service stands: its machine, and what is told when it comes to another state.

import { type Actor, type AnyActorRef, createActor } from 'xstate'
import {
  type ProbeName,
  type ServiceEvent,
  serviceMachine,
} from '../../machines/supervision/service-machine.ts'
import type { ServiceSpec } from '../definition/service.ts'
import type { Failure } from '../kernel/failure.ts'
import type { TreeParts } from './tree-parts.ts'

/** Where a service stands, as its machine names it. */
export type ServiceState =
  | 'stopped'
  | 'waiting'
  | 'starting'
  | 'unready'
  | 'ready'
  | 'failing'
  | 'stopping'
  | 'failed'
  | 'backing-off'

export class ServiceStanding {
  /** When it came to its state (ms since the epoch). */
  since: number
  /** Why its last life ended wrongly, or its readiness failed. */
  failure: Failure | undefined
  readonly #id: string
  readonly #parts: TreeParts
  readonly #actor: Actor<typeof serviceMachine>
  #state: ServiceState = 'stopped'

  constructor({ probes }: ServiceSpec, id: string, parts: TreeParts) {
    this.#id = id
    this.#parts = parts
    this.since = parts.host.clock.now()
    const { startup, ready, alive } = probes
    const thresholds: Partial<Record<ProbeName, number>> = {}
    if (startup !== undefined) thresholds.startup = startup.failureThreshold
    if (ready !== undefined) thresholds.ready = ready.failureThreshold
    if (alive !== undefined) thresholds.alive = alive.failureThreshold
    const { inspect } = parts.host
    this.#actor = createActor(serviceMachine, {
      id,
      input: { thresholds },
      ...(inspect === undefined ? {} : { inspect }),
    })
    this.#actor.subscribe({ error: () => {} })
    this.#actor.start()
  }

  get actor(): AnyActorRef {
    return this.#actor
  }

  get state(): ServiceState {
    return this.#state
  }

  /** When its next start is due, while it backs off (ms since the epoch). */
  get due(): number | null {
    return this.#state === 'backing-off' ? this.#actor.getSnapshot().context.due : null
  }

  stop(): void {
    this.#actor.stop()
  }

  send(event: ServiceEvent): void {
    const before = this.#state
    this.#actor.send(event)
    const { value } = this.#actor.getSnapshot()
    const now = typeof value === 'string' ? value : value.running
    if (now === before) return
    this.#state = now
    this.since = this.#parts.host.clock.now()
    this.#parts.host.moved()
    const { readiness } = this.#parts
    if (before === 'ready') {
      readiness.set(this.#id, false)
      const { failure } = this
      if (now === 'unready')
        this.#parts.host.tell({
          type: 'service.unready',
          service: this.#id,
          ...(failure === undefined ? {} : { failure }),
        })
    }
    if (now !== 'ready') return
    this.failure = undefined
    this.#parts.host.tell({ type: 'service.ready', service: this.#id })
    readiness.set(this.#id, true)
  }
}
