// Turns: whatever one cause makes a run record is gathered and committed together, and only then takes effect.

import type { Committer, Turn } from '../journal/committer.ts'
import type { Fact, JournalEvent } from '../journal/event.ts'
import type { InboxReply, RunHead, Snapshot } from '../journal/store.ts'
import type { Effect } from './chain-parent.ts'

/** An inbox entry that a turn carries out, with what its sender is told. */
export type Answer = InboxReply

/** What the run adds to a turn when it ends. */
export interface TurnEnd {
  readonly head: RunHead | undefined
  readonly snapshot: ((seq: number) => Snapshot | undefined) | undefined
  /** Called once the turn is durable; `last` where no other has begun since. */
  committed(last: boolean): void
}

export class Turns {
  readonly #run: string
  readonly #committer: Committer
  readonly #end: () => TurnEnd
  #facts: Fact[] = []
  #effects: Effect[] = []
  #pumps: (() => void)[] = []
  #depth = 0
  #count = 0
  #closed = false

  /** @param end asked when a turn ends: how the run stands then. */
  constructor(run: string, committer: Committer, end: () => TurnEnd) {
    this.#run = run
    this.#committer = committer
    this.#end = end
  }

  /** Does `work` and all that it sets off, then submits what was recorded. Turns within a turn are part of it. */
  turn(work: () => void, answer?: Answer): void {
    if (this.#closed) return
    this.#depth++
    try {
      work()
      if (this.#depth === 1) this.#pump()
    } finally {
      this.#depth--
      if (this.#depth === 0) this.#submit(answer)
    }
  }

  /** Whether a turn is going on. */
  get open(): boolean {
    return this.#depth > 0
  }

  record(fact: Fact): void {
    this.#facts.push(fact)
  }

  afterCommit(effect: Effect): void {
    this.#effects.push(effect)
  }

  /** Calls `work` at the end of the turn, when no machine is in the middle of a transition. */
  pump(work: () => void): void {
    this.#pumps.push(work)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Nothing is recorded or done any more. */
  close(): void {
    this.#closed = true
  }

  /** @internal Called by a turn that has become durable. */
  committed(count: number, effects: readonly Effect[], end: TurnEnd): void {
    if (this.#closed) return
    for (const effect of effects) effect.committed()
    end.committed(count === this.#count)
  }

  #pump(): void {
    for (let next = 0; next < this.#pumps.length; next++) this.#pumps[next]?.()
    if (this.#pumps.length > 0) this.#pumps = []
  }

  #submit(answer: Answer | undefined): void {
    if (this.#facts.length === 0 && this.#effects.length === 0 && answer === undefined) return
    const count = ++this.#count
    const facts = this.#facts
    const effects = this.#effects
    this.#facts = []
    this.#effects = []
    this.#committer.submit(new Submitted(this, this.#run, facts, effects, this.#end(), answer, count))
  }
}

class Submitted implements Turn {
  readonly run: string
  readonly facts: readonly Fact[]
  readonly inbox: Answer | undefined
  readonly #turns: Turns
  readonly #effects: readonly Effect[]
  readonly #end: TurnEnd
  readonly #count: number

  constructor(
    turns: Turns,
    run: string,
    facts: readonly Fact[],
    effects: readonly Effect[],
    end: TurnEnd,
    inbox: Answer | undefined,
    count: number,
  ) {
    this.#turns = turns
    this.run = run
    this.facts = facts
    this.#effects = effects
    this.#end = end
    this.inbox = inbox
    this.#count = count
  }

  get head(): RunHead | undefined {
    return this.#end.head
  }

  get snapshot(): ((seq: number) => Snapshot | undefined) | undefined {
    return this.#end.snapshot
  }

  committed(_events: readonly JournalEvent[]): void {
    this.#turns.committed(this.#count, this.#effects, this.#end)
  }
}
