// The promises of a guest as attempts: started once that is durable, their outcomes recorded, lost ones run again.

import type { AnyActorRef } from 'xstate'
import type { StepContext } from '../../definition/context.ts'
import { plainStep } from '../../definition/plain-step.ts'
import type { DecisionScope, StepBody } from '../../definition/spec.ts'
import type { AttemptData, Outcome } from '../../execution/attempt.ts'
import { isThenable } from '../../execution/validate.ts'
import type { GuestHost, GuestPromise } from '../../execution/guest-actors.ts'
import type { GuestAttempt } from '../../journal/guest-fold.ts'
import type { Failure } from '../../kernel/failure.ts'
import { thaw } from '../../kernel/thaw.ts'
import type { AttemptOwner } from '../chains/attempt-owner.ts'
import { AttemptSlot } from '../chains/attempt-slot.ts'
import type { ChainParent } from '../chains/chain-parent.ts'
import { pathOf, sourceOf } from './guest-path.ts'

interface Promised {
  readonly self: AnyActorRef
  readonly slot: AttemptSlot
  readonly at: string
  /** What the author's function threw, as it was. */
  readonly thrown: { error?: unknown }
}

/** What an attempt that failed handed to its machine. */
export interface Thrown {
  readonly error: unknown
  readonly step: string
  readonly failure: Failure
}

const nothing: AttemptData = { input: undefined, needs: {}, steps: {} }

export class GuestAttempts implements GuestHost, AttemptOwner {
  /** How many promises have begun. */
  serial: number
  /** How long attempts worked so far (ms). */
  worked = 0
  /** The last failure. */
  thrown: Thrown | undefined
  readonly #parent: ChainParent
  readonly #chain: string
  readonly #settle: (self: AnyActorRef, event: { readonly type: string; readonly data: unknown }) => void
  readonly #restored: Map<string, GuestAttempt & { readonly queued: boolean }>
  readonly #promised = new Map<AnyActorRef, Promised>()
  readonly #bySlot = new WeakMap<AttemptSlot, Promised>()
  readonly #settling = new Set<AttemptSlot>()
  #dropped: string[] = []
  #detached = false

  /** @param settle hands an outcome to the promise's actor; called within a turn. */
  constructor(
    parent: ChainParent,
    chain: string,
    restored: {
      readonly serial: number
      readonly attempts: readonly (GuestAttempt & { readonly queued: boolean })[]
    },
    settle: (self: AnyActorRef, event: { readonly type: string; readonly data: unknown }) => void,
  ) {
    this.#parent = parent
    this.#chain = chain
    this.#settle = settle
    this.serial = restored.serial
    this.#restored = new Map(restored.attempts.map((one) => [one.at, one]))
  }

  get busy(): number {
    return this.#promised.size + this.#settling.size
  }

  get inFlight(): number {
    let count = this.#settling.size
    for (const { slot } of this.#promised.values()) if (slot.inFlight) count++
    return count
  }

  /** Those that the machine waits for. */
  persisted(): readonly GuestAttempt[] {
    return Array.from(this.#promised.values(), ({ slot: { id }, at }) => ({
      at,
      step: id.step,
      item: id.item ?? id.step,
      attempt: id.attempt,
    }))
  }

  /** Items of the attempts that the machine has gone on without since it was last asked. */
  takeDropped(): readonly string[] {
    const dropped = this.#dropped
    this.#dropped = []
    return dropped
  }

  begin(promise: GuestPromise): void {
    const { self } = promise
    const at = pathOf(self)
    const known = this.#restored.get(at)
    this.#restored.delete(at)
    const thrown: Promised['thrown'] = {}
    const slot = new AttemptSlot(
      this.#parent,
      this,
      {
        chain: this.#chain,
        step: known?.step ?? sourceOf(self),
        item: known?.item ?? `${at}#${++this.serial}`,
        attempt: known?.attempt ?? 1,
      },
      { body: bodyOf(promise, thrown), options: plainStep },
      { immediate: false, requeued: known?.queued ?? false, retry: false },
    )
    const promised = { self, slot, at, thrown }
    this.#promised.set(self, promised)
    this.#bySlot.set(slot, promised)
    slot.begin()
  }

  abort(self: AnyActorRef): void {
    const promised = this.#promised.get(self)
    if (promised === undefined || this.#detached) return
    const { slot } = promised
    this.#promised.delete(self)
    this.#dropped.push(slot.id.item ?? slot.id.step)
    if (slot.abort()) this.#settling.add(slot)
  }

  /** Starts what a pause held back. */
  resume(): void {
    for (const { slot } of this.#promised.values()) slot.wait()
  }

  detach(): void {
    this.#detached = true
    for (const { slot } of this.#promised.values()) slot.detach()
    for (const slot of this.#settling) slot.detach()
  }

  data(): AttemptData {
    return nothing
  }

  scope(): DecisionScope {
    return { input: undefined, needs: {}, steps: {} }
  }

  reads(): undefined {
    return undefined
  }

  queued(slot: AttemptSlot): void {
    slot.wait()
  }

  mayStart(): boolean {
    return true
  }

  started(): void {}

  outcome(slot: AttemptSlot, outcome: Outcome): void {
    this.worked += slot.took
    const promised = this.#bySlot.get(slot)
    if (promised === undefined || !this.#promised.delete(promised.self)) return
    const { self, thrown } = promised
    if (outcome.ok) return this.#settle(self, { type: 'xstate.promise.resolve', data: thaw(outcome.value) })
    const { failure } = outcome
    const error = 'error' in thrown ? thrown.error : errorOf(failure)
    this.thrown = { error, step: slot.id.step, failure }
    this.#settle(self, { type: 'xstate.promise.reject', data: error })
  }

  settled(slot: AttemptSlot): void {
    this.#settling.delete(slot)
  }
}

/** The machine gets the very error that was thrown: its guards may look at more of it than a failure records. */
function bodyOf(promise: GuestPromise, thrown: Promised['thrown']): StepBody {
  const keep = (error: unknown): never => {
    thrown.error = error
    throw error
  }
  return (context: StepContext): unknown => {
    try {
      const result = promise.run(context)
      return isThenable(result) ? result.then(undefined, keep) : result
    } catch (error) {
      return keep(error)
    }
  }
}

function errorOf({ message, name, code }: Failure): Error {
  return Object.assign(
    new Error(message),
    name === undefined ? {} : { name },
    code === undefined ? {} : { code },
  )
}
