// One chain of a run, alive: its XState actor, and the effects that its machine asked for.

import { type AnyActorRef, createActor } from 'xstate'
import type { ChainContext } from '../../machines/state.ts'
import type { StepOptionsSpec } from '../definition/spec.ts'
import type { ChainInput, ChainOutcome, CompiledChain } from '../definition/compiled-chain.ts'
import type { Outcome } from '../execution/attempt.ts'
import { decideNow } from '../execution/decide.ts'
import { type Effect, type EffectHost, setHost } from '../execution/effect.ts'
import type { ChainFold, OpenAttempt } from '../journal/replay.ts'
import type { Cancel } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import { type AttemptOwner, AttemptSlot, type AttemptWork } from './attempt-slot.ts'
import type { Caller, ChainParent } from './chain-parent.ts'
import { EachRunner } from './each-runner.ts'
import { createLiveGuest } from './live-guest.ts'
import { toPayload } from './payloads.ts'

/** A live chain as its run sees it. */
export interface LiveChain {
  readonly key: string
  /** The version that its run is pinned to. */
  readonly version: string
  readonly actor: AnyActorRef
  /** Attempts queued or in flight, and aborted ones that have not ended. */
  readonly busy: number
  /** Attempts in flight. */
  readonly inFlight: number
  /** How long its attempts worked so far, those of an `each` side by side (ms). */
  readonly worked: number
  /** Absolute due times of its running timers (ms since the epoch). */
  dues(): Iterable<number>
  /** Names of the signals that it waits for. */
  readonly waiting: ReadonlySet<string>
  deliver(step: string, output: unknown): void
  /** Hands an event to a user's own machine; absent where the chain is none. */
  send?(event: { readonly type: string }): void
  /** What a snapshot of the run keeps of it. */
  persisted(): unknown
  /** The chain that a step called has ended. */
  callEnded(step: string, item: string | undefined, outcome: ChainOutcome): void
  start(): void
  cancel(): void
  /** Starts what a pause held back. */
  resume(): void
  /** Stops the actor without any trace, when the run leaves memory. */
  detach(): void
}

interface Timer {
  readonly due: number
  readonly cancel: Cancel
}

const nothingOpen: ReadonlyMap<string, OpenAttempt> = new Map()

/** The chain's actor, not started: anew with `input`, or where `fold` says it was. Start it within a turn. */
export function createLiveChain(
  parent: ChainParent,
  key: string,
  chain: CompiledChain,
  from: { readonly input: ChainInput } | { readonly fold: ChainFold },
): LiveChain {
  if (chain.spec.guest !== undefined) return createLiveGuest(parent, key, chain, from)
  return new StatechartChain(parent, key, chain, from)
}

/** A class, because thousands are alive at once. */
class StatechartChain implements LiveChain, EffectHost, AttemptOwner {
  readonly key: string
  readonly version: string
  readonly actor: AnyActorRef
  readonly waiting = new Set<string>()
  readonly #parent: ChainParent
  readonly #effects = new Map<string, Effect>()
  readonly #slots = new Map<string, AttemptSlot>()
  /** Attempts that wait for a slot, by the actor that waits. */
  readonly #queued = new Map<string, AttemptSlot>()
  /** Attempts on their way into or out of a `queued` state, by step. */
  readonly #moving = new Map<string, AttemptSlot>()
  readonly #settling = new Set<AttemptSlot>()
  readonly #timers = new Map<string, Timer>()
  readonly #eaches = new Map<string, EachRunner>()
  readonly #restored: ReadonlyMap<string, OpenAttempt>
  readonly #attempts: CompiledChain['attempts']
  /** The chain's id. */
  readonly #of: string
  #watchers: (() => void)[] = []
  #worked = 0
  #detached = false
  #restoring: boolean

  constructor(
    parent: ChainParent,
    key: string,
    chain: CompiledChain,
    from: { readonly input: ChainInput } | { readonly fold: ChainFold },
  ) {
    this.#parent = parent
    this.key = key
    this.version = chain.version
    this.#attempts = chain.attempts
    this.#of = chain.spec.id
    this.#restoring = 'fold' in from
    this.#restored = 'fold' in from ? from.fold.open : nothingOpen
    const { inspect } = parent.services
    this.actor = createActor(chain.machine, {
      id: key,
      ...('fold' in from
        ? { snapshot: chain.machine.getPersistedSnapshot(from.fold.snapshot) }
        : { input: from.input }),
      ...(inspect === undefined ? {} : { inspect }),
    })
    setHost(this.actor.system, this)
    this.actor.subscribe({
      complete: () => this.#completed(),
      error: (error: unknown) => this.#finish({ status: 'failed', step: '', failure: failureOf(error) }),
    })
  }

  start(): void {
    this.actor.start()
    this.#restoring = false
  }

  get busy(): number {
    let busy = this.#slots.size + this.#queued.size + this.#settling.size
    for (const each of this.#eaches.values()) busy += each.busy
    return busy
  }

  get worked(): number {
    let worked = this.#worked
    for (const each of this.#eaches.values()) worked += each.worked
    return worked
  }

  get inFlight(): number {
    let count = this.#settling.size
    for (const slot of this.#slots.values()) if (slot.inFlight) count++
    for (const each of this.#eaches.values()) count += each.inFlight
    return count
  }

  persisted(): unknown {
    return this.actor.getPersistedSnapshot()
  }

  *dues(): Iterable<number> {
    for (const { due } of this.#timers.values()) yield due
  }

  // what the machine asks for

  begin(effect: Effect): void {
    const { id, spec, input } = effect
    switch (spec.kind) {
      case 'attempt':
        return this.#attempt(effect)
      case 'decision':
        // recorded when the machine receives it: after all that begins in the same transition
        this.#effects.set(id, effect)
        return this.#parent.pump(() => this.#decide(effect))
      case 'queue':
        return this.#queue(effect)
      case 'timer':
        return this.schedule(id, input.due ?? 0, undefined, () => effect.succeed(undefined))
      case 'settling':
        return this.#settle(effect)
      case 'signal':
        this.waiting.add(id)
        return this.#parent.pump(() => this.#parent.awaitSignal(this.key, id))
      case 'call':
        this.#effects.set(id, effect)
        // the callee of a restored chain is restored by the run
        if (this.#restoring) return undefined
        return this.#parent.call(this.#caller(effect), spec.call.chain.id, effect.context().held[id])
      case 'each': {
        const runner = new EachRunner(
          this.#parent,
          { key: this.key, of: this.#of },
          effect,
          this,
          this.#restored,
        )
        this.#eaches.set(id, runner)
        return this.#parent.pump(() => runner.pump())
      }
    }
  }

  abort(id: string): void {
    if (this.#detached) return
    const effect = this.#effects.get(id)
    this.#effects.delete(id)
    const slot = this.#slots.get(id)
    if (slot !== undefined) {
      this.#slots.delete(id)
      if (slot.abort()) this.#settling.add(slot)
    }
    this.#queued.get(id)?.abort()
    this.#queued.delete(id)
    this.unschedule(id)
    this.waiting.delete(id)
    const each = this.#eaches.get(id)
    this.#worked += each?.worked ?? 0
    each?.abort()
    this.#eaches.delete(id)
    if (effect?.spec.kind === 'call') this.#parent.cancelCall(this.#caller(effect))
  }

  schedule(id: string, due: number, item: string | undefined, fire: () => void): void {
    const cancel = this.#parent.services.clock.at(due, () => {
      if (!this.#timers.delete(id) || this.#detached) return
      this.#parent.turn(() => {
        const step = item === undefined ? id : id.slice(0, id.indexOf('/'))
        this.#parent.record({
          type: 'timer.fired',
          chain: this.key,
          step,
          ...(item === undefined ? {} : { item }),
        })
        fire()
      })
    })
    this.#timers.set(id, { due, cancel })
  }

  unschedule(id: string): void {
    this.#timers.get(id)?.cancel()
    this.#timers.delete(id)
  }

  #attempt(effect: Effect): void {
    const { spec, id, input } = effect
    if (spec.kind !== 'attempt') return
    const { item, attempt = 1 } = input
    this.#effects.set(id, effect)
    const granted = this.#moving.get(id)
    if (granted !== undefined) {
      this.#moving.delete(id)
      this.#slots.set(id, granted)
      return
    }
    const of =
      item === undefined
        ? { chain: this.key, step: id, attempt }
        : { chain: this.key, step: id, item, attempt }
    const slot = new AttemptSlot(this.#parent, this, of, this.#tuned(id, spec), {
      immediate: spec.substitute,
      requeued: false,
    })
    this.#slots.set(id, slot)
    slot.begin()
  }

  #queue(effect: Effect): void {
    const step = effect.input.step ?? ''
    const slot = this.#moving.get(step) ?? this.#requeue(step)
    this.#moving.delete(step)
    if (slot === undefined) return
    this.#queued.set(effect.id, slot)
    slot.wait()
  }

  #tuned(step: string, work: AttemptWork): AttemptWork {
    const options = this.#parent.services.config.tune(this.#of, step, work.options)
    return options === work.options ? work : { ...work, options }
  }

  /** The attempt that was waiting for a slot when the run left memory. */
  #requeue(step: string): AttemptSlot | undefined {
    const work = this.#attempts.get(step)
    for (const { step: of, item, attempt, queued } of this.#restored.values()) {
      if (of !== step || !queued || work === undefined) continue
      const id =
        item === undefined ? { chain: this.key, step, attempt } : { chain: this.key, step, item, attempt }
      return new AttemptSlot(this.#parent, this, id, this.#tuned(step, work), {
        immediate: false,
        requeued: true,
      })
    }
    return undefined
  }

  #decide(effect: Effect): void {
    const { spec, id, input } = effect
    if (spec.kind !== 'decision' || this.#effects.get(id) !== effect) return
    this.#effects.delete(id)
    const named =
      input.item === undefined
        ? { chain: this.key, step: id }
        : { chain: this.key, step: id, item: input.item }
    const { clock, config } = this.#parent.services
    const tune = (step: string, options: StepOptionsSpec): StepOptionsSpec =>
      config.tune(this.#of, step, options)
    const decided = decideNow(spec, { context: effect.context(), input, clock, tune })
    const stored = decided.ok
      ? toPayload(decided.value, Infinity, `decision "${id}" of chain "${this.key}"`)
      : decided
    if (!stored.ok) {
      this.#parent.record({ type: 'decision.failed', ...named, failure: stored.failure })
      return effect.fail(stored.failure)
    }
    const { payload } = stored
    this.#parent.record({ type: 'decision.made', ...named, ...(payload === undefined ? {} : { payload }) })
    effect.succeed(stored.value)
  }

  // a failed parallel goes on when its aborted attempts have really ended, or after the grace
  #settle(effect: Effect): void {
    const { id } = effect
    const done = (): void => {
      if (!this.#timers.has(id)) return
      this.unschedule(id)
      this.#parent.turn(() => {
        this.#parent.record({ type: 'settling.ended', chain: this.key, step: id })
        effect.succeed(undefined)
      })
    }
    const watch = (): void => {
      if (this.#settling.size === 0) done()
      else this.#watchers.push(watch)
    }
    const { clock, limits } = this.#parent.services
    const due = clock.now() + limits.abandonAfter
    this.#timers.set(id, { due, cancel: clock.at(due, done) })
    this.#parent.pump(watch)
  }

  // what its attempts report

  data({ id }: AttemptSlot): ChainContext {
    return (this.#effects.get(id.step) as Effect).context()
  }

  queued(slot: AttemptSlot): void {
    const { step } = slot.id
    this.#slots.delete(step)
    this.#moving.set(step, slot)
    this.actor.send({ type: 'attempt.queued', step })
  }

  started(slot: AttemptSlot, waited: boolean): void {
    if (!waited) return
    const { step } = slot.id
    for (const [id, one] of this.#queued) if (one === slot) this.#queued.delete(id)
    this.#moving.set(step, slot)
    this.actor.send({ type: 'attempt.started', step })
  }

  outcome({ id: { step }, took }: AttemptSlot, outcome: Outcome): void {
    this.#worked += took
    const effect = this.#effects.get(step)
    this.#slots.delete(step)
    this.#effects.delete(step)
    if (outcome.ok) effect?.succeed(outcome.value)
    else effect?.fail(outcome.failure)
  }

  settled(slot: AttemptSlot): void {
    this.#settling.delete(slot)
    const watchers = this.#watchers
    this.#watchers = []
    for (const watch of watchers) watch()
  }

  // what its run tells it

  deliver(step: string, output: unknown): void {
    this.actor.send({ type: 'signal', step, output })
  }

  callEnded(step: string, item: string | undefined, outcome: ChainOutcome): void {
    const each = this.#eaches.get(step)
    if (each !== undefined && item !== undefined) return each.callEnded(item, outcome)
    const effect = this.#effects.get(step)
    if (effect === undefined) return undefined
    this.#effects.delete(step)
    if (outcome.status === 'succeeded') return effect.succeed(outcome.output)
    if (outcome.status === 'failed') return effect.fail(outcome.failure)
    const message = `the chain that step "${step}" called was cancelled`
    return effect.fail({ kind: 'cancelled', message, retryable: false })
  }

  cancel(): void {
    this.actor.send({ type: 'cancel' })
  }

  resume(): void {
    for (const slot of this.#queued.values()) slot.wait()
    for (const each of this.#eaches.values()) each.resume()
  }

  detach(): void {
    this.#detached = true
    for (const { cancel } of this.#timers.values()) cancel()
    for (const slot of this.#slots.values()) slot.detach()
    for (const slot of this.#queued.values()) slot.detach()
    for (const slot of this.#settling) slot.detach()
    for (const each of this.#eaches.values()) each.detach()
    this.actor.stop()
  }

  #caller({ id, input: { item } }: Effect): Caller {
    return item === undefined ? { chain: this.key, step: id } : { chain: this.key, step: id, item }
  }

  #completed(): void {
    const snapshot = this.actor.getSnapshot() as { readonly status: string; readonly output?: ChainOutcome }
    if (snapshot.status === 'done' && snapshot.output !== undefined) this.#finish(snapshot.output)
  }

  #finish(outcome: ChainOutcome): void {
    if (!this.#detached) this.#parent.ended(this.key, outcome)
  }
}
