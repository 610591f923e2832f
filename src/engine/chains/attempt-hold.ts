// What an attempt holds of its process: a slot or a place beside them, also where its function goes on in spite of its abort.

import type { AttemptId } from '../../journal/event.ts'
import type { Rank } from '../../execution/pool.ts'
import type { Cancel } from '../../kernel/clock.ts'
import type { ChainParent } from './chain-parent.ts'

/** A class to extend, because an object of its own for every attempt would cost more. */
export abstract class AttemptHold {
  readonly id: AttemptId
  protected readonly parent: ChainParent
  #holds = false
  #beside = false
  #stopWaiting: Cancel | undefined
  #abandon: Cancel | undefined

  constructor(parent: ChainParent, id: AttemptId) {
    this.parent = parent
    this.id = id
  }

  /** It has come to the head of the line, and has the slot. */
  abstract granted(): void
  /** It lingered for too long: its hold is to go, and nobody waits for it any longer. */
  abstract gaveUp(): void
  abstract detach(): void

  /** Takes no slot, and a stop waits for it all the same. */
  protected join(): void {
    this.#beside = true
    this.parent.services.pool.join()
  }

  /** @returns whether it has a slot. */
  protected tryTake(): boolean {
    const { pool } = this.parent.services
    // the slot of the attempt that led here goes on with its run, unless somebody has waited for it with more right
    const carried = !pool.outranks(this.#rank()) && this.parent.takeCarried()
    this.#holds = carried || pool.tryTake()
    return this.#holds
  }

  protected standInLine(): void {
    this.#stopWaiting = this.parent.services.pool.wait({
      ...this.#rank(),
      granted: () => {
        this.#holds = true
        this.granted()
      },
    })
  }

  protected leaveLine(): void {
    this.#stopWaiting?.()
  }

  /** Leaves its slot to what comes next in its run. */
  protected carry(): void {
    if (!this.#holds) return
    this.#holds = false
    this.parent.carrySlot()
  }

  /** Keeps what it holds for a while, as its function goes on although its machine does not wait for it. */
  protected linger(): void {
    const { clock, limits, lingering } = this.parent.services
    this.#abandon = clock.at(clock.now() + limits.abandonAfter, () => this.gaveUp())
    lingering.add(this)
  }

  /** Whether it has lingered. */
  protected get lingers(): boolean {
    return this.#abandon !== undefined
  }

  protected stopLingering(): void {
    if (this.#abandon === undefined) return
    this.#abandon()
    this.parent.services.lingering.delete(this)
  }

  protected giveBack(): void {
    const { pool } = this.parent.services
    if (this.#beside) {
      this.#beside = false
      pool.leave()
    }
    if (!this.#holds) return
    this.#holds = false
    pool.release()
  }

  #rank(): Rank {
    const { priority, order, services } = this.parent
    return { priority, tail: services.tail(this.id.chain), run: order }
  }
}
