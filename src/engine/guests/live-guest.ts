// A user's own machine as a chain of a run, alive: its actors, and what is recorded of them.

import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type EventObject,
  createActor,
  createMachine,
} from 'xstate'
import type { ChainOutcome, CompiledChain } from '../../definition/compiled-chain.ts'
import type { GuestSpec } from '../../definition/guest.ts'
import { setGuestHost, volatileOf } from '../../execution/guest-actors.ts'
import type { Payload } from '../../journal/event.ts'
import type { GuestState } from '../../journal/guest-fold.ts'
import type { Failure } from '../../kernel/failure.ts'
import { thaw } from '../../kernel/thaw.ts'
import { type ChainParent, hear, type LiveChain } from '../chains/chain-parent.ts'
import { GuestAttempts } from './guest-attempts.ts'
import { failedWith, outcomeOfDone, outcomeOfError } from './guest-outcome.ts'
import { pathsOf } from './guest-path.ts'
import { type EncodedGuest, encodeGuest, restoredIds, takenEvents } from './guest-snapshot.ts'
import { type From, type GuestStart, startOf } from './guest-start.ts'
import { type GuestSystem, isOrphan, stopActor, takeSystem } from './guest-system.ts'
import { GuestTimers } from './guest-timers.ts'
import { GuestTurns } from './guest-turns.ts'

/** The guest's actor, not started: anew with `input`, or where `fold` says it was. Start it within a turn. */
export function createLiveGuest(
  parent: ChainParent,
  key: string,
  chain: CompiledChain,
  from: From,
): LiveChain {
  return new LiveGuest(parent, key, chain, from)
}

class LiveGuest implements LiveChain {
  readonly key: string
  readonly version: string
  readonly actor: AnyActorRef & { start(): void; stop(): void }
  readonly waiting = new Set<string>()
  readonly #parent: ChainParent
  readonly #guest: GuestSpec
  readonly #start: GuestStart
  readonly #turns: GuestTurns
  readonly #attempts: GuestAttempts
  readonly #timers: GuestTimers
  readonly #system: GuestSystem
  readonly #volatile: ReadonlySet<object>
  /** As recorded last. */
  #payload: Payload | undefined
  #over = false

  constructor(parent: ChainParent, key: string, chain: CompiledChain, from: From) {
    this.#parent = parent
    this.key = key
    this.version = chain.version
    this.#guest = chain.spec.guest as GuestSpec
    this.#volatile = volatileOf(chain.machine)
    this.#start = startOf(key, this.#guest, from)
    this.#payload = this.#start.payload
    this.#turns = new GuestTurns(parent, () => this.#record())
    this.actor = this.#createActor(chain, this.#start)
    this.#timers = new GuestTimers(parent.services.clock, ({ source, target, event }) =>
      this.#turns.act(event.type, () => this.#system.relay(source, target, event)),
    )
    this.#system = takeSystem(
      this.actor,
      {
        relayed: (event, deliver, source) => this.#turns.relayed(event, deliver, source),
        schedule: (source, target, event, delay, id) =>
          this.#timers.schedule({ source, target, event }, delay, id),
        cancel: (source, id) => this.#timers.cancel(source, id),
        cancelAll: (source) => this.#timers.cancelAll(source),
      },
      restoredIds(this.#start.state?.snapshot),
    )
    this.#attempts = new GuestAttempts(parent, key, this.#start, (self, event) => {
      const ended = event.type === 'xstate.promise.resolve' ? 'done' : 'error'
      this.#turns.act(`xstate.${ended}.actor.${self.id}`, () => this.#system.relay(self, self, event))
    })
    setGuestHost(this.actor.system, this.#attempts)
    this.actor.subscribe({
      complete: () => hear(parent, () => this.#completed()),
      error: (error: unknown) =>
        hear(parent, () => this.#finish(outcomeOfError(error, this.#attempts.thrown))),
    })
  }

  get busy(): number {
    return this.#attempts.busy + this.#volatileRunning()
  }

  get inFlight(): number {
    return this.#attempts.inFlight + this.#volatileRunning()
  }

  get worked(): number {
    return this.#attempts.worked
  }

  dues(): Iterable<number> {
    return this.#timers.dues()
  }

  persisted(): Payload | undefined {
    return this.#payload
  }

  start(): void {
    const { failure, state } = this.#start
    if (failure !== undefined) this.#finish(failedWith(failure))
    else if (state === undefined) this.#turns.act('xstate.init', () => this.actor.start())
    else this.#turns.act('xstate.restored', () => this.#restore(state))
  }

  /** A signal is an event of its name, with what its payload has. */
  deliver(name: string, payload: unknown): void {
    const isFields = typeof payload === 'object' && payload !== null && !Array.isArray(payload)
    this.send({ ...(isFields ? payload : { payload }), type: name })
  }

  send(event: EventObject): void {
    this.#turns.act(event.type, () => this.#system.relay(undefined, this.actor, thaw(event)))
  }

  callEnded(): void {}

  cancel(failure?: Failure): void {
    if (failure === undefined) return this.#finish({ status: 'cancelled' })
    this.#parent.record({ type: 'chain.cut-short', chain: this.key, failure })
    this.#finish({ status: 'failed', step: '', failure })
  }

  resume(): void {
    this.#attempts.resume()
  }

  detach(): void {
    this.#over = true
    this.#attempts.detach()
    this.#stopAll()
  }

  #createActor(chain: CompiledChain, { failure, state, input }: GuestStart): LiveGuest['actor'] {
    const { runId, scheduledAt, services } = this.#parent
    const { attempts } = services
    const inspect = services.actors.inspector(services.inspect, runId, this.key)
    const place = { runId, chain: this.key, step: '', attempt: 1, scheduledAt }
    return createActor(failure === undefined ? chain.machine : createMachine({}), {
      id: this.key,
      ...(state === undefined ? { input } : { snapshot: state.snapshot }),
      logger: (...args: readonly unknown[]) =>
        attempts.log(place, 'info', args.map(String).join(' '), undefined),
      ...(inspect === undefined ? {} : { inspect }),
    } as never)
  }

  #restore({ timers }: GuestState): void {
    this.#turns.restore(() => this.actor.start())
    if (!this.#over) this.#timers.restore(timers, pathsOf(this.actor))
  }

  #volatileRunning(): number {
    if (this.#volatile.size === 0) return 0
    let count = 0
    for (const { logic } of this.#system.running as ReadonlySet<AnyActorRef & { readonly logic: object }>)
      if (this.#volatile.has(logic)) count++
    return count
  }

  /** All actors are at rest: what has become of them goes into the turn. */
  #record(): void {
    const { running } = this.#system
    for (const actor of Array.from(running)) if (isOrphan(actor, running)) stopActor(actor)
    const encoded = this.#encode()
    if (!encoded.ok) return this.#finish(failedWith(encoded.failure))
    this.#advance(encoded.payload)
    const waited = this.waiting.size > 0
    this.waiting.clear()
    for (const name of takenEvents(this.#snapshot())) this.waiting.add(name)
    if (waited || this.waiting.size > 0) this.#parent.waitsChanged()
    if (this.waiting.size > 0) this.#parent.pump(() => this.#listen())
  }

  #encode(): EncodedGuest {
    const { maxPayload } = this.#parent.services.limits
    return encodeGuest(this.key, this.actor, this.#system.running, maxPayload, (paths) => ({
      timers: this.#timers.persisted(paths),
      attempts: this.#attempts.persisted(),
      serial: this.#attempts.serial,
    }))
  }

  #advance(payload: Payload | undefined): void {
    const dropped = this.#attempts.takeDropped()
    // an event that the machine did not take leaves no trace
    if (payload !== undefined && payload === this.#payload) return
    this.#payload = payload
    const due = this.#timers.dues().reduce((first, one) => Math.min(first, one), Infinity)
    this.#parent.record({
      type: 'machine.advanced',
      chain: this.key,
      event: this.#turns.cause,
      value: this.#snapshot().value,
      ...(due < Infinity ? { due } : {}),
      ...(dropped.length === 0 ? {} : { dropped }),
      ...(payload === undefined ? {} : { payload }),
    })
  }

  /** Takes what was sent before the machine could: one event at a time, as each may change what it takes. */
  #listen(): void {
    for (const name of this.waiting) {
      if (this.#over || this.#turns.pending) return
      this.#parent.awaitSignal(this.key, name)
    }
  }

  #completed(): void {
    const snapshot = this.#snapshot()
    if (snapshot.status === 'done') this.#finish(outcomeOfDone(this.#guest, snapshot))
  }

  #finish(outcome: ChainOutcome): void {
    if (this.#over) return
    const encoded = this.#encode()
    if (this.#start.failure === undefined) this.#advance(encoded.ok ? encoded.payload : undefined)
    this.#over = true
    this.#stopAll()
    this.#parent.ended(this.key, outcome)
  }

  #stopAll(): void {
    this.#turns.close()
    this.#timers.clear()
    if (this.waiting.size > 0) this.#parent.waitsChanged()
    this.waiting.clear()
    this.actor.stop()
    for (const actor of Array.from(this.#system.running)) if (actor !== this.actor) stopActor(actor)
  }

  #snapshot(): AnyMachineSnapshot {
    return this.actor.getSnapshot() as AnyMachineSnapshot
  }
}
