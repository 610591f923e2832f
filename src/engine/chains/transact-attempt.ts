// One attempt of a `transact` step: waits until the store is its own, writes the host's rows, and commits its outcome.

import type { StepBody, StepOptionsSpec } from '../../definition/spec.ts'
import type { HostTransaction } from '../../definition/host-database.ts'
import type { AttemptData, AttemptPlace } from '../../execution/attempt.ts'
import { callTransact, Refusal, transactFailure } from '../../execution/transact.ts'
import type { HostWork } from '../../journal/committer.ts'
import type { Effect } from './chain-parent.ts'
import { type Stored, toPayload } from '../payloads.ts'
import type { Services } from '../services.ts'

/** The attempt that it is of. */
export interface TransactOwner {
  /** Whether its machine still waits for it. */
  readonly wanted: boolean
  data(): AttemptData
  /**
   * Records the outcome as one turn, with `mark` among its effects. Where nobody waits for it any more, it is recorded
   * as late.
   */
  end(stored: Stored, took: number, mark: Mark): void
}

export interface TransactWork {
  readonly body: StepBody
  readonly options: StepOptionsSpec
}

/** Tells whether a turn was submitted: only then may the rows that it speaks of stay. */
export class Mark implements Effect {
  /** Set by the turn as it takes the mark. */
  submitted = false

  committed(): void {}

  dropped(): void {
    this.submitted = false
  }
}

export class TransactAttempt implements HostWork {
  readonly #work: TransactWork
  readonly #place: AttemptPlace
  readonly #services: Services
  readonly #owner: TransactOwner

  constructor(work: TransactWork, place: AttemptPlace, services: Services, owner: TransactOwner) {
    this.#work = work
    this.#place = place
    this.#services = services
    this.#owner = owner
  }

  get wanted(): boolean {
    return this.#owner.wanted
  }

  act(transaction: HostTransaction): void {
    const { clock } = this.#services
    const from = clock.monotonic()
    const stored = this.#write(transaction)
    const took = Math.round((clock.monotonic() - from) * 1000) / 1000
    // its own function may have cancelled its run
    if (stored.ok && !this.wanted) transaction.undo()
    const mark = new Mark()
    this.#owner.end(stored, took, mark)
    if (stored.ok && !mark.submitted) transaction.undo()
  }

  #write(transaction: HostTransaction): Stored {
    const { attempts: host, limits } = this.#services
    const { chain, step, item, attempt } = this.#place
    try {
      return transaction.write((db) => {
        const data = this.#owner.data()
        const value = callTransact({ ...this.#work, place: this.#place, data, host }, db)
        const id = { chain, step, attempt, ...(item === undefined ? {} : { item }) }
        const stored = toPayload(value, limits.maxPayload, id)
        // what cannot be recorded was not done
        if (!stored.ok) throw new Refusal(stored.failure)
        return stored
      })
    } catch (error) {
      return { ok: false, failure: transactFailure(error) }
    }
  }
}
