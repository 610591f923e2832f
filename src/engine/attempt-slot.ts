// One attempt from wanting a slot to having really ended: queued, started once that is durable, settled, let go.

import type { StepBody, StepOptionsSpec } from '../definition/spec.ts'
import { type AttemptData, AttemptRun, type AttemptPlace, type Outcome } from '../execution/attempt.ts'
import type { Rank } from '../execution/pool.ts'
import type { AttemptId } from '../journal/event.ts'
import type { Cancel } from '../kernel/clock.ts'
import { type ChainParent, commitAnyway } from './chain-parent.ts'
import { toPayload } from './payloads.ts'

export interface AttemptWork {
  readonly body: StepBody
  readonly options: StepOptionsSpec
  /** Set for an item of an `each`: handed to the body before the context. */
  readonly item?: { readonly value: unknown }
}

/** Who asked for the attempt. All but `settled` are called within a turn. */
export interface AttemptOwner {
  data(slot: AttemptSlot): AttemptData
  /** It has to wait; the owner calls `wait()` when it is ready for the slot. */
  queued(slot: AttemptSlot): void
  /** Its start is recorded; `waited` where it was queued. */
  started(slot: AttemptSlot, waited: boolean): void
  /** Its outcome is recorded. */
  outcome(slot: AttemptSlot, outcome: Outcome): void
  /** The author's function has ended after its machine had gone on. */
  settled(slot: AttemptSlot): void
}

/** How an attempt is to run. */
export interface AttemptTerms {
  /** Never waits for a slot. */
  readonly immediate: boolean
  /** The journal already says that it is queued. */
  readonly requeued: boolean
}

/**
 * `held`: kept back by a pause. `queued`: waits for a slot. `taken`: its start is recorded, not yet durable.
 * `running`. `decided`: its outcome is recorded. `over`: its machine has gone on without it.
 */
type SlotState = 'held' | 'queued' | 'taken' | 'running' | 'decided' | 'over'

/** A class, because it is made for every attempt: closures would cost more than the attempt. */
export class AttemptSlot {
  readonly id: AttemptId
  /** How long it ran, once it has an outcome (ms). */
  took = 0
  readonly #parent: ChainParent
  readonly #owner: AttemptOwner
  readonly #work: AttemptWork
  readonly #immediate: boolean
  #state: SlotState = 'held'
  #recordedQueued: boolean
  #holds = false
  #late = false
  #startedAt = 0
  #queuedAt: number | undefined
  #stopWaiting: Cancel | undefined
  #abandon: Cancel | undefined
  #run: AttemptRun | undefined

  constructor(
    parent: ChainParent,
    owner: AttemptOwner,
    id: AttemptId,
    work: AttemptWork,
    terms: AttemptTerms,
  ) {
    this.#parent = parent
    this.#owner = owner
    this.id = id
    this.#work = work
    this.#immediate = terms.immediate
    this.#recordedQueued = terms.requeued
  }

  /** Whether it has its outcome while its function goes on. */
  get late(): boolean {
    return this.#late
  }

  get inFlight(): boolean {
    return this.#state === 'taken' || this.#state === 'running'
  }

  /** Takes a slot, or tells its owner that it must wait for one; call it within a turn. */
  begin(): void {
    if (this.#immediate) return this.#launch()
    if (this.#parent.paused) return this.#queue('pause')
    const { pool } = this.#parent.services
    // the slot of the attempt that led here goes on with its run, unless somebody has waited for it with more right
    const carried = !pool.outranks(this.#rank()) && this.#parent.takeCarried()
    if (!carried && !pool.tryTake()) return this.#queue('slot')
    this.#holds = true
    this.#launch()
  }

  /** Waits for a slot, unless a pause holds it back. */
  wait(): void {
    if (this.#state !== 'held' || this.#parent.paused) return
    this.#state = 'queued'
    this.#stopWaiting = this.#parent.services.pool.wait({
      ...this.#rank(),
      granted: () => {
        // paused while it waited: the slot goes to the next in line
        if (this.#parent.paused) {
          this.#state = 'held'
          return this.#parent.services.pool.release()
        }
        this.#holds = true
        return this.#parent.turn(() => this.#launch())
      },
    })
  }

  /** The machine went on. @returns whether the author's function still runs. */
  abort(): boolean {
    this.#stopWaiting?.()
    const wasRunning = this.#state === 'running'
    this.#state = 'over'
    // where its start is not durable yet, it gives its slot back when that commit arrives
    if (!wasRunning) return false
    const { clock, limits } = this.#parent.services
    this.#abandon = clock.at(clock.now() + limits.abandonAfter, () => this.#giveUp())
    this.#run?.abort('cancelled', `the chain went on without step "${this.id.step}"`)
    return true
  }

  /** The run leaves memory; nothing is recorded any more. */
  detach(): void {
    this.#stopWaiting?.()
    this.#state = 'over'
    this.#run?.abort('cancelled', 'the supervisor stopped')
    this.#free()
  }

  /** Its start is durable: runs the author's function. */
  committed(): void {
    if (this.#state !== 'taken') return this.#free()
    this.#state = 'running'
    const { services, runId, acceptedAt } = this.#parent
    this.#startedAt = services.clock.monotonic()
    const { chain, step, item, attempt } = this.id
    const place: AttemptPlace = { runId, chain, step, item, attempt, scheduledAt: acceptedAt }
    const { body, options, item: given } = this.#work
    this.#run = new AttemptRun(body, options, place, this.#owner.data(this), services.attempts, this)
    this.#run.start(given)
  }

  /** The attempt's own report. */
  outcome(outcome: Outcome, hasEnded: boolean): void {
    if (this.#state !== 'running') return
    this.#state = 'decided'
    this.#parent.turn(() => this.#decided(outcome, hasEnded))
  }

  /** The attempt's own report: the author's function has really ended. */
  settled(outcome: Outcome): void {
    try {
      this.#hasSettled(outcome)
    } catch (error) {
      this.#parent.crash(error)
    }
  }

  #decided(outcome: Outcome, hasEnded: boolean): void {
    const { clock, limits } = this.#parent.services
    if (hasEnded) this.#carry()
    else if (!outcome.ok && outcome.failure.kind === 'timeout') {
      // the function may still run; its slot is its own for a while
      this.#late = true
      this.#abandon = clock.at(clock.now() + limits.abandonAfter, () => this.#giveUp())
    }
    this.#settle(outcome)
  }

  #hasSettled(outcome: Outcome): void {
    if (this.#state === 'over' || this.#late) {
      this.#parent.turn(() => {
        this.#parent.record({
          type: 'attempt.settled-late',
          ...this.id,
          outcome: outcome.ok ? 'succeeded' : 'failed',
          ...(outcome.ok ? {} : { failure: outcome.failure }),
        })
        this.#owner.settled(this)
      })
    }
    this.#free()
  }

  #settle(outcome: Outcome): void {
    const { services } = this.#parent
    const { id } = this
    const took = Math.round((services.clock.monotonic() - this.#startedAt) * 1000) / 1000
    this.took = took
    if (!outcome.ok) {
      this.#parent.record({ type: 'attempt.failed', ...id, failure: outcome.failure, took })
      return this.#owner.outcome(this, outcome)
    }
    const stored = toPayload(outcome.value, services.limits.maxPayload, id)
    if (!stored.ok) {
      this.#parent.record({ type: 'attempt.failed', ...id, failure: stored.failure, took })
      return this.#owner.outcome(this, stored)
    }
    this.#parent.record({ type: 'attempt.succeeded', ...id, took, payload: stored.payload })
    this.#owner.outcome(this, stored)
  }

  #queue(waitsFor: string): void {
    const { clock } = this.#parent.services
    this.#queuedAt ??= clock.now()
    if (!this.#recordedQueued) this.#parent.record({ type: 'attempt.queued', ...this.id, waitsFor })
    this.#recordedQueued = true
    this.#owner.queued(this)
  }

  #launch(): void {
    const { services } = this.#parent
    this.#state = 'taken'
    this.#parent.record({
      type: 'attempt.started',
      ...this.id,
      queuedAt: this.#queuedAt,
      inFlight: services.pool.inFlight,
      config: services.config.version,
    })
    this.#owner.started(this, this.#recordedQueued)
    this.#parent.afterCommit(this)
  }

  #rank(): Rank {
    const { priority, order, services } = this.#parent
    return { priority, tail: services.tail(this.id.chain), run: order }
  }

  #carry(): void {
    if (!this.#holds) return
    this.#holds = false
    this.#parent.carrySlot()
  }

  /** The function goes on in spite of its abort: nobody waits for it any longer. */
  #giveUp(): void {
    this.#free()
    this.#parent.turn(() => {
      this.#owner.settled(this)
      this.#parent.afterCommit(commitAnyway)
    })
  }

  #free(): void {
    this.#abandon?.()
    if (!this.#holds) return
    this.#holds = false
    this.#parent.services.pool.release()
  }
}
