// A user's own machine as a chain of a run, alive: each event from outside and all that it sets off is one turn.

import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type EventObject,
  createActor,
  createMachine,
} from 'xstate'
import { guestInput } from '../chain/compile-guest.ts'
import type { ChainInput, ChainOutcome, CompiledChain } from '../definition/compiled-chain.ts'
import type { GuestSpec } from '../definition/guest.ts'
import { setGuestHost, volatileOf } from '../execution/guest-actors.ts'
import type { Payload } from '../journal/event.ts'
import { type GuestState, stateOf } from '../journal/guest-fold.ts'
import type { ChainFold } from '../journal/replay.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'
import { thaw } from '../kernel/thaw.ts'
import type { ChainParent } from './chain-parent.ts'
import { GuestAttempts } from './guest-attempts.ts'
import { pathsOf } from './guest-path.ts'
import { encodeGuest, restoredIds, takenEvents } from './guest-snapshot.ts'
import { type GuestSystem, isOrphan, stopActor, takeSystem } from './guest-system.ts'
import { GuestTimers } from './guest-timers.ts'
import type { LiveChain } from './live-chain.ts'

/** Actors that send each other events without end would hold the host for ever. */
const mostEvents = 100_000

/** The guest's actor, not started: anew with `input`, or where `fold` says it was. Start it within a turn. */
export function createLiveGuest(
  parent: ChainParent,
  key: string,
  chain: CompiledChain,
  from: { readonly input: ChainInput } | { readonly fold: ChainFold },
): LiveChain {
  return new LiveGuest(parent, key, chain, from)
}

class LiveGuest implements LiveChain {
  readonly key: string
  readonly version: string
  readonly actor: AnyActorRef & { stop(): void; start(): void }
  readonly waiting = new Set<string>()
  readonly #parent: ChainParent
  readonly #guest: GuestSpec
  readonly #attempts: GuestAttempts
  readonly #timers: GuestTimers
  readonly #system: GuestSystem
  readonly #volatile: ReadonlySet<object>
  readonly #state: GuestState | undefined
  /** Why it cannot even begin. */
  readonly #refused: Failure | undefined
  /** As recorded last. */
  #payload: Payload | undefined
  /** The event from outside that moves it now, and how many have followed from it. */
  #cause: string | undefined
  #events = 0
  #moving = false
  #pending = false
  #over = false

  constructor(
    parent: ChainParent,
    key: string,
    chain: CompiledChain,
    from: { readonly input: ChainInput } | { readonly fold: ChainFold },
  ) {
    this.#parent = parent
    this.key = key
    this.version = chain.version
    this.#guest = chain.spec.guest as GuestSpec
    this.#volatile = volatileOf(chain.machine)
    const fold = 'fold' in from ? from.fold : undefined
    this.#payload = fold?.guest?.payload
    this.#state = fold?.guest === undefined ? undefined : stateOf(fold.guest)
    const begun = this.#begin(from)
    this.#refused = begun.failure
    const { inspect, clock, attempts } = parent.services
    const place = { runId: parent.runId, chain: key, step: '', attempt: 1, scheduledAt: parent.acceptedAt }
    this.actor = createActor(begun.failure === undefined ? chain.machine : createMachine({}), {
      id: key,
      ...(this.#state === undefined ? { input: begun.input } : { snapshot: this.#state.snapshot }),
      logger: (...args: readonly unknown[]) =>
        attempts.log(place, 'info', args.map(String).join(' '), undefined),
      ...(inspect === undefined ? {} : { inspect: guarded(inspect) }),
    } as never)
    this.#timers = new GuestTimers(clock, ({ source, target, event }) =>
      this.#act(event.type, () => this.#system.relay(source, target, event)),
    )
    this.#system = takeSystem(
      this.actor,
      {
        relayed: (event, deliver) => this.#relayed(event, deliver),
        schedule: (source, target, event, delay, id) =>
          this.#timers.schedule({ source, target, event }, delay, id),
        cancel: (source, id) => this.#timers.cancel(source, id),
        cancelAll: (source) => this.#timers.cancelAll(source),
      },
      restoredIds(this.#state?.snapshot),
    )
    const queued = (item: string): boolean => fold?.open.get(item)?.queued ?? false
    this.#attempts = new GuestAttempts(
      parent,
      key,
      {
        serial: this.#state?.serial ?? 0,
        attempts: (this.#state?.attempts ?? []).map((one) => ({ ...one, queued: queued(one.item) })),
      },
      (self, { type, data }) => {
        const ended = type === 'xstate.promise.resolve' ? 'done' : 'error'
        const event = { type, data: ended === 'done' ? thaw(data) : data }
        this.#act(`xstate.${ended}.actor.${self.id}`, () => this.#system.relay(self, self, event))
      },
    )
    setGuestHost(this.actor.system, this.#attempts)
    this.actor.subscribe({
      complete: () => this.#completed(),
      error: (error: unknown) => this.#failed(error),
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
    const failure = this.#refused
    if (failure !== undefined) return this.#finish({ status: 'failed', step: '', failure })
    this.#act(this.#state === undefined ? 'xstate.init' : 'xstate.restored', () => {
      this.actor.start()
      if (this.#state !== undefined && !this.#over)
        this.#timers.restore(this.#state.timers, pathsOf(this.actor))
    })
  }

  /** A signal is an event of its name, with what its payload has. */
  deliver(name: string, payload: unknown): void {
    const fields =
      typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? payload : { payload }
    this.send({ ...fields, type: name })
  }

  send(event: EventObject): void {
    this.#act(event.type, () => this.#system.relay(undefined, this.actor, thaw(event)))
  }

  callEnded(): void {}

  cancel(): void {
    this.#finish({ status: 'cancelled' })
  }

  resume(): void {
    this.#attempts.resume()
  }

  detach(): void {
    this.#over = true
    this.#attempts.detach()
    this.#stopAll()
  }

  #begin(from: { readonly input: ChainInput } | { readonly fold: ChainFold }): {
    readonly input?: unknown
    readonly failure?: Failure
  } {
    if (this.#state !== undefined) return {}
    if ('fold' in from) {
      const message = `chain "${this.key}" has begun, but no state of it was recorded`
      return { failure: { kind: 'lost', message, retryable: true } }
    }
    try {
      return { input: thaw(guestInput(this.#guest, from.input)) }
    } catch (error) {
      return { failure: failureOf(error) }
    }
  }

  #volatileRunning(): number {
    if (this.#volatile.size === 0) return 0
    let count = 0
    for (const { logic } of this.#system.running as ReadonlySet<AnyActorRef & { logic?: object }>)
      if (logic !== undefined && this.#volatile.has(logic)) count++
    return count
  }

  /** Does what comes from outside as one turn; within one, what it sets off. */
  #act(cause: string, work: () => void): void {
    if (this.#over) return
    if (this.#moving) return work()
    this.#parent.turn(() => {
      this.#moving = true
      this.#events = 0
      this.#cause ??= cause
      try {
        work()
      } finally {
        this.#moving = false
      }
      if (this.#over || this.#pending) return
      this.#pending = true
      this.#parent.pump(() => this.#record())
    })
  }

  #relayed(event: EventObject, deliver: () => void): void {
    if (this.#over) return
    if (!this.#moving) return this.#act(event.type, deliver)
    if (++this.#events > mostEvents)
      throw new Error(
        `one event set off more than ${mostEvents} others: actors of the machine send each other events without end`,
      )
    deliver()
  }

  /** All that the event set off is over: what has become of the machine goes into the turn. */
  #record(): void {
    this.#pending = false
    if (this.#over) return
    for (const actor of Array.from(this.#system.running))
      if (isOrphan(actor, this.#system.running)) stopActor(actor)
    const stored = this.#encode()
    if (!stored.ok) return this.#finish({ status: 'failed', step: '', failure: stored.failure })
    this.#advance(stored.payload)
    this.waiting.clear()
    for (const name of takenEvents(this.#snapshot())) this.waiting.add(name)
    if (this.waiting.size > 0) this.#parent.pump(() => this.#listen())
  }

  #encode(): ReturnType<typeof encodeGuest> {
    return encodeGuest(
      this.key,
      this.actor,
      this.#system.running,
      this.#parent.services.limits.maxPayload,
      (paths) => ({
        timers: this.#timers.persisted(paths),
        attempts: this.#attempts.persisted(),
        serial: this.#attempts.serial,
      }),
    )
  }

  #advance(payload: Payload | undefined): void {
    const event = this.#cause ?? 'xstate.stop'
    this.#cause = undefined
    const dropped = this.#attempts.takeDropped()
    if (payload !== undefined && payload === this.#payload) return
    this.#payload = payload
    this.#parent.record({
      type: 'machine.advanced',
      chain: this.key,
      event,
      value: this.#snapshot().value,
      ...(dropped.length === 0 ? {} : { dropped }),
      ...(payload === undefined ? {} : { payload }),
    })
  }

  /** Takes what was sent before the machine could: one event at a time, as each may change what it takes. */
  #listen(): void {
    for (const name of this.waiting) {
      if (this.#over || this.#pending) return
      this.#parent.awaitSignal(this.key, name)
    }
  }

  #completed(): void {
    const snapshot = this.#snapshot()
    if (snapshot.status !== 'done') return
    try {
      const message = this.#guest.failed?.(snapshot)
      if (message === undefined) this.#finish({ status: 'succeeded', output: snapshot.output as unknown })
      else
        this.#finish({ status: 'failed', step: '', failure: { kind: 'failed', message, retryable: false } })
    } catch (error) {
      this.#finish({ status: 'failed', step: '', failure: failureOf(error) })
    }
  }

  #failed(error: unknown): void {
    const { thrown } = this.#attempts
    if (thrown !== undefined && thrown.error === error)
      this.#finish({ status: 'failed', step: thrown.step, failure: thrown.failure })
    else this.#finish({ status: 'failed', step: '', failure: failureOf(error) })
  }

  #finish(outcome: ChainOutcome): void {
    if (this.#over) return
    const stored = this.#encode()
    if (this.#refused === undefined) this.#advance(stored.ok ? stored.payload : undefined)
    this.#over = true
    this.#stopAll()
    this.#parent.ended(this.key, outcome)
  }

  #stopAll(): void {
    this.#timers.clear()
    this.waiting.clear()
    this.actor.stop()
    for (const actor of Array.from(this.#system.running)) if (actor !== this.actor) stopActor(actor)
  }

  #snapshot(): AnyMachineSnapshot {
    return this.actor.getSnapshot() as AnyMachineSnapshot
  }
}

/** An inspector that throws would wedge the actor's mailbox for good. */
function guarded<E>(inspect: (event: E) => void): (event: E) => void {
  return (event) => {
    try {
      inspect(event)
    } catch {
      // the inspector's own affair
    }
  }
}
