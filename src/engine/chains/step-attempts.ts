// The attempts of a live chain's steps: each from its machine's wish to its outcome, by way of the queue if need be.

import type { ChainContext } from '../../../machines/state.ts'
import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { type Known, compensationWork } from '../../execution/compensation.ts'
import type { Outcome } from '../../execution/attempt.ts'
import type { Effect } from '../../execution/effect.ts'
import { takeReads } from '../../execution/needs-reads.ts'
import type { AttemptId } from '../../journal/event.ts'
import type { OpenAttempt } from '../../journal/replay.ts'
import { LazyMap } from '../../kernel/lazy-map.ts'
import type { AttemptOwner, AttemptWork } from './attempt-owner.ts'
import { AttemptSlot } from './attempt-slot.ts'
import type { ChainParent } from './chain-parent.ts'

/** What a machine is told of an attempt. */
export interface QueueEvent {
  readonly type: 'attempt.queued' | 'attempt.started'
  readonly step: string
}

export class StepAttempts implements AttemptOwner {
  readonly #parent: ChainParent
  readonly #key: string
  readonly #chain: CompiledChain
  /** Whether it is handed what others returned. */
  readonly #needy: boolean
  readonly #send: (event: QueueEvent) => void
  readonly #restored: ReadonlyMap<string, OpenAttempt>
  readonly #effects = new Map<string, Effect>()
  readonly #slots = new Map<string, AttemptSlot>()
  /** Those that wait for a slot, by the actor that waits. */
  readonly #queued = new LazyMap<string, AttemptSlot>()
  /** Those on their way into or out of a `queued` state, by step. */
  readonly #moving = new LazyMap<string, AttemptSlot>()
  /** Aborted ones whose function has not ended. */
  readonly #settling = new LazyMap<AttemptSlot, true>()
  #watchers: (() => void)[] = []
  #worked = 0

  /** @param restored what was open when the run left memory. */
  constructor(
    parent: ChainParent,
    key: string,
    chain: CompiledChain,
    restored: ReadonlyMap<string, OpenAttempt>,
    send: (event: QueueEvent) => void,
  ) {
    this.#parent = parent
    this.#key = key
    this.#chain = chain
    this.#needy = chain.spec.needs.length + chain.spec.follows.length > 0
    this.#restored = restored
    this.#send = send
  }

  /** How long they worked (ms). */
  get worked(): number {
    return this.#worked
  }

  get busy(): number {
    return this.#slots.size + this.#queued.size + this.#settling.size
  }

  get inFlight(): number {
    let count = this.#settling.size
    for (const slot of this.#slots.values()) if (slot.inFlight) count++
    return count
  }

  /** The machine wants an attempt, or goes on with the one that has got its slot. */
  begin(effect: Effect): void {
    const { spec, id, input } = effect
    if (spec.kind !== 'attempt') return
    this.#effects.set(id, effect)
    const granted = this.#moving.get(id)
    if (granted !== undefined) {
      this.#moving.delete(id)
      this.#slots.set(id, granted)
      return
    }
    const slot = new AttemptSlot(
      this.#parent,
      this,
      this.#idOf(id, input.item, input.attempt ?? 1),
      this.#tuned(id, spec, effect),
      {
        immediate: spec.substitute,
        requeued: false,
        retry: (input.attempt ?? 1) > 1 && failedBefore(effect.context(), id),
      },
    )
    this.#slots.set(id, slot)
    slot.begin()
  }

  /** The machine undoes a step: at once, whatever waits for slots and whether its run is paused or not. */
  compensate(effect: Effect, known: Known): void {
    const { spec, id, input } = effect
    if (spec.kind !== 'compensation') return
    this.#effects.set(id, effect)
    const { services, arm } = this.#parent
    const options = services.config.tune(this.#chain.spec.id, id, spec.options, arm)
    const slot = new AttemptSlot(
      this.#parent,
      this,
      this.#idOf(id, input.item, input.attempt ?? 1),
      { ...compensationWork(effect, known), options },
      { immediate: true, requeued: false, retry: false },
    )
    this.#slots.set(id, slot)
    slot.begin()
  }

  /** The machine is in a `queued` state. */
  queue(effect: Effect): void {
    const step = effect.input.step ?? ''
    const slot = this.#moving.get(step) ?? this.#requeue(step, effect)
    this.#moving.delete(step)
    if (slot === undefined) return
    // until its own comes back, the one that waits stands for it
    this.#effects.set(step, effect)
    this.#queued.set(effect.id, slot)
    slot.wait()
  }

  /** The machine has gone on without it. */
  abort(id: string): void {
    this.#effects.delete(id)
    const slot = this.#slots.get(id)
    this.#slots.delete(id)
    if (slot?.abort() === true) this.#settling.set(slot, true)
    const queued = this.#queued.get(id)
    if (queued === undefined) return
    queued.abort()
    this.#queued.delete(id)
    this.#effects.delete(queued.id.step)
  }

  /** An aborted item of an `each`, whose function has not ended. */
  keep(slot: AttemptSlot): void {
    this.#settling.set(slot, true)
  }

  /** Calls back once no aborted attempt still runs. */
  whenSettled(settled: () => void): void {
    if (this.#settling.size === 0) settled()
    else this.#watchers.push(() => this.whenSettled(settled))
  }

  /** Starts what a pause held back. */
  resume(): void {
    for (const slot of this.#queued.values()) slot.wait()
  }

  detach(): void {
    for (const slot of this.#slots.values()) slot.detach()
    for (const slot of this.#queued.values()) slot.detach()
    for (const slot of this.#settling.keys()) slot.detach()
  }

  // what they report

  data({ id }: AttemptSlot): ChainContext {
    return (this.#effects.get(id.step) as Effect).context()
  }

  scope(slot: AttemptSlot): ChainContext {
    return this.data(slot)
  }

  reads(slot: AttemptSlot): readonly string[] | undefined {
    return this.readsOf(this.#effects.get(slot.id.step))
  }

  /** As an `each` asks for its items. */
  readsOf(effect: Effect | undefined): readonly string[] | undefined {
    if (effect === undefined || !this.#needy) return undefined
    return takeReads(effect.context().needs)
  }

  queued(slot: AttemptSlot): void {
    const { step } = slot.id
    this.#slots.delete(step)
    this.#moving.set(step, slot)
    this.#send({ type: 'attempt.queued', step })
  }

  mayStart(): boolean {
    return true
  }

  started(slot: AttemptSlot, waited: boolean): void {
    if (!waited) return
    const { step } = slot.id
    for (const [id, one] of this.#queued.entries()) if (one === slot) this.#queued.delete(id)
    this.#moving.set(step, slot)
    this.#send({ type: 'attempt.started', step })
  }

  outcome(slot: AttemptSlot, outcome: Outcome): void {
    const { step } = slot.id
    this.#worked += slot.took
    // what undoes it waits for its end
    if (slot.late && this.#chain.undoable !== undefined) this.#settling.set(slot, true)
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

  /** The attempt that was waiting for a slot when the run left memory. */
  #requeue(step: string, effect: Effect): AttemptSlot | undefined {
    const work = this.#chain.attempts.get(step)
    for (const { step: of, item, attempt, queued } of this.#restored.values()) {
      if (of !== step || !queued || work === undefined) continue
      const id = this.#idOf(step, item, attempt)
      return new AttemptSlot(this.#parent, this, id, this.#tuned(step, work, effect), {
        immediate: false,
        requeued: true,
        retry: failedBefore(effect.context(), step),
      })
    }
    return undefined
  }

  #tuned(step: string, work: AttemptWork, effect: Effect): AttemptWork {
    const { services, arm } = this.#parent
    const options = services.config.tune(this.#chain.spec.id, step, work.options, arm)
    if (options.memo !== undefined) {
      const memo = { chain: this.#chain, step, round: effect.input.item }
      return { ...work, options, memo, deadline: effect.context().due[`${step}:deadline`] }
    }
    if (options.deadline !== undefined)
      return { ...work, options, deadline: effect.context().due[`${step}:deadline`] }
    return options === work.options ? work : { ...work, options }
  }

  #idOf(step: string, item: string | undefined, attempt: number): AttemptId {
    return item === undefined
      ? { chain: this.#key, step, attempt }
      : { chain: this.#key, step, item, attempt }
  }
}

/** A lost attempt is run again without having failed. */
function failedBefore({ tries, lost }: ChainContext, step: string): boolean {
  return (tries[step] ?? 0) > (lost[step] ?? 0)
}
