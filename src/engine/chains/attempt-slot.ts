// One attempt from wanting a slot to having really ended: queued, started once that is durable, settled, let go.

import { type AttemptData, AttemptRun, type Outcome } from '../../execution/attempt.ts'
import type { AttemptId, Fact } from '../../journal/event.ts'
import { decode } from '../../kernel/codec.ts'
import type { Failure } from '../../kernel/failure.ts'
import { endedFact, lateFact, placeOf, startedFact } from './attempt-facts.ts'
import { AttemptGuards, type Guards, isGuarded } from './attempt-guards.ts'
import { AttemptHold } from './attempt-hold.ts'
import type { AttemptOwner, AttemptTerms, AttemptWork, SlotState } from './attempt-owner.ts'
import { type ChainParent, commitAnyway } from './chain-parent.ts'
import { type Stored, toPayload } from '../payloads.ts'
import { type Mark, TransactAttempt } from './transact-attempt.ts'

/** A class, because it is made for every attempt: closures would cost more than the attempt. */
export class AttemptSlot extends AttemptHold {
  /** How long it ran, once it has an outcome (ms). */
  took = 0
  readonly #owner: AttemptOwner
  readonly #work: AttemptWork
  readonly #immediate: boolean
  readonly #guards: Guards | undefined
  #state: SlotState = 'held'
  /** What the journal says that it waits for; '' where that was said by another process. */
  #waitsFor: string | undefined
  #late = false
  #startedAt = 0
  #queuedAt: number | undefined
  #run: AttemptRun | undefined

  constructor(
    parent: ChainParent,
    owner: AttemptOwner,
    id: AttemptId,
    work: AttemptWork,
    terms: AttemptTerms,
  ) {
    super(parent, id)
    this.#owner = owner
    this.#work = work
    this.#immediate = terms.immediate
    this.#waitsFor = terms.requeued ? '' : undefined
    const { rehearsal } = parent.services
    if (terms.immediate) return
    if (rehearsal !== undefined) this.#guards = rehearsal.guards(parent.runId, id)
    else if (isGuarded(work, terms.retry))
      this.#guards = new AttemptGuards(parent.services, work, {
        ...terms,
        parent,
        scope: () => owner.scope(this),
      })
  }

  get deadline(): number | undefined {
    return this.#work.deadline
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
    if (this.#immediate) {
      this.join()
      return this.#launch()
    }
    if (this.parent.paused) return this.#queue('pause')
    const refusal = this.#guards?.refusal()
    if (refusal !== undefined) return this.#refuse(refusal)
    const awaited = this.#guards?.tryPass()
    if (awaited !== undefined) return this.#queue(awaited)
    if (!this.tryTake()) {
      // its machine may go on before it comes to wait: then nobody would give this back
      this.#guards?.yield()
      return this.#queue('slot')
    }
    this.#launch()
  }

  /** Waits for a slot, unless a pause holds it back; call it within a turn. */
  wait(): void {
    if (this.#state !== 'held' || this.parent.paused) return
    this.#state = 'queued'
    const guards = this.#guards
    if (guards === undefined) return this.standInLine()
    const refusal = guards.refusal()
    if (refusal !== undefined) return this.#refuse(refusal)
    guards.expire((failure) => this.#expired(failure))
    this.#pass(guards)
  }

  /** Through what comes before a slot, one after the other; then to the slots. */
  #pass(guards: Guards): void {
    if (this.#state !== 'queued') return
    if (this.parent.paused) return this.#holdBack()
    const awaited = guards.tryPass()
    if (guards.found !== undefined) return this.#reuse(guards)
    this.#tell(awaited ?? 'slot')
    if (awaited === undefined) this.standInLine()
    else guards.wait(() => this.parent.whenStill(() => this.#pass(guards)))
  }

  /** Its deadline passed while it waited: a paused run is told once it goes on, whether it is in memory or not. */
  #expired(failure: Failure): void {
    if (this.parent.paused) return this.#holdBack()
    this.parent.turn(() => this.#refuse(failure))
  }

  #holdBack(): void {
    this.#state = 'held'
    this.leaveLine()
    this.#guards?.yield()
  }

  // what is granted may have been let go by its own machine, which is about to go on without this one too
  override granted(): void {
    this.parent.whenStill(() => this.#enter())
  }

  #enter(): void {
    if (this.#state !== 'queued') return
    // paused while it waited, or fewer may be in flight by now: the slot goes to the next in line
    if (this.parent.paused || !this.#owner.mayStart(this)) {
      this.#holdBack()
      return this.giveBack()
    }
    this.#launch()
  }

  /** The machine went on. @returns whether the author's function still runs. */
  abort(): boolean {
    this.leaveLine()
    this.#guards?.drop()
    const wasRunning = this.#state === 'running'
    // where its start is not durable yet, it gives its slot back when that commit arrives
    if (!this.inFlight) this.#guards?.yield()
    // granted in this very turn
    if (this.#state === 'queued') this.giveBack()
    this.#state = 'over'
    if (!wasRunning) return false
    // it still waits for the store, or it is its own function that asks for this: that ends by itself
    if (this.#work.transact === true) {
      this.#free()
      return false
    }
    this.linger()
    this.#run?.abort('cancelled', `the chain went on without step "${this.id.step}"`)
    return true
  }

  /** The run leaves memory, and nothing is recorded any more; or a chain of it that is over. */
  override detach(): void {
    // whoever goes on in spite of its abort keeps its slot for a while, also when its chain is over
    if (this.lingers && !this.parent.closed) return
    this.leaveLine()
    this.#guards?.drop()
    this.#state = 'over'
    this.#run?.abort('cancelled', 'the supervisor stopped')
    this.#free()
  }

  /** Its start is durable: runs the author's function. */
  committed(): void {
    if (this.#state !== 'taken') return this.#free()
    this.#state = 'running'
    const { services } = this.parent
    this.#startedAt = services.clock.monotonic()
    const { body, options, item, deadline, transact } = this.#work
    const place = placeOf(this.parent, this.id, deadline)
    if (transact === true)
      return services.committer.transact(new TransactAttempt(this.#work, place, services, this))
    this.#run = new AttemptRun(body, options, place, this.#owner.data(this), services.attempts, this)
    this.#run.start(item)
  }

  // what a transact attempt asks and reports

  get wanted(): boolean {
    return this.#state === 'running'
  }

  data(): AttemptData {
    return this.#owner.data(this)
  }

  end(stored: Stored, took: number, mark: Mark): void {
    if (this.#state !== 'running') return this.#hasSettled(stored)
    this.#state = 'decided'
    this.parent.turn(() => {
      this.parent.afterCommit(mark)
      mark.submitted = true
      this.carry()
      this.took = took
      this.#judge(stored)
      this.parent.record(endedFact(this.id, { told: stored, took, read: this.#owner.reads(this) }))
      this.#owner.outcome(this, stored)
    })
    this.#free()
  }

  /** The attempt's own report. */
  outcome(outcome: Outcome, hasEnded: boolean): void {
    if (this.#state !== 'running') return
    this.#state = 'decided'
    this.parent.turn(() => this.#decided(outcome, hasEnded))
  }

  /** The attempt's own report: the author's function has really ended. */
  settled(outcome: Outcome): void {
    try {
      this.#hasSettled(outcome)
    } catch (error) {
      this.parent.crash(error)
    }
  }

  #decided(outcome: Outcome, hasEnded: boolean): void {
    if (hasEnded) this.carry()
    else {
      // a call may still run; the slot is its own for a while
      this.#late = true
      this.linger()
    }
    this.#settle(outcome)
  }

  #hasSettled(outcome: Outcome): void {
    if (this.#state === 'over' || this.#late) {
      const { closed, services, runId } = this.parent
      const fact = lateFact(this.id, outcome)
      // the run has ended, or goes on without this attempt: there is only the journal to tell
      if (closed) services.late(runId, fact)
      else
        this.parent.turn(() => {
          this.parent.record(fact)
          this.#owner.settled(this)
        })
    }
    this.#free()
  }

  /** The attempt's own wish to call its function once more: only once that is durable. */
  hedge(go: () => void): void {
    if (this.#state !== 'running' || this.#guards?.hedge() !== true) return
    this.parent.turn(() => {
      this.parent.record({ type: 'attempt.hedged', ...this.id })
      this.parent.afterCommit({ committed: go })
    })
  }

  #settle(outcome: Outcome): void {
    const { services } = this.parent
    this.took = Math.round((services.clock.monotonic() - this.#startedAt) * 1000) / 1000
    this.#judge(outcome)
    const told = outcome.ok ? toPayload(outcome.value, services.limits.maxPayload, this.id) : outcome
    this.parent.record(endedFact(this.id, { told, took: this.took, read: this.#owner.reads(this) }))
    this.#guards?.recorded(told, this.parent)
    this.#owner.outcome(this, told)
  }

  #judge(outcome: Outcome): void {
    const move = this.#guards?.judge(outcome)
    if (move !== undefined) this.parent.record(move)
  }

  #queue(waitsFor: string): void {
    this.#queuedAt ??= this.parent.services.clock.now()
    this.#tell(waitsFor)
    this.#owner.queued(this)
  }

  /** Records what it waits for, where the journal does not say so. */
  #tell(waitsFor: string): void {
    // what another process said of slots and pauses stands
    const known = this.#waitsFor === '' && (waitsFor === 'slot' || waitsFor === 'pause')
    if (this.#waitsFor !== waitsFor && !known)
      this.parent.record({ type: 'attempt.queued', ...this.id, waitsFor })
    this.#waitsFor = waitsFor
  }

  #launch(): void {
    const admitted = this.#guards?.admit()
    if (admitted !== undefined) {
      if ('kind' in admitted) return this.#refuse(admitted)
      this.parent.record(admitted)
    }
    this.#state = 'taken'
    this.parent.services.retries.attempted()
    this.#start()
    this.parent.afterCommit(this)
  }

  #start(): void {
    this.parent.record(startedFact(this.parent.services, this.id, this.#work, this.#queuedAt))
    this.#owner.started(this, this.#waitsFor !== undefined)
  }

  /** Fails it without a call, once no machine is in the middle of a transition: its start and its end are one turn. */
  #refuse(failure: Failure): void {
    this.leaveLine()
    this.#guards?.yield()
    this.#free()
    this.#endUncalled({ type: 'attempt.failed', ...this.id, failure, took: 0 }, { ok: false, failure })
  }

  /** Ends it without a call, with what another made of the same: its start and its end are one turn. */
  #reuse(guards: Guards): void {
    const found = guards.reuse()
    if (found === undefined) return
    const { payload, origin } = found
    this.#endUncalled(
      { type: 'attempt.succeeded', ...this.id, took: 0, payload, memo: origin },
      { ok: true, value: payload === undefined ? undefined : decode(payload) },
    )
  }

  #endUncalled(fact: Fact, outcome: Outcome): void {
    this.#state = 'refused'
    this.parent.pump(() => {
      if (this.#state !== 'refused') return
      this.#start()
      this.#state = 'decided'
      this.parent.record(fact)
      this.#owner.outcome(this, outcome)
    })
  }

  override gaveUp(): void {
    this.#free()
    this.parent.turn(() => {
      this.#owner.settled(this)
      this.parent.afterCommit(commitAnyway)
    })
  }

  #free(): void {
    this.stopLingering()
    this.#guards?.release()
    this.giveBack()
  }
}
