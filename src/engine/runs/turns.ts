// Turns: whatever one cause makes a run record is gathered and committed together, and only then takes effect.

import type { Committer, Turn } from '../../journal/committer.ts'
import type { Fact, JournalEvent } from '../../journal/event.ts'
import type { InboxReply, KeepsakeChange, RunHead, Snapshot } from '../../journal/store.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Effect } from '../chains/chain-parent.ts'
import { crashed } from '../refusals.ts'

/** An inbox entry that a turn carries out, with what its sender is told. */
export type Answer = InboxReply

/** What the run adds to a turn when it ends. */
export interface TurnEnd {
  readonly head: RunHead | undefined
  readonly snapshot: ((seq: number) => Snapshot | undefined) | undefined
  /** Called once the turn is durable; `last` where no other has begun since. */
  committed(last: boolean): void
}

export interface TurnsHost {
  readonly runId: string
  /** Asked when a turn ends: how the run stands then. */
  endTurn(): TurnEnd
  /** Something threw: what is in memory is no longer what is recorded, and must be dropped. Called outside any turn. */
  crashed(error: unknown): void
}

interface Thrown {
  readonly error: unknown
  /** A caller's mistake, found before anything was recorded: the turn never was, and the run goes on. */
  readonly refused: boolean
}

/**
 * Nothing escapes from a turn, at whatever depth: XState and rxjs would let it end the process. A turn that threw is
 * dropped whole, and with it the run in memory: machines may have gone on past what will ever be recorded.
 */
export class Turns {
  readonly #host: TurnsHost
  readonly #committer: Committer
  #facts: Fact[] = []
  #effects: Effect[] = []
  #pumps: (() => void)[] = []
  #keepsakes: KeepsakeChange[] | undefined
  #depth = 0
  #count = 0
  #durable = 0
  #closed = false
  #thrown: Thrown | undefined

  constructor(host: TurnsHost, committer: Committer) {
    this.#host = host
    this.#committer = committer
  }

  /** Does `work` and all that it sets off, then submits what was recorded. Turns within a turn are part of it. */
  turn(work: () => void, answer?: Answer): void {
    if (this.#closed) return
    this.#depth++
    try {
      work()
      if (this.#depth === 1) {
        this.#pump()
        if (this.#thrown === undefined) this.#submit(answer)
      }
    } catch (error) {
      this.#note(error)
    }
    this.#depth--
    if (this.#depth === 0 && this.#thrown !== undefined) this.#drop(this.#thrown)
  }

  /** Something threw where nobody would hear of it, such as in a callback of XState. */
  crash(error: unknown): void {
    if (this.#closed) return
    this.#thrown ??= { error, refused: false }
    if (this.#depth === 0) this.#drop(this.#thrown)
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

  keep(changes: readonly KeepsakeChange[]): void {
    this.#keepsakes ??= []
    this.#keepsakes.push(...changes)
  }

  /** Calls `work` at the end of the turn, when no machine is in the middle of a transition. */
  pump(work: () => void): void {
    this.#pumps.push(work)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Whether all that was submitted is durable. */
  get durable(): boolean {
    return this.#durable === this.#count
  }

  /** Nothing is recorded or done any more. */
  close(): void {
    this.#closed = true
  }

  /**
   * @internal Called by a turn that has become durable. What is durable takes effect also where the run has left
   * memory since: its callers wait for it.
   */
  committed(count: number, effects: readonly Effect[], end: TurnEnd): void {
    for (const effect of effects) {
      try {
        effect.committed()
      } catch (error) {
        this.crash(error)
      }
    }
    this.#durable = count
    if (this.#closed) return
    try {
      end.committed(count === this.#count)
    } catch (error) {
      this.crash(error)
    }
  }

  #pump(): void {
    for (let next = 0; next < this.#pumps.length; next++) this.#pumps[next]?.()
    if (this.#pumps.length > 0) this.#pumps = []
  }

  #note(error: unknown): void {
    this.#thrown ??= { error, refused: this.#facts.length === 0 && CatenaryError.is(error) }
  }

  #drop({ error, refused }: Thrown): void {
    const effects = this.#effects
    this.#thrown = undefined
    this.#facts = []
    this.#effects = []
    this.#pumps = []
    this.#keepsakes = undefined
    if (!refused) this.#closed = true
    const why = refused ? error : crashed(this.#host.runId, error)
    for (const effect of effects) effect.dropped?.(why)
    if (!refused) this.#host.crashed(error)
  }

  #submit(answer: Answer | undefined): void {
    if (this.#facts.length === 0 && this.#effects.length === 0 && answer === undefined) return
    const count = ++this.#count
    const facts = this.#facts
    const effects = this.#effects
    const end = this.#host.endTurn()
    const submitted = new Submitted(this, this.#host.runId, facts, effects, end, answer, count)
    submitted.keepsakes = this.#keepsakes
    this.#keepsakes = undefined
    this.#committer.submit(submitted)
    this.#facts = []
    this.#effects = []
  }
}

class Submitted implements Turn {
  readonly run: string
  readonly facts: readonly Fact[]
  readonly inbox: Answer | undefined
  keepsakes: readonly KeepsakeChange[] | undefined = undefined
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
