// What an attempt passes on its way to a slot: the retry budget, a limiter, a breaker, its deadline. Made only where there is one.

import type { BreakerUse, GuardScope, LimitUse } from '../../definition/guards.ts'
import type { StepMemoSpec } from '../../definition/memo.ts'
import type { DecisionScope } from '../../definition/spec.ts'
import type { Outcome } from '../../execution/attempt.ts'
import type { LiveBreaker, Passage } from '../../execution/breaker.ts'
import type { BreakerFact } from '../../journal/breaker-fact.ts'
import { costToldBy, failureOfTeller, keyToldBy } from '../../execution/guard-values.ts'
import type { LiveLimiter } from '../../execution/limiter.ts'
import { stepKey } from '../../execution/memo-key.ts'
import { watched } from '../../execution/needs-reads.ts'
import type { Cancel } from '../../kernel/clock.ts'
import type { Failure } from '../../kernel/failure.ts'
import type { AttemptWork } from './attempt-owner.ts'
import type { ChainParent } from './chain-parent.ts'
import { MemoPass } from './memo-pass.ts'
import type { Found } from '../memos.ts'
import type { Stored } from '../payloads.ts'
import type { Services } from '../services.ts'

/** What an attempt waits for, as its journal says it. */
export const retryBudget = 'retry-budget'

/** Whether anything stands before an attempt; most have nothing, and then no guards are made. */
export function isGuarded({ deadline, options }: AttemptWork, retry: boolean): boolean {
  const { limit, breaker, hedge, memo } = options
  return (
    retry ||
    deadline !== undefined ||
    limit !== undefined ||
    breaker !== undefined ||
    hedge !== undefined ||
    memo !== undefined
  )
}

interface Circumstances {
  /** A failed attempt led to it. */
  readonly retry: boolean
  /** Whose attempt it is. */
  readonly parent: Pick<ChainParent, 'runId' | 'freshAfter'>
  /** What keys and costs are told from. */
  readonly scope: () => DecisionScope
}

/** What an attempt asks on its way, and tells. */
export type Guards = Pick<
  AttemptGuards,
  | 'refusal'
  | 'found'
  | 'tryPass'
  | 'wait'
  | 'expire'
  | 'drop'
  | 'yield'
  | 'admit'
  | 'hedge'
  | 'judge'
  | 'recorded'
  | 'reuse'
  | 'release'
>

export class AttemptGuards {
  readonly #services: Services
  readonly #work: AttemptWork
  readonly #scope: () => DecisionScope
  readonly #parent: Circumstances['parent']
  #inBudget: boolean
  #known = false
  #limiter: LiveLimiter | undefined
  #breaker: LiveBreaker | undefined
  #memo: MemoPass | undefined
  #cost = 0
  #fairBy = ''
  /** How often its cost is in flight: once for itself, once for each call more. */
  #held = 0
  /** When the limiter let it through (ms since the epoch). */
  #heldAt = 0
  #passage: Passage | undefined
  #leave: Cancel | undefined
  #expiry: Cancel | undefined

  constructor(services: Services, work: AttemptWork, { retry, scope, parent }: Circumstances) {
    this.#parent = parent
    this.#services = services
    this.#work = work
    this.#scope = scope
    this.#inBudget = !retry
  }

  /** Why it may not even wait; undefined where it may. Takes nothing. */
  refusal(): Failure | undefined {
    const { deadline } = this.#work
    if (deadline !== undefined && this.#services.clock.now() >= deadline) return this.#tooLate()
    // what is there already asks nothing of anybody
    return this.#know() ?? (this.#memo?.serves === true ? undefined : this.#breaker?.refusal())
  }

  /** The output that another attempt made of the same. */
  get found(): Found | undefined {
    return this.#memo?.found
  }

  /** Takes what can be had now. @returns what it must wait for; undefined where it has passed. */
  tryPass(): string | undefined {
    const awaited = this.#memo?.tryPass()
    if (awaited !== undefined || this.found !== undefined) return awaited
    if (!this.#inBudget && !this.#services.retries.tryTake()) return retryBudget
    this.#inBudget = true
    if (this.#limiter === undefined || this.#held > 0) return undefined
    if (!this.#limiter.tryTake(this.#cost)) return `limiter:${this.#limiter.id}`
    this.#hold()
    return undefined
  }

  #hold(): void {
    this.#held = 1
    this.#heldAt = this.#services.clock.now()
  }

  /** Waits for what `tryPass` named; may be granted at once. */
  wait(granted: () => void): void {
    let gone = false
    const go = (): void => {
      gone = true
      this.#leave = undefined
      granted()
    }
    const leave =
      this.#memo?.waits === true
        ? this.#memo.wait(go)
        : this.#inBudget
          ? this.#limiter?.wait(this.#cost, this.#fairBy, () => {
              this.#hold()
              go()
            })
          : this.#services.retries.wait(() => {
              this.#inBudget = true
              go()
            })
    if (!gone) this.#leave = leave
  }

  /** Calls back when its deadline passes while it waits. */
  expire(expired: (failure: Failure) => void): void {
    const { deadline } = this.#work
    if (deadline === undefined || this.#expiry !== undefined) return
    this.#expiry = this.#services.clock.at(deadline, () => expired(this.#tooLate()))
  }

  /** Its machine has gone on: waits no longer, and nothing will come of it that counts. */
  drop(): void {
    this.#stopWaiting()
    this.#memo?.drop()
    if (this.#passage !== undefined) this.#breaker?.forget(this.#passage)
    this.#passage = undefined
  }

  #stopWaiting(): void {
    this.#leave?.()
    this.#leave = undefined
    this.#expiry?.()
    this.#expiry = undefined
  }

  /** It does not start yet after all: gives the limiter back what it took. */
  yield(): void {
    this.#stopWaiting()
    this.#memo?.drop()
    if (this.#held > 0) this.#limiter?.giveBack(this.#cost, this.#heldAt)
    this.#held = 0
  }

  /** The last word, as it starts. @returns how that moved its breaker, or why it may not. */
  admit(): BreakerFact | Failure | undefined {
    this.#stopWaiting()
    const { deadline } = this.#work
    if (deadline !== undefined && this.#services.clock.now() >= deadline) return this.#tooLate()
    const passage = this.#breaker?.pass()
    if (passage === undefined || 'kind' in passage) return passage
    this.#passage = passage
    return passage.move
  }

  /** Whether its function may be called once more. */
  hedge(): boolean {
    if (this.#breaker !== undefined && this.#breaker.snapshot.value !== 'closed') return false
    if (this.#limiter !== undefined && !this.#limiter.tryTake(this.#cost)) return false
    if (this.#services.retries.tryTake()) {
      this.#held++
      return true
    }
    this.#limiter?.giveBack(this.#cost, this.#services.clock.now())
    return false
  }

  /** What came of it. @returns how that moved its breaker. */
  judge(outcome: Outcome): BreakerFact | undefined {
    const passage = this.#passage
    this.#passage = undefined
    if (passage === undefined) return undefined
    return this.#breaker?.judge(passage, outcome.ok ? undefined : outcome.failure)
  }

  /** Its outcome is recorded: a success is kept for others. */
  recorded(told: Stored, parent: ChainParent): void {
    if (this.#memo === undefined) return
    if (told.ok) this.#memo.succeeded(parent, told.payload)
    else this.#memo.failed(parent)
  }

  /** It needs not start: the output was found. @returns it, once. */
  reuse(): Found | undefined {
    this.#stopWaiting()
    const found = this.found
    this.#memo?.drop()
    return found
  }

  /** Its function has really ended, or is waited for no longer. */
  release(): void {
    for (; this.#held > 0; this.#held--) this.#limiter?.release(this.#cost)
  }

  /** Finds its limiter and breaker; the author's functions may throw, or tell what makes no sense. */
  #know(): Failure | undefined {
    if (this.#known) return undefined
    const { options, item } = this.#work
    const { limit, breaker, memo } = options
    if (limit === undefined && breaker === undefined && memo === undefined) return undefined
    const { input, needs, steps } = this.#scope()
    const scope = item === undefined ? { input, needs, steps } : { input, needs, steps, item: item.value }
    try {
      if (memo !== undefined) this.#memo ??= this.#memoBy(memo, scope)
      const seen = { ...scope, needs: watched(needs) }
      if (breaker !== undefined) this.#breaker = this.#breakerOf(breaker, seen)
      const problem = limit === undefined ? undefined : this.#limitBy(limit, seen)
      this.#known = problem === undefined
      return problem
    } catch (error) {
      return failureOfTeller(error)
    }
  }

  #memoBy(memo: StepMemoSpec, scope: GuardScope): MemoPass | undefined {
    const { memo: step } = this.#work
    if (step === undefined) return undefined
    const { runId: run, freshAfter } = this.#parent
    const keeping = {
      key: stepKey(step, memo, scope),
      ttl: memo.ttl,
      of: { chain: step.chain.spec.id, step: step.step },
    }
    return new MemoPass(this.#services.memos, { run, place: this }, keeping, freshAfter)
  }

  #breakerOf(use: BreakerUse, scope: GuardScope): LiveBreaker {
    const key = keyToldBy(use.key ?? use.by.key, scope, `key of breaker "${use.by.id}"`)
    return this.#services.breakers.of(use.by, key)
  }

  #limitBy({ by, cost, key, fairBy }: LimitUse, scope: GuardScope): Failure | undefined {
    this.#cost = costToldBy(cost, scope, `cost of limiter "${by.id}"`)
    this.#fairBy = keyToldBy(fairBy ?? by.fairBy, scope, `fairBy of limiter "${by.id}"`)
    this.#limiter = this.#services.limiters.of(
      by,
      keyToldBy(key ?? by.key, scope, `key of limiter "${by.id}"`),
    )
    if (this.#limiter.canFit(this.#cost)) return undefined
    const message = `cost ${this.#cost} is more than limiter "${by.id}" ever lets through at once: make the cost smaller, or inFlight or burst larger`
    return { kind: 'refused', code: 'LIMIT_TOO_SMALL', message, retryable: false }
  }

  #tooLate(): Failure {
    const message = 'its deadline passed before the attempt could start'
    return { kind: 'deadline', message, retryable: false }
  }
}
